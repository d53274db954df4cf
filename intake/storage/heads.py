"""Heads of the audit trail in a file of their own, outside the data folder; only added to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.chain import Head, head_of
from intake.core.errors import StorageError, TrailError
from intake.storage.copies import sync
from intake.storage.encoding import instant, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

RESTORED = "restored"
"""The occasion of a head behind which the trail went on anew from an older copy."""

UNSEALED = "restored without seals"
"""The occasion of a head of a copy that had no seals: heads of before speak against it for good."""

_LINE = re.compile(r"(\S+) (\S+) ([a-z ]+)")


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head that was kept where whoever writes the database cannot rewrite it.

    Attributes:
        at: When it was kept; None where that is not known.
        where: What it was kept with, as in "the backup clinic-20261122T101500Z-812-3f9a….db".
        is_restored: From here the trail went on anew; longer ones from before are of another time.
        is_chosen: Somebody put this copy in place and answers for it, whatever was there before.
    """

    head: Head
    where: str
    at: datetime | None = None
    is_restored: bool = False
    is_chosen: bool = False

    @property
    def is_sealed(self) -> bool:
        """Tell whether the trail had seals then."""
        return bool(self.head.mac.strip("0"))


def keep_head(file: Path, head: Head, *, at: datetime, occasion: str) -> None:
    """Add a head to the file of heads, which is made when it is missing, and see it on the disk.

    A restored copy would not be served after a power cut that lost its line.

    Raises:
        StorageError: it cannot be written.
    """
    line = f"{instant(at)} {head} {occasion}\n".encode("ascii")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not file.exists()
        if is_new:
            file.touch(mode=0o600)
        with file.open("ab+") as heads:
            heads.seek(-min(1, heads.tell()), os.SEEK_CUR)
            is_whole = heads.read(1) in (b"", b"\n")  # or a power cut left half a line
            heads.write(line if is_whole else b"\n" + line)
            heads.flush()
            os.fsync(heads.fileno())
        if is_new:
            sync(file.parent)
    except OSError as error:
        msg = f"The trail's head could not be kept in {file} ({error}). Nothing else was changed."
        raise StorageError(msg) from error


@dataclass(frozen=True, slots=True)
class HeadsKept:
    """What is known of heads elsewhere.

    Attributes:
        heads: Those that can be compared.
        faults: What could not be read, in words: somebody wrote there who should not.
    """

    heads: tuple[KeptHead, ...]
    faults: tuple[str, ...] = ()


def kept_heads(file: Path) -> HeadsKept:
    """Return the heads in a file of heads; none when there is no such file."""
    try:
        lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError):
        return HeadsKept((), (f"The heads in {file.name} cannot be read.",))
    read = {number: _kept(file, number, line) for number, line in enumerate(lines, 1)}
    return HeadsKept(
        tuple(one for one in read.values() if one is not None),
        tuple(
            f"Line {number} of {file.name} is not a head that the program kept."
            for number, one in read.items()
            if one is None
        ),
    )


def _kept(file: Path, number: int, line: str) -> KeptHead | None:
    found = _LINE.fullmatch(line)
    try:
        if found:
            where, occasion = f"line {number} of {file.name}", found[3]
            at = moment(found[1])
            return KeptHead(
                head_of(found[2]),
                f"{where} ({occasion})",
                at,
                is_restored=occasion == RESTORED,
                is_chosen=occasion in (RESTORED, UNSEALED),
            )
    except (ValueError, TrailError):
        pass
    return None


def that_still_count(noted: Iterable[KeptHead], named: Iterable[KeptHead]) -> list[KeptHead]:
    """Leave out heads that were longer than a copy which was put back after them.

    Args:
        noted: From a file of heads, in its order, which no clock can change.
        named: From names of backups, which have nothing but their instants.
    """
    counting, restored = list[KeptHead](), list[KeptHead]()
    for one in noted:
        if one.is_restored:
            counting = [early for early in counting if early.head.count <= one.head.count]
            restored.append(one)
        counting.append(one)
    return [*counting, *(one for one in named if not any(_is_before(one, c) for c in restored))]


def since_chosen(noted: Sequence[KeptHead]) -> Sequence[KeptHead]:
    """Return the heads since somebody last chose which copy is the clinic, that one first.

    Args:
        noted: From a file of heads, in its order.
    """
    chosen = [number for number, one in enumerate(noted) if one.is_chosen]
    return noted[chosen[-1] :] if chosen else noted


def _is_before(one: KeptHead, copy: KeptHead) -> bool:
    if one.at is None or copy.at is None:
        return False
    return one.at <= copy.at and one.head.count > copy.head.count
