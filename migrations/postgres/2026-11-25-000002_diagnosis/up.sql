-- Diagnoses that somebody asked to keep: masked evidence and the masked verdict of that moment.
CREATE TABLE diagnoses (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    principal jsonb NOT NULL,
    learner_id uuid,
    evidence jsonb NOT NULL,
    masked jsonb NOT NULL,
    verdict jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
);
CREATE INDEX diagnoses_in_order ON diagnoses (tenant_id, created_at, id);
CREATE INDEX diagnoses_of_learner ON diagnoses (tenant_id, learner_id, created_at, id) WHERE learner_id IS NOT NULL;

-- Signals that tenants add; the built-in ones are part of the program.
CREATE TABLE signals (
    tenant_id uuid NOT NULL,
    id text NOT NULL,
    revision bigint NOT NULL,
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
INSERT INTO generations (topic, value) VALUES ('signals', 1);
