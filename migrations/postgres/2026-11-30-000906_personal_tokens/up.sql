-- Personal access tokens: only their digests are kept.
CREATE TABLE personal_tokens (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    principal_kind text NOT NULL,
    principal_id uuid NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX personal_tokens_by_id ON personal_tokens (id);
CREATE INDEX personal_tokens_by_end ON personal_tokens (expires_at);
CREATE INDEX personal_tokens_in_force ON personal_tokens (tenant_id, expires_at) WHERE revoked_at IS NULL;
