"""Screenings that were frozen: what the engine of a version made of packs and many answers.

They prove that the engine of this program judges as it did when they were made. Where a change
gives another result, even another word in what is cited, `ENGINE_VERSION` has to be another, so
that stored screenings say by which engine they were made; then they are frozen anew with `make
frozen`.

There are three corpora: vignettes and plain answers to a copy of the shipped pack; answers in every
form that is read to the same pack, on days on which months differ; and such answers to a tiny pack
that says everything the rule language can say. The packs change with the engine alone. Each form is
screened as it is sent, and once more as it is read from the database.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from intake import packs
from intake.core.conditions import Sentence
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.reading import case_of, read_all
from intake.core.screening import ENGINE_VERSION, Teller, screen
from intake.core.telling import Telling, screen_told
from intake.resources import folder
from intake.storage.encoding import screening_text
from tests.answering import parted, some_answer
from tests.frozen import drawing
from tests.frozen.drawing import Drawing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.answers import Answer
    from intake.core.conditions import Case
    from intake.core.rules import RulePack, Vignette
    from intake.core.screening import Screening
    from intake.core.truth import Truth

HERE = Path(__file__).resolve().parent

ON = date(2026, 6, 15)
ALIKE, AT_RANDOM = 150, 16
"""How many patients are healthy but for a few answers, and how many answered by lot."""
MOST_CHANGED = 12
IN_EVERY_FORM, BY_LOT = 300, 8
"""The same of those who answer in every form, and of them to the tiny pack:"""
IN_ALL_THAT_CAN_BE_SAID, BY_LOT_IN_ALL = 500, 120
BROKEN = "is-not", "idle"
"""A rule of the tiny pack, and a gate, that cannot be judged, for some of its patients."""
_SAYS_OF_THE_MAKER = ("pack_hash", "pack_version", "engine_version")


class Packs:
    """A pack as it counts on the days of patients, once for every state of a clinic's decisions."""

    def __init__(self, texts: Mapping[str, str], known: list[RulePack] | None = None) -> None:
        self._texts = texts
        self._known = known or []
        self._broken: dict[tuple[int, str], RulePack] = {}

    def of(self, patient: Mapping[str, Any]) -> RulePack:
        """Return the pack of a patient's day, with what cannot be judged in it if that is so."""
        on = date.fromisoformat(patient["on"])
        pack = next((one for one in self._known if one.holds_on(on)), None)
        if pack is None:
            pack = packs.load_texts(self._texts, on)
            self._known.append(pack)
        if "broken" not in patient:
            return pack
        key = id(pack), patient["broken"]
        if key not in self._broken:
            self._broken[key] = _with_broken(pack, patient["broken"])
        return self._broken[key]

    def anew(self) -> Packs:
        """Return the same packs, of which nothing is remembered."""
        forgotten = [replace(one, vocabulary=replace(one.vocabulary)) for one in self._known]
        return Packs(self._texts, forgotten)


@dataclass(frozen=True)
class Breaks(Sentence):
    """A sentence that nobody can judge."""

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Break."""
        raise LookupError

    weigh = judge


def _with_broken(pack: RulePack, name: str) -> RulePack:
    """Return a pack of which a rule, or the gate of a question, cannot be judged."""
    if name in pack.gates:
        broken = replace(pack)
        vars(broken)["gates"] = {**pack.gates, name: Breaks("it breaks", "ever", ())}
        return broken
    breaks = Breaks("it breaks", pack.rules_by_id[name].subjects[0], ())
    rules = (replace(one, when=breaks) if one.id == name else one for one in pack.rules)
    return replace(pack, rules=tuple(rules))


@dataclass(frozen=True)
class Corpus:
    """Patients with what was found of them, and the pack by which it was.

    Attributes:
        name: Of its file.
        pack: The file of its pack.
        in_short: Only a digest is kept of what is found.
    """

    name: str
    pack: Path
    in_short: bool = True

    @property
    def file(self) -> Path:
        """Where the engine of this version has its screenings."""
        return HERE / f"engine-{ENGINE_VERSION}{self.name}.jsonl"

    @property
    def packs(self) -> Packs:
        """Its pack."""
        return _packs_of(self.pack)

    @cached_property
    def lines(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A healthy patient, and all that were frozen."""
        healthy, *patients = map(json.loads, self.file.read_text(encoding="utf-8").splitlines())
        return healthy, patients

    def otherwise(
        self, of: Packs | None = None, *, only: Iterable[int] | None = None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each patient whom the engine judges otherwise, with what is found now.

        Args:
            of: The same packs, of which nothing is remembered.
            only: The numbers of those who are looked at.
        """
        healthy, patients = self.lines
        for number in range(len(patients)) if only is None else only:
            found = self.found(patients[number], healthy, of or self.packs)
            if found != patients[number]["found"]:
                yield number, found

    def found(
        self, patient: Mapping[str, Any], healthy: Mapping[str, Any], of: Packs
    ) -> dict[str, Any]:
        """Screen a patient in each way in which a clinic does."""
        pack, on = of.of(patient), date.fromisoformat(patient["on"])
        given = {**(healthy if patient["alike"] else {}), **patient["given"]}
        answers, plan = parted({name: raw for name, raw in given.items() if raw is not None})
        told = [
            Telling(Teller(one["by"]), one["answers"], frozenset(one["gone"]))
            for one in patient["told"]
        ]
        sent = read_all(pack, answers, plan, on)
        typed = case_of(pack, sent.answers, on).answers
        found = self._said_of(screen_told(pack, typed, told, on))
        rows = [(link_id, json.dumps(raw)) for link_id, raw in answers.items()]
        stored = pack.reader.read(json.dumps(plan), rows, on)
        if stored != typed:  # else it would be the same screening once more
            again = self._said_of(screen_told(pack, stored, told, on))
            found |= {"stored": again["sha256"]} if again != found else {}
        if self.in_short and sent.problems:
            found["arrived"] = screen(pack, typed, on, is_unreadable=True).triage.value
        return found

    def _said_of(self, screening: Screening) -> dict[str, Any]:
        return in_short(screening) if self.in_short else said_of(screening)


@cache
def _packs_of(file: Path) -> Packs:
    return Packs(json.loads(file.read_text(encoding="utf-8")))


PLAIN = Corpus("", HERE / "pack.json", in_short=False)
FORMS = Corpus("-forms", HERE / "pack.json")
LANGUAGE = Corpus("-language", HERE / "language.json")
CORPORA = LANGUAGE, FORMS, PLAIN
"""Those that are judged soonest come first."""


def pack_texts() -> dict[str, str]:
    """Return the files of the shipped pack that screening needs."""
    texts = packs.texts_of(folder("rules") / "microneedling")
    kept = {name: text for name, text in texts.items() if not name.startswith("languages/")}
    return {name: text for name, text in kept.items() if not name.startswith("vignettes/")}


def drawn(corpus: Corpus) -> list[dict[str, Any]]:
    """Return a healthy patient, and all others of a corpus, of whom nothing is found yet."""
    pack = corpus.packs.of({"on": ON.isoformat()})
    if corpus is LANGUAGE:
        return [_HEALTHY, *_of_language(pack)]
    shipped = packs.load(folder("rules") / "microneedling", ON)
    healthy = flat(next(one for one in shipped.vignettes if one.id == "healthy-woman"))
    if corpus is PLAIN:
        return [healthy, *_plain(pack, healthy, shipped.vignettes)]
    drawing_ = Drawing(pack, Random(31))  # noqa: S311 - the same ones each time
    spared = frozenset(pack.items) - set(list(pack.items)[::4])
    return [
        healthy,
        *drawing.alike(drawing_, IN_EVERY_FORM),
        *drawing.unlike(drawing_, BY_LOT, spared),
        _AT_A_MONTHS_END,
    ]


_AT_A_MONTHS_END: dict[str, Any] = {
    "on": "2026-08-31",
    "alike": True,
    "given": {
        "takes_medicines": "yes",
        "isotretinoin_ever": "yes",
        "isotretinoin_now": "no",
        "isotretinoin_last": "2026-03-01",
    },
    "told": [],
}
"""Within six months of 31 August, which end on the last day of February and not in March."""

_HEALTHY: dict[str, Any] = {
    "birth_date": "1988-03-12",
    "ever": "no",
    "marks": ["none"],
    "signs": ["none"],
    "tone": "one",
    "score": "15",
    "pulse": "70",
    "takes": ["none"],
    "calm": "yes",
    **{f"day_{number}": "never" for number in range(1, 9)},
    "plan.area": ["face"],
    "plan.device": "generic",
    "plan.depth": "1.0",
}


_PARTICULAR: tuple[dict[str, Any], ...] = (
    {"plan.area": ["face", "not_decided"], "marks": ["elbow"]},
    {"plan.area": ["face"], "marks": ["elbow", "not_sure"]},
    {"takes": ["none", "not_sure"]},
    {"signs": ["none", "itch"]},
)
"""What a few say that is seldom drawn."""


def _of_language(pack: RulePack) -> Iterator[dict[str, Any]]:
    """Yield patients of the tiny pack; those with most vague dates, who take longest, come last."""
    drawing_ = Drawing(pack, Random(30))  # noqa: S311 - the same ones each time
    days = frozenset(f"day_{number}" for number in range(1, 9))
    yield from drawing.alike(drawing_, IN_ALL_THAT_CAN_BE_SAID)
    for number, one in enumerate(drawing.unlike(drawing_, BY_LOT_IN_ALL, days)):
        is_broken = number % 12 == 0
        yield one | {"broken": BROKEN[number // 12 % 2]} if is_broken else one
    for given in _PARTICULAR:
        yield {"on": ON.isoformat(), "alike": True, "given": given, "told": []}
    for number in (3, 7, 8):
        yield drawing.vague(number, drawing.DAYS[number])


def flat(vignette: Vignette) -> dict[str, Any]:
    """Return answers and plan as values by link id."""
    plan = {f"{PLAN_PREFIX}{name}": raw for name, raw in vignette.plan.items()}
    return {**vignette.answers, **plan}


def _plain(
    pack: RulePack, healthy: Mapping[str, Any], vignettes: tuple[Vignette, ...]
) -> Iterator[dict[str, Any]]:
    """Yield what patients say, each with the day and with what is told beside the form.

    First come those of vignettes. Of all but the last only that is given in which they differ from
    a healthy one; None leaves a question out.
    """
    for vignette in vignettes:
        said = flat(vignette)
        every = dict.fromkeys([*healthy, *said])
        given = {k: said.get(k) for k in every if said.get(k) != healthy.get(k)}
        yield {"on": vignette.on.isoformat(), "alike": True, "given": given, "told": []}
    chance, names = Random(8), list(pack.items)  # noqa: S311 - the same ones each time
    for number in range(ALIKE + AT_RANDOM):
        is_alike = number < ALIKE
        drawn_ = chance.sample(names, chance.randint(0, MOST_CHANGED)) if is_alike else names
        yield {
            "on": (ON + timedelta(days=chance.randint(-400, 400))).isoformat(),
            "alike": is_alike,
            "given": {name: some_answer(pack.items[name], chance) for name in drawn_},
            "told": _told(pack, chance),
        }


def _told(pack: RulePack, chance: Random) -> list[dict[str, Any]]:
    """Draw what is told beside a form: of every fourth patient something."""
    if chance.random() < 0.75:
        return []
    names = [name for name in pack.questionnaire.items if name != "birth_date"]
    told = []
    for teller in chance.sample([Teller.CHAIR, Teller.RECORD, Teller.AGE], chance.randint(1, 2)):
        drawn_ = chance.sample(names, 3)
        answers = {name: some_answer(pack.items[name], chance) for name in drawn_[:2]}
        said = {name: raw for name, raw in answers.items() if raw is not None}
        told.append({"by": teller.value, "answers": said, "gone": drawn_[2:]})
    return told


def said_of(screening: Screening) -> dict[str, Any]:
    """Return what is frozen of a screening: its findings in short, and a digest of all of it."""
    whole = {k: v for k, v in asdict(screening).items() if k not in _SAYS_OF_THE_MAKER}
    text = json.dumps(whole, default=str, sort_keys=True)
    day = screening.earliest_safe_date
    return {
        "triage": screening.triage.value,
        "earliest_safe_date": day.isoformat() if day else None,
        "unknown": screening.unknown_count,
        "findings": [f"{one.rule_id} {one.truth} {one.effect}" for one in screening.findings],
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def in_short(screening: Screening) -> dict[str, Any]:
    """Return its triage, and a digest of it as it would be stored."""
    text = screening_text(replace(screening, **dict.fromkeys(_SAYS_OF_THE_MAKER, "")))
    return {"triage": screening.triage.value, "sha256": hashlib.sha256(text.encode()).hexdigest()}
