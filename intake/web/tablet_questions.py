"""The pages of questions: shown, kept, and what comes next."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import abort, g, jsonify, request, url_for

from intake.actions import answer as answers_given
from intake.actions.answer import AnswersRefusedError
from intake.actions.visits import acting
from intake.core.answers import Missing
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.languages import say
from intake.web.tablet_base import (
    address,
    area_names,
    aside,
    asked_on,
    bp,
    from_review,
    go,
    go_to_page,
    pack,
    page,
    place_of,
    planned_area,
    said,
    status_for,
)
from intake.web.tablet_company import interposed
from intake.web.tablet_fields import Fault
from intake.web.tablet_forms import filled_form, page_form
from intake.web.tablet_medicines import MedicinesQuestion

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.answers import Raw
    from intake.core.errors import AnswerError
    from intake.core.questionnaire import Page
    from intake.core.records import Response
    from intake.web.tablet_forms import PageForm

ADD, REMOVE, CONTINUE, HELP = "add", "remove", "continue", "help"
"""What the buttons of a page ask for; `remove-2` takes out the third row of a list."""

MAX_DIGITS = 4


@bp.get("/page/<page_id>")
@open_to(Access.VISIT)
def questions(page_id: str) -> Answer:
    """Show one page with the answers given so far."""
    topic = page_called(page_id)
    items = asked_on(topic)
    if not items:
        return go_to_page(_after(g.response, topic))
    form = filled_form(items, g.response.answers)
    if "more" in request.args:
        for question in lists_of(form):
            question.add_row()
    return question_page(topic, form, [])


@bp.post("/page/<page_id>")
@open_to(Access.VISIT)
def save(page_id: str) -> Answer:
    """Keep the answers of one page and go on; what cannot be read stays as it was typed."""
    topic = page_called(page_id)
    form = page_form(asked_on(topic))()
    act, _, number = request.form.get("do", CONTINUE).partition("-")
    if act == REMOVE and lists_of(form):
        return _without_row(topic, form, _whole(number))
    raw = form.raw(current_clinic().today())
    if act == HELP:
        raw = _with_help(form, raw)
    response, faults = _kept(topic, form, raw)
    if answer := aside(lambda: _as_typed(page_id), page_id):
        return answer
    if act == ADD:
        return _with_row(topic, form, faults)
    return question_page(topic, form, faults) if faults else go_to_page(_after(response, topic))


def _as_typed(page_id: str) -> Answer:
    """Show a page in the language just chosen, with everything that was typed."""
    topic = page_called(page_id)
    return question_page(topic, page_form(asked_on(topic))(), [])


def _with_help(form: PageForm, raw: dict[str, Raw]) -> dict[str, Raw]:
    """Answer what is blank with "not sure", and keep that staff are asked for help with it."""
    blank = [
        question.item.link_id
        for question in form.questions
        if question.item.offers_unknown and raw.get(question.item.link_id, "") is None
    ]
    answers_given.ask_for_help(current_store(), g.response, blank)
    return {**raw, **dict.fromkeys(blank, Missing.NOT_SURE.value)}


def _without_row(topic: Page, form: PageForm, number: int) -> Answer:
    """Take one row out of the list; an emptied list is shown, for it is no answer by itself."""
    left = {q.item.link_id: q.without(number) for q in lists_of(form)}
    raw = {**form.raw(current_clinic().today()), **left}
    _kept(topic, form, raw)
    if all(left.values()):
        return go("tablet.questions", page_id=topic.id, **from_review(), _anchor=min(left))
    return question_page(topic, filled_form(asked_on(topic), raw), [])


def _with_row(topic: Page, form: PageForm, faults: list[Fault]) -> Answer:
    """Offer a blank row once those above it can be read; other questions may wait."""
    filled = {q.item.link_id for q in lists_of(form) if q.raw()}
    wrong = [fault for fault in faults if fault.link_id in filled]
    if wrong:
        return question_page(topic, form, wrong)
    return go("tablet.questions", page_id=topic.id, **from_review(), more="1", _anchor="new")


def _kept(topic: Page, form: PageForm, raw: dict[str, Raw]) -> tuple[Response, list[Fault]]:
    """Store what can be read; return the form as it then stands and what is wrong with the rest."""
    house, faults = current_clinic(), form.faults(current_clinic().today())
    refused: dict[str, AnswerError] = {}
    response = g.response
    try:
        response = answers_given.save_page(
            current_store(),
            pack(),
            response=g.response,
            page=topic,
            raw=raw,
            now=house.now(),
            today=house.today(),
            actor=acting(g.visit),
        )
    except AnswersRefusedError as error:
        refused = dict(error.problems)
    return response, _in_order(form, faults, refused)


def _in_order(form: PageForm, faults: list[Fault], refused: dict[str, AnswerError]) -> list[Fault]:
    """Bring faults of the boxes and of the answers into the order of the page, one kind each."""
    found: list[Fault] = []
    for question in form.questions:
        link_id = question.item.link_id
        own = [fault for fault in faults if fault.link_id == link_id]
        if not own and link_id in refused:
            own = [Fault(link_id, question.anchor, say(refused[link_id]))]
        found += own
    return found


def lists_of(form: PageForm) -> list[MedicinesQuestion]:
    """Return the questions of a page that are answered with a list of rows."""
    return [question for question in form.questions if isinstance(question, MedicinesQuestion)]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < MAX_DIGITS else -1


def page_called(page_id: str) -> Page:
    """Return a page of the form in hand; there is no answer to any other."""
    found = next((p for p in said().questionnaire.pages if p.id == page_id), None)
    return found or abort(HTTPStatus.NOT_FOUND)


def _after(response: Response, topic: Page) -> Page | None:
    """Return the page after this one; after a change only what the change opened comes first."""
    today = current_clinic().today()
    if from_review():
        return answers_given.unanswered_page(pack(), response, today)
    return answers_given.next_page(pack(), response, today, topic.id)


def question_page(topic: Page, form: PageForm, faults: list[Fault]) -> Answer:
    """Show the page, with what is wrong on top when something is."""
    back = _back_from(topic)
    if answer := interposed(topic, back):
        return answer
    errors = {fault.anchor: fault.message for fault in faults}
    return page(
        "page",
        status_for(faults),
        topic=topic,
        form=form,
        faults=faults,
        errors=errors,
        faulty={fault.link_id: fault.message for fault in reversed(faults)},
        back=back,
        carried=from_review(),
        areas=area_names(),
        place=place_of(topic),
        planned=planned_area(),
    )


def _back_from(topic: Page) -> str:
    if from_review():
        return url_for("tablet.review")
    before = answers_given.previous_page(pack(), g.response, current_clinic().today(), topic.id)
    return address(before) if before else url_for("tablet.welcome")


@bp.post("/medicines")
@open_to(Access.VISIT)
def suggest() -> Answer:
    """Offer names for what was typed so far; sent as a body, so that no log or history has it."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:
        sent = None
    typed = sent.get("typed") if isinstance(sent, dict) else None
    words = typed[:100] if isinstance(typed, str) else ""
    return jsonify(names=pack().vocabulary.suggest(words))
