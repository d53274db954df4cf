"""A folder of NDJSON files that are written a few lines at a time, and gone on with after a kill.

A file whose name ends with `.gz` is compressed: a member of gzip (RFC 1952) for the lines of each
time, which whoever unpacks it reads as one.

A file has its name only once all are finished; until then `.part` stands behind it. Beside them
lies a checkpoint: how long each file is as far as it counts. It takes the place of the one before
in one step, once what it counts is on the disk. What is behind it was cut off in the middle, and is
cut away when somebody goes on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from intake.core.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint.json"
PACKED = ".gz"
_PACKED_HARD = 6
"""How hard to compress, of 9: a fifteenth is left, for a tenth more time; more gives nothing."""
_NEW = ".new"
_ONLY_OWNER, _ONLY_OWNERS_FOLDER = 0o600, 0o700
_READ_AT_ONCE = 1 << 20
_ANEW = "Remove that folder, or name another with --out, and run the command again."


@dataclass(frozen=True, slots=True)
class Finished:
    """One file as it was handed over.

    Attributes:
        lines: How many, each of which ends with a line feed.
        size: In bytes, as it lies there.
        sha256: Of these bytes.
    """

    name: str
    lines: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The folder of an export, or of what else is written line by line.

    Attributes:
        what: What that is, in a word for whoever runs it.
    """

    folder: Path
    what: str = "export"

    def begun(self) -> dict[str, Any] | None:
        """Return the checkpoint of an export that was cut off; None when none was begun here.

        Raises:
            StateError: what lies there is finished, or was put there by somebody else.
        """
        with self._told():
            names = {one.name for one in self.folder.iterdir()} if self.folder.exists() else set()
        if CHECKPOINT in names:
            return self._checkpoint()
        if MANIFEST in names:
            msg = f"'{self.folder}' holds a finished {self.what}. {_ANEW}"
            raise StateError(msg)
        if names - {CHECKPOINT + _NEW}:
            msg = f"'{self.folder}' is not empty, and no {self.what} was begun in it. {_ANEW}"
            raise StateError(msg)
        return None

    def make(self) -> None:
        """Make the folder, for its owner alone."""
        with self._told():
            self.folder.mkdir(parents=True, exist_ok=True, mode=_ONLY_OWNERS_FOLDER)
            self.folder.chmod(_ONLY_OWNERS_FOLDER)

    def _checkpoint(self) -> dict[str, Any]:
        try:
            with self._told():
                found = json.loads((self.folder / CHECKPOINT).read_text(encoding="utf-8"))
            return dict(found)
        except (ValueError, TypeError) as error:
            raise self.unreadable() from error

    def unreadable(self) -> StateError:
        """Return what is said of a checkpoint that nobody can go on from."""
        return StateError(f"The checkpoint in '{self.folder}' cannot be read. {_ANEW}")

    def cut(self, sizes: Mapping[str, int]) -> None:
        """Cut away what does not count yet.

        Args:
            sizes: How long each file is as far as it counts, by its name.

        Raises:
            StateError: a file is shorter: somebody else changed it.
        """
        with self._told():
            for name in self._parts() - sizes.keys():
                self._part(name).unlink()
            for name, size in sizes.items():
                file = self._file(name)
                if not file.is_file() or file.stat().st_size < size:
                    raise StateError(self._changed(name))
                if file.stat().st_size > size:
                    os.truncate(file, size)

    def _parts(self) -> set[str]:
        return {file.name.removesuffix(".part") for file in self.folder.glob("*.part")}

    def append(self, name: str, content: bytes, size: int) -> int:
        """Add whole lines to a file, and see them on the disk; returns how long it is then.

        Args:
            name: Of the file.
            content: The lines, each with its line feed.
            size: How long it has to be before; 0 for a new one.

        Raises:
            StateError: it is not: somebody else writes here as well.
        """
        part = self._part(name)
        if _is_packed(name):
            content = gzip.compress(content, _PACKED_HARD, mtime=0)
        with self._told():
            if not size and not (self.folder / MANIFEST).exists():
                part.touch(mode=_ONLY_OWNER)
            if not part.is_file() or part.stat().st_size != size:
                raise StateError(self._changed(name))
            with part.open("ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        return size + len(content)

    def keep(self, checkpoint: Mapping[str, object]) -> None:
        """Put a checkpoint in the place of the one before."""
        self._put(CHECKPOINT, checkpoint)

    def finish(self, name: str) -> Finished:
        """Give a file its name; returns what is in it."""
        with self._told():
            finished = self._read_through(name)
            if (part := self._part(name)).exists():
                part.replace(self.folder / name)
        return finished

    def close(self, manifest: Mapping[str, object]) -> None:
        """Say what the folder holds: with that it is finished."""
        self._put(MANIFEST, manifest)
        with self._told():
            (self.folder / CHECKPOINT).unlink(missing_ok=True)

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file; none where it was not begun."""
        if self._file(name).exists():
            with self._told(), self._opened(name) as file:
                yield from file

    def _read_through(self, name: str) -> Finished:
        digest, lines, size = hashlib.sha256(), 0, 0
        with self._file(name).open("rb") as file:
            while read := file.read(_READ_AT_ONCE):
                digest.update(read)
                lines += read.count(b"\n")
                size += len(read)
        if _is_packed(name):
            with self._opened(name) as file:
                parts = iter(partial(file.read, _READ_AT_ONCE), b"")
                lines = sum(part.count(b"\n") for part in parts)
        return Finished(name, lines, size, digest.hexdigest())

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for the bytes of its lines."""
        file = self._file(name)
        try:
            with gzip.open(file) if _is_packed(name) else file.open("rb") as opened:
                yield cast("BinaryIO", opened)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise StateError(self._changed(name)) from error

    def _put(self, name: str, content: Mapping[str, object]) -> None:
        """Write a file whole, or leave the one before."""
        new = self.folder / (name + _NEW)
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        with self._told():
            new.unlink(missing_ok=True)
            new.touch(mode=_ONLY_OWNER)
            with new.open("wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.folder / name)
            _sync(self.folder)

    def _part(self, name: str) -> Path:
        return self.folder / f"{name}.part"

    def _file(self, name: str) -> Path:
        """Return where the lines of a file are, which may have its name already."""
        part = self._part(name)
        return part if part.exists() else self.folder / name

    def _changed(self, name: str) -> str:
        return (
            f"'{self._file(name)}' is not as this {self.what} left it: another run writes into the"
            f" same folder, or somebody changed it. Let the other run end; or: {_ANEW}"
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what to do when the disk refuses; what was written before counts."""
        try:
            yield
        except OSError as error:
            msg = (
                f"'{self.folder}' cannot be written or read ({error.strerror}). What was written"
                " counts: see to the disk, and run the same command again to go on."
            )
            raise StateError(msg) from error


def _is_packed(name: str) -> bool:
    return name.endswith(PACKED)


def _sync(folder: Path) -> None:
    """See the names in a folder on the disk; Windows knows no such folders."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
