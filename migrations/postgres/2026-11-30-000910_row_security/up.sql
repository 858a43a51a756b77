-- The second lock behind the filters of the queries: a session sees and writes the rows of the tenants in its setting
-- `waymark.tenants` alone, and all rows where that is empty, as on the command line and for programs that make copies.
-- FORCE: for the owner of the tables too, as whom the service signs in. Superusers are held by no policy.
-- The setting is one id, a list in braces, or nothing. It stands in subqueries, which are run once for a statement, not once for a
-- row, and only when they are reached; one id, the usual case, comes first.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT c.table_name AS name
        FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.column_name = 'tenant_id' AND c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one.name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', one.name);
        EXECUTE format(
            'CREATE POLICY of_tenant ON %I USING ('
            'tenant_id = (SELECT CASE WHEN length(current_setting(''waymark.tenants'', true)) = 36 '
            'THEN current_setting(''waymark.tenants'')::uuid END) '
            'OR (SELECT coalesce(current_setting(''waymark.tenants'', true), '''') = '''') '
            'OR tenant_id = ANY ((SELECT CASE WHEN current_setting(''waymark.tenants'', true) LIKE ''{%%'' '
            'THEN current_setting(''waymark.tenants'')::uuid[] END)::uuid[]))',
            one.name
        );
    END LOOP;
END
$$;

-- What is built in belongs to no tenant, and every one reads it.
CREATE POLICY built_in ON courses FOR SELECT USING (tenant_id = '00000000-0000-0000-0000-000000000000');
CREATE POLICY built_in ON lesson_versions FOR SELECT USING (tenant_id = '00000000-0000-0000-0000-000000000000');
CREATE POLICY built_in ON slugs FOR SELECT USING (tenant_id = '00000000-0000-0000-0000-000000000000');
CREATE POLICY built_in ON withdrawals FOR SELECT USING (tenant_id = '00000000-0000-0000-0000-000000000000');
