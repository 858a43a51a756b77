-- What finds nothing costs nothing: the feed goes along the kinds and lessons that are asked for, in the order of the log.
CREATE INDEX records_of_kind ON records (tenant_id, kind, epoch, xid, seq);
CREATE INDEX records_of_lesson ON records (tenant_id, lesson, epoch, xid, seq) WHERE lesson IS NOT NULL;
