-- The place of a row in its list is `seq`, which rises in the order of commits, whatever the clock said; `epoch` and `xid` are what
-- PostgreSQL needs and stay 0 here, so that one query text serves both. What stands keeps its order. The counters never go back,
-- so that the place of an erased row is nobody else's.
CREATE TABLE list_places (
    name TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE learners ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE learners ADD COLUMN xid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE learners ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX learners_in_order;
UPDATE learners SET seq = ordered.n
    FROM (SELECT rowid AS place, row_number() OVER (ORDER BY created_at, id) AS n FROM learners) AS ordered
    WHERE ordered.place = learners.rowid;
INSERT INTO list_places (name, last) SELECT 'learners', coalesce(max(seq), 0) FROM learners;
CREATE TRIGGER learners_get_places AFTER INSERT ON learners BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'learners';
    UPDATE learners SET seq = (SELECT last FROM list_places WHERE name = 'learners') WHERE rowid = new.rowid;
END;
CREATE INDEX learners_in_order ON learners (tenant_id, epoch, xid, seq);

ALTER TABLE attempts ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN xid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX attempts_in_order;
DROP INDEX attempts_of_learner;
UPDATE attempts SET seq = ordered.n
    FROM (SELECT rowid AS place, row_number() OVER (ORDER BY created_at, id) AS n FROM attempts) AS ordered
    WHERE ordered.place = attempts.rowid;
INSERT INTO list_places (name, last) SELECT 'attempts', coalesce(max(seq), 0) FROM attempts;
CREATE TRIGGER attempts_get_places AFTER INSERT ON attempts BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'attempts';
    UPDATE attempts SET seq = (SELECT last FROM list_places WHERE name = 'attempts') WHERE rowid = new.rowid;
END;
CREATE INDEX attempts_in_order ON attempts (tenant_id, epoch, xid, seq);
CREATE INDEX attempts_of_learner ON attempts (tenant_id, learner_id, epoch, xid, seq);
CREATE INDEX attempts_of_lesson ON attempts (tenant_id, lesson, epoch, xid, seq);
CREATE INDEX attempts_in_state ON attempts (tenant_id, state, epoch, xid, seq);
CREATE INDEX attempts_of_lesson_in_state ON attempts (tenant_id, lesson, state, epoch, xid, seq);

ALTER TABLE submissions ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN xid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX submissions_in_order;
DROP INDEX submissions_of_learner;
UPDATE submissions SET seq = ordered.n
    FROM (SELECT rowid AS place, row_number() OVER (ORDER BY created_at, id) AS n FROM submissions) AS ordered
    WHERE ordered.place = submissions.rowid;
INSERT INTO list_places (name, last) SELECT 'submissions', coalesce(max(seq), 0) FROM submissions;
CREATE TRIGGER submissions_get_places AFTER INSERT ON submissions BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'submissions';
    UPDATE submissions SET seq = (SELECT last FROM list_places WHERE name = 'submissions') WHERE rowid = new.rowid;
END;
CREATE INDEX submissions_in_order ON submissions (tenant_id, epoch, xid, seq);
CREATE INDEX submissions_of_learner ON submissions (tenant_id, learner_id, epoch, xid, seq);
CREATE INDEX submissions_of_lesson ON submissions (tenant_id, lesson, epoch, xid, seq);
CREATE INDEX submissions_in_state ON submissions (tenant_id, state, epoch, xid, seq);
CREATE INDEX submissions_of_lesson_in_state ON submissions (tenant_id, lesson, state, epoch, xid, seq);

ALTER TABLE reviews ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN xid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX reviews_of_submission;
UPDATE reviews SET seq = ordered.n
    FROM (SELECT rowid AS place, row_number() OVER (ORDER BY created_at, id) AS n FROM reviews) AS ordered
    WHERE ordered.place = reviews.rowid;
INSERT INTO list_places (name, last) SELECT 'reviews', coalesce(max(seq), 0) FROM reviews;
CREATE TRIGGER reviews_get_places AFTER INSERT ON reviews BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'reviews';
    UPDATE reviews SET seq = (SELECT last FROM list_places WHERE name = 'reviews') WHERE rowid = new.rowid;
END;
CREATE INDEX reviews_of_submission ON reviews (tenant_id, submission_id, epoch, xid, seq);

ALTER TABLE diagnoses ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE diagnoses ADD COLUMN xid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE diagnoses ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX diagnoses_in_order;
DROP INDEX diagnoses_of_learner;
UPDATE diagnoses SET seq = ordered.n
    FROM (SELECT rowid AS place, row_number() OVER (ORDER BY created_at, id) AS n FROM diagnoses) AS ordered
    WHERE ordered.place = diagnoses.rowid;
INSERT INTO list_places (name, last) SELECT 'diagnoses', coalesce(max(seq), 0) FROM diagnoses;
CREATE TRIGGER diagnoses_get_places AFTER INSERT ON diagnoses BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'diagnoses';
    UPDATE diagnoses SET seq = (SELECT last FROM list_places WHERE name = 'diagnoses') WHERE rowid = new.rowid;
END;
CREATE INDEX diagnoses_in_order ON diagnoses (tenant_id, epoch, xid, seq);
CREATE INDEX diagnoses_of_learner ON diagnoses (tenant_id, learner_id, epoch, xid, seq);

ALTER TABLE regrades ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE regrades ADD COLUMN xid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE regrades ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX regrades_in_order;
UPDATE regrades SET seq = ordered.n
    FROM (SELECT rowid AS place, row_number() OVER (ORDER BY created_at, id) AS n FROM regrades) AS ordered
    WHERE ordered.place = regrades.rowid;
INSERT INTO list_places (name, last) SELECT 'regrades', coalesce(max(seq), 0) FROM regrades;
CREATE TRIGGER regrades_get_places AFTER INSERT ON regrades BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'regrades';
    UPDATE regrades SET seq = (SELECT last FROM list_places WHERE name = 'regrades') WHERE rowid = new.rowid;
END;
CREATE INDEX regrades_in_order ON regrades (tenant_id, epoch, xid, seq);
