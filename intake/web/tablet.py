"""The patients' tablet: one topic a page, a review, a signature, and nothing left behind."""

from __future__ import annotations

from calendar import month_name
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import (
    Blueprint,
    abort,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from intake.actions import answer as answers_given
from intake.actions import begin, submit, tablets
from intake.actions.answer import AnswersRefusedError
from intake.actions.submit import IncompleteError
from intake.core.answers import Happened, Listed, Missing, read_stored, words_for
from intake.core.errors import AnswerError
from intake.core.questionnaire import PLAN_PREFIX
from intake.web.access import (
    TABLET_COOKIE,
    TABLET_COOKIE_DAYS,
    VISIT_COOKIE,
    Access,
    give_cookie,
    open_to,
    take_cookie,
)
from intake.web.clinic import current_clinic, current_store
from intake.web.forms import (
    Fault,
    MedicinesQuestion,
    SignatureForm,
    StartForm,
    date_parts,
    filled_form,
    page_form,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from flask import Response as Answer

    from intake.core.answers import Answer as Given
    from intake.core.answers import Raw
    from intake.core.questionnaire import Item, Page, Section
    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.web.forms import PageForm

PATH = "/tablet"

ADD, REMOVE, CONTINUE = "add", "remove", "continue"
"""What the buttons of a page ask for; `remove-2` takes out the third row of a list."""

bp = Blueprint("tablet", __name__, url_prefix=PATH)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form a page lies: the number of its section, counted from 1."""

    number: int
    count: int
    title: str


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


def pack() -> RulePack:
    """Return the pack under which the form in hand was begun."""
    return current_clinic().pack_of(g.response.pack_hash)


# Beginning and ending


@bp.get("/")
@open_to(Access.ANYBODY)
def start() -> Answer:
    """Go on with the visit in hand; else ask who is there, or for a member of staff.

    Whoever sent the form twice, with a double tap or after a cut, is thanked all the same.
    """
    if _visited():
        return go("tablet.welcome")
    if "receipt" in session:
        return go("tablet.thanks")
    if _is_enrolled():
        return start_page(StartForm(formdata=None), [])
    return page("ask_staff")


def _visited() -> Response | None:
    token = request.cookies.get(VISIT_COOKIE, "")
    return begin.open_visit(current_store(), token=token) if token else None


def _is_enrolled() -> bool:
    token = request.cookies.get(TABLET_COOKIE, "")
    return bool(token) and tablets.tablet_of(current_store(), token) is not None


@bp.post("/start")
@open_to(Access.TABLET)
def begin_here() -> Answer:
    """Begin a form for the person who gave name and date of birth."""
    form, house = StartForm(), current_clinic()
    who = form.read(house.today())
    if who is None:
        return start_page(form, form.faults(house.today()))
    try:
        token = begin.begin_on_tablet(
            current_store(),
            house.pack,
            tablet_token=g.tablet_token,
            name=who[0],
            birth_date=who[1],
            now=house.now(),
        )
    except AnswerError as error:
        return start_page(form, [Fault("name", "name", str(error))])
    return with_cookie(go("tablet.welcome"), VISIT_COOKIE, token)


def start_page(form: StartForm, faults: list[Fault]) -> Answer:
    """Ask who is there."""
    errors = {fault.link_id: fault.message for fault in faults}
    return page("start", status_for(faults), form=form, faults=faults, errors=errors)


@bp.get("/enrol/<code>")
@open_to(Access.ANYBODY)
def enrol(code: str) -> Answer:
    """Ask before this device becomes one of the clinic's tablets."""
    return page("enrol", code=code)


@bp.post("/enrol/<code>")
@open_to(Access.ANYBODY)
def enrol_now(code: str) -> Answer:
    """Make this device one of the clinic's tablets; the link works once."""
    token = tablets.enrol(current_store(), code=code, now=current_clinic().now())
    answer = go("tablet.start")
    # For the front door as well, which sends tablets to their side.
    give_cookie(answer, TABLET_COOKIE, token, path="/", days=TABLET_COOKIE_DAYS)
    return answer


@bp.get("/welcome")
@open_to(Access.VISIT)
def welcome() -> Answer:
    """Say why we ask and who reads it, and show whose form this is."""
    return page("welcome", person=begin.patient_of(current_store(), g.response))


@bp.post("/welcome")
@open_to(Access.VISIT)
def go_on() -> Answer:
    """Go to the first question, or to where the form was left."""
    first = answers_given.next_page(pack(), g.response, current_clinic().today(), None)
    if g.response.visited:
        first = answers_given.unanswered_page(pack(), g.response, current_clinic().today())
    return go_to_page(first)


@bp.get("/not-me")
@open_to(Access.VISIT)
def not_me() -> Answer:
    """Ask for the tablet to be handed back: the form is somebody else's."""
    return page("not_me")


@bp.get("/end")
@open_to(Access.ANYBODY)
def end() -> Answer:
    """Empty the browser; a redirect, so that the page left behind is emptied as well."""
    answer = go("tablet.thanks")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.get("/thanks")
@open_to(Access.ANYBODY)
def thanks() -> Answer:
    """Say thank you, the same to everybody; the receipt is shown once."""
    return page("thanks", receipt=session.pop("receipt", ""))


# Questions


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
    response, faults = _kept(topic, form, form.raw(current_clinic().today()))
    if act == ADD:
        return _with_row(topic, form, faults)
    return question_page(topic, form, faults) if faults else go_to_page(_after(response, topic))


def _without_row(topic: Page, form: PageForm, number: int) -> Answer:
    """Take one row out of the list; an emptied list is shown, for it is no answer by itself."""
    left = {q.item.link_id: q.without(number) for q in lists_of(form)}
    raw = {**form.raw(current_clinic().today()), **left}
    _kept(topic, form, raw)
    if all(left.values()):
        return go("tablet.questions", page_id=topic.id, **_from_review(), _anchor=min(left))
    return question_page(topic, filled_form(asked_on(topic), raw), [])


def _with_row(topic: Page, form: PageForm, faults: list[Fault]) -> Answer:
    """Offer a blank row once those above it can be read; other questions may wait."""
    filled = {q.item.link_id for q in lists_of(form) if q.raw()}
    wrong = [fault for fault in faults if fault.link_id in filled]
    if wrong:
        return question_page(topic, form, wrong)
    return go("tablet.questions", page_id=topic.id, **_from_review(), more="1", _anchor="new")


def _kept(topic: Page, form: PageForm, raw: dict[str, Raw]) -> tuple[Response, list[Fault]]:
    """Store what can be read; return the form as it then stands and what is wrong with the rest."""
    house, faults = current_clinic(), form.faults(current_clinic().today())
    refused: dict[str, str] = {}
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
        )
    except AnswersRefusedError as error:
        refused = dict(error.problems)
    return response, _in_order(form, faults, refused)


def _in_order(form: PageForm, faults: list[Fault], refused: dict[str, str]) -> list[Fault]:
    """Bring faults of the boxes and of the answers into the order of the page, one kind each."""
    found: list[Fault] = []
    for question in form.questions:
        link_id = question.item.link_id
        own = [fault for fault in faults if fault.link_id == link_id]
        other = Fault(link_id, question.anchor, refused[link_id]) if link_id in refused else None
        found += own or ([other] if other else [])
    return found


def lists_of(form: PageForm) -> list[MedicinesQuestion]:
    """Return the questions of a page that are answered with a list of rows."""
    return [question for question in form.questions if isinstance(question, MedicinesQuestion)]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def page_called(page_id: str) -> Page:
    """Return a page of the form in hand; there is no answer to any other."""
    found = next((p for p in pack().questionnaire.pages if p.id == page_id), None)
    return found or abort(HTTPStatus.NOT_FOUND)


def asked_on(topic: Page) -> tuple[Item, ...]:
    """Return the questions of a page that are asked now."""
    return answers_given.asked_items(pack(), g.response, topic, current_clinic().today())


def _after(response: Response, topic: Page) -> Page | None:
    """Return the page after this one; after a change only what the change opened comes first."""
    today = current_clinic().today()
    if _from_review():
        return answers_given.unanswered_page(pack(), response, today)
    return answers_given.next_page(pack(), response, today, topic.id)


def _from_review() -> dict[str, str]:
    return {"from": "review"} if request.args.get("from") == "review" else {}


def question_page(topic: Page, form: PageForm, faults: list[Fault]) -> Answer:
    """Show the page, with what is wrong on top when something is."""
    errors = {fault.anchor: fault.message for fault in faults}
    return page(
        "page",
        status_for(faults),
        topic=topic,
        form=form,
        faults=faults,
        errors=errors,
        faulty={fault.link_id: fault.message for fault in reversed(faults)},
        back=_back_from(topic),
        carried=_from_review(),
        areas=_area_names(),
        place=place_of(topic),
        planned=planned_area(),
    )


def _back_from(topic: Page) -> str:
    if _from_review():
        return url_for("tablet.review")
    before = answers_given.previous_page(pack(), g.response, current_clinic().today(), topic.id)
    return _address(before) if before else url_for("tablet.welcome")


def _address(topic: Page) -> str:
    return url_for("tablet.questions", page_id=topic.id)


def _area_names() -> dict[str, str]:
    area = pack().items.get(f"{PLAN_PREFIX}area")
    return {option.code: option.text for option in area.options} if area else {}


def planned_area() -> str:
    """Return the areas to be treated in words; blank while nothing is planned."""
    names, planned = _area_names(), g.response.plan.get("area")
    codes = planned if isinstance(planned, list) else []
    words = [names[code].lower() for code in codes if isinstance(code, str) and code in names]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def sections() -> list[Section]:
    """Return the sections with something to ask on a tablet."""
    return [
        section
        for section in pack().questionnaire.sections
        if any(not item.from_record for topic in section.pages for item in topic.items)
    ]


def place_of(topic: Page) -> Place:
    """Return where in the form a page lies."""
    shown = sections()
    at = next((n for n, section in enumerate(shown) if topic in section.pages), 0)
    return Place(at + 1, len(shown), shown[at].title)


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


# Review and signature


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
        back=_address(last) if last else url_for("tablet.welcome"),
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


# Answers to the browser


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Answer:
    """Show one page of the tablet."""
    return make_response(render_template(f"tablet/{template}.html", **context), status)


def status_for(faults: list[Fault]) -> HTTPStatus:
    """Return the status of a page that shows these faults."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK


def go_to_page(topic: Page | None, **values: str) -> Answer:
    """Go to a page of questions, or to the review when there is none left."""
    if topic is None:
        return go("tablet.review")
    return go("tablet.questions", page_id=topic.id, **{**_from_review(), **values})


def go(endpoint: str, **values: str) -> Answer:
    """Send the browser on; a script that posted the page is told where to."""
    address = url_for(endpoint, **cast("dict[str, Any]", values))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(go=address)
    return cast("Answer", redirect(address, HTTPStatus.SEE_OTHER))


def with_cookie(answer: Answer, name: str, token: str) -> Answer:
    """Hand out what only the tablet's pages see and no script can read."""
    give_cookie(answer, name, token, path=PATH)
    return answer


def without_visit(answer: Answer) -> Answer:
    """Take the visit out of the browser."""
    take_cookie(answer, VISIT_COOKIE, path=PATH)
    return answer
