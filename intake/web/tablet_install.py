"""What makes the tablet an app of its own.

A manifest, a worker that keeps its looks, and one page that says there is no connection.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, cast

from babel import Locale
from flask import current_app, jsonify, make_response, render_template, url_for

from intake.core.translations import SOURCE_LANGUAGE
from intake.web.access import Access, open_to
from intake.web.assets import integrity_of
from intake.web.clinic import current_clinic
from intake.web.languages import gettext, in_tongue, language_tag, locale_name, spoken
from intake.web.looks import current_looks
from intake.web.tablet_base import bp

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.web.assets import Assets

KEPT = ("intake.css", "intake.js", "turn.js", "icon-192.png")
"""The static files that the tablet's pages need."""


@bp.get("/manifest.webmanifest")
@open_to(Access.ANYBODY)
def manifest() -> Answer:
    """Describe the app to the tablet."""
    sizes = (192, 512)
    answer = jsonify(
        name=current_clinic().name,
        short_name=current_clinic().name,
        start_url=url_for("tablet.start"),
        scope=url_for("tablet.start"),
        display="standalone",
        background_color="#f6f3ec",
        theme_color=str(current_looks().accent),
        icons=[
            {
                "src": url_for("static", filename=f"icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in sizes
            for purpose in ("any", "maskable")
        ],
    )
    answer.content_type = "application/manifest+json"
    return answer


@bp.get("/worker.js")
@open_to(Access.ANYBODY)
def worker() -> Answer:
    """Hand out the worker; it keeps what is named here and nothing else."""
    kept = what_is_kept()
    version = hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:12]
    keep = {"kept": kept, "offline": url_for("tablet.offline"), "version": version}
    answer = make_response(render_template("tablet/worker.js", keep=keep))
    answer.content_type = "text/javascript; charset=utf-8"
    return answer


def what_is_kept() -> dict[str, str]:
    """Return the address of all that the worker keeps, each with what it must be."""
    assets, looks = cast("Assets", current_app.extensions["assets"]), current_looks()
    static = {url_for("static", filename=name): assets.integrity(name) for name in KEPT}
    own = {address: looks.integrity[name] for name, address in looks.addresses.items()}
    return {**static, **own, url_for("tablet.offline"): integrity_of(_offline_page().encode())}


@bp.get("/offline")
@open_to(Access.ANYBODY)
def offline() -> Answer:
    """Say that there is no connection: the same page for everybody, in every language."""
    return make_response(_offline_page())


def _offline_page() -> str:
    """Return the page, the same letter for letter whoever asks."""
    said = [in_tongue(tag, _no_connection) for tag in (SOURCE_LANGUAGE, *spoken())]
    return in_tongue(SOURCE_LANGUAGE, lambda: render_template("tablet/offline.html", said=said))


def _no_connection() -> dict[str, str]:
    locale = Locale.parse(locale_name())
    return {
        "lang": language_tag(),
        "dir": locale.text_direction,
        "heading": gettext("No connection"),
        "advice": gettext("What was saved is kept at the clinic. Please tell the front desk."),
        "again": gettext("Try again"),
    }
