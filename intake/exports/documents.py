"""Documents that stand by themselves: one HTML file each, to read, print and file."""

from __future__ import annotations

import hashlib
import unicodedata
from base64 import b64encode
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from pathlib import Path


def documents_in(templates: Path, static: Path) -> Environment:
    """Return an environment that renders the templates of *templates* with the style built in."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, files in _STYLES.items():
        texts = ((static / file).read_text(encoding="utf-8") for file in files)
        environment.globals[name] = "".join(texts)
    return environment


_STYLES = {
    "style": ("document.css",),
    "record_style": ("record.css", "pictures.css"),
    "picture_style": ("pictures.css",),
    "sheet_style": ("sheets.css",),
}
"""What templates and the maker of PDFs call a style, and the files it stands in."""


def policy_of(environment: Environment) -> str:
    """Return the content security policy under which its documents show: their style, no more."""
    return f"{_nothing_but(environment, 'style')}; frame-ancestors 'none'; base-uri 'none'"


def policy_of_summaries(environment: Environment) -> str:
    """Return the policy under which the summaries of a day show in a browser."""
    only = _nothing_but(environment, "style", "record_style")
    return f"{only}; frame-ancestors 'none'; base-uri 'none'"


def policy_of_file(environment: Environment) -> str:
    """Return the policy that the file of a record carries with it, wherever it is opened."""
    return f"{_nothing_but(environment, 'style', 'record_style')}; base-uri 'none'"


def _nothing_but(environment: Environment, *styles: str) -> str:
    hashes = " ".join(f"'sha256-{_digest(str(environment.globals[name]))}'" for name in styles)
    return f"default-src 'none'; style-src {hashes}"


def _digest(style: str) -> str:
    return b64encode(hashlib.sha256(style.encode()).digest()).decode()


def direction(text: str) -> str:
    """Return which way a text runs, by the first letter that tells: `rtl` or `ltr`."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return "ltr" if first == "L" else "rtl"
