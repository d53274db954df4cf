"""The decision as a form, made from the findings of one screening.

The names of the fields are numbers; which finding a number means is looked up in the screening on
the server, so that no posted rule id is ever believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from intake.core.casefile import cause_of, open_because
from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.display import DISPOSITION, OVERRIDE_REASON
from intake.core.review import GOING_AHEAD, may_override, needs_reason
from intake.core.rules import Level, Triage
from intake.core.truth import Truth
from intake.web.choices import offered
from intake.web.desk_forms import DATES, MAX_WORDS, DayField, DeskForm, one_kind_of_line_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wtforms import Field

    from intake.core.explanations import Cited
    from intake.core.records import Practitioner, StoredScreening
    from intake.core.rules import Rule
    from intake.core.screening import Finding

_REASONS = [("", "Select a reason"), *((r.value, words) for r, words in OVERRIDE_REASON.items())]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a decision must say about one finding.

    Attributes:
        number: The place of the finding in the screening.
        may_override: Whether this person may decide against it.
    """

    number: int
    finding: Finding
    needs_reason: bool
    may_override: bool

    @property
    def reason(self) -> str:
        """The name of the field for the coded reason."""
        return f"reason-{self.number}"

    @property
    def words(self) -> str:
        """The name of the field for the reason in words."""
        return f"words-{self.number}"

    @property
    def read(self) -> str:
        """The name of the box for a caution that was read."""
        return f"read-{self.number}"


@dataclass(frozen=True, slots=True)
class Together:
    """Findings that stay open because of the same answers, for which one reason may do.

    Attributes:
        number: The place among those of the screening.
        cited: The answers they hang on.
    """

    number: int
    cited: tuple[Cited, ...]
    answered: tuple[Answered, ...]

    @property
    def reason(self) -> str:
        """The name of the field for the coded reason of all of them."""
        return f"reason-all-{self.number}"

    @property
    def words(self) -> str:
        """The name of the field for the reason of all of them in words."""
        return f"words-all-{self.number}"


class DecisionForm(DeskForm):
    """What all decision forms share; `decision_form` adds the fields of the findings."""

    answered: tuple[Answered, ...] = ()
    together: tuple[Together, ...] = ()

    seen = HiddenField()
    screening = HiddenField()
    disposition = RadioField(
        "Decision",
        [InputRequired("Select what is decided.")],
        choices=offered((d.value, words) for d, words in DISPOSITION.items()),
        validate_choice=False,
    )
    until = DayField("Comes back on", [Optional()], format=DATES)
    note = TextAreaField(
        "Note",
        [Length(max=MAX_WORDS, message="Shorten the note.")],
        filters=[one_kind_of_line_end],
    )

    def validate_disposition(self, field: Field) -> None:
        """Refuse a word that is not offered."""
        if field.data and field.data not in tuple(Disposition):
            msg = "Select one of the decisions offered."
            raise ValidationError(msg)

    def validate_seen(self, field: Field) -> None:
        """Refuse a number that no page of ours sends."""
        if not (field.data or "").isdecimal():
            msg = "Open the case again: this page was not complete."
            raise ValidationError(msg)

    @property
    def is_going_ahead(self) -> bool:
        """Whether the disposition picked takes reasons and acknowledgements."""
        return self.disposition.data in GOING_AHEAD

    def decision(self) -> Decision:
        """Return what was decided, by the findings of the screening."""
        ahead = self.answered if self.is_going_ahead else ()
        return Decision(
            disposition=Disposition(self.disposition.data),
            note=self.words("note"),
            until=self.until.data if self.disposition.data == Disposition.DEFER else None,
            overrides=tuple(self._overrides(ahead)),
            acknowledged=frozenset(
                a.finding.rule_id for a in ahead if not a.needs_reason and self[a.read].data
            ),
        )

    @property
    def alone(self) -> list[Answered]:
        """The findings that take an answer of their own."""
        shared = {a.number for one in self.together for a in one.answered}
        return [a for a in self.answered if a.number not in shared]

    def says_of_its_own(self, a: Answered) -> bool:
        """Whether anything was written for this finding alone."""
        return bool(self[a.reason].data or self.words(a.words))

    def _overrides(self, ahead: Iterable[Answered]) -> Iterable[Override]:
        for a in ahead:
            if not (a.needs_reason and a.may_override):
                continue
            said = self._together_of(a) or a
            if self[said.reason].data:
                reason = OverrideReason(self[said.reason].data)
                yield Override(a.finding.rule_id, reason, self.words(said.words))

    def _together_of(self, a: Answered) -> Together | None:
        """Return those with which a finding shares its reason; None when it has one of its own."""
        if self.says_of_its_own(a):
            return None
        return next((one for one in self.together if a in one.answered), None)

    def take(self, faults: Iterable[str]) -> None:
        """Show what the decision was refused for, each at its field where it names one.

        What only a dermatologist may decide is one fault, however many findings it is about.
        """
        placed = [(self._place_of(fault), fault) for fault in faults]
        theirs = [p for p in placed if p[1].endswith("is for a dermatologist to decide.")]
        if len(theirs) > 1:
            refer = DISPOSITION[Disposition.REFER]
            fault = f"Select '{refer}': {len(theirs)} findings are for a dermatologist to decide."
            placed = [("disposition", fault), *(p for p in placed if p not in theirs)]
        shared = {one.words: one for one in self.together}
        for name, fault in placed:
            if name not in shared:
                self[name].errors = [*self[name].errors, fault]
            elif not self[name].errors:
                number = len(shared[name].answered)
                self[name].errors = [f"Give a reason, in words, for these {number} findings."]

    def _place_of(self, fault: str) -> str:
        """Return the field a fault is about; a fault quotes the title of its finding."""
        for a in self.answered:
            if f"'{a.finding.title}'" in fault:
                return self._field_for(a)
        if fault.startswith("Refer this case: "):
            return "disposition"
        if self.disposition.data == Disposition.DEFER:
            return "until"
        return "note"

    def _field_for(self, a: Answered) -> str:
        if not a.needs_reason:
            return a.read
        return (self._together_of(a) or a).words if a.may_override else "disposition"


def decision_form(
    stored: StoredScreening, rules: Mapping[str, Rule], who: Practitioner
) -> DecisionForm:
    """Make the form for one screening and fill it with what was sent."""
    answered = tuple(
        Answered(n, f, needs_reason(f), may_override(who, rules.get(f.rule_id)))
        for n, f in enumerate(stored.screening.findings)
    )
    together = tuple(_together(answered))
    fields: dict[str, object] = {"answered": answered, "together": together}
    for a in answered:
        fields |= _fields_of(a)
    for one in together:
        fields |= _reason_and_words(one)
    form: DecisionForm = type("DecisionFormOfScreening", (DecisionForm,), fields)()
    return form


def _fields_of(a: Answered) -> dict[str, object]:
    if not a.needs_reason:
        return {a.read: BooleanField("I have read this caution")}
    return _reason_and_words(a) if a.may_override else {}


def _together(answered: Iterable[Answered]) -> Iterable[Together]:
    """Put findings together that one question to the patient would settle.

    What would stop takes a reason of its own, whatever it hangs on; so does what hangs on no
    answer, such as a rule that could not be judged.
    """
    by_cause: dict[tuple[str, ...], list[Answered]] = {}
    for a in answered:
        is_open = a.finding.truth is Truth.UNKNOWN and open_because(a.finding)
        is_grave = Level.STOP is a.finding.level or Triage.STOP is a.finding.effect
        if is_open and not is_grave and a.needs_reason and a.may_override:
            by_cause.setdefault(cause_of(a.finding), []).append(a)
    for number, some in enumerate(some for some in by_cause.values() if len(some) > 1):
        yield Together(number, open_because(some[0].finding), tuple(some))


def _reason_and_words(asked: Answered | Together) -> dict[str, object]:
    return {
        asked.reason: SelectField(
            "Reason", [_coded], choices=offered(_REASONS), default="", validate_choice=False
        ),
        asked.words: TextAreaField(
            "In words",
            [Length(max=MAX_WORDS, message="Shorten the reason.")],
            filters=[one_kind_of_line_end],
        ),
    }


def _coded(form: DecisionForm, field: Field) -> None:
    """Ask for the coded reason where words were written, and refuse one that is not offered."""
    words = form[field.name.replace("reason", "words", 1)].data
    is_offered = field.data in tuple(OverrideReason)
    if field.data and not is_offered:
        msg = "Select one of the reasons offered."
        raise ValidationError(msg)
    if form.is_going_ahead and (words or "").strip() and not field.data:
        msg = "Select the kind of reason that goes with your words."
        raise ValidationError(msg)
