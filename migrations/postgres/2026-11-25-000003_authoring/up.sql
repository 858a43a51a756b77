-- Lessons that tenants write; what is published goes into lesson_versions, courses and slugs.
CREATE TABLE drafts (
    tenant_id uuid NOT NULL,
    slug text NOT NULL,
    revision bigint NOT NULL,
    digest text NOT NULL,
    title text NOT NULL,
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, slug)
);

-- Grading again what was submitted on one version, by the items of another. The row holds how far it is, so that anybody can go on.
CREATE TABLE regrades (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    principal jsonb NOT NULL,
    lesson text NOT NULL,
    from_version text NOT NULL,
    to_version text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    total bigint NOT NULL,
    regraded bigint NOT NULL,
    changed bigint NOT NULL,
    tally jsonb NOT NULL,
    last_attempt uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX regrades_in_order ON regrades (tenant_id, created_at, id);

ALTER TABLE gradings ADD COLUMN regrade_id uuid;
-- No regrade grades an attempt twice.
CREATE UNIQUE INDEX gradings_of_regrade ON gradings (tenant_id, regrade_id, attempt_id) WHERE regrade_id IS NOT NULL;
CREATE INDEX attempts_of_version ON attempts (tenant_id, version, id);
