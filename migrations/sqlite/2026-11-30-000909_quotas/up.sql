-- What a tenant may have where that is not the installation's default: null is the default, 0 is no limit.
CREATE TABLE tenant_quotas (
    tenant_id BLOB NOT NULL,
    versions INTEGER,
    version_bytes INTEGER,
    drafts INTEGER,
    signals INTEGER,
    records_per_day INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id)
) STRICT;
