-- Whether somebody who was merged had been deactivated before: asked for those whose tokens may still be about.
CREATE INDEX learner_merges_from ON learner_merges (tenant_id, from_id);
