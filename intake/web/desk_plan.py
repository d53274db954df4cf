"""The treatment plan as a form, made from the plan items of a rule pack.

Nothing is preselected. "Not decided yet" is an answer of its own and leaves the field unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from intake.core.answers import UNKNOWN_CODES
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, UNDECIDED_CODE, YES_NO, Item, Kind
from intake.web.choices import offered
from intake.web.desk_forms import DeskForm, codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wtforms import Field

    from intake.core.answers import Raw

UNDECIDED = "Not decided yet"

_MANY = (Kind.CHOICES, Kind.BODY_MAP)
_ONE = (Kind.YES_NO, Kind.CHOICE)


class PlanForm(DeskForm):
    """What all plan forms share; the fields are added by `plan_form`.

    Attributes:
        items: The plan items by field name.
    """

    items: Mapping[str, Item] = {}

    def plan(self) -> dict[str, Raw]:
        """Return the raw value of every field that was decided."""
        values = {name: self._value(name, item) for name, item in self.items.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _value(self, name: str, item: Item) -> Raw:
        data = self[name].data
        if item.kind in _MANY:
            return None if data in ([], [UNDECIDED_CODE]) else list(data)
        if item.kind in _ONE:
            return None if data == UNDECIDED_CODE else str(data)
        return None if self[undecided(name)].data else str(data).strip()

    def take(self, problems: Mapping[str, str]) -> None:
        """Show what the plan was refused for, each at its field."""
        for name, message in problems.items():
            if name in self.items:
                self[name].errors = [*self[name].errors, message]
            else:
                self.refuse(message)


def plan_form(items: Sequence[Item], plan: Mapping[str, Raw] | None = None) -> PlanForm:
    """Make the form for *items* and fill it with what was sent, or else with *plan*.

    A plan nobody has entered yet fills nothing in: "not decided yet" is for people to say.
    """
    by_name = {item.link_id.removeprefix(PLAN_PREFIX): item for item in items}
    fields: dict[str, object] = {"items": by_name}
    for name, item in by_name.items():
        fields[name] = _field(item)
        if item.kind not in (*_MANY, *_ONE):
            fields[undecided(name)] = BooleanField(UNDECIDED)
    form: PlanForm = type("PlanFormOfPack", (PlanForm,), fields)(data=_shown(by_name, plan or {}))
    return form


def _shown(items: Mapping[str, Item], plan: Mapping[str, Raw]) -> dict[str, object]:
    """Return what stands in each field for a plan that was entered before."""
    shown: dict[str, object] = {}
    for name, item in items.items() if plan else ():
        value = plan.get(name)
        if item.kind in _MANY:
            shown[name] = _with_own_code(value) if isinstance(value, list) else [UNDECIDED_CODE]
        elif item.kind in _ONE:
            shown[name] = _own_code(value)
        else:
            shown[name] = "" if value is None else str(value)
            shown[undecided(name)] = value is None
    return shown


def _own_code(value: Raw) -> str:
    """Return the code as this form offers it: what is kept as "not sure" is "not decided"."""
    return UNDECIDED_CODE if value in (None, *UNKNOWN_CODES) else str(value)


def _with_own_code(values: list[Raw]) -> list[str]:
    return [_own_code(value) for value in values]


def undecided(name: str) -> str:
    """Return the name of the box that leaves the field *name* open."""
    return f"{name}-undecided"


def choices_of(item: Item) -> list[tuple[str, str]]:
    """Return the answers offered: "none" and "not decided yet" last."""
    options = YES_NO if item.kind is Kind.YES_NO else item.options
    offered = [(o.code, o.text) for o in options if o.code != UNDECIDED_CODE]
    if item.kind in _MANY:
        offered.sort(key=lambda choice: choice[0] == NONE_CODE)
    return [*offered, (UNDECIDED_CODE, UNDECIDED)]


def _field(item: Item) -> object:
    if item.kind in _MANY:
        return SelectMultipleField(
            item.ask, [_some], choices=offered(choices_of(item)), validate_choice=False
        )
    if item.kind in _ONE:
        return RadioField(
            item.ask, [_one], choices=offered(choices_of(item)), validate_choice=False
        )
    return StringField(item.ask, [_typed])


def _some(form: PlanForm, field: SelectMultipleField) -> None:
    """Refuse an untouched list: it would read like "none"."""
    del form
    if not field.data:
        msg = f"Tick at least one answer, or '{UNDECIDED}': {field.label.text}"
        raise ValidationError(msg)
    if not codes_of(field).issuperset(field.data):
        msg = f"Tick answers that are offered: {field.label.text}"
        raise ValidationError(msg)


def _one(form: PlanForm, field: RadioField) -> None:
    """Refuse an untouched choice."""
    del form
    if field.data not in codes_of(field):
        msg = f"Select an answer, or '{UNDECIDED}': {field.label.text}"
        raise ValidationError(msg)


def _typed(form: PlanForm, field: Field) -> None:
    """Refuse a blank box, and a value beside "not decided yet"."""
    is_open = form[undecided(field.name)].data
    is_typed = bool((field.data or "").strip())
    if is_open and is_typed:
        msg = f"Enter a value or tick '{UNDECIDED}', not both: {field.label.text}"
        raise ValidationError(msg)
    if not is_open and not is_typed:
        msg = f"Enter a value, or tick '{UNDECIDED}': {field.label.text}"
        raise ValidationError(msg)
