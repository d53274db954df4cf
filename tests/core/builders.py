"""Short ways to build the values the tests of the ground floor are about."""

import re
from datetime import date
from decimal import Decimal

from intake.core.answers import Chosen, Happened, Listed, Measured, Picked
from intake.core.conditions import AtLeast, Case, Named, Sentence
from intake.core.dates import DateWord, Interval, Window
from intake.core.evidence import Basis
from intake.core.medicines import Medicine, MedicineEntry, Route, Status, Wanted
from intake.core.questionnaire import (
    YES_NO,
    AnswerOption,
    Item,
    Kind,
    Page,
    Questionnaire,
    Section,
)
from intake.core.rules import Level, Reviewer, Rule, RulePack, Stricter
from intake.core.sentences import (
    Age,
    Compares,
    Comparison,
    Includes,
    Is,
    Overlaps,
    PlanIs,
    Quantifier,
    TakesMedicine,
    Within,
)
from intake.core.truth import Truth
from intake.core.vocabulary import Vocabulary

TODAY = date(2026, 6, 15)
MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
ALL_TRUTHS = tuple(Truth)

VOCABULARY = Vocabulary(
    classes={
        "anticoagulant": "Blood thinners",
        "antiplatelet": "Aspirin and the like",
        "oral_retinoid": "Retinoid capsules",
        "topical_retinoid": "Retinoid creams",
    },
    medicines=(
        Medicine(
            "warfarin",
            also=("warfarina",),
            brands=("Coumadin",),
            misspelt=("warfrin",),
            classes=frozenset({"anticoagulant"}),
        ),
        Medicine("aspirin", classes=frozenset({"antiplatelet"})),
        Medicine(
            "isotretinoin",
            brands=("Accutane",),
            classes=frozenset({"oral_retinoid"}),
            by_route={Route.SKIN: frozenset({"topical_retinoid"})},
        ),
        Medicine("paracetamol", brands=("Tylenol",)),
        Medicine("co-codamol"),
        Medicine("Cartia XT"),
    ),
)


def item(link_id: str, kind: Kind = Kind.YES_NO, **rest) -> Item:
    """Build a question; options may be given as plain codes."""
    usual = YES_NO if kind is Kind.YES_NO else ()
    options = tuple(
        o if isinstance(o, AnswerOption) else AnswerOption(o, o.title())
        for o in rest.pop("options", usual)
    )
    return Item(link_id, f"Ask {link_id}?", kind, options=options, **rest)


AREA = item("plan.area", Kind.CHOICES, options=("face", "neck", "arms"))
DEVICE = item("plan.device", Kind.CHOICE, options=("skinpen", "exceed", "generic"))
SPOTS = (
    AnswerOption("cheek", "Cheek", area="face"),
    AnswerOption("elbow", "Elbow", area="arms"),
    AnswerOption("none", "None of these"),
)


def rule(rule_id: str, level: Level, when, *, stricter=(), reviewer=Reviewer.DERMATOLOGIST) -> Rule:
    """Build a rule; *stricter* pairs device codes with levels."""
    labels = tuple((Stricter(code, Level(lvl), "", ()), device_is(code)) for code, lvl in stricter)
    return Rule(
        id=rule_id,
        title=f"Title of {rule_id}",
        level=level,
        when=when,
        meaning="",
        action="",
        basis=(Basis.EXPERT_DEFAULT,),
        sources=(),
        reviewer=reviewer,
        review_by=TODAY,
        stricter=labels,
    )


def pack(items=(), rules=(), *, plan=(AREA, DEVICE), vocabulary=VOCABULARY, **rest) -> RulePack:
    """Build a pack in which every question has a page of its own."""
    pages = tuple(Page(f"page_{i.link_id}", i.link_id, (i,)) for i in items)
    values = {
        "name": "test",
        "title": "Test",
        "version": "1",
        "effective": TODAY,
        "hash": "0123456789abcdef",
        "conditions": {},
        "settings": {},
        "labels": {},
        "sources": {},
        **rest,
    }
    return RulePack(
        plan=tuple(plan),
        questionnaire=Questionnaire((Section("all", "All", pages),)),
        rules=tuple(rules),
        vocabulary=vocabulary,
        **values,
    )


def case(answers=None, *, gates=None, areas=None, vocabulary=VOCABULARY, today=TODAY) -> Case:
    """Put answers before conditions without a pack."""
    return Case(answers or {}, gates or {}, areas or {}, vocabulary, today)


def codes(*names: str) -> frozenset[str]:
    """Build a set of codes."""
    return frozenset(names)


YES, NO = Chosen("yes"), Chosen("no")


def picked(*names: str, unsure: bool = False) -> Picked:
    """Tick options."""
    return Picked(frozenset(names), unsure)


def measured(value: str) -> Measured:
    """Give a number."""
    return Measured(Decimal(value))


def days(first: str, last: str | None = None) -> Interval:
    """Build an interval of days."""
    return Interval(date.fromisoformat(first), date.fromisoformat(last or first))


def on(first: str, last: str | None = None) -> Happened:
    """Say that something happened on a day, or between two."""
    return Happened(first, days(first, last))


def listed(*entries: MedicineEntry | str, unsure: bool = False) -> Listed:
    """List medicines; a plain name is one about which nothing else is said."""
    return Listed(tuple(MedicineEntry(e) if isinstance(e, str) else e for e in entries), unsure)


def now(name: str, **rest) -> MedicineEntry:
    """List a medicine that is taken now."""
    return MedicineEntry(name, Status.CURRENT, **rest)


def stopped(name: str, first: str | None = None, last: str | None = None, **rest) -> MedicineEntry:
    """List a medicine that was stopped on a day, between two, or nobody knows when."""
    when = days(first, last) if first else None
    return MedicineEntry(name, Status.STOPPED, when, first or "", **rest)


def window(text: str) -> Window:
    """Read a window as a rule file writes it."""
    return Window.parse(text)


def is_(subject: str, *names: str) -> Is:
    """Build `x is a` or `x is one of a, b`."""
    return Is(f"{subject} is {', '.join(names)}", subject, (), frozenset(names))


def is_not(subject: str, *names: str) -> Is:
    """Build `x is not a`."""
    return Is(f"{subject} is not {', '.join(names)}", subject, (), frozenset(names), negated=True)


def includes(subject: str, *names: str, of: Quantifier = Quantifier.ANY) -> Includes:
    """Build `x includes any of a, b`."""
    text = f"{subject} includes {of.value} {', '.join(names)}"
    return Includes(text, subject, (), frozenset(names), of)


def compares(subject: str, how: Comparison, limit: str, upper: str | None = None) -> Compares:
    """Build `x is below 8`."""
    top = None if upper is None else Decimal(upper)
    text = f"{subject} is {how.value} {limit} {upper or ''}"
    return Compares(text, subject, (), how, Decimal(limit), top)


def age(how: Comparison, years: int, upper: int | None = None, subject: str = "birth_date") -> Age:
    """Build `age is below 18 years`."""
    return Age(f"age is {how.value} {years} {upper or ''}", subject, (), how, years, upper)


def within(subject: str, length: str) -> Within:
    """Build `x within 14 days`."""
    return Within(f"{subject} within {length}", subject, (), window(length))


def ago(subject: str, length: str) -> Within:
    """Build `x at least 14 days ago`."""
    return Within(f"{subject} at least {length} ago", subject, (), window(length), ago=True)


def takes(medicine_class: str, *, subject: str = "medicines", **wanted) -> TakesMedicine:
    """Build `medicine of class C, status …, route …, within …`."""
    if isinstance(wanted.get("within"), str):
        wanted["within"] = window(wanted["within"])
    text = f"medicine of class {medicine_class} {sorted(wanted.items())}"
    return TakesMedicine(text, subject, (), Wanted(medicine_class, **wanted))


def overlaps(subject: str) -> Overlaps:
    """Build `x overlaps the treatment area`."""
    return Overlaps(f"{subject} overlaps the treatment area", subject, ())


def device_is(code: str) -> PlanIs:
    """Build the condition of a stricter device label."""
    return PlanIs(f"plan.device is {code}", "plan.device", (), code)


def at_least_of(number: int, *parts) -> AtLeast:
    """Build `at least N of`."""
    return AtLeast(number=number, parts=parts)


def named(part, name: str = "thin_blood") -> Named:
    """Give a condition a name, as a pack does."""
    return Named(name=name, title="Blood that clots badly", part=part)


class Breaks(Sentence):
    """A sentence with a fault of ours in it."""

    def judge(self, answer, case):
        """Fail."""
        raise RuntimeError


def breaks(subject: str) -> Breaks:
    """Build a sentence that raises as soon as it looks at an answer."""
    return Breaks("it breaks", subject, ())


STILL, NEVER = DateWord.STILL, DateWord.NEVER


def spelled(value: object) -> str:
    """Name a case of a test by its value; sets in order, so that it is the same in each process."""
    return re.sub(
        r"\{([^{}]*)\}", lambda found: f"{{{', '.join(sorted(found[1].split(', ')))}}}", str(value)
    )
