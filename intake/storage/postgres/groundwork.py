"""What stands under all migrations: what SQLite brings, and PostgreSQL has under another name."""

from __future__ import annotations

from intake.storage.postgres.dialect import COUNTERS

_TABLES = f"""
CREATE TABLE {COUNTERS} (name text COLLATE "C" PRIMARY KEY, seq bigint NOT NULL);

CREATE TABLE _sqlite_migrations (
    id bigint PRIMARY KEY,
    migration_set text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL UNIQUE,
    applied_at text COLLATE "C" NOT NULL
);

CREATE VIEW sqlite_master AS
SELECT 'table' AS type, relname::text AS name, relname::text AS tbl_name FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'trigger', tgname::text, relname::text
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
"""  # noqa: S608 - a name of ours

_FUNCTIONS = """
CREATE FUNCTION json_path(path text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT string_to_array(substr(path, 3), '.') $$;

CREATE FUNCTION json_extract(content text, path text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT content::jsonb #>> json_path(path) $$;

CREATE FUNCTION json_extract(content text, one text, two text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT json_build_array(
    content::jsonb #> json_path(one), content::jsonb #> json_path(two))::text $$;

CREATE FUNCTION json_extract(content text, one text, two text, three text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT json_build_array(content::jsonb #> json_path(one), content::jsonb #> json_path(two),
    content::jsonb #> json_path(three))::text $$;

CREATE FUNCTION json_each(content text, path text DEFAULT '$')
RETURNS TABLE (key bigint, value text) LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT place - 1, one #>> '{}'
    FROM jsonb_array_elements(content::jsonb #> json_path(path))
    WITH ORDINALITY AS all_of (one, place) $$;

CREATE FUNCTION instr(words text, part text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT strpos(words, part) $$;

CREATE FUNCTION julianday(at text) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT extract(epoch FROM at::timestamptz) / 86400.0 $$
"""

GROUNDWORK = (*_TABLES.strip().split(";\n\n"), *_FUNCTIONS.strip().split(";\n\n"))
"""One statement each, for the schema at hand."""
