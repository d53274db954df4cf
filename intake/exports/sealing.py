"""The hash that a document carries of itself, and whether the document is still as it was made.

The hash is the SHA-256 of the whole file, every byte of it, with the 64 characters of the hash
itself replaced by 64 zeros. Whatever is edited, the words that are shown or the record inside,
the file no longer has its hash. Whoever edits can compute a new one: that a clinic made a file is
known only from the clinic's own audit trail, which holds the hash of every document made.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

BLANK = "0" * 64
"""What stands in the place of the hash while it is computed."""

MOST_BYTES = 64_000_000
"""No document made here is larger."""


class Form(StrEnum):
    """The kinds of files that documents are."""

    HTML = "html"
    PDF = "pdf"


_PLACES = {
    Form.HTML: re.compile(rb'id="intake-sha256">([0-9a-f]{64})<'),
    Form.PDF: re.compile(rb"/ID \[\(([0-9a-f]{64})\) "),
}
_BEGINNINGS = {Form.PDF: b"%PDF-", Form.HTML: b"<!DOCTYPE html>"}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class SealError(ValueError):
    """The file is no document of ours, or not as it was made; the message says which."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document with its hash in it."""

    form: Form
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Intact:
    """A file that has the hash it carries.

    Attributes:
        line_ends_changed: A mail program or an editor wrote other line ends; nothing else changed.
    """

    form: Form
    sha256: str
    line_ends_changed: bool = False


def seal(form: Form, content: bytes) -> Sealed:
    """Put its hash into a document that has `BLANK` in the one place for it.

    Raises:
        SealError: there is not exactly one such place.
    """
    start, end = _place(form, content)
    digest = hashlib.sha256(content).hexdigest()
    return Sealed(form, content[:start] + digest.encode() + content[end:], digest)


def intact(content: bytes) -> Intact:
    """Look whether a file is still as it was made.

    Raises:
        SealError: it is no document of ours, or was changed; says which.
    """
    if len(content) > MOST_BYTES:
        msg = "The file is larger than any document made by this program."
        raise SealError(msg)
    form = form_of(content)
    if form is Form.PDF:
        return _looked_at(form, content, line_ends_changed=False)
    plain = content.removeprefix(_BYTE_ORDER_MARK).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    plain = plain.rstrip(b"\n") + b"\n"
    return _looked_at(form, plain, line_ends_changed=plain != content)


def form_of(content: bytes) -> Form:
    """Tell what kind of file it is by how it begins.

    Raises:
        SealError: it is neither HTML nor PDF as made here.
    """
    begins = content[:64].removeprefix(_BYTE_ORDER_MARK)
    for form, beginning in _BEGINNINGS.items():
        if begins.startswith(beginning):
            return form
    msg = "The file is no document made by this program: it is neither its HTML nor its PDF."
    raise SealError(msg)


def _looked_at(form: Form, content: bytes, *, line_ends_changed: bool) -> Intact:
    start, end = _place(form, content)
    said = content[start:end].decode()
    found = hashlib.sha256(content[:start] + BLANK.encode() + content[end:]).hexdigest()
    if found != said:
        msg = (
            "The file was changed after it was made: it says that its hash is"
            f" {said}, and its hash is {found}. Do not rely on what it says."
        )
        raise SealError(msg)
    return Intact(form, said, line_ends_changed)


def _place(form: Form, content: bytes) -> tuple[int, int]:
    found = list(_PLACES[form].finditer(content))
    if len(found) != 1:
        many = f"{len(found)} places" if found else "no place"
        msg = f"The file is no document made by this program: it has {many} for a hash, not one."
        raise SealError(msg)
    return found[0].span(1)
