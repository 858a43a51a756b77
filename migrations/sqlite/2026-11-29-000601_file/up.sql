-- "Waym": what another program, and this one, know the file by. A database of another program is never touched.
PRAGMA application_id = 1466005869;

-- The epoch of what is appended to the log. It changes where the database was put back from a copy, so that no place that a
-- reader was told ever names another fact, and all that comes is after all that was.
CREATE TABLE log_epoch (epoch INTEGER NOT NULL) STRICT;
INSERT INTO log_epoch VALUES (0);

-- Always empty: what /readyz writes, and takes away in the same transaction.
CREATE TABLE write_probes (id BLOB NOT NULL PRIMARY KEY, filler BLOB NOT NULL) STRICT;
