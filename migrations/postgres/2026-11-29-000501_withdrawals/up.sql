-- Versions that nobody begins any more. A lesson is withdrawn while its newest version is.
CREATE TABLE withdrawals (
    tenant_id uuid NOT NULL,
    digest text NOT NULL,
    withdrawn_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
