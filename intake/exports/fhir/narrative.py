"""What a resource says in words, as XHTML in which nothing of a patient's can run."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.exports.fhir.naming import Resource

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """Return a text without what neither XML nor a FHIR string can hold."""
    return text if text.isprintable() else _NOT_IN_XML.sub("", text)


def narrative(lines: Iterable[str]) -> Resource:
    """Return the words of a resource, a line a paragraph; what is blank is left out."""
    said = (escape(plain(line).strip()) for line in lines)
    paragraphs = "".join(f"<p>{line}</p>" for line in said if line)
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs or "<p>Nothing.</p>"}</div>'
    return {"status": "generated", "div": div}
