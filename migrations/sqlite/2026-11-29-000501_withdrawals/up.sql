-- Versions that nobody begins any more. A lesson is withdrawn while its newest version is.
CREATE TABLE withdrawals (
    tenant_id BLOB NOT NULL,
    digest TEXT NOT NULL,
    withdrawn_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, digest)
) STRICT;
