-- Who is let in: tenants that are suspended, clients with two secrets or keys of their own, keys in their turns, tokens taken back.
ALTER TABLE tenants ADD COLUMN suspended_at INTEGER;

ALTER TABLE clients ADD COLUMN previous_secret_sha256 BLOB;
ALTER TABLE clients ADD COLUMN previous_secret_until INTEGER;
-- Public keys (a JSON Web Key Set) for private_key_jwt.
ALTER TABLE clients ADD COLUMN jwks TEXT;
ALTER TABLE clients ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- From when a key signs (null: from the beginning), and until when it verifies (null: no end is known).
ALTER TABLE signing_keys ADD COLUMN signs_from INTEGER;
ALTER TABLE signing_keys ADD COLUMN verifies_until INTEGER;

CREATE TABLE revoked_tokens (
    tenant_id BLOB NOT NULL,
    jti BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, jti)
) STRICT;
CREATE INDEX revoked_tokens_by_time ON revoked_tokens (revoked_at);
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);

-- Assertions of clients (RFC 7523) that were used, until they would have expired.
CREATE TABLE used_assertions (
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    jti_sha256 BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, jti_sha256)
) STRICT;
CREATE INDEX used_assertions_by_end ON used_assertions (expires_at);

INSERT INTO generations (topic, value) VALUES ('revocations', 1);

-- The administrators of before have what administrators have now.
UPDATE clients SET scopes = scopes || ' audit:read' WHERE name = 'administrator' AND scopes LIKE '%clients:admin';
UPDATE clients SET scopes = scopes || ' tenants:admin' WHERE name = 'administrator' AND scopes LIKE '%clients:admin audit:read'
    AND tenant_id = (SELECT id FROM tenants WHERE name = 'default');
