"""Patients to look at again: rules in force are stricter on them than those of their form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, request

from intake.actions.recall import MOST_COUNTED, list_open, list_to_be_asked, progress
from intake.core.review import status_of
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, page, see_other
from intake.web.desk_queue import KEPT_OFF_THE_LIST, titles_to_tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response as Answer

    from intake.actions.recall import RecallPage, RecallRow
    from intake.core.impact import Outcome
    from intake.core.review import CaseStatus


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a recall, and what may be said of it where others look on."""

    row: RecallRow
    status: CaseStatus
    reasons: tuple[str, ...]


@bp.get("/recalls")
@open_to(Access.READER)
def recalls_page() -> Answer:
    """List the recalls that nobody has dealt with, the most urgent first."""
    after = request.args.get("after", "")
    found = list_open(current_store(), by=g.practitioner, after=after)
    if after and not found.rows:
        return see_other(".recalls_page")
    to_ask = list_to_be_asked(current_store(), by=g.practitioner)
    return page(
        "recalls",
        found=found,
        lines=_lines(found),
        to_ask=to_ask,
        lines_to_ask=_lines(to_ask),
        most_counted=MOST_COUNTED,
        after=found.rows[-1].recall.id if found.has_more else "",
        is_first=not after,
        progress=progress(current_store()),
    )


def _lines(found: RecallPage) -> list[Line]:
    house = current_clinic()
    pack, today = house.readable_pack, house.today()
    told = titles_to_tell(pack) if pack else frozenset()
    return [
        Line(
            row,
            status_of(row.case.facts, today),
            tuple(dict.fromkeys(_reasons(row.recall.outcome, told))),
        )
        for row in found.rows
    ]


def _reasons(outcome: Outcome, told: frozenset[str]) -> Iterator[str]:
    for moved in outcome.to_look_at:
        yield moved.title if moved.title in told else KEPT_OFF_THE_LIST
