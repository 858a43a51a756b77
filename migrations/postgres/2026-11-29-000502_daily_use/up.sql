-- What somebody used today of what has a bound by day.
CREATE TABLE daily_use (
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    topic text NOT NULL,
    day bigint NOT NULL,
    uses bigint NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (tenant_id, owner_id, topic, day)
);
CREATE INDEX daily_use_by_day ON daily_use (day);
