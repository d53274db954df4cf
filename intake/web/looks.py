"""What a clinic puts in place of our looks: its colour, its logo.

Both are served under addresses with their fingerprint, and only where the clinic has them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, make_response, request, url_for

from intake.colours import Colour, dark_palette, light_palette
from intake.web.access import Access, open_to
from intake.web.assets import FOR_EVER, integrity_of

if TYPE_CHECKING:
    from flask import Flask
    from flask import Response as Answer

    from intake.colours import Palette
    from intake.logo import Logo
    from intake.settings import Settings

OURS = Colour.read("#0b4a4d")
"""The colour of a clinic that chose none, as intake.css has it."""

LOGO_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; sandbox;"
    " base-uri 'none'; frame-ancestors 'none'"
)
"""A drawing may style itself; opened by itself it runs nothing and loads nothing."""

TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of a clinic.

    Attributes:
        style: A style sheet with the clinic's colours; blank when it has ours.
    """

    accent: Colour
    style: str
    logo: Logo | None

    @property
    def mark(self) -> str:
        """A fingerprint of all of it."""
        logo = self.logo.data if self.logo else b""
        return hashlib.sha256(self.style.encode() + logo).hexdigest()[:12]

    @property
    def addresses(self) -> dict[str, str]:
        """Where each part is, by its endpoint; parts the clinic does not have are left out."""
        return {name: url_for(name, v=self.mark) for name in self._parts}

    @property
    def integrity(self) -> dict[str, str]:
        """What browsers hold each part against, by its endpoint."""
        return {name: integrity_of(part) for name, part in self._parts.items()}

    @property
    def _parts(self) -> dict[str, bytes]:
        logo = self.logo.data if self.logo else b""
        parts = {"clinic_style": self.style.encode(), "clinic_logo": logo}
        return {name: part for name, part in parts.items() if part}


def init_looks(app: Flask, settings: Settings) -> None:
    """Give every page the clinic's looks."""
    accent, logo = settings.accent, settings.logo
    app.extensions["looks"] = Looks(accent or OURS, style_of(accent) if accent else "", logo)
    app.context_processor(lambda: {"looks": current_looks()})
    if accent:
        app.add_url_rule("/clinic.css", view_func=clinic_style)
    if logo:
        app.add_url_rule(f"/clinic-logo.{logo.kind}", view_func=clinic_logo)


def current_looks() -> Looks:
    """Return the looks of the clinic that is served."""
    return cast("Looks", current_app.extensions["looks"])


def style_of(accent: Colour) -> str:
    """Return the style sheet that puts a colour in place of ours.

    It stands between intake.css and desk.css, whose print overrules it. A red one stays out of the
    desk, where red means "stop" and nothing else.
    """
    pages = ":root:not(.desk)" if accent.is_red else ":root"
    light, dark = (_tokens(make(accent)) for make in (light_palette, dark_palette))
    return "\n".join(
        (
            f"{pages} {{ {light} }}",
            f"@media (prefers-color-scheme: dark) {{ {pages} {{ {dark} }} }}",
            # The reader's own colours go before the clinic's.
            f"@media (forced-colors: active) {{ {pages} {{ --accent: LinkText; }} }}",
        )
    )


def _tokens(of: Palette) -> str:
    return (
        f"--accent: {of.accent}; --accent-ink: {of.ink}; --accent-hover: {of.hover};"
        f" --accent-soft: {of.soft}; --bar: {of.bar};"
    )


@open_to(Access.ANYBODY)
def clinic_style() -> Answer:
    """Hand out the clinic's colours."""
    return _kept(current_looks().style, "text/css; charset=utf-8")


@open_to(Access.ANYBODY)
def clinic_logo() -> Answer:
    """Hand out the clinic's logo."""
    logo = cast("Logo", current_looks().logo)
    answer = _kept(logo.data, TYPES[logo.kind])
    answer.headers["Content-Security-Policy"] = LOGO_POLICY
    return answer


def _kept(body: str | bytes, content_type: str) -> Answer:
    """Answer with a file; browsers may keep it when they asked for its present fingerprint."""
    answer = make_response(body)
    answer.content_type = content_type
    is_present = request.args.get("v") == current_looks().mark
    answer.headers["Cache-Control"] = FOR_EVER if is_present else "no-store"
    return answer
