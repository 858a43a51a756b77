CREATE TABLE tenants (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE TABLE settings (
    name text NOT NULL PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE generations (
    topic text NOT NULL PRIMARY KEY,
    value bigint NOT NULL
);

CREATE TABLE clients (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    secret_sha256 bytea NOT NULL,
    scopes text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE signing_keys (
    kid text NOT NULL PRIMARY KEY,
    alg text NOT NULL,
    state text NOT NULL,
    private_key bytea NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE learners (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE identities (
    tenant_id uuid NOT NULL,
    system text NOT NULL,
    external_id text NOT NULL,
    learner_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, system, external_id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
);

CREATE TABLE courses (
    tenant_id uuid NOT NULL,
    slug text NOT NULL,
    revision integer NOT NULL,
    digest text NOT NULL,
    content jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, slug)
);

CREATE TABLE lesson_versions (
    tenant_id uuid NOT NULL,
    digest text NOT NULL,
    slug text NOT NULL,
    revision integer NOT NULL,
    content jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    UNIQUE (tenant_id, slug, revision)
);

CREATE TABLE slugs (
    tenant_id uuid NOT NULL,
    slug text NOT NULL,
    lesson text NOT NULL,
    PRIMARY KEY (tenant_id, slug)
);

CREATE TABLE attempts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    learner_id uuid NOT NULL,
    client_id uuid NOT NULL,
    lesson text NOT NULL,
    version text NOT NULL,
    language text NOT NULL,
    purpose text NOT NULL,
    placement text NOT NULL,
    context jsonb NOT NULL,
    state text NOT NULL,
    attempt_number integer NOT NULL,
    key_seen_before boolean NOT NULL,
    over_limit boolean NOT NULL,
    item_order jsonb NOT NULL,
    started jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    submitted_at timestamptz,
    result jsonb,
    raw_milli bigint,
    scaled_e4 integer,
    passed boolean,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
);

CREATE TABLE responses (
    tenant_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    item text NOT NULL,
    late boolean NOT NULL,
    seq bigint NOT NULL,
    response jsonb NOT NULL,
    first_response jsonb NOT NULL,
    changes integer NOT NULL,
    active_ms bigint NOT NULL,
    answered jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, attempt_id, item, late),
    FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts (tenant_id, id)
);

CREATE TABLE gradings (
    tenant_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    grader_version integer NOT NULL,
    version text NOT NULL,
    raw_milli bigint NOT NULL,
    max_milli bigint NOT NULL,
    result jsonb NOT NULL,
    graded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, attempt_id, number),
    FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts (tenant_id, id)
);

CREATE TABLE submissions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    learner_id uuid NOT NULL,
    client_id uuid NOT NULL,
    lesson text NOT NULL,
    version text NOT NULL,
    exercise text NOT NULL,
    language text NOT NULL,
    context jsonb NOT NULL,
    state text NOT NULL,
    revision bigint NOT NULL,
    content jsonb NOT NULL,
    masked jsonb NOT NULL,
    feedback jsonb,
    submitted_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
);

CREATE TABLE submission_revisions (
    tenant_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    revision bigint NOT NULL,
    state text NOT NULL,
    content jsonb NOT NULL,
    masked jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, submission_id, revision),
    FOREIGN KEY (tenant_id, submission_id) REFERENCES submissions (tenant_id, id)
);

CREATE TABLE reviews (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    submission_id uuid NOT NULL,
    submission_revision bigint NOT NULL,
    reviewer jsonb NOT NULL,
    state text NOT NULL,
    comment text NOT NULL,
    score_milli bigint,
    criteria jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, submission_id) REFERENCES submissions (tenant_id, id)
);

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    scope bytea NOT NULL,
    body_mac bytea NOT NULL,
    status integer NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope)
);

-- The log. A record's place is (epoch, xid, seq): its transaction's id orders before the sequence, and readers see it only
-- once every older transaction has ended, so nobody who has seen a place ever finds something before it later.
CREATE TABLE log_epoch (epoch bigint NOT NULL);
INSERT INTO log_epoch VALUES (1);

CREATE FUNCTION current_epoch() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT epoch FROM log_epoch';

CREATE TABLE records (
    tenant_id uuid NOT NULL,
    epoch bigint NOT NULL DEFAULT current_epoch(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    kind text NOT NULL,
    schema_version integer NOT NULL,
    learner_id uuid,
    lesson text,
    object_id text NOT NULL,
    recorded_at timestamptz NOT NULL,
    envelope jsonb NOT NULL,
    PRIMARY KEY (tenant_id, epoch, xid, seq)
);
CREATE INDEX records_of_learner ON records (tenant_id, learner_id, epoch, xid, seq) WHERE learner_id IS NOT NULL;
CREATE INDEX records_by_place ON records (epoch, xid);

CREATE UNIQUE INDEX clients_by_id ON clients (id);
CREATE INDEX learners_in_order ON learners (tenant_id, created_at, id);
CREATE INDEX identities_of_learner ON identities (tenant_id, learner_id);
-- At most one open attempt per learner, lesson and placement; previews of staff do not count.
CREATE UNIQUE INDEX attempts_one_open ON attempts (tenant_id, learner_id, lesson, placement) WHERE state = 'in_progress' AND purpose <> 'preview';
CREATE INDEX attempts_in_order ON attempts (tenant_id, created_at, id);
CREATE INDEX attempts_of_learner ON attempts (tenant_id, learner_id, created_at, id);
CREATE INDEX submissions_in_order ON submissions (tenant_id, created_at, id);
CREATE INDEX submissions_of_learner ON submissions (tenant_id, learner_id, created_at, id);
CREATE INDEX reviews_of_submission ON reviews (tenant_id, submission_id, created_at, id);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
INSERT INTO generations (topic, value) VALUES ('clients', 1), ('curriculum', 1), ('keys', 1);
