-- Personal access tokens: only their digests are kept.
CREATE TABLE personal_tokens (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    principal_kind TEXT NOT NULL,
    principal_id BLOB NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX personal_tokens_by_id ON personal_tokens (id);
CREATE INDEX personal_tokens_by_end ON personal_tokens (expires_at);
CREATE INDEX personal_tokens_in_force ON personal_tokens (tenant_id, expires_at) WHERE revoked_at IS NULL;
