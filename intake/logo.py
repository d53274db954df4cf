"""The clinic's logo: one small file, looked at before a browser sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from pathlib import Path

MAX_LOGO_BYTES = 20_000
"""Half of what the first page of a tablet may weigh in all."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}svg"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of a kind that browsers know.

    Attributes:
        kind: `svg` or `png`.
    """

    kind: str
    data: bytes


def read_logo(path: Path) -> Logo:
    """Read a logo.

    Raises:
        ValueError: it cannot be used; the message says what to do.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _FAULTS:
        msg = "name a file that ends in .svg or .png"
        raise ValueError(msg)
    data = _bytes_of(path)
    if fault := _FAULTS[kind](data):
        raise ValueError(fault)
    return Logo(kind, data)


def _bytes_of(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"the file cannot be read ({error.strerror}); check the path and who may read it"
        raise ValueError(msg) from error
    if len(data) > MAX_LOGO_BYTES:
        msg = (
            f"the file has {len(data) / 1000:.0f} KB, and 20 KB is the most; save it as SVG,"
            " or as PNG about 120 pixels high"
        )
        raise ValueError(msg)
    return data


def _png_fault(data: bytes) -> str:
    is_png = data.startswith(_PNG) and data[12:16] == b"IHDR"
    return "" if is_png else "what is in the file is no PNG picture; save it as PNG again"


def _svg_fault(data: bytes) -> str:
    """Say what keeps a drawing from being shown at any size.

    Whatever else it holds runs nowhere: browsers run nothing in a picture, and it is served under
    a policy that forbids the rest.
    """
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - 20 KB that the clinic itself put there
    except (ElementTree.ParseError, ValueError) as error:
        return f"what is in the file is no SVG drawing ({error}); save it as SVG again"
    if root.tag != _SVG:
        return "what is in the file is no SVG drawing; save it as SVG again"
    return "" if root.get("viewBox") else "the drawing has no viewBox; save it as SVG with one"


_FAULTS = {"png": _png_fault, "svg": _svg_fault}
"""By the ending of a file's name, what finds a fault in it."""
