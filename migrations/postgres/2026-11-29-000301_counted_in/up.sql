-- The placement that an attempt is counted with: its own where a client or staff member named that one for this learner and
-- lesson, else the empty text. Who made an attempt is in its first record.
ALTER TABLE attempts ADD COLUMN counted_in text NOT NULL DEFAULT '';
UPDATE attempts SET counted_in = attempts.placement
    FROM records AS r
    WHERE r.kind = 'attempt.started' AND r.tenant_id = attempts.tenant_id AND r.object_id = attempts.id::text
      AND r.envelope -> 'actor' -> 'principal' ->> 'type' <> 'learner' AND attempts.placement <> '';
UPDATE attempts SET counted_in = attempts.placement
    WHERE attempts.counted_in = '' AND attempts.placement <> '' AND EXISTS (
        SELECT 1 FROM attempts AS known
        WHERE known.tenant_id = attempts.tenant_id AND known.learner_id = attempts.learner_id
          AND known.lesson = attempts.lesson AND known.counted_in = attempts.placement);
