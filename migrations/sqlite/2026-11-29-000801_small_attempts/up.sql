-- What an attempt stores is small from now on: the drawn order as numbers (`drawn`; `item_order` is null of JSON then), the graded
-- items packed (`items`; `result` has the score alone then), and the grading of its submission in the attempt itself until a
-- regrade takes its place (`grader_version`). What stands is read as it is.
ALTER TABLE attempts ADD COLUMN drawn BLOB;
ALTER TABLE attempts ADD COLUMN items BLOB;
ALTER TABLE attempts ADD COLUMN grader_version INTEGER;
-- A dry run of a regrade is a row too, so that it goes on behind the answer to its call.
ALTER TABLE regrades ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0 CHECK (dry_run IN (0, 1));
