"""The tablet's forms: one WTForms class per page, made from its questions at run time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import FormField, HiddenField, RadioField, StringField

from intake.actions.submit import LEAST_POINTS
from intake.core.answers import clean_text, has_letters
from intake.core.dates import parse_date
from intake.core.errors import AnswerError
from intake.core.questionnaire import Kind
from intake.core.records import Signature, SignatureKind
from intake.web.choices import offered
from intake.web.languages import gettext, say
from intake.web.languages import lazy_gettext as _
from intake.web.tablet_dates import day_fault, day_text
from intake.web.tablet_fields import (
    CheckQuestion,
    DateQuestion,
    DayParts,
    Fault,
    Question,
    RadioQuestion,
    WordsQuestion,
    said_twice,
    trimmed,
)
from intake.web.tablet_map import BodyMapQuestion
from intake.web.tablet_medicines import MedicinesQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.dates import Interval
    from intake.core.questionnaire import Item


class PageForm(FlaskForm):
    """Base of every page's form; `page_form` adds the questions."""

    @property
    def questions(self) -> list[Question]:
        """The questions in the order in which they are asked."""
        return [field for field in self if hasattr(field, "item")]

    def faults(self, today: date) -> list[Fault]:
        """Return what cannot be handed over as it stands."""
        return [
            fault
            for question in self.questions
            for fault in said_twice(question) or question.faults(today)
        ]

    def raw(self, today: date) -> dict[str, Raw]:
        """Return the raw value of each question by link id.

        Those with a fault are left out.
        """
        faulty = self.faulty(today)
        return {q.item.link_id: q.raw() for q in self.questions if q.item.link_id not in faulty}

    def faulty(self, today: date) -> set[str]:
        """Return the link ids of the questions that have a fault."""
        return {fault.link_id for fault in self.faults(today)}


FIELDS: Mapping[Kind, Callable[..., Any]] = {
    Kind.YES_NO: RadioQuestion,
    Kind.CHOICE: RadioQuestion,
    Kind.CHOICES: CheckQuestion,
    Kind.BODY_MAP: BodyMapQuestion,
    Kind.NUMBER: WordsQuestion,
    Kind.TEXT: WordsQuestion,
    Kind.DATE: DateQuestion,
    Kind.MEDICINES: MedicinesQuestion,
}


def page_form(items: Iterable[Item]) -> type[PageForm]:
    """Make the form of a page; each control is named after the question's link id."""
    fields = {_attribute(item): FIELDS[item.kind](item, name=item.link_id) for item in items}
    return type("QuestionsForm", (PageForm,), fields)


def filled_form(items: Iterable[Item], answers: Mapping[str, Raw]) -> PageForm:
    """Return the form of a page with the stored answers in place."""
    asked = tuple(items)
    kept = {_attribute(item): answers.get(item.link_id) for item in asked}
    return page_form(asked)(formdata=None, data=kept)


def _attribute(item: Item) -> str:
    """Name the attribute of a question, so that none can hide one of the form's own."""
    return f"q_{item.link_id}"


class BirthForm(FlaskForm):
    """A date of birth."""

    birth = FormField(DayParts)

    def read(self, today: date) -> date | None:
        """Return the date of birth, or None when `faults` has something to say."""
        if BirthForm.faults(self, today):
            return None
        return parse_date(day_text(*self.birth.form.boxes), today).earliest

    def faults(self, today: date) -> list[Fault]:
        """Return what is missing or cannot be read."""
        message = self._birth_fault(today)
        return [Fault("birth", "birth-day", message)] if message else []

    def _birth_fault(self, today: date) -> str:
        boxes = self.birth.form.boxes
        if not all(boxes):
            return gettext("Enter the day, month and year you were born.")
        try:
            return day_fault(*boxes)[1] or _day_only(parse_date(day_text(*boxes), today))
        except AnswerError as error:
            return say(error)


def _day_only(when: Interval) -> str:
    return "" if when.is_exact else gettext("Enter the day, month and year you were born.")


class StartForm(BirthForm):
    """Who is about to answer."""

    name = StringField()

    def said_name(self) -> str:
        """Return the name as it is kept."""
        return " ".join(clean_text(trimmed(self.name)).split())

    def faults(self, today: date) -> list[Fault]:
        """Return what is missing or cannot be read."""
        unnamed = [] if trimmed(self.name) else [Fault("name", "name", gettext("Enter your name."))]
        return [*unnamed, *super().faults(today)]


class SignatureForm(FlaskForm):
    """The signature under the declaration, drawn or typed."""

    way = RadioField(
        choices=lambda: offered([("draw", _("Draw my signature")), ("type", _("Type my name"))]),
        validate_choice=False,
    )
    strokes = HiddenField()
    typed = StringField()

    def signature(self, statement: str, language: str) -> Signature | None:
        """Return the signature under a statement; None when there is none."""
        strokes, name = read_strokes(self.strokes.data or ""), trimmed(self.typed)[:200]
        if strokes and self.way.data != "type":
            return Signature(SignatureKind.DRAWN, statement, strokes=strokes, language=language)
        if has_letters(name) and self.way.data != "draw":
            said = clean_text(name)
            return Signature(SignatureKind.TYPED, statement, name=said, language=language)
        return None


MOST_STROKES = 400
MOST_POINTS = 20_000
MOST_STROKE_TEXT = 400_000


def read_strokes(text: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Read the pen's ways as fractions of the canvas; what is not such a list is no signature."""
    try:
        ways = json.loads(text) if text and len(text) <= MOST_STROKE_TEXT else []
        strokes = tuple(tuple((float(x), float(y)) for x, y in way) for way in ways)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()
    points = [point for stroke in strokes for point in stroke]
    inside = all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
    few = len(strokes) <= MOST_STROKES and len(points) <= MOST_POINTS
    is_more_than_a_dot = len(set(points)) >= LEAST_POINTS
    return strokes if inside and few and is_more_than_a_dot else ()
