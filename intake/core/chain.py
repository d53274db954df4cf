"""The keyed chain of the audit trail: what a line seals, and what a head says of all of them.

`docs/trail.md` describes the same for whoever checks it with a program of their own.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.errors import TrailError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHORTEST_MAC = 16
"""Characters of a mac that tell one head from another (64 bits, which nobody meets by trying)."""

GONE = ""
"""What a line says of a record that was not there any more after the act."""

_NO_MAC = 64 * "0"
_HEAD = re.compile(rf"(\d{{1,15}}):([0-9a-f]{{{SHORTEST_MAC},64}})")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trail, column by column as it is stored.

    Attributes:
        records: The digest of what the line says of records; empty when it speaks of none.
        mac: What it was sealed with; empty when it was not.
    """

    sequence: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    records: str
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """How many lines there are, and what the last one is sealed with."""

    count: int
    mac: str

    def __str__(self) -> str:
        return f"{self.count}:{self.mac or _NO_MAC}"

    @property
    def short(self) -> str:
        """The head as it is printed."""
        return f"{self.count}:{(self.mac or _NO_MAC)[:SHORTEST_MAC]}"

    @property
    def in_names(self) -> str:
        """The head as it stands in names of files, in which a colon may not."""
        return self.short.replace(":", "-")

    def is_of(self, line: Line) -> bool:
        """Tell whether this head was taken when *line* was the last; one without a seal counts."""
        is_sealed = bool(self.mac.strip("0"))
        fits = bool(line.mac) and line.mac.startswith(self.mac) if is_sealed else True
        return self.count == line.sequence and fits


def head_of(text: str) -> Head:
    """Read a head as it is printed.

    Raises:
        TrailError: it is not written as a count, a colon and at least 16 characters of a mac.
    """
    found = _HEAD.fullmatch(text.strip().lower())
    if found is None:
        msg = f"'{text}' is not a head; write it as it is printed, such as 812:3f9a6c01d2e4b577."
        raise TrailError(msg)
    return Head(int(found[1]), found[2])


def line_mac(key: bytes, previous: str, line: Line, *, sequence: int | None = None) -> str:
    """Return what seals *line* behind one that was sealed with *previous*.

    With *sequence* the line is taken for the one of that number.
    """
    number = line.sequence if sequence is None else sequence
    columns = [line.at, line.actor, line.action, line.subject, line.detail, line.records]
    return _keyed(key, _text(["line", previous, number, *columns]))


def record_digest(key: bytes, table: str, row: Mapping[str, object]) -> str:
    """Return what tells a stored row from every other; *row* by the names of its columns."""
    return _keyed(key, _text(["record", table, dict(sorted(row.items()))]))


def hidden_name(key: bytes, table: str, names: Iterable[str]) -> str:
    """Return a name that tells nothing to those without the key: a question is a patient's own."""
    return _keyed(key, _text(["name", table, *names]))[:32]


def records_digest(key: bytes, mentions: Iterable[tuple[str, str]]) -> str:
    """Return the digest of what one line says of records, in the order of their names."""
    made, is_empty = hmac.new(key, digestmod="sha256"), True
    for mention in mentions:
        made.update(f"{_text(['mention', *mention])}\n".encode())
        is_empty = False
    return "" if is_empty else made.hexdigest()


def _keyed(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def _bytes(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    msg = f"a {type(value).__name__} is no column of a row"
    raise TypeError(msg)


_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_bytes).encode
