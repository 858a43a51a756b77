-- PostgreSQL alone has row-level security; a migration of this name stands here so that both have the same list.
SELECT 1;
