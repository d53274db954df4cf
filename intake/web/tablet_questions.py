"""The pages of questions: shown, kept, and what comes next."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import abort, g, jsonify, request, url_for

from intake.actions import answer as answers_given
from intake.actions.answer import AnswersRefusedError
from intake.actions.visits import acting
from intake.core.answers import Listed, Missing, read_stored
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.languages import say
from intake.web.tablet_base import (
    address,
    area_names,
    aside,
    bp,
    from_review,
    go_to,
    mark,
    pack,
    page,
    place_of,
    planned_area,
    planned_areas,
    ready_dates,
    said,
    screens_shown,
    singly,
    status_for,
)
from intake.web.tablet_company import interposed
from intake.web.tablet_dates import said_date
from intake.web.tablet_fields import Fault
from intake.web.tablet_forms import filled_form, page_form
from intake.web.tablet_medicines import MedicinesQuestion
from intake.web.tablet_review import medicine_words

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.answers import Raw
    from intake.core.errors import AnswerError
    from intake.core.questionnaire import Page
    from intake.core.records import Response
    from intake.web.tablet_forms import PageForm

ADD, REMOVE, CONTINUE, KEEP, HELP = "add", "remove", "continue", "keep", "help"
"""What the buttons of a screen ask for: one more row, one row less (`remove-2` is the third), the
next screen, the list again with the row that was filled in, help."""

MAX_DIGITS = 4


@bp.get("/page/<at>")
@open_to(Access.VISIT)
def questions(at: str) -> Answer:
    """Show one screen with the answers given so far."""
    screen = screen_at(at)
    if not screen.items:
        return go_to(after(g.response, screen))
    form = filled_form(screen.items, g.response.answers)
    for question in lists_of(form):
        question.show_row(_whole(request.args.get("row", "")))
    return question_page(screen, form, [])


@bp.post("/page/<at>")
@open_to(Access.VISIT)
def save(at: str) -> Answer:
    """Keep the answers of one screen and go on; what cannot be read stays as it was typed."""
    screen = screen_at(at)
    form = _sent_form(screen)
    act, _, number = request.form.get("do", CONTINUE).partition("-")
    if act == REMOVE:
        for question in lists_of(form):
            question.take_out(_whole(number))
    if act == HELP:
        _leave_open(form)
    raw = form.raw(current_clinic().today())
    if act == HELP:
        raw = _with_help(form, raw)
    response, faults = _kept(screen, form, raw)
    if answer := aside(lambda: _as_typed(at), place_to_go_on(screen)):
        return answer
    if act in (ADD, REMOVE, KEEP) and (lists := lists_of(form)):
        if act == KEEP and not faults and not lists[0].has_rows:
            return go_to(after(response, screen))
        return _list_again(screen, form, act, faults, lists[0])
    return question_page(screen, form, faults) if faults else go_to(after(response, screen))


def _sent_form(screen: Page) -> PageForm:
    """Return the form that was sent; rows of a list that were not on the screen stay as kept."""
    form = page_form(screen.items)()
    for question in lists_of(form):
        kept = g.response.answers.get(question.item.link_id)
        question.keep_rows(kept, _whole(request.args.get("row", "")))
    return form


def _as_typed(at: str) -> Answer:
    """Show a screen in the language just chosen, with everything that was typed."""
    screen = screen_at(at)
    return question_page(screen, _sent_form(screen), [])


def _leave_open(form: PageForm) -> None:
    """Take it that there is one more, where help is asked for with a row of a list."""
    for question in lists_of(form):
        if question.row is not None and question.has_rows:
            question.leave_open()


def _with_help(form: PageForm, raw: dict[str, Raw]) -> dict[str, Raw]:
    """Answer what is blank with "not sure", and keep that staff are asked for help with it.

    Where nothing is blank, help is asked for with the whole screen.
    """
    blank = [
        question.item.link_id
        for question in form.questions
        if question.item.offers_unknown and raw.get(question.item.link_id, "") is None
    ]
    wanted = blank or [question.item.link_id for question in form.questions]
    answers_given.ask_for_help(current_store(), g.response, wanted)
    return {**raw, **dict.fromkeys(blank, Missing.NOT_SURE.value)}


def _list_again(
    screen: Page, form: PageForm, act: str, faults: list[Fault], question: MedicinesQuestion
) -> Answer:
    """Show the list with what was done to it, or the row in which something is wrong."""
    if faults and (question.raw() or act == KEEP):
        return question_page(screen, form, faults)
    return go_to(screen, **({"row": str(question.count)} if act == ADD else {}))


def _kept(screen: Page, form: PageForm, raw: dict[str, Raw]) -> tuple[Response, list[Fault]]:
    """Store what can be read; return the form as it then stands and what is wrong with the rest."""
    house, faults = current_clinic(), form.faults(current_clinic().today())
    refused: dict[str, AnswerError] = {}
    response = g.response
    try:
        response = answers_given.save_page(
            current_store(),
            pack(),
            response=g.response,
            page=screen,
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


def screen_at(at: str) -> Page:
    """Return the screen on which a question is asked, by its mark in the address.

    One that is not asked any more has its page, as far as that is asked; there is no answer to
    the mark of no question.
    """
    questionnaire = said().questionnaire
    link_id = next((each for each in questionnaire.items if mark(each) == at), None)
    if link_id is None:
        abort(HTTPStatus.NOT_FOUND)
    topic = questionnaire.page_of(link_id)
    shown = [screen for screen in screens_shown() if screen.id == topic.id]
    asking = (s for s in shown if any(item.link_id == link_id for item in s.items))
    return next(asking, None) or next(iter(shown), replace(topic, items=()))


def place_to_go_on(screen: Page) -> str:
    """Return where a form goes on that is locked on a screen."""
    return screen.items[0].link_id if screen.items else ""


def after(response: Response, screen: Page) -> Page | None:
    """Return the screen after this one; after a change only what the change opened comes first."""
    today = current_clinic().today()
    if from_review():
        return answers_given.unanswered_screen(pack(), response, today, singly=singly())
    here = screen if screen.items else whole_page(screen)
    return answers_given.next_screen(pack(), response, today, here, singly=singly())


def whole_page(screen: Page) -> Page:
    """Return the page of the questionnaire that a screen is part of."""
    return next(page for page in pack().questionnaire.pages if page.id == screen.id)


def question_page(screen: Page, form: PageForm, faults: list[Fault]) -> Answer:
    """Show the screen, with what is wrong on top when something is."""
    lists = lists_of(form)
    back = _back_from(screen, lists)
    if answer := interposed(screen, back):
        return answer
    errors = {fault.anchor: fault.message for fault in faults}
    return page(
        "page",
        status_for(faults),
        topic=screen,
        form=form,
        faults=faults,
        errors=errors,
        faulty={fault.link_id: fault.message for fault in reversed(faults)},
        back=back,
        carried=from_review(),
        here=(request.view_args or {})["at"],
        action=_action(lists),
        mark=mark,
        address=address,
        listed=_listed(lists),
        going_on=KEEP if any(question.row is not None for question in lists) else CONTINUE,
        areas={"names": area_names(), "planned": planned_areas()},
        bands=ready_dates(),
        said_date=said_date,
        place=place_of(screen),
        planned=planned_area(),
    )


def _action(lists: list[MedicinesQuestion]) -> str:
    """Return where the screen is sent: with the number of the row it shows, if it shows one."""
    row = next((str(question.row) for question in lists if question.row is not None), None)
    carried: dict[str, Any] = {**from_review(), **({"row": row} if row else {})}
    return url_for("tablet.save", **(request.view_args or {}), **carried)


def _listed(lists: list[MedicinesQuestion]) -> list[str]:
    """Say each medicine of the list that is on the screen."""
    today = current_clinic().today()
    kept = (read_stored(q.item, g.response.answers.get(q.item.link_id), today) for q in lists)
    return [
        medicine_words(entry)
        for answer in kept
        if isinstance(answer, Listed)
        for entry in answer.entries
    ]


def _back_from(screen: Page, lists: list[MedicinesQuestion]) -> str:
    """Return where Back leads: from a row to its list, from a change to the review."""
    if any(question.row is not None and question.has_rows for question in lists):
        return address(screen.items[0].link_id, **from_review())
    if from_review():
        return url_for("tablet.review")
    before = answers_given.previous_screen(
        pack(), g.response, current_clinic().today(), screen, singly=singly()
    )
    return address(before.items[0].link_id) if before else url_for("tablet.welcome")


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
