"""The review of all answers, the declaration, and sending."""

from __future__ import annotations

from calendar import month_name
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, session, url_for

from intake.actions import answer as answers_given
from intake.actions import submit
from intake.actions.submit import IncompleteError
from intake.core.answers import Happened, Listed, Missing, read_stored
from intake.core.keeping import words_for
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.tablet_base import (
    address,
    asked_on,
    bp,
    go,
    go_to_page,
    pack,
    page,
    planned_area,
    sections,
    status_for,
    without_visit,
)
from intake.web.tablet_dates import date_parts
from intake.web.tablet_fields import Fault
from intake.web.tablet_forms import SignatureForm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from flask import Response as Answer

    from intake.core.answers import Answer as Given
    from intake.core.questionnaire import Item, Page


@dataclass(frozen=True, slots=True)
class Row:
    """One question on the review page, with the answer in lines.

    Attributes:
        is_unknown: The patient said not to know, or not to say.
    """

    link_id: str
    page_id: str
    ask: str
    lines: tuple[str, ...]
    is_unknown: bool
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one section on the review page."""

    title: str
    rows: tuple[Row, ...]


@bp.get("/review")
@open_to(Access.VISIT)
def review() -> Answer:
    """Show every answer, then the declaration."""
    return review_page(SignatureForm(formdata=None), [])


@bp.post("/review")
@open_to(Access.VISIT)
def send() -> Answer:
    """Take the signature and send the form; the visit on this tablet is then over."""
    form = SignatureForm()
    signature = form.signature(submit.STATEMENT)
    if signature is None:
        return review_page(form, [_unsigned(form)])
    try:
        response = submit.submit(
            current_store(),
            pack(),
            response_id=g.response.id,
            signature=signature,
            now=current_clinic().now(),
            today=current_clinic().today(),
        )
    except IncompleteError as left:
        return go_to_page(left.page, **{"from": "review"})
    session["receipt"] = response.receipt
    return without_visit(go("tablet.end"))


def _unsigned(form: SignatureForm) -> Fault:
    """Return where to sign: where the patient began to, else where both ways are offered."""
    anchor = {"type": "typed", "draw": "way-draw"}.get(form.way.data or "", "signature")
    return Fault("signature", anchor, "Sign by drawing your signature or by typing your name.")


def review_page(form: SignatureForm, faults: list[Fault]) -> Answer:
    """Show the answers by section, what is still open first."""
    groups = list(_groups())
    left = [row for group in groups for row in group.rows if row.is_missing]
    last = answers_given.previous_page(pack(), g.response, current_clinic().today(), None)
    return page(
        "review",
        status_for(faults),
        form=form,
        faults=faults,
        groups=groups,
        left=left,
        set_aside=answers_given.set_aside_items(pack(), g.response, current_clinic().today()),
        statement=submit.STATEMENT,
        back=address(last) if last else url_for("tablet.welcome"),
        planned=planned_area(),
    )


def _groups() -> Iterator[Group]:
    for section in sections():
        rows = [
            _row(topic, item, current_clinic().today())
            for topic in section.pages
            for item in asked_on(topic)
        ]
        if rows:
            yield Group(section.title, tuple(rows))


def _row(topic: Page, item: Item, today: date) -> Row:
    given = read_stored(item, g.response.answers.get(item.link_id), today)
    return Row(
        item.link_id,
        topic.id,
        item.ask,
        lines_for(item, given),
        is_unknown=given in (Missing.NOT_SURE, Missing.WITHHELD),
        is_missing=item.required and given in (Missing.NOT_ANSWERED, Missing.UNREADABLE),
    )


def lines_for(item: Item, given: Given) -> tuple[str, ...]:
    """Say an answer as the patient did: a date in words, one medicine a line."""
    match given:
        case Happened(said, _):
            return (said_date(said),)
        case Listed(entries, unsure) if entries:
            more = ["And another one whose name I don't know"] if unsure else []
            return (*(entry.in_words() for entry in entries), *more)
        case _:
            return (words_for(item, given),)


def said_date(said: str) -> str:
    """Write a date that was put in boxes as people write it: `14 March 2025`."""
    parts = date_parts(said)
    if not parts.get("year"):
        return said
    month = month_name[int(parts["month"])] if "month" in parts else ""
    return " ".join(filter(None, (parts.get("day", ""), month, parts["year"])))
