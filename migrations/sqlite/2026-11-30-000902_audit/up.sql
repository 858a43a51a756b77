-- Who did what to what, when, from where. Each tenant's entries are a chain: an entry holds the hash of the one before.
CREATE TABLE audit_entries (
    tenant_id BLOB NOT NULL,
    -- 1, 2, 3 ... within the tenant, without a gap.
    number INTEGER NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    client_id BLOB,
    principal_kind TEXT,
    principal_id BLOB,
    object_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    -- Canonical JSON as text, since its bytes are part of the hash.
    details TEXT NOT NULL,
    previous_sha256 BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT;
-- Wider than it need be: of two that it takes for equally good, SQLite enters the narrower one, and where an act or a principal is
-- asked for, that is to be theirs.
CREATE INDEX audit_entries_by_time ON audit_entries (tenant_id, at, number, act, principal_id);
CREATE INDEX audit_entries_by_act ON audit_entries (tenant_id, act, at, number);
CREATE INDEX audit_entries_by_object ON audit_entries (tenant_id, object_type, object_id, at, number);
CREATE INDEX audit_entries_by_principal ON audit_entries (tenant_id, principal_id, at, number);
CREATE INDEX audit_entries_by_principal_and_act ON audit_entries (tenant_id, principal_id, act, at, number);

-- The last entry of each tenant: whoever appends takes a turn here, and an end that was cut off is missed.
CREATE TABLE audit_heads (
    tenant_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (tenant_id)
) STRICT;

CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are only added'); END;
CREATE TRIGGER audit_entries_are_not_removed BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are only added'); END;
-- INSERT OR REPLACE removes a row without asking the trigger above.
CREATE TRIGGER audit_entries_are_not_replaced BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE tenant_id = NEW.tenant_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'audit entries are only added'); END;
CREATE TRIGGER audit_heads_only_grow BEFORE UPDATE ON audit_heads
WHEN NEW.tenant_id <> OLD.tenant_id OR NEW.number NOT IN (OLD.number, OLD.number + 1)
BEGIN SELECT RAISE(ABORT, 'the end of the audit log only grows'); END;
CREATE TRIGGER audit_heads_stay BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the end of the audit log only grows'); END;
