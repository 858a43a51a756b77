-- Who did what to what, when, from where. Each tenant's entries are a chain: an entry holds the hash of the one before.
CREATE TABLE audit_entries (
    tenant_id uuid NOT NULL,
    -- 1, 2, 3 ... within the tenant, without a gap.
    number bigint NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    act text NOT NULL,
    client_id uuid,
    principal_kind text,
    principal_id uuid,
    object_type text NOT NULL,
    object_id text NOT NULL,
    address text,
    request_id text,
    -- Canonical JSON as text, since its bytes are part of the hash.
    details text NOT NULL,
    previous_sha256 bytea NOT NULL,
    sha256 bytea NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
CREATE INDEX audit_entries_by_time ON audit_entries (tenant_id, at, number);
CREATE INDEX audit_entries_by_act ON audit_entries (tenant_id, act, at, number);
CREATE INDEX audit_entries_by_object ON audit_entries (tenant_id, object_type, object_id, at, number);
CREATE INDEX audit_entries_by_principal ON audit_entries (tenant_id, principal_id, at, number);
CREATE INDEX audit_entries_by_principal_and_act ON audit_entries (tenant_id, principal_id, act, at, number);

-- The last entry of each tenant: whoever appends takes a turn here, and an end that was cut off is missed.
CREATE TABLE audit_heads (
    tenant_id uuid NOT NULL,
    number bigint NOT NULL,
    sha256 bytea NOT NULL,
    PRIMARY KEY (tenant_id)
);

CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are only added';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_entries_are_not_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_heads_only_grow BEFORE UPDATE ON audit_heads
    FOR EACH ROW WHEN (NEW.tenant_id <> OLD.tenant_id OR NEW.number NOT IN (OLD.number, OLD.number + 1))
    EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_heads_stay BEFORE DELETE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_heads_are_not_emptied BEFORE TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
