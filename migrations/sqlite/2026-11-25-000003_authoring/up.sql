-- Lessons that tenants write; what is published goes into lesson_versions, courses and slugs.
CREATE TABLE drafts (
    tenant_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, slug)
) STRICT;

-- Grading again what was submitted on one version, by the items of another. The row holds how far it is, so that anybody can go on.
CREATE TABLE regrades (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    principal TEXT NOT NULL,
    lesson TEXT NOT NULL,
    from_version TEXT NOT NULL,
    to_version TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    total INTEGER NOT NULL,
    regraded INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    tally TEXT NOT NULL,
    last_attempt BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX regrades_in_order ON regrades (tenant_id, created_at, id);

ALTER TABLE gradings ADD COLUMN regrade_id BLOB;
-- No regrade grades an attempt twice.
CREATE UNIQUE INDEX gradings_of_regrade ON gradings (tenant_id, regrade_id, attempt_id) WHERE regrade_id IS NOT NULL;
CREATE INDEX attempts_of_version ON attempts (tenant_id, version, id);
