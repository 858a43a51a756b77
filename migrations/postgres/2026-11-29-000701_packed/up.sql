-- Envelopes are packed from now on (src/db/packed.rs): `envelope` is null (of JSON) where `packed` has it. What stands is packed by
-- the running service, bit by bit, and is read as it is until then.
ALTER TABLE records ADD COLUMN packed bytea;
INSERT INTO settings (name, value) SELECT 'records_packed_to', '' WHERE EXISTS (SELECT 1 FROM records);
