-- What somebody used today of what has a bound by day.
CREATE TABLE daily_use (
    tenant_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    day INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, owner_id, topic, day)
) STRICT;
CREATE INDEX daily_use_by_day ON daily_use (day);
