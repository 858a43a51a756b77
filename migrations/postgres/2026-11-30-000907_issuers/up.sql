-- Identity providers whose tokens a tenant takes, and what it makes of them.
CREATE TABLE issuers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    issuer text NOT NULL,
    audience text NOT NULL,
    subject_claim text NOT NULL,
    roles text NOT NULL,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX issuers_by_name ON issuers (tenant_id, issuer, audience);

-- A sign-in that goes on by refresh tokens. Only the digest of the one that is good is kept, and of the one before with the key of the
-- request that used it, so that a lost answer can be given again.
CREATE TABLE refresh_families (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    issuer_id uuid NOT NULL,
    principal_kind text NOT NULL,
    principal_id uuid NOT NULL,
    scopes text NOT NULL,
    sha256 bytea NOT NULL,
    previous_sha256 bytea,
    request_sha256 bytea,
    access_jti uuid NOT NULL,
    access_expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX refresh_families_by_id ON refresh_families (id);
CREATE INDEX refresh_families_by_end ON refresh_families (expires_at);
CREATE INDEX refresh_families_of_principal ON refresh_families (tenant_id, principal_id, created_at) WHERE ended_at IS NULL;
