"""Reading the audit trail against its seals, and the records against the trail.

Nothing is held in memory but the line at hand, however long the trail is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from intake.core.chain import Head, Line, line_mac, records_digest
from intake.storage import trail
from intake.storage.trail import COLUMNS
from intake.storage.trail_records import erased_records, record_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from intake.storage.contract import Connection
    from intake.storage.heads import KeptHead
    from intake.storage.store import Store

MOST_RECORDS = 20
"""How many records that read otherwise are named; of more it is only said that there are."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        head: Of the trail as it is.
        since: The first line that was looked at.
        sealed_later: How many lines were written before there was a chain.
        erased: How many forms and patients were erased, and can no longer be compared.
        faults: In words, the first bad line first; nothing where all is as it was written.
    """

    head: Head
    since: int
    sealed_later: int
    erased: int
    faults: tuple[str, ...]


def verdict_of(
    store: Store, *, kept: Sequence[KeptHead] = (), newest: int | None = None
) -> Verdict:
    """Check the trail as it stands at this moment, while others may go on writing.

    Args:
        store: Where it is.
        kept: Heads from elsewhere that the trail must still hold.
        newest: Look at so many of the newest lines, and at the records they speak of; None at all.

    Raises:
        StorageError: the file is damaged.
    """
    key = store.keys.trail
    with store.reading() as connection:
        head = trail.head(connection)
        after = max(0, head.count - newest) if newest is not None else 0
        faults = [
            *islice(line_faults(connection, key, after), 1),
            *head_faults(connection, kept),
            *_counter_faults(connection, head),
            *(f"{words[:1].upper()}{words[1:]}." for words in store.structure_faults()),
            *_first(record_faults(connection, key, after)),
        ]
        return Verdict(
            head, after + 1, _sealed_later(connection), erased_records(connection), tuple(faults)
        )


def _first(faults: Iterator[str]) -> Iterator[str]:
    yield from islice(faults, MOST_RECORDS)
    if next(faults, None) is not None:
        yield f"More records than these {MOST_RECORDS} read otherwise."


def _sealed_later(connection: Connection) -> int:
    found = connection.execute(
        "SELECT json_extract(detail, '$.lines') FROM audit_events"
        " WHERE action = ? AND actor = ? ORDER BY sequence LIMIT 1",
        [trail.RESTATED, trail.PROGRAM],
    ).fetchone()
    return int(found[0] or 0) if found else 0


def lines_of(connection: Connection, after: int) -> Iterator[Line]:
    """Yield every line behind line *after*."""
    sql = f"SELECT {COLUMNS} FROM audit_events WHERE sequence > ? ORDER BY sequence"  # noqa: S608
    return (Line(*row) for row in connection.execute(sql, [after]))


def line_faults(connection: Connection, key: bytes, after: int = 0) -> Iterator[str]:
    """Yield what is wrong with each line behind line *after*, in words."""
    before = next(lines_of(connection, after - 1), None) if after else None
    previous = before.mac if before else ""
    mentions = _Mentions(connection, after)
    number = after
    for line in lines_of(connection, after):
        if line.sequence != number + 1:
            yield _gap(number, line.sequence)
            previous = ""
        elif line.mac != line_mac(key, previous, line):
            yield _what_happened(connection, key, line, previous)
        elif records_digest(key, mentions.of(line.sequence)) != line.records:
            yield f"{words_of(line)}: what it says of records was changed outside the program."
        previous, number = line.mac, line.sequence
    if mentions.has_more():
        yield "Something is said of records that belongs to no line: it was put in by hand."


class _Mentions:
    """What lines say of records, read along with the lines; what no line asked for is left over."""

    def __init__(self, connection: Connection, after: int) -> None:
        found = connection.execute(
            "SELECT sequence, record, digest FROM audit_records WHERE sequence > ?"
            " ORDER BY sequence, record",
            [after],
        )
        self._groups = groupby(found, key=itemgetter(0))
        self._next = next(self._groups, None)
        self._is_left_over = False

    def of(self, sequence: int) -> Iterator[tuple[str, str]]:
        """Return what the line of this number says; lines are asked for in their order."""
        while self._next is not None and self._next[0] < sequence:
            self._is_left_over = True
            self._next = next(self._groups, None)
        if self._next is not None and self._next[0] == sequence:
            yield from ((record, digest) for _, record, digest in self._next[1])
            self._next = next(self._groups, None)

    def has_more(self) -> bool:
        """Tell whether something was said that no line asked for."""
        return self._is_left_over or self._next is not None


def words_of(line: Line) -> str:
    """Name a line by its number and its moment, which is in UTC."""
    return f"Line {line.sequence} of {line.at[:10]} {line.at[11:16]}"


def _gap(before: int, found: int) -> str:
    missing = (
        f"Line {before + 1} is" if found == before + 2 else f"Lines {before + 1} to {found - 1} are"
    )
    if found <= before:
        return f"Line {found} stands twice."
    behind = f"line {before}" if before else "the beginning"
    return f"{missing} missing: behind {behind} comes line {found}."


def _what_happened(connection: Connection, key: bytes, line: Line, previous: str) -> str:
    """Find the likeliest reason why a line does not fit behind the one before."""
    said = words_of(line)
    if not line.mac:
        return f"{said} was never sealed: it was put in outside the program."
    following = next(lines_of(connection, line.sequence), None)
    if following is not None:
        is_next = following.mac == line_mac(key, previous, following, sequence=line.sequence)
        is_behind = line.mac == line_mac(key, following.mac, line, sequence=line.sequence + 1)
        if is_next and not is_behind:
            return f"{said} was put in outside the program, and those behind it moved on."
        if following.mac == line_mac(key, line.mac, following, sequence=following.sequence + 1):
            return (
                f"{said} is one too early: a line before it was taken out, and the others moved up."
            )
    place = _place_of(connection, key, line)
    if place:
        return f"{said} is line {place} in another place: lines were put in another order."
    if not _any_fits(connection, key):
        return (
            "No line fits its seal: this is not the key the trail was sealed with, or all of it was"
            " made anew."
        )
    return f"{said} was edited."


def _place_of(connection: Connection, key: bytes, line: Line) -> int:
    """Return the number under which a line was sealed, or 0 when under none."""
    macs = connection.execute("SELECT sequence, mac FROM audit_events ORDER BY sequence")
    before = ""
    for sequence, mac in macs:
        if sequence != line.sequence:
            for previous in (before, mac):
                if line_mac(key, previous, line, sequence=sequence) == line.mac:
                    return int(sequence)
        before = mac
    return 0


def _any_fits(connection: Connection, key: bytes) -> bool:
    """Tell whether any line fits behind the one before, so that the key is the right one."""
    previous = ""
    for line in lines_of(connection, 0):
        if line.mac and line.mac == line_mac(key, previous, line):
            return True
        previous = line.mac
    return False


def head_faults(connection: Connection, kept: Iterable[KeptHead]) -> Iterator[str]:
    """Yield in words which heads that were kept elsewhere the trail does not hold any more."""
    for one in kept:
        line = next(lines_of(connection, one.head.count - 1), None) if one.head.count else None
        if one.head.count and (line is None or line.sequence != one.head.count):
            last = trail.head(connection).count
            yield (
                f"The trail ends with line {last}, but {one.where} was made when it had"
                f" {one.head.count}: its end was cut, or this is an older copy."
            )
        elif line is not None and not one.head.is_of(line):
            yield (
                f"{words_of(line)} is not the one that {one.where} was made with: the"
                " trail was made anew from some line on, or it is another clinic's."
            )


def _counter_faults(connection: Connection, head: Head) -> Iterator[str]:
    """Compare the last line with the number that SQLite gave out last."""
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit_events'")
    given = (found.fetchone() or (0,))[0]
    if given > head.count:
        cut = (
            f"line {given} was"
            if given == head.count + 1
            else f"lines {head.count + 1} to {given} were"
        )
        yield f"The trail ends with line {head.count}, but {cut} written: its end was cut."
    elif given < head.count:
        yield f"Line {head.count} was never counted: it was put in by hand."
