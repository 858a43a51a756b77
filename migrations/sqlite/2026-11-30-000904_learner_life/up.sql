-- Learners over their life: deactivated, or merged into another one for as long as that is not undone.
ALTER TABLE learners ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
-- The learner whose its things are now: never one that is merged itself.
ALTER TABLE learners ADD COLUMN merged_into BLOB;
-- Until when tokens of before may be about; null once none is left.
ALTER TABLE learners ADD COLUMN tokens_until INTEGER;
CREATE INDEX learners_in_state ON learners (tenant_id, state, epoch, xid, seq);
CREATE INDEX learners_merged ON learners (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX learners_with_tokens ON learners (tokens_until) WHERE tokens_until IS NOT NULL;

CREATE TABLE learner_merges (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    into_id BLOB NOT NULL,
    from_id BLOB NOT NULL,
    -- The how manieth into this learner: the last one is undone first.
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- Whether it handed over a guest's work.
    claim INTEGER NOT NULL,
    -- What the merged learner was before.
    from_state TEXT NOT NULL,
    client_id BLOB NOT NULL,
    principal TEXT NOT NULL,
    counts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    undone_at INTEGER,
    epoch INTEGER NOT NULL DEFAULT 0,
    xid INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, into_id) REFERENCES learners (tenant_id, id),
    FOREIGN KEY (tenant_id, from_id) REFERENCES learners (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX learner_merges_in_turn ON learner_merges (tenant_id, into_id, number);
INSERT INTO list_places (name, last) VALUES ('learner_merges', 0);
CREATE TRIGGER learner_merges_get_places AFTER INSERT ON learner_merges BEGIN
    UPDATE list_places SET last = last + 1 WHERE name = 'learner_merges';
    UPDATE learner_merges SET seq = (SELECT last FROM list_places WHERE name = 'learner_merges') WHERE rowid = new.rowid;
END;
CREATE INDEX learner_merges_in_order ON learner_merges (tenant_id, epoch, xid, seq);

-- What a merge moved or numbered anew, as it was before.
CREATE TABLE learner_moves (
    tenant_id BLOB NOT NULL,
    merge_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    was TEXT NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, kind, item),
    FOREIGN KEY (tenant_id, merge_id) REFERENCES learner_merges (tenant_id, id)
) STRICT;

-- Two learners who become one may both have an attempt open in one place: the later one stays open beside the other (its
-- grader_version is 0 until it is submitted or takes the place).
DROP INDEX attempts_one_open;
CREATE UNIQUE INDEX attempts_one_open ON attempts (tenant_id, learner_id, lesson, placement)
    WHERE state = 'in_progress' AND purpose <> 'preview' AND grader_version IS NULL;
