"""What patients say, drawn by lot so that an engine has to make all of it out: the same each time.

Dates stand in every form that is read, around the ends of the windows that rules measure them
against, seen from days on which months differ; numbers around limits; medicines as people name
them. Some of it nobody can read.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from intake.core.answers import read_stored
from intake.core.conditions import gating
from intake.core.dates import Unit, Window, shift_days, shift_months
from intake.core.medicines import Route
from intake.core.questionnaire import NONE_CODE, UNDECIDED_CODE, Kind
from intake.core.reading import case_of
from intake.core.screening import Teller
from intake.core.sentences import Age, Compares
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from decimal import Decimal
    from random import Random

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.core.sentences import Sentence

DAYS = tuple(
    date.fromisoformat(day)
    for day in (
        "2025-12-31 2026-01-31 2026-02-28 2026-03-01 2026-03-31 2026-04-30 2026-05-29 2026-06-15"
        " 2026-08-31 2026-10-30 2027-02-27 2027-02-28 2028-02-28 2028-02-29 2028-03-29 2028-08-31"
    ).split()
)
"""Days of screening: ends of months of every length, and leap days among them."""

_NOT_SAID, _NOT_KNOWN, _WRONG = 0.05, 0.13, 0.16
_TRIES = 30


class Drawing:
    """Draws what patients of a pack say.

    Args:
        pack: The pack.
        chance: Where it all comes from.
    """

    def __init__(self, pack: RulePack, chance: Random) -> None:
        self.pack = pack
        self.chance = chance
        self._numbers: dict[str, list[Decimal]] = {}
        for sentence in _sentences(pack):
            if isinstance(sentence, Compares):
                limits = [sentence.limit, *([sentence.upper] if sentence.upper else [])]
                self._numbers.setdefault(sentence.subject, []).extend(limits)
        self._windows = {k: sorted(map(str, v)) for k, v in _windows(pack).items()}
        self._kinds: Mapping[Kind, Callable[[Item, date], Any]] = {
            Kind.YES_NO: lambda *_: chance.choice(["yes", "no", "yes", "no", "yes", "no", True]),
            Kind.CHOICE: lambda item, _: chance.choice(item.codes),
            Kind.CHOICES: lambda item, _: self._ticked(item),
            Kind.BODY_MAP: lambda item, _: self._marked(item),
            Kind.NUMBER: lambda item, _: self._number(item),
            Kind.DATE: self.when,
            Kind.MEDICINES: self._medicines,
            Kind.TEXT: lambda *_: chance.choice(["Some words", "x" * 2001, "ünï\u0301 words"]),
        }

    def answers(self, names: Iterable[str], on: date) -> dict[str, Any]:
        """Answer some questions, and what stands before them so that they may be asked."""
        said: dict[str, Any] = {}
        for name in names:
            said[name] = self.answer(self.pack.items[name], on)
            if name in self.pack.gates and self.chance.random() < 0.8:
                said |= self._opening(name, said, on)
        return said

    def answer(self, item: Item, on: date) -> Any:
        """Answer a question, or not; None is no answer."""
        roll = self.chance.random()
        if roll < _NOT_SAID:
            return None
        if roll < _NOT_KNOWN:
            return self.chance.choice(["not_sure", "withheld"])
        if roll < _WRONG:
            return self.chance.choice(["", "nothing that is offered", ["none", "x"], "7,5", -1])
        return self._kinds[item.kind](item, on)

    def _opening(self, name: str, said: Mapping[str, Any], on: date) -> dict[str, Any]:
        """Answer the questions that decide whether one is asked, so that it is, if that is easy."""
        before = [k for k in gating([name], self.pack.gates) if k != name and k not in said]
        for _ in range(_TRIES):
            tried = {
                k: self._kinds[self.pack.items[k].kind](self.pack.items[k], on) for k in before
            }
            typed = {
                k: read_stored(self.pack.items[k], raw, on)
                for k, raw in {**said, **tried}.items()
                if raw is not None
            }
            if case_of(self.pack, typed, on).asked(name) is not Truth.NOT_MET:
                return tried
        return {}

    def told(self, on: date) -> list[dict[str, Any]]:
        """Draw what is told beside a form: of every fourth patient something."""
        if self.chance.random() < 0.75:
            return []
        names = [k for k in self.pack.questionnaire.items if k != "birth_date"]
        lists = [k for k in names if self.pack.items[k].kind in (Kind.CHOICES, Kind.MEDICINES)]
        told = []
        for teller in self.chance.sample(list(Teller)[1:], self.chance.choice([1, 1, 2, 3])):
            drawn = [*self.chance.sample(names, 3), self.chance.choice(lists)]
            said = {k: self.answer(self.pack.items[k], on) for k in drawn[1:]}
            answers = {k: raw for k, raw in said.items() if raw is not None}
            if self.chance.random() < 0.1:
                answers["no_such_question"] = "yes"
            gone = drawn[:1] if self.chance.random() < 0.5 else []
            told.append({"by": teller.value, "answers": answers, "gone": gone})
        return told

    def when(self, item: Item, on: date) -> Any:
        """Draw a date in one of the forms in which it is read, or a word in its place."""
        if self.chance.random() < (0.2 if item.words else 0.03):
            return self.chance.choice(["never", "still"])
        day = self._day(item.link_id, on)
        if self.chance.random() < 0.4:
            return day.isoformat()
        count, unit = self.chance.choice(_LENGTHS)
        length = f"{count} {unit if count > 1 else unit[:-1]}"
        near, far = self.chance.choice(_BANDS)
        window = self.chance.choice([*self._windows.get(item.link_id, ()), length])
        beside = shift_days(day, self.chance.choice([1, 3, 15, 40, 200]))
        return self.chance.choice(
            [
                f"{day.day} {day:%B} {day.year}",
                f"{day:%b} {day.day}, {day.year}",
                f"{day.year}-{day.month}",
                f"{day:%B} {day.year}",
                f"{day:%b}. {day.year}",
                f"{day.year}",
                self.chance.choice(["today", "now", "Yesterday", "a week ago", "an year ago"]),
                f"{length} ago",
                f"{length} ago",
                f"{self.chance.choice(['about', 'around'])} {length} ago",
                f"before {day.year}",
                f"before {day:%B} {day.year}",
                f"since {day.isoformat()}",
                f"after {day.year}-{day.month:02}",
                f"since {day.year}",
                f"less than {window} ago",
                f"more than {window} ago",
                f"{near} to {far} ago",
                f"{window} to 2 years ago",
                {"said": "then", "earliest": day.isoformat(), "latest": beside.isoformat()},
            ]
        )

    def _day(self, link_id: str, on: date) -> date:
        """Draw a day: near the end of a window, some time ago, long ago, or ahead."""
        windows = self._windows.get(link_id)
        roll = self.chance.random()
        if windows and roll < 0.6:
            ends = Window.parse(self.chance.choice(windows)).before(on)
            return shift_days(ends, self.chance.choice([-2, -1, 0, 0, 1, 1, 2, 3]))
        if roll < 0.9:
            return shift_days(on, -self.chance.choice([0, 1, 20, 90, 200, 400, 900, 12000]))
        if roll < 0.97:
            return shift_months(on, -12 * self.chance.choice([99, 110, 119, 120, 121]))
        return shift_days(on, self.chance.choice([1, 40, 400]))

    def _number(self, item: Item) -> Any:
        step = 10**-item.decimals
        limits = [*self._numbers.get(item.link_id, ()), item.minimum, item.maximum]
        limit = float(self.chance.choice([one for one in limits if one is not None] or [5]))
        value = limit + self.chance.choice([-2, -1, 0, 0, 1, 2]) * step
        text = f"{value:.{item.decimals}f}"
        forms = [text, text, text, text.replace(".", ","), value, f"{text}.55", "1,500", "1e1"]
        return self.chance.choice(forms[: 8 if self.chance.random() < 0.3 else 3])

    def _ticked(self, item: Item) -> list[Any]:
        codes = [code for code in item.codes if code not in (NONE_CODE, UNDECIDED_CODE)]
        ticked: list[Any] = self.chance.sample(codes, self.chance.randint(0, min(3, len(codes))))
        if self.chance.random() < 0.2:
            ticked.append(self.chance.choice(["not_sure", "withheld", UNDECIDED_CODE]))
        if NONE_CODE in item.codes and (not ticked or self.chance.random() < 0.04):
            return [NONE_CODE, *ticked]
        return ticked or codes[:1]

    def _marked(self, item: Item) -> list[Any]:
        marked = self._ticked(item)
        if self.chance.random() < 0.3 and marked[0] in item.codes and marked != [NONE_CODE]:
            marked[0] = {"region": marked[0], "what": "a spot"}
        return marked

    def _medicines(self, item: Item, on: date) -> list[Any]:
        if self.chance.random() < 0.1:
            return self.chance.choice([[NONE_CODE], [NONE_CODE, "not_sure"]])
        rows: list[Any] = [self._row(item, on) for _ in range(self.chance.choice([1, 1, 2, 2, 3]))]
        return rows + (["not_sure"] if self.chance.random() < 0.15 else [])

    def _row(self, item: Item, on: date) -> Any:
        row: dict[str, Raw] = {"name": self._name()}
        status = self.chance.choice(["current", "stopped", "current", "stopped", "not_sure", ""])
        if status:
            row["status"] = status
        if self.chance.random() < 0.5:
            row["route"] = self.chance.choice([*map(str, Route), "skin", "mouth", "injection"])
        if status != "current" and self.chance.random() < 0.8:
            row["stopped"] = self.when(item, on)
        if self.chance.random() < 0.2:
            row["dose"] = self.chance.choice(["5 mg", "2 tablets", "cream", "since May"])
        return row if len(row) > 1 or self.chance.random() < 0.5 else row["name"]

    def _name(self) -> str:
        known = self.chance.choice(self.pack.vocabulary.medicines)
        name = self.chance.choice([*_COMMON, self.chance.choice(known.names)])
        at = self.chance.randrange(len(name))
        return self.chance.choice(
            [
                *[name] * 8,
                f"{name[:at]}{name[at + 1 :]}",
                f"{name[:at]}{name[at]}{name[at:]}",
                f"not on {name}",
                f"not on {name}, {self.chance.choice(_COMMON)}",
                f"{name} (my husband takes it)",
                f"{name} 5 mg tablets",
                f"{name} cream, and {self.chance.choice(_COMMON)}",
                f"{name} for my gut",
                f"{name} and zzyzx",
                "something for the transplant",
                "zzyzx",
            ]
        )


_COMMON = (
    *["warfarin", "Xarelto", "aspirin", "isotretinoin", "isotretinoin gel", "Accutane"],
    *["acitretin", "tretinoin", "methotrexate", "steroid", "paracetamol", "warfrin", "warferine"],
    *["Acutane", "Accutain", "Advil", "Advli", "Cumadin"],
)
_LENGTHS = [
    *[(1, "days"), (3, "days"), (13, "days"), (1, "weeks"), (5, "weeks"), (8, "weeks")],
    *[(9, "weeks"), (1, "months"), (3, "months"), (4, "months"), (7, "months"), (1, "years")],
    *[(2, "years"), (12, "years")],
]
_BANDS = (
    *[("2 weeks", "3 months"), ("1 month", "6 months"), ("3 weeks", "2 months")],
    *[("6 months", "1 year"), ("10 days", "1 week"), ("14 days", "21 days")],
)


def _sentences(pack: RulePack) -> Iterator[Sentence]:
    for rule in pack.rules:
        yield from rule.sentences
    for gate in pack.gates.values():
        yield from gate.sentences()


def _windows(pack: RulePack) -> dict[str, set[Window]]:
    """Return what dates are measured against, ages included."""
    found: dict[str, set[Window]] = {}
    for sentence in _sentences(pack):
        windows = set(sentence.windows)
        if isinstance(sentence, Age):
            ages = (sentence.years, sentence.years + 1, (sentence.upper or sentence.years) + 1)
            windows = {Window(years, Unit.YEARS) for years in ages}
        found.setdefault(sentence.subject, set()).update(windows)
    return found


def alike(drawing: Drawing, number: int) -> Iterator[dict[str, Any]]:
    """Yield patients who are healthy but for a few answers."""
    names = [*drawing.pack.items]
    dated = [k for k in names if drawing.pack.items[k].kind in (Kind.DATE, Kind.MEDICINES)]
    for _ in range(number):
        on = drawing.chance.choice(DAYS)
        drawn = drawing.chance.sample(names, drawing.chance.randint(1, 4))
        drawn += drawing.chance.sample(dated, drawing.chance.randint(1, 3))
        yield _patient(drawing, on, drawn, is_alike=True)


def unlike(drawing: Drawing, number: int, spared: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield patients who answer most of what there is, and of those spared a few."""
    names = [*drawing.pack.items]
    for _ in range(number):
        on = drawing.chance.choice(DAYS)
        few = drawing.chance.sample(sorted(spared), min(2, len(spared)))
        drawn = [
            k for k in names if (k not in spared or k in few) and drawing.chance.random() < 0.6
        ]
        drawing.chance.shuffle(drawn)
        yield _patient(drawing, on, drawn, is_alike=False)


def _patient(drawing: Drawing, on: date, names: list[str], *, is_alike: bool) -> dict[str, Any]:
    given = drawing.answers(names, on)
    return {"on": on.isoformat(), "alike": is_alike, "given": given, "told": drawing.told(on)}


def vague(number: int, on: date) -> dict[str, Any]:
    """Return a patient of the tiny pack of whom nothing is open but so many vague dates."""
    said = {f"day_{n}": "never" for n in range(1, 9)}
    said |= {f"day_{n}": "about 1 month ago" for n in range(1, number + 1)}
    return {"on": on.isoformat(), "alike": True, "given": said, "told": []}
