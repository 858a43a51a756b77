-- Groups of learners with instructors and due dates.
CREATE TABLE cohorts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    -- What another system calls it: both are there, or none.
    system text,
    external_id text,
    due jsonb NOT NULL,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX cohorts_by_name ON cohorts (tenant_id, system, external_id);

CREATE TABLE cohort_members (
    tenant_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    learner_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, cohort_id, learner_id),
    FOREIGN KEY (tenant_id, cohort_id) REFERENCES cohorts (tenant_id, id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners (tenant_id, id)
);
CREATE INDEX cohort_members_by_learner ON cohort_members (tenant_id, learner_id, cohort_id);

CREATE TABLE cohort_staff (
    tenant_id uuid NOT NULL,
    cohort_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, cohort_id, staff_id),
    FOREIGN KEY (tenant_id, cohort_id) REFERENCES cohorts (tenant_id, id)
);
CREATE INDEX cohort_staff_by_person ON cohort_staff (tenant_id, staff_id, cohort_id);

-- Administrators of before may do what administrators may now.
UPDATE clients SET scopes = scopes || ' cohorts:read cohorts:write' WHERE name = 'administrator' AND scopes LIKE '%clients:admin%';

-- Staff see everybody only with a scope of its own now: whoever could give such tokens can give them still, and tokens that last go on.
UPDATE clients SET scopes = scopes || ' learners:all' WHERE scopes LIKE '%attempts:%' OR scopes LIKE '%submissions:%'
    OR scopes LIKE '%reviews:%' OR scopes LIKE '%learners:%' OR scopes LIKE '%records:%' OR scopes LIKE '%diagnoses:%'
    OR scopes LIKE '%tokens:issue%' OR scopes LIKE '%clients:admin%';
UPDATE issuers SET roles = replace(roles, '"role":"staff","scopes":[', '"role":"staff","scopes":["learners:all",');
UPDATE personal_tokens SET scopes = scopes || ' learners:all' WHERE principal_kind = 'staff';
UPDATE refresh_families SET scopes = scopes || ' learners:all' WHERE principal_kind = 'staff';
