"""The review of all answers, the declaration, and sending."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from flask import g, request, url_for

from intake.actions import answer as answers_given
from intake.actions import submit
from intake.actions.answer import ChangedMeanwhileError
from intake.actions.company import has_company
from intake.actions.submit import IncompleteError
from intake.core.answers import (
    Chosen,
    Happened,
    Listed,
    Measured,
    Missing,
    Picked,
    Worded,
    Written,
    read_stored,
)
from intake.core.errors import AnswerError, PackError
from intake.core.medicines import Status
from intake.web.access import Access, open_to, thank
from intake.web.clinic import current_clinic, current_store
from intake.web.languages import N_, comma, gettext, set_apart
from intake.web.tablet_base import (
    HERE,
    NOTED,
    REVIEW,
    address,
    aside,
    asked_on,
    bp,
    go,
    go_to_unanswered,
    mark,
    pack,
    page,
    planned_area,
    said,
    screens_shown,
    sections,
    status_for,
    to_be_confirmed,
)
from intake.web.tablet_company import COMPANY, is_private, note_public_place
from intake.web.tablet_dates import said_of
from intake.web.tablet_entry import to_statement
from intake.web.tablet_fields import Fault
from intake.web.tablet_forms import SignatureForm
from intake.web.tablet_map import lines_of
from intake.web.tablet_medicines import FOR, ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from flask import Response as Answer

    from intake.core.answers import Answer as Given
    from intake.core.medicines import MedicineEntry
    from intake.core.questionnaire import Item, Page, Section
    from intake.core.rules import RulePack


SHOW, HIDE = "show", "hide"
"""What the buttons about private answers ask for; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question on the review page, with the answer in lines.

    Attributes:
        address: Where the answer can be changed.
        topic: What the page is about, where other pages ask in the same words.
        at: What stands for the question in addresses.
        wants_help: The patient asked for help with it.
        is_unknown: The patient said not to know, or not to say.
    """

    at: str
    address: str
    ask: str
    topic: str
    lines: tuple[str, ...]
    is_unknown: bool
    is_missing: bool
    wants_help: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one section on the review page."""

    title: str
    rows: tuple[Row, ...]


@bp.get("/review")
@open_to(Access.VISIT)
def review() -> Answer:
    """Show every answer, then the declaration; what was said on an earlier visit comes first."""
    if to_be_confirmed():
        return go("tablet.earlier")
    return review_page(SignatureForm(formdata=None), [])


@bp.post("/review")
@open_to(Access.VISIT)
def send() -> Answer:
    """Take the signature and send the form; the visit on this tablet is then over."""
    form = SignatureForm()
    if answer := aside(lambda: review_page(form, []), REVIEW):
        return answer
    if request.form.get("do") in (SHOW, HIDE):
        return review_page(form, [], shows_private=request.form["do"] == SHOW)
    if request.form.get("state", _state()) != _state():
        return _as_it_is_now()
    if g.visit.is_entered:
        return to_statement()
    signature = form.signature(gettext(submit.STATEMENT), g.response.language)
    if signature is None:
        return review_page(form, [_unsigned(form)])
    try:
        response = submit.submit(
            current_store(),
            _readable_pack(),
            response_id=g.response.id,
            signature=signature,
            now=current_clinic().now(),
            today=current_clinic().today(),
            shown=g.response.answers,
        )
    except ChangedMeanwhileError as changed:
        g.response = changed.response
        return _as_it_is_now()
    except AnswerError:
        return review_page(form, [_unsigned(form)])
    except IncompleteError:
        return go_to_unanswered(**{"from": "review"})
    answer = go("tablet.end")
    thank(response, answer)
    return answer


def _as_it_is_now() -> Answer:
    """Show the answers that are kept, unsigned, and say that they are not the ones shown before."""
    words = gettext("Your answers were changed meanwhile. Look through them again, then send.")
    return review_page(SignatureForm(formdata=None), [Fault("", "page", words)])


def _state() -> str:
    """Return what stands for all answers as they are kept; it tells nothing of them."""
    return mark(json.dumps(g.response.answers, sort_keys=True))


def _readable_pack() -> RulePack | None:
    """Return the pack of the form in hand; None while it cannot be read."""
    try:
        return pack()
    except PackError:
        return None


def _unsigned(form: SignatureForm) -> Fault:
    """Return where to sign: where the patient began to, else where both ways are offered."""
    anchor = {"type": "typed", "draw": "way-draw"}.get(form.way.data or "", "signature")
    message = gettext("Sign by drawing your signature or by typing your name.")
    return Fault("signature", anchor, message)


def review_page(form: SignatureForm, faults: list[Fault], *, shows_private: bool = False) -> Answer:
    """Show the answers by section, what is still open first.

    Private ones are folded while somebody helps, until the patient asks for them.
    """
    note_public_place(REVIEW)
    may_hide = has_company(g.visit)
    groups = list(_groups(folds=may_hide and not shows_private))
    left = [row for group in groups for row in group.rows if row.is_missing]
    last = next(reversed(screens_shown()), None)
    return page(
        "review",
        status_for(faults),
        form=form,
        faults=faults,
        groups=groups,
        left=left,
        set_aside=answers_given.set_aside_items(pack(), g.response, current_clinic().today()),
        statement=gettext(submit.STATEMENT),
        state=_state(),
        back=address(last.items[0].link_id) if last else url_for("tablet.welcome"),
        planned=planned_area(),
        company=COMPANY.get(g.visit.company),
        may_hide=may_hide,
        shows_private=shows_private,
        noted=request.args.get(NOTED),
        comma=comma(),
    )


def _groups(*, folds: bool) -> Iterator[Group]:
    for section in sections():
        rows = tuple(_rows(section, folds=folds))
        if rows:
            yield Group(section.title, rows)


def _rows(section: Section, *, folds: bool) -> Iterator[Row]:
    """Yield a row for each question, or one for private pages that adjoin.

    How many private questions there were would tell what was answered.
    """
    topics = [topic for topic in section.pages if asked_on(topic)]
    for is_folded, run in groupby(topics, key=lambda topic: folds and is_private(topic)):
        rows = [row_of(item, topic) for topic in run for item in asked_on(topic)]
        yield from [_folded(rows)] if is_folded else rows


def _folded(rows: list[Row]) -> Row:
    """Put one row in the place of private ones; it leads to what is missing, or to the first."""
    at = next((row for row in rows if row.is_missing), rows[0])
    words = gettext("Not answered") if at.is_missing else gettext("Private answers")
    folded = replace(at, ask=gettext("Private questions"), topic="", lines=(words,))
    return replace(folded, is_unknown=False, wants_help=False)


def row_of(item: Item, topic: Page) -> Row:
    """Return the line of one question, with what was said."""
    today = current_clinic().today()
    given = read_stored(item, g.response.answers.get(item.link_id), today)
    alike = [other for other in said().items.values() if other.ask == item.ask]
    return Row(
        mark(item.link_id),
        address(item.link_id, **{"from": "review"}, _anchor=HERE),
        item.ask,
        topic.title if len(alike) > 1 else "",
        lines_for(item, given, today),
        is_unknown=given in (Missing.NOT_SURE, Missing.WITHHELD),
        is_missing=item.required and given in (Missing.NOT_ANSWERED, Missing.UNREADABLE),
        wants_help=item.link_id in g.response.help,
    )


def lines_for(item: Item, given: Given, today: date) -> tuple[str, ...]:
    """Say an answer as the patient did, in the language of the page; one medicine a line."""
    match given:
        case Missing():
            return (gettext(_MISSING[given]),)
        case Chosen(code):
            return (item.text_of(code),)
        case Picked(codes, unsure):
            ticked = [line for o in item.options if o.code in codes for line in lines_of(o, given)]
            return (*ticked, *([gettext("And not sure about others")] if unsure else []))
        case Measured(value):
            return (f"{value} {item.unit}".strip(),)
        case Happened(words, when):
            return (said_of(words, when, today),)
        case Worded(word):
            return (item.words[word],)
        case Listed((), _):
            return (gettext("None"),)
        case Listed(entries, unsure):
            more = [gettext("And another one whose name I don't know")] if unsure else []
            return (*(medicine_words(entry, today) for entry in entries), *more)
        case Written(text):
            return (set_apart(text),)


_MISSING: Mapping[Missing, str] = {
    Missing.NOT_ANSWERED: N_("Not answered"),
    Missing.NOT_SURE: N_("Not sure"),
    Missing.WITHHELD: N_("I'd rather tell my practitioner"),
    Missing.UNREADABLE: N_("An answer that is no longer offered"),
}


def medicine_words(entry: MedicineEntry, today: date) -> str:
    """Say a medicine as the patient did: its name and what was told about it."""
    told = [set_apart(entry.dose), str(dict(ROUTES).get(entry.route or "", ""))]
    if entry.status is Status.STOPPED:
        when = said_of(entry.stopped_said, entry.stopped, today) if entry.stopped else ""
        told.append(gettext("stopped: %(when)s", when=when) if when else gettext("stopped"))
    elif entry.status is Status.CURRENT:
        told.append(gettext("taking it now"))
    about = comma().join(part for part in told if part)
    name = set_apart(entry.name)
    if entry.name.startswith(FOR):
        purpose = set_apart(entry.name.removeprefix(FOR))
        name = gettext("Name not known, for: %(purpose)s", purpose=purpose)
    return f"{name} ({about})" if about else name
