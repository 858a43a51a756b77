-- Diagnoses that somebody asked to keep: masked evidence and the masked verdict of that moment.
CREATE TABLE diagnoses (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    principal TEXT NOT NULL,
    learner_id BLOB,
    evidence TEXT NOT NULL,
    masked TEXT NOT NULL,
    verdict TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
) STRICT;
CREATE INDEX diagnoses_in_order ON diagnoses (tenant_id, created_at, id);
CREATE INDEX diagnoses_of_learner ON diagnoses (tenant_id, learner_id, created_at, id) WHERE learner_id IS NOT NULL;

-- Signals that tenants add; the built-in ones are part of the program.
CREATE TABLE signals (
    tenant_id BLOB NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
INSERT INTO generations (topic, value) VALUES ('signals', 1);
