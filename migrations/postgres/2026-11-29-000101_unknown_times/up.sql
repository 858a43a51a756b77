-- How long somebody worked on an item is not known where the client never told it: null, not nothing.
ALTER TABLE responses ALTER COLUMN active_ms DROP NOT NULL;
