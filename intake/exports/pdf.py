"""PDFs from our own pages: the same words, with sheets, heads, numbers and an attachment.

WeasyPrint does it with Pango, a library of the operating system, which shapes every script. It is
looked for only when somebody wants a PDF: a clinic without it has everything else.
"""

from __future__ import annotations

import logging
import re
from enum import StrEnum
from functools import cache
from importlib import import_module
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from intake.core.errors import StateError
from intake.exports.sealing import BLANK

if TYPE_CHECKING:
    from jinja2 import Environment

RECORD_FILE = "intake-record.json"
"""What the record is called where it is attached."""

WHAT_TO_INSTALL = (
    "A PDF cannot be made on this computer: the library Pango is missing. On Debian, as root:"
    " apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core."
    " The web page holds the same and can be printed."
)

_KIND = "pdf/a-3a"
"""Made to be kept: fonts inside, tagged for screen readers, attachments allowed."""

_AT_ONCE = BoundedSemaphore(2)
"""A sheet costs a second of the processor, and others want it too."""

_PICTURE = re.compile(r"<svg\b[^>]*>")


class Paper(StrEnum):
    """The size of a sheet."""

    A4 = "a4"
    LETTER = "letter"


@cache
def missing() -> str:
    """Say what to install before a PDF can be made; blank when one can."""
    # It warns of each property that it does not know, and might name what it was given.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    try:
        import_module("weasyprint")
    except (ImportError, OSError):
        return WHAT_TO_INSTALL
    return ""


def pdf_of(page: str, environment: Environment, paper: Paper, record: bytes | None = None) -> bytes:
    """Make a PDF of a page, with `BLANK` as the first of its identifiers.

    Nothing is loaded, from wherever the page may point to.

    Args:
        page: HTML with its style inside.
        environment: Holds what is said of sheets and pictures.
        paper: The size of the sheets.
        record: JSON to attach.

    Raises:
        StateError: this computer cannot make one; says what to install.
    """
    if words := missing():
        raise StateError(words)
    maker: Any = import_module("weasyprint")
    sheets = f"{environment.globals['sheet_style']}@page {{ size: {paper} portrait }}"
    pictures = f"<style>{environment.globals['picture_style']}</style>"
    html = page.replace("</head>", f"<style>{sheets}</style></head>", 1)
    html = _PICTURE.sub(lambda found: found[0] + pictures, html)
    attached = (
        maker.Attachment(string=record, name=RECORD_FILE, relationship="Data") if record else None
    )
    with _AT_ONCE:
        made = maker.HTML(string=html, url_fetcher=_load_nothing()).write_pdf(
            attachments=[attached] if attached else None,
            pdf_identifier=BLANK.encode(),
            pdf_variant=_KIND,
        )
    return bytes(made)


def _load_nothing() -> Any:  # noqa: ANN401 - WeasyPrint's own class
    """Return a fetcher that knows no kind of address."""
    return import_module("weasyprint.urls").URLFetcher(allowed_protocols=())
