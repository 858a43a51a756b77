-- How long somebody worked on an item is not known where the client never told it: null, not nothing.
CREATE TABLE responses_with_unknown_times (
    tenant_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    item TEXT NOT NULL,
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    seq INTEGER NOT NULL,
    response TEXT NOT NULL,
    first_response TEXT NOT NULL,
    changes INTEGER NOT NULL,
    active_ms INTEGER,
    answered TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, attempt_id, item, late),
    FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts (tenant_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO responses_with_unknown_times
SELECT tenant_id, attempt_id, item, late, seq, response, first_response, changes, active_ms, answered, saved_at FROM responses;
DROP TABLE responses;
ALTER TABLE responses_with_unknown_times RENAME TO responses;
