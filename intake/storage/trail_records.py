"""Comparing every record with what the last line about it says."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from intake.core.chain import GONE, record_digest
from intake.storage import trail
from intake.storage.trail import ERASED, GUARDED, digest_now, name_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.storage.contract import Connection

_WORDS = {
    "practitioners": "the account",
    "tablets": "the tablet",
    "packs": "the rule pack",
    "activations": "the activation",
    "patients": "the patient",
    "responses": "the form",
    "answers": "an answer of the form",
    "screenings": "the screening",
    "reviews": "the decision",
    "addenda": "the addendum",
    "confirmations": "the confirmation",
    "treatment_sessions": "the session",
    "reactions": "the reaction",
    "sites": "the site",
    "retention_periods": "the period of keeping",
    "holds": "the hold",
    "erasures": "the erasure",
    "second_factors": "the second factor",
    "passkeys": "the passkey",
    "emergencies": "the emergency",
    "recalls": "the recall",
    "dealings": "the word on a recall",
    "erased": "the note that a record was erased,",
}

_IS_LAST = (
    "NOT EXISTS (SELECT 1 FROM audit_records n WHERE n.record = a.record"
    " AND n.sequence > a.sequence)"
)
"""Of what is said in `a` about a record: no later line speaks of it."""


def record_faults(connection: Connection, key: bytes, after: int = 0) -> Iterator[str]:
    """Yield in words which records read otherwise than the last line about them says.

    With *after* only those that a line behind it speaks of.
    """
    yield from (words for _, words in _changed(connection, key, after))
    if not after:
        yield from (words for _, words in _without_a_line(connection, key, list(GUARDED)))


def wrong_now(connection: Connection, key: bytes) -> frozenset[str]:
    """Return the names of records that read otherwise than the trail says, if it says anything."""
    if not trail.is_laid(connection):
        return frozenset()
    noted = [table for table in GUARDED if _is_noted(connection, table)]
    found = chain(_changed(connection, key, 0), _without_a_line(connection, key, noted))
    return frozenset(name for name, _ in found)


def erased_records(connection: Connection) -> int:
    """Count the forms and patients that are gone by their last line: they cannot be compared."""
    found = connection.execute(
        f"SELECT count(*) FROM audit_records a WHERE digest = ? AND {_IS_LAST}"  # noqa: S608
        " AND (record BETWEEN 'responses/' AND 'responses0'"
        " OR record BETWEEN 'patients/' AND 'patients0')",
        [GONE],
    )
    return int(found.fetchone()[0])


def _is_noted(connection: Connection, table: str) -> bool:
    """Tell whether what is written to a table was noted before the change at hand."""
    one = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?)"
    return bool(connection.execute(one, [f"{table}_noted_insert"]).fetchone()[0])


def _changed(connection: Connection, key: bytes, after: int) -> Iterator[tuple[str, str]]:
    """Yield the name of each record that reads otherwise, and what is wrong with it."""
    answers = _AnswersOfAForm(connection, key)
    said = connection.execute(
        f"SELECT record, digest, sequence FROM audit_records a WHERE sequence > ? AND {_IS_LAST}"  # noqa: S608
        " ORDER BY record",
        [after],
    )
    for name, digest, line in said:
        table, _, id_ = name.partition("/")
        if table not in GUARDED:
            yield name, f"{_sentence(_line(connection, line))} speaks of what this version has not."
            continue
        is_answer = bool(GUARDED[table].part)
        now = (
            answers.digest_of(name, digest)
            if is_answer
            else digest_now(connection, key, table, id_)
        )
        if now != digest:
            yield name, _sentence(_otherwise(connection, name, digest, now, line))
        elif now == GONE and not _may_be_gone(connection, table, line):
            yield (
                name,
                _sentence(f"{_record(name)} is gone, and {_line(connection, line)} is no erasure."),
            )


class _AnswersOfAForm:
    """The answers of one form as they are now; those of the last one asked for."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection, self._key = connection, key
        self._form, self._digests = "", dict[str, str]()

    def digest_of(self, name: str, said: str) -> str:
        """Return the digest of an answer, of which the trail *said* one.

        A digest holds the name too, so that of an answer as it was the name is not reckoned.
        """
        form = name.split("/")[1]
        if form != self._form:
            self._form, self._digests = form, dict(self._read(form))
        return said if said in self._digests else self._by_name().get(name, GONE)

    def _read(self, form: str) -> Iterator[tuple[str, str]]:
        """Yield each digest with the question it is of."""
        for row in rows_of(self._connection, "answers", "WHERE response_id = ?", [form]):
            yield record_digest(self._key, "answers", row), row["link_id"]

    def _by_name(self) -> dict[str, str]:
        return {
            name_of(self._key, "answers", self._form, part): digest
            for digest, part in self._digests.items()
        }


def _otherwise(connection: Connection, name: str, said: str, now: str, line: int) -> str:
    where = _line(connection, line)
    if now == GONE:
        return f"{_record(name)} is gone, and no line says so; {where} still speaks of it."
    if said == GONE:
        return f"{_record(name)} is there, although {where} says that it was taken out."
    return f"{where} says that {_record(name)} read otherwise: it was changed outside the program."


def _line(connection: Connection, sequence: int) -> str:
    found = connection.execute("SELECT at FROM audit_events WHERE sequence = ?", [sequence])
    at = (found.fetchone() or ("",))[0]
    return f"line {sequence} of {at[:10]} {at[11:16]}" if at else f"line {sequence}"


def _record(name: str) -> str:
    table, id_, *_ = name.split("/")
    return f"{_WORDS.get(table, table)} {id_}"


def _may_be_gone(connection: Connection, table: str, line: int) -> bool:
    """Tell whether a record may be gone: a draft's answers may, most others by an erasure alone."""
    if GUARDED[table].may_go:
        return True
    found = connection.execute("SELECT action FROM audit_events WHERE sequence = ?", [line])
    return bool((found.fetchone() or ("",))[0] == ERASED)


def _without_a_line(
    connection: Connection, key: bytes, tables: list[str]
) -> Iterator[tuple[str, str]]:
    """Yield which records are in no line: put in by hand, or the lines about them were cut."""
    for table in tables:
        for name in _unspoken(connection, key, table):
            words = (
                f"No line speaks of {_record(name)}: it was put in outside the program,"
                " or the lines about it were cut."
            )
            yield name, words


def _unspoken(connection: Connection, key: bytes, table: str) -> Iterator[str]:
    """Yield the names of a table's rows of which no line speaks.

    A form's answers are looked at one by one only where their number is not the one told of.
    """
    how = GUARDED[table]
    if not how.part:
        yield from (
            name
            for (name,) in connection.execute(
                f"SELECT '{table}/' || {how.key} AS name FROM {table} WHERE NOT EXISTS"  # noqa: S608
                f" (SELECT 1 FROM audit_records WHERE record = '{table}/' || {table}.{how.key})"
            )
        )
        return
    numbers = (
        f"SELECT {how.key}, {how.part} FROM {table} WHERE {how.key} IN"  # noqa: S608
        f" (SELECT {how.key} FROM {table} GROUP BY {how.key} HAVING count(*) > ("
        f" SELECT count(*) FROM audit_records a WHERE digest <> '' AND {_IS_LAST} AND record"
        f" BETWEEN '{table}/' || {table}.{how.key} || '/' AND '{table}/' || {table}.{how.key}"
        " || '0'))"
    )
    for id_, part in connection.execute(numbers):
        name = name_of(key, table, id_, part)
        if trail.last_of(connection, name) is None:
            yield name


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
