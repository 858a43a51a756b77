-- What a tenant may have where that is not the installation's default: null is the default, 0 is no limit.
CREATE TABLE tenant_quotas (
    tenant_id uuid NOT NULL,
    versions bigint,
    version_bytes bigint,
    drafts bigint,
    signals bigint,
    records_per_day bigint,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);
