-- The place of a row in its list is (epoch, xid, seq), as in the log: in the order in which transactions began, whatever the clock
-- said. What stands keeps its order, before everything that comes.

ALTER TABLE learners
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN seq bigint NOT NULL DEFAULT 0;
DROP INDEX learners_in_order;
UPDATE learners SET seq = ordered.n
    FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY created_at, id) AS n FROM learners) AS ordered
    WHERE ordered.tenant_id = learners.tenant_id AND ordered.id = learners.id;
ALTER TABLE learners
    ALTER COLUMN epoch SET DEFAULT current_epoch(),
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN seq DROP DEFAULT,
    ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('learners', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM learners), false);
CREATE INDEX learners_in_order ON learners (tenant_id, epoch, xid, seq);

ALTER TABLE attempts
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN seq bigint NOT NULL DEFAULT 0;
DROP INDEX attempts_in_order;
DROP INDEX attempts_of_learner;
UPDATE attempts SET seq = ordered.n
    FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY created_at, id) AS n FROM attempts) AS ordered
    WHERE ordered.tenant_id = attempts.tenant_id AND ordered.id = attempts.id;
ALTER TABLE attempts
    ALTER COLUMN epoch SET DEFAULT current_epoch(),
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN seq DROP DEFAULT,
    ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('attempts', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM attempts), false);
CREATE INDEX attempts_in_order ON attempts (tenant_id, epoch, xid, seq);
CREATE INDEX attempts_of_learner ON attempts (tenant_id, learner_id, epoch, xid, seq);
CREATE INDEX attempts_of_lesson ON attempts (tenant_id, lesson, epoch, xid, seq);
CREATE INDEX attempts_in_state ON attempts (tenant_id, state, epoch, xid, seq);
CREATE INDEX attempts_of_lesson_in_state ON attempts (tenant_id, lesson, state, epoch, xid, seq);

ALTER TABLE submissions
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN seq bigint NOT NULL DEFAULT 0;
DROP INDEX submissions_in_order;
DROP INDEX submissions_of_learner;
UPDATE submissions SET seq = ordered.n
    FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY created_at, id) AS n FROM submissions) AS ordered
    WHERE ordered.tenant_id = submissions.tenant_id AND ordered.id = submissions.id;
ALTER TABLE submissions
    ALTER COLUMN epoch SET DEFAULT current_epoch(),
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN seq DROP DEFAULT,
    ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('submissions', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM submissions), false);
CREATE INDEX submissions_in_order ON submissions (tenant_id, epoch, xid, seq);
CREATE INDEX submissions_of_learner ON submissions (tenant_id, learner_id, epoch, xid, seq);
CREATE INDEX submissions_of_lesson ON submissions (tenant_id, lesson, epoch, xid, seq);
CREATE INDEX submissions_in_state ON submissions (tenant_id, state, epoch, xid, seq);
CREATE INDEX submissions_of_lesson_in_state ON submissions (tenant_id, lesson, state, epoch, xid, seq);

ALTER TABLE reviews
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN seq bigint NOT NULL DEFAULT 0;
DROP INDEX reviews_of_submission;
UPDATE reviews SET seq = ordered.n
    FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY created_at, id) AS n FROM reviews) AS ordered
    WHERE ordered.tenant_id = reviews.tenant_id AND ordered.id = reviews.id;
ALTER TABLE reviews
    ALTER COLUMN epoch SET DEFAULT current_epoch(),
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN seq DROP DEFAULT,
    ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('reviews', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM reviews), false);
CREATE INDEX reviews_of_submission ON reviews (tenant_id, submission_id, epoch, xid, seq);

ALTER TABLE diagnoses
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN seq bigint NOT NULL DEFAULT 0;
DROP INDEX diagnoses_in_order;
DROP INDEX diagnoses_of_learner;
UPDATE diagnoses SET seq = ordered.n
    FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY created_at, id) AS n FROM diagnoses) AS ordered
    WHERE ordered.tenant_id = diagnoses.tenant_id AND ordered.id = diagnoses.id;
ALTER TABLE diagnoses
    ALTER COLUMN epoch SET DEFAULT current_epoch(),
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN seq DROP DEFAULT,
    ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('diagnoses', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM diagnoses), false);
CREATE INDEX diagnoses_in_order ON diagnoses (tenant_id, epoch, xid, seq);
CREATE INDEX diagnoses_of_learner ON diagnoses (tenant_id, learner_id, epoch, xid, seq);

ALTER TABLE regrades
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN seq bigint NOT NULL DEFAULT 0;
DROP INDEX regrades_in_order;
UPDATE regrades SET seq = ordered.n
    FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY created_at, id) AS n FROM regrades) AS ordered
    WHERE ordered.tenant_id = regrades.tenant_id AND ordered.id = regrades.id;
ALTER TABLE regrades
    ALTER COLUMN epoch SET DEFAULT current_epoch(),
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN seq DROP DEFAULT,
    ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('regrades', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM regrades), false);
CREATE INDEX regrades_in_order ON regrades (tenant_id, epoch, xid, seq);
