"""Answering page by page: which questions are asked, what is saved, where to go next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.begin import TABLET
from intake.core.answers import (
    UNKNOWN_CODES,
    Happened,
    Listed,
    Missing,
    read_answer,
)
from intake.core.errors import AnswerError, IntakeError, StateError
from intake.core.keeping import keep
from intake.core.questionnaire import NONE_CODE, Kind, screens
from intake.core.reading import case_for
from intake.core.records import ResponseStatus
from intake.core.truth import Truth
from intake.storage import audit, responses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from intake.core.answers import Answer, Raw
    from intake.core.conditions import Case
    from intake.core.questionnaire import Item, Page
    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.storage import Store

SAY_SOMETHING: Mapping[Kind, str] = {
    Kind.YES_NO: "Select yes, no or not sure: {question}",
    Kind.CHOICE: "Select one answer: {question}",
    Kind.CHOICES: "Select at least one answer: {question}",
    Kind.BODY_MAP: "Select at least one answer: {question}",
    Kind.NUMBER: "Enter a number, or select not sure: {question}",
    Kind.DATE: "Say when, or select not sure: {question}",
    Kind.MEDICINES: "Enter a medicine, or select not sure: {question}",
    Kind.TEXT: "Enter an answer: {question}",
}
"""What to do about a question that was left without any answer."""


LISTS = frozenset({Kind.CHOICES, Kind.BODY_MAP, Kind.MEDICINES})
"""Kinds of answers that have parts."""


class AnswersRefusedError(IntakeError):
    """Some answers of a page cannot be taken; the others were saved.

    Attributes:
        problems: What is wrong, by link id.
    """

    def __init__(self, problems: Mapping[str, AnswerError]) -> None:
        self.problems = dict(problems)
        super().__init__("some answers cannot be taken")


class ChangedMeanwhileError(IntakeError):
    """Answers of the page were changed since it was shown, in another window or by a late request.

    Attributes:
        response: The form as it is now.
    """

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__("the answers of this page were changed meanwhile")


def asked_items(pack: RulePack, response: Response, page: Page, today: date) -> tuple[Item, ...]:
    """Return the questions of a page that the patient is asked now."""
    return tuple(_asked(case_for(pack, response, today), page.items))


def _asked(case: Case, items: Iterable[Item]) -> Iterable[Item]:
    return (
        item
        for item in items
        if item.from_record is None and case.asked(item.link_id) is not Truth.NOT_MET
    )


def asked_screens(
    pack: RulePack,
    response: Response,
    today: date,
    *,
    singly: bool = False,
    with_carried: bool = False,
) -> list[Page]:
    """Return what is asked now, screen by screen: each is a page with some of its questions.

    What waits to be confirmed, from an earlier visit, is left out unless it is wanted. It is worked
    out once for a form as it stands: to show a page asks for it three times.
    """
    case = case_for(pack, response, today)
    left_out = frozenset() if with_carried else response.carried

    def make() -> list[Page]:
        return [
            screen
            for page in pack.questionnaire.pages
            for screen in screens(
                page,
                (item for item in _asked(case, page.items) if item.link_id not in left_out),
                singly=singly,
            )
        ]

    # The case is kept beside the form with its pack, so that nothing else can have its id.
    return list(response.worked_out((id(case), singly, with_carried), make))


def next_screen(
    pack: RulePack, response: Response, today: date, after: Page | None, *, singly: bool = False
) -> Page | None:
    """Return the screen after *after* (the first for None); None when the review comes next."""
    shown = asked_screens(pack, response, today, singly=singly)
    order = _order(pack)
    here = order[after.items[-1].link_id] if after else -1
    return next((s for s in shown if order[s.items[0].link_id] > here), None)


def _order(pack: RulePack) -> dict[str, int]:
    """Return the place of each question in the order in which they are asked."""
    return {link_id: number for number, link_id in enumerate(pack.questionnaire.items)}


def previous_screen(
    pack: RulePack, response: Response, today: date, before: Page | None, *, singly: bool = False
) -> Page | None:
    """Return the screen before *before* (the last for None); None when it is the first."""
    shown = asked_screens(pack, response, today, singly=singly)
    order = _order(pack)
    here = order[before.items[0].link_id] if before else len(order)
    return next((s for s in reversed(shown) if order[s.items[-1].link_id] < here), None)


def unanswered_screen(
    pack: RulePack, response: Response, today: date, *, singly: bool = False
) -> Page | None:
    """Return the first screen on which a question that needs an answer has none."""
    case = case_for(pack, response, today)
    return next(
        (
            screen
            for screen in asked_screens(pack, response, today, singly=singly)
            for item in screen.items
            if item.required and case.answer(item.link_id) is Missing.NOT_ANSWERED
        ),
        None,
    )


def set_aside_items(pack: RulePack, response: Response, today: date) -> tuple[Item, ...]:
    """Return the questions that have an answer but are not asked any more."""
    case = case_for(pack, response, today)
    return tuple(
        item
        for link_id, item in pack.questionnaire.items.items()
        if link_id in response.answers and case.asked(link_id) is Truth.NOT_MET
    )


def save_page(  # noqa: PLR0913 - each is one fact about the page
    store: Store,
    pack: RulePack,
    *,
    response: Response,
    page: Page,
    raw: Mapping[str, Raw],
    now: datetime,
    today: date,
    is_stale: bool = False,
    actor: str = TABLET,
) -> Response:
    """Save what a page says, or a screen with some of its questions.

    Only questions asked on it are taken; the rest of *raw* is ignored.

    Args:
        store: Where it is kept.
        pack: The pack the form was begun with.
        response: The form as it was when *raw* was read from the page.
        page: What was asked.
        raw: What was said, by link id.
        now: When.
        today: The clinic's local date.
        is_stale: The page was made from other answers than those of *response*.
        actor: Who saves.

    Returns:
        The response with the new answers.

    Raises:
        ChangedMeanwhileError: the page would undo what was said since it was shown; nothing was
            saved. A page that is sent twice undoes nothing.
        AnswersRefusedError: some cannot be taken; those that can were saved all the same.
        StateError: the form was sent or stopped in the meantime.
    """
    items = asked_items(pack, response, page, today)
    kept, problems = _read_page(pack, response, items, raw, today)
    with store.write() as db:
        current = responses.response(store, response.id)
        if current is None or current.status is not ResponseStatus.IN_PROGRESS:
            msg = "This form was already sent. Please hand the tablet back."
            raise StateError(msg)
        is_stale = is_stale or any(
            current.answers.get(name) != response.answers.get(name) for name in kept
        )
        if is_stale and any(current.answers.get(name) != value for name, value in kept.items()):
            raise ChangedMeanwhileError(current)
        visited = current.visited if problems else current.visited | {page.id}
        responses.put_answers(db, response.id, kept, now, language=response.language)
        responses.put_visited(db, response.id, visited)
        said_anew = _said_anew(current, kept)
        if said_anew:
            responses.confirm_carried(db, response.id, said_anew, now)
        if current.replaces:
            responses.put_help(db, response.id, _still_about(current, kept))
        # Without the page's name: which follow-ups were asked tells what was answered.
        audit.append(db, at=now, actor=actor, action="page saved", subject=response.id)
    if problems:
        raise AnswersRefusedError(problems)
    answers = {k: v for k, v in {**current.answers, **kept}.items() if v is not None}
    carried = current.carried - said_anew
    return replace(current, answers=answers, visited=visited, carried=carried)


def _said_anew(current: Response, kept: Mapping[str, Raw]) -> frozenset[str]:
    """Return which answers of an earlier visit were given otherwise now.

    One that was left as it stood waits to be confirmed: it was ticked before the patient came.
    """
    return frozenset(
        link_id
        for link_id in current.carried & kept.keys()
        if kept[link_id] != current.answers.get(link_id)
    )


def _still_about(current: Response, kept: Mapping[str, Raw]) -> frozenset[str]:
    """Return with which questions help was asked for, without those that were answered since.

    A version that amends another begins with the other's; an answer that is changed in it was
    given without the help that was asked for with the old one.
    """
    same = (Missing.NOT_SURE.value, None)
    return frozenset(
        link_id
        for link_id in current.help
        if kept.get(link_id) in (*same, current.answers.get(link_id))
    )


def ask_for_help(
    store: Store, response: Response, link_ids: Iterable[str], *, now: datetime
) -> None:
    """Keep that the patient could not answer questions alone; staff see it at the desk."""
    with store.write() as db:
        current = responses.response(store, response.id)
        if current is not None and current.status is ResponseStatus.IN_PROGRESS:
            responses.put_help(db, response.id, current.help | frozenset(link_ids))
            audit.append(db, at=now, actor=TABLET, action="help wanted", subject=response.id)


def choose_language(store: Store, response: Response, language: str, *, now: datetime) -> Response:
    """Go on with a form in another language; answers that were given stay as they are."""
    with store.write() as db:
        current = responses.response(store, response.id)
        if current is None or current.status is not ResponseStatus.IN_PROGRESS:
            msg = "This form was already sent. Please hand the tablet back."
            raise StateError(msg)
        responses.put_language(db, response.id, language)
        audit.append(db, at=now, actor=TABLET, action="language chosen", subject=response.id)
    return replace(current, language=language)


def _read_page(
    pack: RulePack,
    response: Response,
    items: Iterable[Item],
    raw: Mapping[str, Raw],
    today: date,
) -> tuple[dict[str, Raw], dict[str, AnswerError]]:
    kept: dict[str, Raw] = {}
    problems: dict[str, AnswerError] = {}
    born = case_for(pack, response, today).answer("birth_date")
    for item in items:
        try:
            value = keep(item, raw.get(item.link_id), today)
            refuse_before_birth(item, value, born, today)
        except AnswerError as error:
            # What was there before is taken back: the patient has just said something else.
            rest = rest_of(item, raw.get(item.link_id), born, today)
            problems[item.link_id], kept[item.link_id] = error, rest
            continue
        kept[item.link_id] = value
        if value is None and item.required:
            problems[item.link_id] = AnswerError(SAY_SOMETHING[item.kind], question=item.ask)
    return kept, problems


def rest_of(item: Item, raw: Raw, born: Answer, today: date) -> Raw:
    """Return what still holds of a list that cannot be taken as a whole; None for anything else.

    What can be read by itself is kept, of a medicine at least its name, and that there may be more
    is kept with it: the list stays open until it is put right.
    """
    if item.kind not in LISTS or not isinstance(raw, list):
        return None
    parts = [part for part in raw if part != NONE_CODE and part not in tuple(UNKNOWN_CODES)]
    left = [read for part in parts for read in _readable_part(item, part, born, today)]
    while left:
        try:
            return keep(item, [*left, Missing.NOT_SURE.value], today)
        except AnswerError:  # too many of them
            left.pop()
    return None


def _readable_part(item: Item, part: Raw, born: Answer, today: date) -> list[Raw]:
    """Return a part of a list, of a medicine at least its name; nothing if it cannot be read."""
    named: list[Raw] = [{"name": part["name"]}] if isinstance(part, dict) and "name" in part else []
    for tried in (part, *named):
        try:
            refuse_before_birth(item, keep(item, [tried], today), born, today)
        except AnswerError:
            continue
        return [tried]
    return []


def refuse_before_birth(item: Item, value: Raw, born: Answer, today: date) -> None:
    """Refuse an answer with a day before the patient was born.

    Raises:
        AnswerError: it has one.
    """
    if value is None or not isinstance(born, Happened):
        return
    answer = read_answer(item, value, today)
    days = [answer.when.latest] if isinstance(answer, Happened) else []
    if isinstance(answer, Listed):
        days = [entry.stopped.latest for entry in answer.entries if entry.stopped]
    if any(day < born.when.earliest for day in days):
        msg = "Enter a date after the date of birth, {birth}."
        raise AnswerError(msg, birth=born.when.earliest)
