"""A pack that arrives from outside: a zip of its folder, or the folder's files, read with limits.

Nothing is written to a disk here, and no name decides where anything goes: names only tell the
files of a pack apart. They are looked at all the same, because a pack with strange names was made
by somebody who hoped for more.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from intake.core.errors import PackError
from intake.packs.draft import CLINIC
from intake.packs.reading import MAX_BYTES, MAX_FILES, MOST_TOGETHER, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_ENTRIES = 2000
"""Most entries of a zip, files of other kinds included."""

LONGEST_NAME = 200
_ROOT = "pack.yaml"
_KINDS = (".yaml", ".yml")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # by zipfile, of a compression that it does not know
    OSError,
    RuntimeError,
    ValueError,
)
"""What reading a zip can raise that was damaged, by accident or with intent."""


def texts_in_zip(body: bytes) -> dict[str, str]:
    """Return the texts of the pack in a zip, by file name as in its folder.

    Raises:
        PackError: it cannot be read as a pack; carries every problem found.
    """
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            return _texts(_unpacked(packed))
    except _UNREADABLE as error:
        msg = "this is not a zip file that can be read; make a new one of the pack's folder"
        raise PackError([f"the zip:1: {msg}"]) from error


def texts_of_files(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Return the texts of a pack whose files were chosen, by file name as in its folder.

    Raises:
        PackError: they cannot be read as a pack; carries every problem found.
    """
    return _texts(_counted(files))


def _counted(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Pass on what may belong to a pack, as long as it is not too much."""
    total = 0
    for name, content in files:
        if _is_wanted(name):
            total += len(content)
            _refuse_too_much(total)
            yield name, content


def _unpacked(packed: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Unpack what may belong to a pack; what the zip says of its own sizes is not believed."""
    entries = packed.infolist()
    if len(entries) > MOST_ENTRIES:
        msg = f"the zip:1: {len(entries)} entries; at most {MOST_ENTRIES} are looked at"
        raise PackError([msg])
    total = 0
    for entry in entries:
        if entry.is_dir() or not _is_wanted(entry.filename):
            continue
        if fault := _fault_of_entry(entry):
            raise PackError([f"{printable(entry.filename)[:LONGEST_NAME]}:1: {fault}"])
        with packed.open(entry) as file:
            content = file.read(MAX_BYTES + 1)
        total += len(content)
        _refuse_too_much(total)
        yield entry.filename, content


def _fault_of_entry(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "this is a link or a device and no file; put the file itself into the zip"
    if entry.flag_bits & _ENCRYPTED:
        return "this is encrypted; make a zip without a password"
    if entry.compress_type not in _METHODS:
        return "this is packed in an unusual way; make an ordinary zip"
    return ""


def _refuse_too_much(total: int) -> None:
    if total > MOST_TOGETHER:
        msg = (
            f"the files:1: together they are too large; a pack has at most {MOST_TOGETHER:,} bytes"
        )
        raise PackError([msg])


def _is_wanted(name: str) -> bool:
    """Tell whether a file is of the kind a pack is made of, and not left by a computer."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(("__MACOSX", "._")) for part in parts)
    return name.endswith(_KINDS) and not hidden


def _texts(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Read the files below the folder that holds pack.yaml."""
    found = list(files)
    problems = [
        f"{printable(name)[:LONGEST_NAME]}:1: {f}" for name, _ in found if (f := _fault(name))
    ]
    if problems:
        raise PackError(sorted(set(problems)))
    root = _root([name for name, _ in found])
    texts: dict[str, str] = {}
    for name, content in found:
        if not name.startswith(root):
            continue
        text, fault = _text(name.removeprefix(root), content, texts)
        problems += [f"{printable(name.removeprefix(root))}:1: {fault}"] if fault else []
        texts[name.removeprefix(root)] = text
    if len(texts) > MAX_FILES:
        problems.append(f"pack.yaml:1: {len(texts)} files; a pack has at most {MAX_FILES}")
    if problems:
        raise PackError(problems)
    return texts


def _fault(name: str) -> str:
    """Say what is wrong with a name; a pack's are plain paths downwards."""
    parts = name.split("/")
    if len(name) > LONGEST_NAME or not name.isprintable():
        return "this name is too long or cannot be printed; rename the file"
    if "\\" in name or ":" in name or any(part in ("", ".", "..") for part in parts):
        return "this name leads elsewhere; names are like rules/cold-sores.yaml"
    return ""


def _root(names: list[str]) -> str:
    """Return what stands before the names of the pack's own files: the folder's name, or nothing.

    Raises:
        PackError: there is no pack.yaml, or there is more than one.
    """
    tops = [name for name in names if PurePosixPath(name).name == _ROOT]
    least = min((name.count("/") for name in tops), default=0)
    found = {name for name in tops if name.count("/") == least}
    if not found:
        raise PackError(
            ["pack.yaml:1: there is none; choose the folder that holds it, or a zip of it"]
        )
    if len(found) > 1:
        raise PackError(["pack.yaml:1: there are several packs; choose the folder of one"])
    return found.pop().removesuffix(_ROOT)


def _text(name: str, content: bytes, others: dict[str, str]) -> tuple[str, str]:
    """Return the text of a file, and what is wrong with it."""
    if name in others:
        return "", "this file is there twice"
    if name == CLINIC:
        return "", (
            "what a clinic chose is no part of a pack; take it out, and choose under"
            " “Clinic’s choices”"
        )
    if not name.endswith(".yaml"):
        return "", "files of a pack end in .yaml; rename it"
    if len(content) > MAX_BYTES:
        return "", f"the file is too large; at most {MAX_BYTES:,} bytes are read"
    try:
        return content.decode("utf-8").replace("\r\n", "\n"), ""
    except UnicodeDecodeError:
        return "", "the file is not UTF-8 text; save it as UTF-8"
