"""The engine of this version judges as it did when its screenings were frozen."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from intake.core import screening
from intake.core.truth import Truth
from tests.frozen import PACK, SCREENINGS, frozen_pack, said_of, screened

FREEZE = (
    "The engine judges otherwise than its version did. If that is meant, change ENGINE_VERSION and"
    " run 'make frozen'; if not, it is a fault."
)


@pytest.fixture(scope="module")
def pack():
    return frozen_pack()


@pytest.fixture(scope="module")
def frozen():
    """A healthy patient, and all that were frozen."""
    assert SCREENINGS.exists(), "Run 'make frozen': what this engine finds was not frozen yet."
    healthy, *patients = map(json.loads, SCREENINGS.read_text(encoding="utf-8").splitlines())
    return healthy, patients


def otherwise(pack, frozen):
    """Return of each patient whom the engine judges otherwise what is found now."""
    healthy, patients = frozen
    found = {n: said_of(screened(pack, one, healthy)) for n, one in enumerate(patients)}
    return {n: now for n, now in found.items() if now != patients[n]["found"]}


def test_every_screening_comes_out_as_it_was_frozen(pack, frozen):
    assert otherwise(pack, frozen) == {}, FREEZE


def test_every_rule_is_found_in_some_of_them(pack, frozen):
    found = {line.split()[0] for one in frozen[1] for line in one["found"]["findings"]}

    assert {rule.id for rule in pack.rules} <= found


def test_most_rules_are_met_in_some_and_all_triages_occur(pack, frozen):
    met = {
        line.split()[0]
        for one in frozen[1]
        for line in one["found"]["findings"]
        if line.split()[1] == Truth.MET
    }
    triages = Counter(one["found"]["triage"] for one in frozen[1])

    assert len(met) > 0.8 * len(pack.rules)
    assert min(triages[one] for one in ("stop", "review", "defer", "caution", "routine")) > 0


def test_they_come_out_so_where_the_findings_are_remembered(pack, frozen):
    again = replace(pack)
    assert [otherwise(again, frozen) for _ in range(2)] == [{}, {}], FREEZE


def only_what_is_met(pack, found):
    """Take what is unknown for ruled out."""
    claims = pack.bounds.open_in(found)
    return sorted({pack.claimants[number] for number, truth in claims if truth is Truth.MET})


FAULTS = {
    "_open": only_what_is_met,
    "_earliest_safe_date": lambda *_: None,
    "_only_dates_are_open": lambda *_: False,
    "_unknown_effect": lambda level: level.triage,
    "unknown_questions": lambda *_: [],
    "set_aside": lambda _: [],
    "cited_in": lambda *_: [],
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_is_put_into_the_engine_is_seen(pack, frozen, monkeypatch, name):
    monkeypatch.setattr(screening, name, FAULTS[name])

    assert otherwise(replace(pack), frozen) != {}  # a copy, of which nothing is remembered


def test_the_pack_holds_no_words_of_patients_languages():
    files = json.loads(PACK.read_text(encoding="utf-8"))

    assert not [name for name in files if name.startswith(("languages/", "vignettes/"))]
