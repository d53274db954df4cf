"""The settings of the program, to be read: they come from the environment of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions import accounts, emergency, passwords, tablets, tries
from intake.settings_words import told
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic
from intake.web.desk_base import bp, page

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Response as Answer


@bp.get("/settings")
@open_to(Access.ADMINISTRATOR)
def settings_page() -> Answer:
    """Show every setting, where it comes from, and what the program fixes."""
    return page("settings", settings=told(current_clinic().settings), fixed=_fixed())


def _fixed() -> list[tuple[str, str]]:
    """Say what nobody can set, as far as it concerns who may come in."""
    window = _minutes(tries.FAILURE_WINDOW)
    most, place = tries.MOST_FAILURES, tries.MOST_FROM_A_PLACE
    return [
        ("A desk nobody uses is signed out after", _minutes(accounts.IDLE_LIMIT)),
        ("Whoever signed in must do so again after", _hours(accounts.ABSOLUTE_LIMIT)),
        ("A user name is refused on new devices after", f"{most} wrong tries in {window}"),
        ("On a device its owner has used before, after as many there", f"{most} in {window}"),
        ("New devices at one address are refused after", f"{place} wrong tries in {window}"),
        ("A password has at least", f"{passwords.SHORTEST_PASSWORD} characters"),
        ("With a second factor", f"{passwords.SHORTEST_WITH_FACTOR} characters"),
        ("Access in an emergency ends after", _minutes(emergency.LASTS)),
        ("The link for a tablet works for", _hours(tablets.LINK_LASTS)),
    ]


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} minutes"


def _hours(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours} hour" if hours == 1 else f"{hours} hours"
