-- Identity providers whose tokens a tenant takes, and what it makes of them.
CREATE TABLE issuers (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    issuer TEXT NOT NULL,
    audience TEXT NOT NULL,
    subject_claim TEXT NOT NULL,
    roles TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX issuers_by_name ON issuers (tenant_id, issuer, audience);

-- A sign-in that goes on by refresh tokens. Only the digest of the one that is good is kept, and of the one before with the key of the
-- request that used it, so that a lost answer can be given again.
CREATE TABLE refresh_families (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    issuer_id BLOB NOT NULL,
    principal_kind TEXT NOT NULL,
    principal_id BLOB NOT NULL,
    scopes TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    previous_sha256 BLOB,
    request_sha256 BLOB,
    access_jti BLOB NOT NULL,
    access_expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX refresh_families_by_id ON refresh_families (id);
CREATE INDEX refresh_families_by_end ON refresh_families (expires_at);
CREATE INDEX refresh_families_of_principal ON refresh_families (tenant_id, principal_id, created_at) WHERE ended_at IS NULL;
