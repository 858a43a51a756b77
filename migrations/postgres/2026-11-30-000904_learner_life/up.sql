-- Learners over their life: deactivated, or merged into another one for as long as that is not undone.
ALTER TABLE learners
    ADD COLUMN state text NOT NULL DEFAULT 'active',
    -- The learner whose its things are now: never one that is merged itself.
    ADD COLUMN merged_into uuid,
    -- Until when tokens of before may be about; null once none is left.
    ADD COLUMN tokens_until timestamptz;
CREATE INDEX learners_in_state ON learners (tenant_id, state, epoch, xid, seq);
CREATE INDEX learners_merged ON learners (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX learners_with_tokens ON learners (tokens_until) WHERE tokens_until IS NOT NULL;

CREATE TABLE learner_merges (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    into_id uuid NOT NULL,
    from_id uuid NOT NULL,
    -- The how manieth into this learner: the last one is undone first.
    number integer NOT NULL,
    state text NOT NULL,
    -- Whether it handed over a guest's work.
    claim boolean NOT NULL,
    -- What the merged learner was before.
    from_state text NOT NULL,
    client_id uuid NOT NULL,
    principal jsonb NOT NULL,
    counts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    undone_at timestamptz,
    epoch bigint NOT NULL DEFAULT current_epoch(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, into_id) REFERENCES learners (tenant_id, id),
    FOREIGN KEY (tenant_id, from_id) REFERENCES learners (tenant_id, id)
);
CREATE UNIQUE INDEX learner_merges_in_turn ON learner_merges (tenant_id, into_id, number);
CREATE INDEX learner_merges_in_order ON learner_merges (tenant_id, epoch, xid, seq);

-- What a merge moved or numbered anew, as it was before.
CREATE TABLE learner_moves (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    kind text NOT NULL,
    item text NOT NULL,
    was jsonb NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, kind, item),
    FOREIGN KEY (tenant_id, merge_id) REFERENCES learner_merges (tenant_id, id)
);

-- Two learners who become one may both have an attempt open in one place: the later one stays open beside the other (its
-- grader_version is 0 until it is submitted or takes the place).
DROP INDEX attempts_one_open;
CREATE UNIQUE INDEX attempts_one_open ON attempts (tenant_id, learner_id, lesson, placement)
    WHERE state = 'in_progress' AND purpose <> 'preview' AND grader_version IS NULL;
