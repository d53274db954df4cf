"""Screenings that were frozen: what the engine of a version made of a pack and many answers.

They prove that the engine of this program judges as it did when they were made. Where a change
gives another result, even another word in what is cited, `ENGINE_VERSION` has to be another, so
that stored screenings say by which engine they were made; then they are frozen anew with `make
frozen`. The pack among them is a copy of a shipped one and changes with the engine alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from intake import packs
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.reading import case_of, read_all
from intake.core.screening import ENGINE_VERSION, Teller
from intake.core.telling import Telling, screen_told
from intake.resources import folder
from tests.answering import parted, some_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.rules import RulePack, Vignette
    from intake.core.screening import Screening

HERE = Path(__file__).resolve().parent
PACK, SCREENINGS = HERE / "pack.json", HERE / f"engine-{ENGINE_VERSION}.jsonl"

ON = date(2026, 6, 15)
ALIKE, AT_RANDOM = 150, 16
"""How many patients are healthy but for a few answers, and how many answered by lot."""
MOST_CHANGED = 12
_SAYS_OF_THE_MAKER = ("pack_hash", "pack_version", "engine_version")


def pack_texts() -> dict[str, str]:
    """Return the files of the shipped pack that screening needs."""
    texts = packs.texts_of(folder("rules") / "microneedling")
    kept = {name: text for name, text in texts.items() if not name.startswith("languages/")}
    return {name: text for name, text in kept.items() if not name.startswith("vignettes/")}


def frozen_pack() -> RulePack:
    """Load the pack that was frozen."""
    return packs.load_texts(json.loads(PACK.read_text(encoding="utf-8")), ON)


def flat(vignette: Vignette) -> dict[str, Any]:
    """Return answers and plan as values by link id."""
    plan = {f"{PLAN_PREFIX}{name}": raw for name, raw in vignette.plan.items()}
    return {**vignette.answers, **plan}


def patients(
    pack: RulePack, healthy: Mapping[str, Any], vignettes: Iterable[Vignette]
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
        drawn = chance.sample(names, chance.randint(0, MOST_CHANGED)) if is_alike else names
        yield {
            "on": (ON + timedelta(days=chance.randint(-400, 400))).isoformat(),
            "alike": is_alike,
            "given": {name: some_answer(pack.items[name], chance) for name in drawn},
            "told": _told(pack, chance),
        }


def _told(pack: RulePack, chance: Random) -> list[dict[str, Any]]:
    """Draw what is told beside a form: of every fourth patient something."""
    if chance.random() < 0.75:
        return []
    names = [name for name in pack.questionnaire.items if name != "birth_date"]
    told = []
    for teller in chance.sample([Teller.CHAIR, Teller.RECORD, Teller.AGE], chance.randint(1, 2)):
        drawn = chance.sample(names, 3)
        answers = {name: some_answer(pack.items[name], chance) for name in drawn[:2]}
        said = {name: raw for name, raw in answers.items() if raw is not None}
        told.append({"by": teller.value, "answers": said, "gone": drawn[2:]})
    return told


def screened(pack: RulePack, patient: Mapping[str, Any], healthy: Mapping[str, Any]) -> Screening:
    """Screen a patient as a clinic does."""
    on = date.fromisoformat(patient["on"])
    given = {**(healthy if patient["alike"] else {}), **patient["given"]}
    answers, plan = parted({name: raw for name, raw in given.items() if raw is not None})
    told = [
        Telling(Teller(one["by"]), one["answers"], frozenset(one["gone"]))
        for one in patient["told"]
    ]
    typed = read_all(pack, answers, plan, on).answers
    return screen_told(pack, case_of(pack, typed, on).answers, told, on)


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
