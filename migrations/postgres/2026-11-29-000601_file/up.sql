-- Always empty: what /readyz writes, and takes away in the same transaction.
CREATE TABLE write_probes (id uuid NOT NULL PRIMARY KEY, filler bytea NOT NULL);
