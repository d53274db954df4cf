"""The pages of questions: shown, kept, and what comes next."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import abort, g, jsonify, request, url_for

from intake.actions import answer as answers_given
from intake.actions import begin
from intake.actions.answer import AnswersRefusedError, ChangedMeanwhileError
from intake.actions.visits import acting
from intake.core.answers import Missing, read_stored
from intake.core.conditions import BIRTH_DATE
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.languages import gettext, say
from intake.web.tablet_base import (
    NOTED,
    address,
    area_names,
    aside,
    asked_on,
    bp,
    from_review,
    go,
    go_straight,
    go_to,
    mark,
    pack,
    page,
    place_of,
    planned_area,
    planned_areas,
    said,
    screens_shown,
    singly,
    status_for,
)
from intake.web.tablet_company import interposed
from intake.web.tablet_dates import band_choices, said_before, said_date
from intake.web.tablet_fields import DateQuestion, Fault
from intake.web.tablet_forms import filled_form, page_form
from intake.web.tablet_medicines import MedicinesQuestion
from intake.web.tablet_rows import listed, lists_of, number_of, row_marks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response as Answer

    from intake.core.answers import Answer as Given
    from intake.core.answers import Raw
    from intake.core.errors import AnswerError
    from intake.core.questionnaire import Item, Page
    from intake.core.records import Response
    from intake.web.tablet_forms import PageForm

ADD, REMOVE, CONTINUE, KEEP = "add", "remove", "continue", "keep"
HELP, BACK, CHANGE, REMOVED = "help", "back", "change", "removed"
"""What the buttons of a screen ask for: one more row, whether to take a row out (each row has its
mark, see `row_marks`), the next screen, the list again with the row that was filled in, help, the
screen before, a row to fill in anew, and to take a row out indeed."""

MOST_TRIES = 20
"""How often a page is read anew when others change its answers at the same moment."""


@bp.get("/page/<at>")
@open_to(Access.VISIT)
def questions(at: str) -> Answer:
    """Show one screen with the answers given so far."""
    return _stored(at)


def _stored(at: str) -> Answer:
    screen = screen_at(at)
    form = filled_form(screen.items, g.response.answers)
    for question in lists_of(form):
        question.show_row(number_of(request.args.get("row", ""), question.item))
        if "remove" in request.args:
            question.leaving = number_of(request.args["remove"], question.item)
    return question_page(screen, form, [])


@bp.post("/page/<at>")
@open_to(Access.VISIT)
def save(at: str) -> Answer:
    """Keep the answers of one screen and go on; what cannot be read stays as it was typed.

    On the way back what can be read is kept, and nothing is asked for. A screen that would
    undo what was said since it was shown changes nothing and is shown as it is now.
    """
    for _ in range(MOST_TRIES):
        screen = _screen_sent(at)
        if not screen.items:
            return aside(lambda: _stored(at)) or go_to(after(g.response, screen_at(at)))
        form = _sent_form(screen)
        is_stale = _is_stale(screen) and not any(q.row is not None for q in lists_of(form))
        try:
            return _saved(at, screen, form, is_stale=is_stale)
        except ChangedMeanwhileError as changed:
            g.response = changed.response
            if is_stale:
                break
    return aside(lambda: _stored(at)) or _as_it_is_now(screen_at(at))


def _saved(at: str, screen: Page, form: PageForm, *, is_stale: bool) -> Answer:
    act, _, row = request.form.get("do", CONTINUE).partition("-")
    for question in lists_of(form):
        if act == REMOVED:
            question.take_out(number_of(row, question.item))
        if act == HELP and question.row is not None and question.has_rows:
            question.leave_open()  # who cannot fill in a row has one more to tell
    faults = _kept(screen, form, act, is_stale=is_stale)
    if answer := aside(lambda: _as_typed(at, screen, form), place_to_go_on(screen)):
        return answer
    if act == BACK:
        return go_straight(_back_from(screen, lists_of(form)))
    if act in (ADD, CHANGE, REMOVE, REMOVED, KEEP) and (lists := lists_of(form)):
        return _list_again(screen, form, act, faults, lists[0])
    if faults:
        return question_page(screen, form, faults)
    return go_on(screen, **({NOTED: HELP} if act == HELP else {}))


def go_on(screen: Page, **values: str) -> Answer:
    """Go to what is asked next; after a change, when nothing is, to its line of the review."""
    to = after(g.response, screen)
    if to is None and from_review():
        return go("tablet.review", **values, _anchor=mark(screen.items[0].link_id))
    return go_to(to, **values)


def state_of(items: Iterable[Item]) -> str:
    """Return what stands for the stored answers a screen is made from; it tells nothing of them."""
    answers = g.response.answers
    return mark(json.dumps({item.link_id: answers.get(item.link_id) for item in items}))


def _is_stale(screen: Page) -> bool:
    """Tell whether other answers are stored than those the screen was made from."""
    made_from = request.form.get("state")
    return made_from is not None and made_from != state_of(screen.items)


def _as_it_is_now(screen: Page) -> Answer:
    """Show a screen with the answers that are stored, and say that they are not the ones sent."""
    form = filled_form(screen.items, g.response.answers)
    words = gettext("The answers on this page were changed meanwhile. This is how they are now.")
    return question_page(screen, form, [Fault("", "page", words)])


def _screen_sent(at: str) -> Page:
    """Return the screen that was sent: what it asked then, as far as it is asked now.

    In another window the questions may have been spread otherwise since, or be asked no more.
    """
    screen, shown = screen_at(at), set(request.form.getlist("shown"))
    if not shown:
        return screen
    topic = whole_page(screen)
    return replace(topic, items=tuple(i for i in asked_on(topic) if mark(i.link_id) in shown))


def _sent_form(screen: Page) -> PageForm:
    """Return the form that was sent; what was not on the screen stays as it is kept."""
    form = page_form(screen.items)()
    for question in form.questions:
        stored = g.response.answers.get(question.item.link_id)
        if isinstance(question, MedicinesQuestion):
            at = request.args.get("row", "")
            question.keep_rows(stored, number_of(at, question.item), _born())
        elif isinstance(question, DateQuestion):
            question.stored = stored
    return form


def _born() -> Given:
    """Return the date of birth as the form holds it."""
    item, stored = pack().items.get(BIRTH_DATE), g.response.answers.get(BIRTH_DATE)
    return read_stored(item, stored, current_clinic().today()) if item else Missing.NOT_ANSWERED


def _as_typed(at: str, sent: Page, form: PageForm) -> Answer:
    """Show a screen in the language or way just chosen, with everything that was typed."""
    screen = screen_at(at)
    if [item.link_id for item in screen.items] != [item.link_id for item in sent.items]:
        return question_page(screen, filled_form(screen.items, g.response.answers), [])
    again = page_form(screen.items)()
    for question, before in zip(again.questions, form.questions, strict=True):
        if isinstance(question, MedicinesQuestion) and isinstance(before, MedicinesQuestion):
            kept = g.response.answers.get(question.item.link_id)
            question.keep_rows(kept, before.row, _born())
    return question_page(screen, again, [])


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
    answers_given.ask_for_help(current_store(), g.response, wanted, now=current_clinic().now())
    return {**raw, **dict.fromkeys(blank, Missing.NOT_SURE.value)}


def _list_again(
    screen: Page, form: PageForm, act: str, faults: list[Fault], question: MedicinesQuestion
) -> Answer:
    """Show the list with what was done to it, or the row in which something is wrong."""
    named = request.form.get("do", "").partition("-")[2]
    if act == CHANGE:
        return go_to(screen, row=named)
    if act == REMOVE:
        return go_to(screen, remove=named)
    if faults and (question.raw() or act == KEEP):
        return question_page(screen, form, faults)
    if act == KEEP and not question.has_rows:
        return go_on(screen)
    return go_to(screen, **({"row": row_marks(question.item)[-1]} if act == ADD else {}))


def _kept(screen: Page, form: PageForm, act: str, *, is_stale: bool) -> list[Fault]:
    """Store what can be read, and of a list what can be read of it; return what is wrong.

    An answer over which something unreadable was typed is taken back, on the way back too: the
    patient has just said something else, and is asked again.
    """
    house, faults = current_clinic(), form.faults(current_clinic().today())
    raw = form.raw(house.today())
    if act == HELP:
        raw = _with_help(form, raw)
    for question in form.questions:
        if question.item.link_id not in raw:
            rest = answers_given.rest_of(question.item, question.raw(), _born(), house.today())
            raw[question.item.link_id] = rest
    refused: dict[str, AnswerError] = {}
    try:
        g.response = answers_given.save_page(
            current_store(),
            pack(),
            response=g.response,
            page=screen,
            raw=raw,
            now=house.now(),
            today=house.today(),
            is_stale=is_stale,
            actor=acting(g.visit),
        )
    except AnswersRefusedError as error:
        refused = dict(error.problems)
        g.response = begin.open_visit(current_store(), token=g.visit_token) or g.response
    return _in_order(form, faults, refused)


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
    is_carried = link_id in g.response.carried
    shown = [s for s in screens_shown(with_carried=is_carried) if s.id == topic.id]
    asking = (s for s in shown if any(item.link_id == link_id for item in s.items))
    return next(asking, None) or next(iter(shown), replace(topic, items=()))


def place_to_go_on(screen: Page) -> str:
    """Return where a form goes on that is locked on a screen."""
    return screen.items[0].link_id if screen.items else ""


def after(response: Response, screen: Page) -> Page | None:
    """Return the screen after this one.

    After a change, and in a version that amends another, only what is open comes before the review.
    """
    today = current_clinic().today()
    if from_review() or response.replaces or response.follows:
        return answers_given.unanswered_screen(pack(), response, today, singly=singly())
    here = screen if screen.items else whole_page(screen)
    return answers_given.next_screen(pack(), response, today, here, singly=singly())


def whole_page(screen: Page) -> Page:
    """Return the page of the questionnaire that a screen is part of."""
    return next(topic for topic in said().questionnaire.pages if topic.id == screen.id)


def question_page(screen: Page, form: PageForm, faults: list[Fault]) -> Answer:
    """Show the screen, with what is wrong on top when something is; the next one if it is empty."""
    if not screen.items:
        return go_to(after(g.response, screen))
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
        carried=from_review(),
        here=(request.view_args or {})["at"],
        action=_action(lists),
        mark=mark,
        state=state_of(screen.items),
        noted=request.args.get(NOTED),
        address=address,
        listed=listed(lists),
        row_marks=row_marks,
        said_before=said_before,
        going_on=KEEP if any(question.row is not None for question in lists) else CONTINUE,
        areas={"names": area_names(), "planned": planned_areas()},
        bands=band_choices(pack(), screen.items),
        said_date=said_date,
        place=place_of(screen),
        planned=planned_area(),
    )


def _action(lists: list[MedicinesQuestion]) -> str:
    """Return where the screen is sent: with the number of the row it shows, if it shows one."""
    shown = [row_marks(q.item)[: q.row + 1][-1] for q in lists if q.row is not None]
    carried: dict[str, Any] = {**from_review(), **({"row": shown[0]} if shown else {})}
    return url_for("tablet.save", **(request.view_args or {}), **carried)


def _back_from(screen: Page, lists: list[MedicinesQuestion]) -> str:
    """Return where Back leads: from a row to its list, from a change to the review."""
    if any(q.row is not None and len(row_marks(q.item)) > 1 for q in lists):
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
