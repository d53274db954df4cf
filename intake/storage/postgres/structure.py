"""Whether a schema is built as the program builds it: see `intake.storage.structure`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.later_migrations import CHANGES
from intake.storage.postgres.connection import ServerDatabase
from intake.storage.postgres.groundwork import GROUNDWORK
from intake.storage.postgres.walls import lay_walls
from intake.storage.structure import Part, differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from intake.storage.contract import Database, Parameters
    from intake.storage.postgres.connection import Rows, ServerConnection

_BESIDE = "intake_as_built"
"""The schema in which the structure is made to be compared with; it is never kept."""

_PARTS = """
SELECT 'table', c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
    (SELECT collname FROM pg_collation WHERE oid = a.attcollation AND a.attcollation <> 100),
    CASE WHEN a.attnotnull THEN 'NOT NULL' END, a.attidentity::text,
    (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
        WHERE d.adrelid = c.oid AND d.adnum = a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'table', conrelid::regclass::text || ' ' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL SELECT 'index', i.relname, replace(pg_get_indexdef(i.oid), current_schema() || '.', '')
    FROM pg_class i WHERE i.relkind = 'i' AND i.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'trigger', t.tgname,
    replace(pg_get_triggerdef(t.oid), current_schema() || '.', '') || t.tgenabled::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'function', p.proname || '(' || pg_get_function_arguments(p.oid) || ')',
    p.prosrc || p.prosecdef::text
    FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
UNION ALL SELECT 'view', c.relname, pg_get_viewdef(c.oid) FROM pg_class c
    WHERE c.relkind IN ('v', 'm') AND c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'wall', c.relname, c.relrowsecurity::text || c.relforcerowsecurity::text
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'policy', c.relname || ' ' || p.polname, concat_ws(' ', p.polpermissive,
    p.polcmd::text, p.polroles::text, pg_get_expr(p.polqual, p.polrelid),
    pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'rule', c.relname || ' ' || r.rulename, pg_get_ruledef(r.oid)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relkind <> 'v' AND c.relnamespace = current_schema()::regnamespace
"""


def structure_faults(
    connection: ServerConnection, another: Callable[[], AbstractContextManager[ServerConnection]]
) -> Iterator[str]:
    """Yield in words what of the structure is not as the migrations make it that were applied.

    Args:
        connection: To the clinic; it may be in the middle of a transaction.
        another: Connects to the same server once more.
    """
    here = _parts(connection)
    if not any(name.startswith("_sqlite_migrations.") for _, name in here):
        yield "it is not a clinic that this program made"
        return
    applied = frozenset(
        name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations").fetchall()
    )
    yield from differences(here, _built_once(connection, another, applied))


_built: dict[tuple[int, frozenset[str]], Mapping[Part, str]] = {}
"""How each version of a server writes what these migrations make; it takes a moment to find out."""


def _built_once(
    connection: ServerConnection,
    another: Callable[[], AbstractContextManager[ServerConnection]],
    applied: frozenset[str],
) -> Mapping[Part, str]:
    key = connection.version, applied
    if key not in _built:
        with another() as beside:
            _built[key] = _built_beside(beside, applied)
    return _built[key]


def _built_beside(connection: ServerConnection, applied: frozenset[str]) -> Mapping[Part, str]:
    """Return the structure that some migrations make, by making it in a schema of its own."""
    connection.run("BEGIN")
    try:
        connection.run(f"CREATE SCHEMA {_BESIDE}")
        connection.run(f"SET LOCAL search_path TO {_BESIDE}, pg_catalog")
        lay_groundwork(connection)
        for change in CHANGES:
            if change.__name__ in applied:
                lay_change(connection, change)
        lay_walls(connection)
        return _parts(connection)
    finally:
        connection.rollback()


class _Layer(ServerDatabase):
    """What a migration writes to: what it says is laid as the server has it."""

    def execute(self, sql: str, parameters: Parameters = (), /) -> Rows:
        """Lay one statement; a migration gives no values."""
        self.conn.lay(sql)
        return self.conn.execute("SELECT 1", parameters)


def lay_groundwork(connection: ServerConnection) -> None:
    """Lay what stands under all migrations into the schema at hand."""
    for line in GROUNDWORK:
        connection.run(line)


def lay_change(connection: ServerConnection, change: Callable[[Database], None]) -> None:
    """Lay what one migration makes."""
    change(_Layer(connection))


def _parts(connection: ServerConnection) -> dict[Part, str]:
    """Return how every part was made."""
    return {(kind, name): made for kind, name, made in connection.execute(_PARTS).fetchall()}
