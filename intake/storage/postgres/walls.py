"""The second wall between sites: whoever reads for some sites is shown rows of no other.

The first is in the statements, which name the sites. Where one forgets to, the server leaves out
what is not theirs all the same. A connection sees everything until it is told otherwise: what
holds a patient back is looked for at every site, and who writes sees all that others wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.storage.postgres.connection import ServerConnection

SITES = "intake.sites"
"""The setting of a connection that says whose rows it sees: ids with commas between."""

ALL = "*"
"""Of every site."""

_SEEN = f"(SELECT current_setting('{SITES}', TRUE))"
_OF_A_SITE = f"{_SEEN} = '{ALL}' OR site = ANY (string_to_array({_SEEN}, ','))"
_OF_A_FORM = f"{_SEEN} = '{ALL}' OR EXISTS (SELECT 1 FROM responses r WHERE r.id = response_id)"  # noqa: S608

_OF_A_SESSION = (
    f"{_SEEN} = '{ALL}' OR EXISTS (SELECT 1 FROM treatment_sessions s WHERE s.id = session_id)"  # noqa: S608
)

_TABLES = """
SELECT c.relname, bool_or(a.attname = 'site'), bool_or(a.attname = 'response_id')
    FROM pg_class c JOIN pg_attribute a
    ON a.attrelid = c.oid AND a.attname IN ('site', 'response_id', 'session_id')
    AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    AND c.relname NOT IN ('tablets', 'cards', 'visits') GROUP BY c.relname ORDER BY c.relname
"""
"""Tablets are the clinic's, a card is the system's that was given it, and a visit is a patient's,
who has no site; only what is theirs is reached by the secret of each."""


def lay_walls(connection: ServerConnection) -> None:
    """Put a wall around every table of the schema at hand that belongs to a site or a form.

    The register of patients and the audit trail are every site's.
    """
    for table, has_site, has_form in connection.execute(_TABLES).fetchall():
        seen = _OF_A_SITE if has_site else _OF_A_FORM if has_form else _OF_A_SESSION
        connection.run(f"DROP POLICY IF EXISTS {table}_of_sites ON {table}")
        connection.run(
            f"CREATE POLICY {table}_of_sites ON {table} USING ({seen}) WITH CHECK (TRUE)"
        )
        connection.run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        connection.run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def setting_for(sites: Iterable[str] | None) -> str:
    """Return what the setting is for those who may read of some sites; None for every site.

    No id of a site has a comma, nor is one the sign for all of them.
    """
    return ALL if sites is None else ",".join(sorted(sites))
