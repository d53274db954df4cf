"""What a disk may hold after the power went, made from the record of `layer.py`.

Only what was synced is sure to be there. Of the rest any part may be: whole writes or single
sectors, in any order, and each file's name or not. A name is put on the disk by the folder's sync.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.layer import CUT, HEAD, OPENED, REMOVED, SYNCED, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file.

    Attributes:
        end: Where the record ends behind it.
    """

    kind: int
    name: str
    at: int
    content: bytes
    end: int


def changes_in(record: bytes) -> Iterator[Change]:
    """Read a record; an entry that a kill cut off is left out."""
    place = 0
    while place + HEAD.size <= len(record):
        kind, name_size, at, size = HEAD.unpack_from(record, place)
        name_end = place + HEAD.size + name_size
        if name_end + size > len(record):
            return
        name = record[place + HEAD.size : name_end].decode()
        place = name_end + size
        yield Change(kind, name, at, record[name_end:place], place)


@dataclass
class _File:
    """A file apart from its name: what is surely on the disk, and what may be."""

    sure: bytearray = field(default_factory=bytearray)
    waiting: list[Change] = field(default_factory=list)
    names_with_sync: bool = False

    def sync(self) -> None:
        for change in self.waiting:
            _apply(self.sure, change)
        self.waiting.clear()

    def torn(self, rng: Random) -> bytes:
        """Return what may be there: each change with a chance, of writes each sector alone."""
        content, chance = bytearray(self.sure), rng.choice([0.0, 0.2, 0.5, 0.8, 1.0])
        for change in self.waiting:
            for part in _sectors(change):
                if rng.random() < chance:
                    _apply(content, part)
        return bytes(content)


def _sectors(change: Change) -> Iterator[Change]:
    if change.kind == CUT:
        yield change
        return
    start, end = change.at, change.at + len(change.content)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        part = change.content[start - change.at : stop - change.at]
        yield Change(WRITTEN, change.name, start, part, change.end)
        start = stop


def _apply(content: bytearray, change: Change) -> None:
    if change.kind == CUT:
        del content[change.at :]
        return
    if len(content) < change.at:
        content.extend(bytes(change.at - len(content)))
    content[change.at : change.at + len(change.content)] = change.content


class Disk:
    """A disk as the changes up to a moment left it."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self._now = {name: _File(bytearray(content)) for name, content in before.items()}
        self._sure = dict(self._now)
        self._waiting: list[dict[str, _File]] = []
        """The names of the folder after each change to it that may be on the disk."""

    def take(self, change: Change) -> None:
        """Let one change happen."""
        if change.kind == OPENED:
            self._now[change.name] = _File(names_with_sync=bool(change.at))
            self._waiting.append(dict(self._now))
        elif change.kind == REMOVED:
            self._now.pop(change.name, None)
            self._waiting.append(dict(self._now))
            if change.at:
                self._sync_folder()
        elif change.name in self._now:
            self._take_content(self._now[change.name], change)

    def _take_content(self, file: _File, change: Change) -> None:
        if change.kind != SYNCED:
            file.waiting.append(change)
            return
        file.sync()
        if file.names_with_sync:
            self._sync_folder()
            file.names_with_sync = False

    def _sync_folder(self) -> None:
        self._sure = dict(self._now)
        self._waiting.clear()

    def strict(self) -> dict[str, bytes]:
        """Return what is there for sure, and nothing else."""
        return {name: bytes(file.sure) for name, file in self._sure.items()}

    def torn(self, rng: Random) -> dict[str, bytes]:
        """Return what may be there: names up to some change, of contents any part."""
        names = rng.choice([self._sure, *self._waiting])
        return {name: file.torn(rng) for name, file in names.items()}


def disk_after(before: dict[str, bytes], record: bytes, cut: int) -> Disk:
    """Return the disk when the power went as the record had so many bytes."""
    disk = Disk(before)
    for change in changes_in(record):
        if change.end > cut:
            break
        disk.take(change)
    return disk


def put_down(files: dict[str, bytes], folder: Path) -> None:
    """Write the files of a disk into a folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
