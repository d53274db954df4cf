"""Documents that stand by themselves: one HTML file each, to read, print and file."""

from __future__ import annotations

import hashlib
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
    environment.globals["style"] = (static / "document.css").read_text(encoding="utf-8")
    return environment


def policy_of(environment: Environment) -> str:
    """Return the content security policy under which its documents show: their style, no more."""
    digest = hashlib.sha256(str(environment.globals["style"]).encode()).digest()
    style = f"style-src 'sha256-{b64encode(digest).decode()}'"
    return f"default-src 'none'; {style}; frame-ancestors 'none'; base-uri 'none'"
