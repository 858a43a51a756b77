-- Origins of the browser front ends of a client, as a list in JSON.
ALTER TABLE clients ADD COLUMN origins TEXT NOT NULL DEFAULT '[]';
