"""Sealing the audit trail: every line is tied to the one before and to the records it is about.

Triggers note which rows a transaction wrote, so that no line can forget one. As the transaction
ends, each line gets the digests of its rows as they stand then, and a mac over itself, these, and
the mac of the line before; all of it is kept together, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from intake.core.chain import GONE, Head, Line, hidden_name, line_mac, record_digest, records_digest
from intake.core.errors import StorageError
from intake.storage.encoding import instant, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from intake.storage.contract import Connection

PROGRAM = "program"
"""Who acts where nobody did: the program brought something up to date."""
KEPT, RESTATED, ERASED = "records kept", "trail sealed", "record erased"
"""A write that no other line speaks of; all records stated anew; a record is gone for good."""
MOVED_AWAY = "clinic moved away"
"""The last line of a clinic that is kept in another place from then on."""

COLUMNS = "sequence, at, actor, action, subject, detail, records, mac"


@dataclass(frozen=True, slots=True)
class Guarded:
    """How the rows of a table are told in the trail.

    Attributes:
        key: The column that names a row.
        part: A second one where it takes two; its value is the patient's own, and hidden.
        may_go: Whether a row may be taken away by another act than an erasure.
    """

    key: str = "id"
    part: str = ""
    may_go: bool = False


GUARDED = {
    "practitioners": Guarded(),
    "tablets": Guarded(),
    "packs": Guarded("hash"),
    "activations": Guarded(),
    "patients": Guarded(),
    "responses": Guarded(),
    "answers": Guarded("response_id", "link_id", may_go=True),
    "screenings": Guarded(),
    "reviews": Guarded(),
    "addenda": Guarded(),
    "confirmations": Guarded(),
    "treatment_sessions": Guarded(),
    "reactions": Guarded(),
    "sites": Guarded(),
    "retention_periods": Guarded("sequence"),
    "holds": Guarded(),
    "erasures": Guarded(),
    "erased": Guarded("record_id"),
    "second_factors": Guarded("practitioner_id", may_go=True),
    "passkeys": Guarded(may_go=True),
    "emergencies": Guarded(),
    "api_clients": Guarded(),
    "subscriptions": Guarded(),
    "card_answers": Guarded(),
    "recalls": Guarded(),
    "dealings": Guarded(),
}
"""The tables whose rows the trail speaks of."""

LAST = 2**62
"""More lines than there will be: what is noted for it goes with the last of the transaction."""

UNGUARDED = {
    "audit_events": "the trail itself",
    "audit_records": "the trail itself",
    "audit_touched": "empty between two transactions",
    "sessions": "who is signed in now; signing in and out are lines",
    "tries": "counts that end by themselves; a refusal is a line",
    "known_devices": "which browsers have tries of their own; signing in is a line",
    "sign_ins_begun": "who stands between the two steps of signing in",
    "codes_used": "which codes work no more; signing in is a line",
    "recovery_codes": "which codes are left; making and using them are lines",
    "challenges": "what a passkey was asked a minute ago",
    "emergencies_seen": "who was told; the emergency itself is guarded",
    "signed_requests": "which signed requests were answered, so that none is answered twice",
    "cards": "which findings were shown elsewhere; that a case was read is a line",
    "subscriptions_reached": "up to which line of the trail events were made ready",
    "deliveries": "what is sent when; beginning and ending a subscription are lines",
    "delivery_tries": "how often sending was tried",
    "devices": "where a device stands now; checks and cleanings are lines",
    "visits": "where a tablet stands now; opening, locking and ending are lines",
    "claims": "who reads a case now; taking and giving back are lines",
    "passes": "how far rules have come that are looked at; what comes of it is a line",
    "differences": "worked out from records, and made anew with every pass",
    "places": "worked out from records, and made anew after every update",
    "patient_words": "worked out from records, and made anew after every update",
    "_sqlite_migrations": "which changes of the tables were made",
    "sqlite_sequence": "the counters of SQLite; the trail's own is compared with its last line",
}
"""The other tables, and why their rows are not spoken of."""


def triggers_of(table: str) -> Iterator[str]:
    """Yield the statements that make a table note which of its rows were written."""
    how = GUARDED[table]
    for verb, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        notes = " ".join(
            f"INSERT INTO audit_touched VALUES ('{table}', {row}.{how.key},"  # noqa: S608
            f" {f'{row}.{how.part}' if how.part else repr('')},"
            " (SELECT coalesce(max(sequence), 0) + 1 FROM audit_events));"
            for row in rows
        )
        yield (
            f"CREATE TRIGGER {table}_noted_{verb.lower()} AFTER {verb} ON {table} BEGIN {notes} END"
        )


def begin(connection: Connection) -> Head:
    """Prepare a transaction; returns the head behind which its lines come.

    Raises:
        StorageError: the clinic was moved to another place, so nothing is written here any more,
            whoever still has it open.
    """
    if fault := moved_fault(connection):
        raise StorageError(fault)
    return begin_despite(connection)


def begin_despite(connection: Connection) -> Head:
    """Prepare a transaction, wherever the clinic is kept by now.

    What another program left noted is let go of: its rows are nobody's act.
    """
    connection.execute("DELETE FROM audit_touched")
    return head(connection)


def begin_laying(connection: Connection) -> Head:
    """Prepare a transaction that may make the chain itself; then every line comes behind none."""
    return begin_despite(connection) if is_laid(connection) else Head(0, "")


def moved_fault(connection: Connection) -> str:
    """Say in words that the clinic was moved to another place; nothing where it was not."""
    newest = "SELECT action, at FROM audit_events ORDER BY sequence DESC LIMIT 1"
    found = connection.execute(newest).fetchone()
    if found is None or found[0] != MOVED_AWAY:
        return ""
    at = f"{found[1][:10]} {found[1][11:16]}"
    return f"This clinic was moved to another place at {at} UTC, and is kept there."


def is_laid(connection: Connection) -> bool:
    """Tell whether this database has a chain; one of an earlier version has none."""
    found = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'audit_touched')"
    return bool(connection.execute(found).fetchone()[0])


def head_of_copy(connection: Connection) -> Head:
    """Return the head of a database of any version; without a chain it only counts."""
    if is_laid(connection):
        return head(connection)
    newest = "SELECT coalesce(max(sequence), 0) FROM audit_events"
    return Head(connection.execute(newest).fetchone()[0], "")


def head(connection: Connection) -> Head:
    """Return how many lines there are, and what the last one is sealed with."""
    newest = "SELECT sequence, mac FROM audit_events ORDER BY sequence DESC LIMIT 1"
    found = connection.execute(newest).fetchone()
    return Head(*found) if found else Head(0, "")


def holds(connection: Connection, head: Head) -> bool:
    """Tell whether a trail that had this head still goes on from it."""
    line = "SELECT mac FROM audit_events WHERE sequence = ?"
    found = connection.execute(line, [head.count]).fetchone()
    return found is not None and found[0] == head.mac if head.count else True


def origin(connection: Connection) -> str:
    """Return what the first line is sealed with, by which one clinic is told from another."""
    first = "SELECT mac FROM audit_events ORDER BY sequence LIMIT 1"
    found = connection.execute(first).fetchone() if is_laid(connection) else None
    return str(found[0])[:32] if found else ""


_TOUCHED = "SELECT kind, id, part, max(line) FROM audit_touched GROUP BY kind, id, part"


def seal(connection: Connection, key: bytes, before: Head) -> None:
    """Seal the lines of a transaction that came behind *before*, with the rows it wrote."""
    newest = head(connection).count
    touched = connection.execute(_TOUCHED)
    if first := touched.fetchone():
        if newest == before.count:
            newest = _add_line(connection, KEPT, "records")
        _keep_mentions(connection, key, before.count, newest, chain((first,), touched))
    if newest > before.count:
        _seal_lines(connection, key, before)


def _add_line(connection: Connection, action: str, subject: str, **detail: object) -> int:
    """Add a line of the program's own; returns its number."""
    at = instant(datetime.now(UTC))
    added = connection.execute(
        "INSERT INTO audit_events (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)"
        " RETURNING sequence",
        [at, PROGRAM, action, subject, to_json(detail)],
    )
    return int(added.fetchone()[0])


def _keep_mentions(
    connection: Connection, key: bytes, before: int, newest: int, touched: Iterable[Any]
) -> None:
    """Keep the digest of every row that was written, with the line it belongs to."""
    erasing = cache(partial(_erasures, connection, before))
    mentions = (
        (_line_for(digest, min(line, newest), erasing), name_of(key, table, id_, part), digest)
        for table, id_, part, line in touched
        for digest in [digest_now(connection, key, table, id_, part)]
    )
    connection.executemany(
        "INSERT INTO audit_records (sequence, record, digest) VALUES (?, ?, ?)", mentions
    )
    connection.execute("DELETE FROM audit_touched")


def _line_for(digest: str, line: int, erasing: Callable[[], list[int]]) -> int:
    """Return the line that a row belongs to: the one that came next after the row was written.

    What is gone goes with the line of its erasure, if the transaction has one.
    """
    if digest != GONE or not (lines := erasing()):
        return line
    return next((number for number in lines if number >= line), lines[-1])


def _erasures(connection: Connection, before: int) -> list[int]:
    """Return the lines of this transaction that tell of an erasure."""
    sql = "SELECT sequence FROM audit_events WHERE sequence > ? AND action = ? ORDER BY sequence"
    return [number for (number,) in connection.execute(sql, [before, ERASED])]


def name_of(key: bytes, table: str, id_: object, part: str = "") -> str:
    """Return the name by which the trail speaks of a row."""
    return (
        f"{table}/{id_}/{hidden_name(key, table, [str(id_), part])}" if part else f"{table}/{id_}"
    )


def digest_now(connection: Connection, key: bytes, table: str, id_: object, part: str = "") -> str:
    """Return the digest of a row as it stands now; `GONE` when it is not there."""
    how = GUARDED[table]
    second = f" AND {how.part} = :part" if how.part else ""
    rows = rows_of(connection, table, f"WHERE {how.key} = :id{second}", {"id": id_, "part": part})
    row = next(rows, None)
    return record_digest(key, table, row) if row else GONE


def rows_of(
    connection: Connection,
    table: str,
    clause: str = "",
    parameters: Any = (),  # noqa: ANN401
) -> Iterator[dict[str, Any]]:
    """Yield rows of a guarded table by the names of their columns."""
    found = connection.execute(f"SELECT * FROM {table} {clause}", parameters)  # noqa: S608
    names = [column[0] for column in found.description]
    for row in found:
        yield dict(zip(names, row, strict=True))


def mentions_of(connection: Connection, sequence: int) -> Iterable[tuple[str, str]]:
    """Return what one line says of records, in the order of their names."""
    return connection.execute(
        "SELECT record, digest FROM audit_records WHERE sequence = ? ORDER BY record", [sequence]
    )


_FEW = 100
"""How many lines are sealed at a time."""


def _seal_lines(connection: Connection, key: bytes, before: Head) -> None:
    """Seal every line behind *before*, one after the other."""
    previous, number, are_more = before.mac, before.count, True
    while are_more:
        lines = _next_lines(connection, number)
        for line in lines:
            records = records_digest(key, mentions_of(connection, line.sequence))
            previous = line_mac(key, previous, replace(line, records=records))
            connection.execute(
                "UPDATE audit_events SET records = ?, mac = ? WHERE sequence = ?",
                [records, previous, line.sequence],
            )
            number = line.sequence
        are_more = len(lines) == _FEW


def _next_lines(connection: Connection, after: int) -> list[Line]:
    """Return a few lines, so that none is read while it is being changed."""
    few = f"SELECT {COLUMNS} FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT {_FEW}"  # noqa: S608
    return [Line(*row) for row in connection.execute(few, [after])]


def state_anew(connection: Connection, key: bytes, wrong: frozenset[str]) -> None:
    """State every row that reads otherwise since the tables were changed, in a line of its own.

    Args:
        connection: In a transaction that is sealed as it ends.
        key: That of the trail.
        wrong: The rows that read otherwise before the change; they are not made good by it.
    """
    lines = head(connection).count if _is_unsealed(connection) else 0
    rows = sum(_note_others(connection, key, table, wrong) for table in GUARDED)
    if lines or rows:
        _add_line(connection, RESTATED, "audit trail", lines=lines, records=rows)


def _is_unsealed(connection: Connection) -> bool:
    """Tell whether no line was ever sealed here: the trail is older than its chain."""
    sealed = "SELECT NOT EXISTS (SELECT 1 FROM audit_events WHERE mac <> '')"
    return bool(connection.execute(sealed).fetchone()[0])


def _note_others(connection: Connection, key: bytes, table: str, wrong: frozenset[str]) -> int:
    """Note the rows of a table of which the trail says something else, or nothing."""
    how, noted = GUARDED[table], 0
    for row in rows_of(connection, table):
        id_, part = row[how.key], row[how.part] if how.part else ""
        name = name_of(key, table, id_, part)
        if name not in wrong and last_of(connection, name) != record_digest(key, table, row):
            note = "INSERT INTO audit_touched VALUES (?, ?, ?, ?)"
            connection.execute(note, [table, id_, part, LAST])
            noted += 1
    return noted


def last_of(connection: Connection, name: str) -> str | None:
    """Return the digest that the last line about a row has of it; None when there is no line."""
    found = connection.execute(
        "SELECT digest FROM audit_records WHERE record = ? ORDER BY sequence DESC LIMIT 1", [name]
    ).fetchone()
    return found[0] if found else None
