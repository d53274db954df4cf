"""The forms of the day of treatment: the questions at the chair, and what was done."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from intake.core.answers import Picked
from intake.core.blank import is_blank
from intake.core.course import AREA, DEVICE
from intake.core.display import MEDIUM
from intake.core.questionnaire import NONE_CODE, UNDECIDED_CODE
from intake.core.sessions import MOST_PRODUCTS, duties_for
from intake.core.treatment import (
    Anaesthetic,
    Done,
    Medium,
    Noticed,
    Product,
    Reply,
    Said,
    Zone,
)
from intake.web.choices import offered
from intake.web.desk_forms import (
    DATES,
    MAX_WORDS,
    DayField,
    DeskForm,
    codes_of,
    one_kind_of_line_end,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wtforms import Field, SelectField

    from intake.core.conditions import Case
    from intake.core.evidence import Duty
    from intake.core.guide import Guide
    from intake.core.rules import RulePack
    from intake.core.sessions import Fault

REPLIES = {Reply.YES: "Yes", Reply.NO: "No", Reply.NOT_SURE: "Not sure"}

SHORT = 200
"""Longest line, in characters."""

MOST_DIGITS = 3
"""Digits of a number of passes, or of a depth on either side of its point."""

PRODUCT_ROWS = tuple(range(1, MOST_PRODUCTS + 1))


def _line(label: str) -> StringField:
    return StringField(label, [Length(max=SHORT, message="Shorten this to 200 characters.")])


def _words(label: str) -> TextAreaField:
    too_long = Length(max=MAX_WORDS, message="Shorten this to 2000 characters.")
    return TextAreaField(label, [too_long], filters=[one_kind_of_line_end])


def _one_of(form: DeskForm, field: SelectField) -> None:
    del form
    if field.data and field.data not in codes_of(field):
        msg = "Select one of those offered."
        raise ValidationError(msg)


class TreatmentForm(DeskForm):
    """A form whose record may be refused part by part."""

    parts: Mapping[str, str] = MappingProxyType({})
    """The field at which a fault of a part is shown, where its name differs."""

    def take(self, faults: Iterable[Fault]) -> None:
        """Show each fault at its field; a field that cannot be read says that alone."""
        unread = {field.name for field in self if field.errors}
        for fault in faults:
            field = self[self.parts.get(fault.part, fault.part)]
            if field.name not in unread:
                field.errors = [*field.errors, fault.words]


class ChairForm(TreatmentForm):
    """The same-day confirmation; `chair_form` adds the questions."""

    guide: Guide

    def said(self) -> dict[str, Said]:
        """Return the replies there are; a question without one is left out."""
        return {
            one.id: Said(Reply(self[one.id].data), self.words(f"{one.id}-words"))
            for one in self.guide.chair
            if self[one.id].data
        }


def chair_form(guide: Guide) -> ChairForm:
    """Make the form of the questions at the chair; nothing is selected before."""
    fields: dict[str, object] = {"guide": guide}
    for one in guide.chair:
        fields[one.id] = RadioField(
            one.ask,
            [Optional(strip_whitespace=False), _one_of],
            choices=offered((reply.value, words) for reply, words in REPLIES.items()),
            validate_choice=False,
        )
        fields[f"{one.id}-words"] = _line("What is it called?")
    form: ChairForm = type("ChairFormOfPack", (ChairForm,), fields)()
    return form


class SessionForm(TreatmentForm):
    """What was done; `session_form` adds the areas and the checklist."""

    areas: list[tuple[str, str]]
    other_areas: list[tuple[str, str]]
    duties: tuple[Duty, ...]

    endpoint = _words("What did you see when you ended the treatment?")
    cartridge_lot = _line("Lot number of the cartridge")
    antiseptic = _line("Antiseptic")
    medium = RadioField(
        "What did the needles glide on?",
        [InputRequired("Select what the needles glided on."), _one_of],
        choices=offered((medium.value, words) for medium, words in MEDIUM.items()),
        validate_choice=False,
    )
    medium_lot = _line("Its lot number")
    numbed = RadioField(
        "Was the skin numbed?",
        [InputRequired("Select whether the skin was numbed."), _one_of],
        choices=offered((("yes", "Yes"), ("no", "No"))),
        validate_choice=False,
    )
    anaesthetic_product = _line("Product")
    anaesthetic_strength = _line("Strength")
    anaesthetic_amount = _line("Amount")
    anaesthetic_time = _line("Time on the skin")
    happened = RadioField(
        "Did anything happen that you did not expect?",
        [InputRequired("Select whether anything unexpected happened."), _one_of],
        choices=offered((("no", "No"), ("yes", "Yes"))),
        validate_choice=False,
    )
    unexpected = _words("What happened, and what did you do?")
    not_done = _words("Which lines were not done, and why?")
    differed = _words("What was done otherwise than planned, and why?")

    def validate_unexpected(self, field: Field) -> None:
        """Ask for words where something happened."""
        if self.happened.data == "yes" and is_blank(self.words("unexpected")):
            msg = "Write down what happened."
            raise ValidationError(msg)

    @property
    def checklist(self) -> list[tuple[str, list[Duty]]]:
        """The lines of the checklist, group by group."""
        return [(title, list(duties)) for title, duties in groupby(self.duties, _group)]

    @property
    def has_other_areas(self) -> bool:
        """Whether something was typed about an area that was not planned."""
        names = (f"{part}-{c}" for c, _ in self.other_areas for part in ("depth", "passes"))
        return any(self[name].data for name in names)

    def take(self, faults: Iterable[Fault]) -> None:
        """Show each fault at its field; about areas only once each of them can be read."""
        is_unread = any(self[name].errors for name in self._names_of_zones())
        super().take(f for f in faults if f.part != "zones" or not is_unread)

    def _names_of_zones(self) -> Iterator[str]:
        for code, _ in (*self.areas, *self.other_areas):
            yield from (f"depth-{code}", f"passes-{code}")

    def done(self) -> Done:
        """Return what was written down, as far as it can be read."""
        return Done(
            device=self.words("device"),
            zones=tuple(self._zones()),
            endpoint=self.words("endpoint"),
            cartridge_lot=self.words("cartridge_lot"),
            antiseptic=self.words("antiseptic"),
            medium=Medium.NONE if self.medium.errors else Medium(self.medium.data),
            medium_lot=self.words("medium_lot"),
            anaesthetic=self._anaesthetic() if self.numbed.data == "yes" else None,
            products=tuple(self._products()),
            checked=frozenset(self["checked"].data or ()),
            not_done=self.words("not_done"),
            unexpected=self.words("unexpected") if self.happened.data == "yes" else "",
            differed=self.words("differed"),
        )

    def _zones(self) -> Iterator[Zone]:
        for code, _ in (*self.areas, *self.other_areas):
            depth = _number(self.words(f"depth-{code}"))
            if depth is not None and not self[f"passes-{code}"].errors:
                yield Zone(code, depth, int(self.words(f"passes-{code}")))

    def _anaesthetic(self) -> Anaesthetic:
        parts = ("product", "strength", "amount", "time")
        return Anaesthetic(*(self.words(f"anaesthetic_{part}") for part in parts))

    def _products(self) -> Iterator[Product]:
        for row in PRODUCT_ROWS:
            name, lot = self.words(f"product-{row}"), self.words(f"lot-{row}")
            if name or lot:
                yield Product(name, lot)


def _group(duty: Duty) -> str:
    return duty.group


def _depth(form: DeskForm, field: Field) -> None:
    """Refuse what is no depth, and passes without one."""
    passes = form.words(field.name.replace("depth-", "passes-", 1))
    text = form.words(field.name)
    if (text or passes) and _number(text) is None:
        msg = "Enter the depth in mm, such as 1.5."
        raise ValidationError(msg)


def _passes(form: DeskForm, field: Field) -> None:
    """Refuse what is no number of passes, and a depth without one."""
    depth = form.words(field.name.replace("passes-", "depth-", 1))
    text = form.words(field.name)
    if (text or depth) and not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        msg = "Enter the number of passes, such as 3."
        raise ValidationError(msg)


def _number(text: str) -> Decimal | None:
    """Read a plain decimal number with a point or a comma; None for anything else."""
    plain = text.replace(",", ".")
    if len(plain) > MOST_DIGITS * 2 or not plain.isascii():
        return None
    if not plain.replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def session_form(pack: RulePack, case: Case) -> SessionForm:
    """Make the form of a session: the planned areas, the plan's device, the checklist.

    Device and areas are filled in from the plan; what was measured and seen is not.
    """
    areas, others = _areas(pack, case)
    duties = duties_for(pack, case)
    device = pack.items.get(DEVICE)
    parts = {"zones": f"depth-{areas[0][0]}", "products": "product-1"}
    fields: dict[str, object] = {
        "areas": areas,
        "other_areas": others,
        "duties": duties,
        "parts": parts,
    }
    options = [(o.code, o.text) for o in device.options] if device else []
    fields["device"] = RadioField(
        "Device",
        [InputRequired("Select the device that was used."), _one_of],
        choices=offered(one for one in options if one[0] != UNDECIDED_CODE),
        validate_choice=False,
    )
    fields["checked"] = SelectMultipleField(
        "Checklist",
        [_some_of],
        choices=offered((duty.id, duty.text) for duty in duties),
        validate_choice=False,
    )
    for code, text in (*areas, *others):
        fields[f"depth-{code}"] = StringField(f"{text}: depth", [_depth])
        fields[f"passes-{code}"] = StringField(f"{text}: passes", [_passes])
    for row in PRODUCT_ROWS:
        fields[f"product-{row}"] = _line(f"Product {row}")
        fields[f"lot-{row}"] = _line(f"Lot number of product {row}")
    planned = case.answer(DEVICE)
    form: SessionForm = type("SessionFormOfPack", (SessionForm,), fields)(
        device=getattr(planned, "code", None)
    )
    return form


def _some_of(form: DeskForm, field: SelectField) -> None:
    del form
    if not codes_of(field).issuperset(field.data or []):
        msg = "Tick lines of this checklist."
        raise ValidationError(msg)


def _areas(pack: RulePack, case: Case) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the planned areas, and all others; all are planned while that is open."""
    item = pack.items[AREA]
    options = [(o.code, o.text) for o in item.options if o.code not in (NONE_CODE, UNDECIDED_CODE)]
    planned = case.answer(AREA)
    if not isinstance(planned, Picked) or planned.unsure:
        return options, []
    return (
        [one for one in options if one[0] in planned.codes],
        [one for one in options if one[0] not in planned.codes],
    )


class ReactionForm(TreatmentForm):
    """How the skin took a session; `reaction_form` adds the kinds."""

    noticed = DayField(
        "Seen on",
        [InputRequired("Enter the day on which it was seen: from the session to today.")],
        format=DATES,
    )
    settled = RadioField(
        "Is it over?",
        [InputRequired("Select whether it is over."), _one_of],
        choices=offered((reply.value, words) for reply, words in REPLIES.items()),
        validate_choice=False,
    )
    said = _words("What was seen or said")

    def note(self, follows: str | None = None) -> Noticed:
        """Return the note, once the form is valid."""
        settled = {Reply.YES: True, Reply.NO: False}.get(Reply(self.settled.data))
        return Noticed(self.words("kind"), self.noticed.data, settled, self.words("said"), follows)


def reaction_form(guide: Guide, *, blank: bool = False) -> ReactionForm:
    """Make the form of a reaction, empty or filled with what was sent."""
    kinds = RadioField(
        "What was seen?",
        [InputRequired("Select what was seen."), _one_of],
        choices=offered((kind.id, kind.title) for kind in guide.reactions),
        validate_choice=False,
    )
    made = type("ReactionFormOfPack", (ReactionForm,), {"kind": kinds})
    form: ReactionForm = made(formdata=None) if blank else made()
    return form
