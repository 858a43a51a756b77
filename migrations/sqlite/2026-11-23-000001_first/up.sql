CREATE TABLE tenants (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE generations (
    topic TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE clients (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    secret_sha256 BLOB NOT NULL,
    scopes TEXT NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    alg TEXT NOT NULL,
    state TEXT NOT NULL,
    private_key BLOB NOT NULL,
    public_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE learners (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE identities (
    tenant_id BLOB NOT NULL,
    system TEXT NOT NULL,
    external_id TEXT NOT NULL,
    learner_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, system, external_id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE courses (
    tenant_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,
    content TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, slug)
) STRICT;

CREATE TABLE lesson_versions (
    tenant_id BLOB NOT NULL,
    digest TEXT NOT NULL,
    slug TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    UNIQUE (tenant_id, slug, revision)
) STRICT;

CREATE TABLE slugs (
    tenant_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    lesson TEXT NOT NULL,
    PRIMARY KEY (tenant_id, slug)
) STRICT;

CREATE TABLE attempts (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    learner_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    lesson TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    purpose TEXT NOT NULL,
    placement TEXT NOT NULL,
    context TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt_number INTEGER NOT NULL,
    key_seen_before INTEGER NOT NULL CHECK (key_seen_before IN (0, 1)),
    over_limit INTEGER NOT NULL CHECK (over_limit IN (0, 1)),
    item_order TEXT NOT NULL,
    started TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    submitted_at INTEGER,
    result TEXT,
    raw_milli INTEGER,
    scaled_e4 INTEGER,
    passed INTEGER CHECK (passed IN (0, 1)),
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
) STRICT;

CREATE TABLE responses (
    tenant_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    item TEXT NOT NULL,
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    seq INTEGER NOT NULL,
    response TEXT NOT NULL,
    first_response TEXT NOT NULL,
    changes INTEGER NOT NULL,
    active_ms INTEGER NOT NULL,
    answered TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, attempt_id, item, late),
    FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE gradings (
    tenant_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    grader_version INTEGER NOT NULL,
    version TEXT NOT NULL,
    raw_milli INTEGER NOT NULL,
    max_milli INTEGER NOT NULL,
    result TEXT NOT NULL,
    graded_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, attempt_id, number),
    FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts (tenant_id, id)
) STRICT;

CREATE TABLE submissions (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    learner_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    lesson TEXT NOT NULL,
    version TEXT NOT NULL,
    exercise TEXT NOT NULL,
    language TEXT NOT NULL,
    context TEXT NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    masked TEXT NOT NULL,
    feedback TEXT,
    submitted_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
) STRICT;

CREATE TABLE submission_revisions (
    tenant_id BLOB NOT NULL,
    submission_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    content TEXT NOT NULL,
    masked TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, submission_id, revision),
    FOREIGN KEY (tenant_id, submission_id) REFERENCES submissions (tenant_id, id)
) STRICT;

CREATE TABLE reviews (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    submission_id BLOB NOT NULL,
    submission_revision INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    state TEXT NOT NULL,
    comment TEXT NOT NULL,
    score_milli INTEGER,
    criteria TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, submission_id) REFERENCES submissions (tenant_id, id)
) STRICT;

CREATE TABLE idempotency_keys (
    tenant_id BLOB NOT NULL,
    scope BLOB NOT NULL,
    body_mac BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, scope)
) STRICT, WITHOUT ROWID;

-- The log. The single writer commits in the order of `seq`, so `seq` alone is the place of a record; `epoch` and `xid` are
-- what PostgreSQL needs and stay 0 here, so that one query text serves both.
CREATE TABLE records (
    tenant_id BLOB NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    xid INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    learner_id BLOB,
    lesson TEXT,
    object_id TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    envelope TEXT NOT NULL
) STRICT;
CREATE INDEX records_in_order ON records (tenant_id, epoch, xid, seq);
CREATE INDEX records_of_learner ON records (tenant_id, learner_id, epoch, xid, seq) WHERE learner_id IS NOT NULL;

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
