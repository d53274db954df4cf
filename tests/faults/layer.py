"""A file layer between SQLite and the disk, which notes what is written and fails when told to.

`python -m tests.faults.layer serve` is `intake serve` over it. It takes the place of four methods
of SQLite's own file layer, inside the process: nothing is compiled and nobody traces. Settings
come from the environment:

    INTAKE_FAULT_RECORD   a file that gets every change of the database's files (see `disk.py`)
    INTAKE_FAULT_SWITCH   a file with the name of the fault that shall happen now, and how likely
                          each time, or nothing
    INTAKE_FAULT_PRAGMAS  set on every connection behind the program's own, with semicolons between
    INTAKE_FAULT_KILL_AT  at which change of a file the process kills itself
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

from intake.cli import main as command_line
from intake.storage import connections
from intake.storage import database as database_module
from intake.storage.driver import IS_SQLCIPHER, sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable

OPENED, WRITTEN, CUT, SYNCED, REMOVED = range(5)
"""Kinds of changes in the record."""
HEAD = struct.Struct("<BHqI")
"""Of each: its kind, the lengths of the file's name and of the content, and the place between."""

OK, FULL = 0, 13
READ_FAILED, WRITE_FAILED, SYNC_FAILED = 266, 778, 1034
CREATE, OF_A_LOG = 0x4, 0x800 | 0x4000 | 0x80000
"""Flags of opening: make it where there is none; a journal or a log, whose folder is put on the
disk with its first content (`unixSync` in SQLite's os_unix.c)."""

NOBODYS_RIGHTS = (1, 2)
"""What lets root read and write whatever it likes: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH."""
_DROP = 24  # PR_CAPBSET_DROP

FAULTS = {
    "full": ("write", FULL),
    "write": ("write", WRITE_FAILED),
    "sync": ("sync", SYNC_FAILED),
    "read": ("read", READ_FAILED),
}
"""What can be switched on: the method that fails, and what it tells SQLite."""

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Move = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Methods(ctypes.Structure):
    """The beginning of `sqlite3_io_methods`; what follows is copied as it is."""

    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    ]


class _File(ctypes.Structure):
    """The beginning of `sqlite3_file`."""

    _fields_ = [("methods", POINTER(_Methods))]


class _Vfs(ctypes.Structure):
    """The beginning of `sqlite3_vfs`."""

    _fields_ = [
        ("version", c_int),
        ("size", c_int),
        ("longest", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("own", c_void_p),
        ("open", c_void_p),
        ("delete", c_void_p),
    ]


class Layer:
    """Takes the place of SQLite's file layer in this process, for good."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._record = _opened(environment.get("INTAKE_FAULT_RECORD"), os.O_WRONLY | os.O_APPEND)
        self._switch = _opened(environment.get("INTAKE_FAULT_SWITCH"), os.O_RDONLY)
        self._left = int(environment.get("INTAKE_FAULT_KILL_AT") or 0)
        self._chances = Random(4)  # noqa: S311 - the same ones each time
        self._names: dict[int, str] = {}
        self._tables: dict[int, _Methods] = {}
        self._kept: list[object] = []
        self._one_at_a_time = Lock()

    def put_in_place(self) -> None:
        """Let every file that SQLite opens from now on go through this layer."""
        extension = "sqlcipher3._sqlite3" if IS_SQLCIPHER else "_sqlite3"
        library = ctypes.CDLL(sys.modules[extension].__file__)
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        vfs = library.sqlite3_vfs_find(None).contents
        vfs.open = self._instead(_Open, vfs.open, self._open)
        vfs.delete = self._instead(_Delete, vfs.delete, self._delete)

    def _instead(self, kind: Any, pointer: int, act: Callable[..., int]) -> int:
        """Return a pointer to *act*, which is given the method that it stands for."""
        real = kind(pointer)
        made = kind(lambda *given: act(real, *given))
        self._kept += [real, made]
        return ctypes.cast(made, c_void_p).value or 0

    def _open(self, real: Any, vfs: int, name: int, file: int, flags: int, out: int) -> int:
        text = (ctypes.cast(name, c_char_p).value or b"").decode() if name else ""
        with self._one_at_a_time:
            is_new = bool(text) and bool(flags & CREATE) and not Path(text).exists()
            result = int(real(vfs, name, file, flags, out))
        if result == OK and text:
            self._names[file] = Path(text).name
            if is_new:
                self._note(OPENED, file, flags & OF_A_LOG)
            opened = ctypes.cast(file, POINTER(_File)).contents
            opened.methods = ctypes.pointer(self._table_for(opened.methods))
        return result

    def _table_for(self, methods: Any) -> _Methods:
        place = ctypes.addressof(methods.contents)
        if place not in self._tables:
            table = _Methods.from_buffer_copy(methods.contents)
            table.write = self._instead(_Move, table.write, self._write)
            table.truncate = self._instead(_Truncate, table.truncate, self._truncate)
            table.sync = self._instead(_Sync, table.sync, self._sync)
            if self._switch is not None:
                table.read = self._instead(_Move, table.read, self._read)
            self._tables[place] = table
        return self._tables[place]

    def _read(self, real: Any, file: int, into: int, amount: int, at: int) -> int:
        return self._fault("read") or int(real(file, into, amount, at))

    def _write(self, real: Any, file: int, content: int, amount: int, at: int) -> int:
        if fault := self._fault("write"):
            return fault
        self._note(WRITTEN, file, at, ctypes.string_at(content, amount))
        return int(real(file, content, amount, at))

    def _truncate(self, real: Any, file: int, size: int) -> int:
        self._note(CUT, file, size)
        return int(real(file, size))

    def _sync(self, real: Any, file: int, flags: int) -> int:
        if fault := self._fault("sync"):
            return fault
        self._note(SYNCED, file, 0)
        return int(real(file, flags))

    def _delete(self, real: Any, vfs: int, name: bytes, syncs_folder: int) -> int:
        result = int(real(vfs, name, syncs_folder))
        if result == OK:
            self._put(REMOVED, Path(name.decode()).name, syncs_folder, b"")
        return result

    def _fault(self, method: str) -> int:
        """Return what a method shall tell SQLite now; 0 when it shall work."""
        if self._switch is None:
            return OK
        name, _, chance = os.pread(self._switch, 16, 0).decode().partition(" ")
        failing, result = FAULTS.get(name, ("", OK))
        happens = failing == method and self._chances.random() < float(chance or 1)
        return result if happens else OK

    def _note(self, kind: int, file: int, at: int, content: bytes = b"") -> None:
        self._put(kind, self._names[file], at, content)

    def _put(self, kind: int, name: str, at: int, content: bytes) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._record is not None:
            head = HEAD.pack(kind, len(name), at, len(content))
            os.write(self._record, head + name.encode() + content)


def _opened(path: str | None, flags: int) -> int | None:
    return os.open(path, flags | os.O_CREAT, 0o600) if path else None


_LAID: list[Layer] = []
"""SQLite keeps no hold on it that Python would know of."""


def set_pragmas(pragmas: str) -> None:
    """Set more on every connection that the program opens, after its own."""
    real = connections.connect

    def connect(path: Path, key: bytes | None) -> sqlite3.Connection:
        connection = real(path, key)
        for pragma in filter(None, map(str.strip, pragmas.split(";"))):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    connections.connect = database_module.connect = connect


def as_others() -> None:
    """Take from root what others have not, so that a file that is read-only is so for it too."""
    for capability in NOBODYS_RIGHTS if os.geteuid() == 0 else ():
        ctypes.CDLL(None).prctl(_DROP, capability, 0, 0, 0)


def lay(environment: dict[str, str]) -> None:
    """Put the layer in place, as an environment says."""
    layer = Layer(environment)
    _LAID.append(layer)
    layer.put_in_place()
    set_pragmas(environment.get("INTAKE_FAULT_PRAGMAS", ""))


if __name__ == "__main__":
    lay(dict(os.environ))
    command_line()
