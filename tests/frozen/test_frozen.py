"""The engine of this version judges as it did when its screenings were frozen."""

import json
from collections import Counter
from dataclasses import dataclass, replace

import pytest

from intake.core.conditions import Compound, Not, Sentence
from intake.core.sentences import Comparison, Quantifier, TakesMedicine
from intake.core.truth import Truth, all_of
from tests.frozen import CORPORA, LANGUAGE, ON, PLAIN, Packs
from tests.frozen.faults import FAULTS, NOTICED, Place, noticed_by

FREEZE = (
    "The engine judges otherwise than its version did. If that is meant, change ENGINE_VERSION and"
    " run 'make frozen'; if not, it is a fault."
)


@pytest.fixture(scope="module", autouse=True)
def frozen():
    for corpus in CORPORA:
        assert corpus.file.exists(), "Run 'make frozen': what this engine finds was not frozen yet."
        for day in ("2026-01-31", ON.isoformat()):
            corpus.packs.of({"on": day})  # read before there is a fault in the engine


@pytest.fixture(scope="module")
def noticed():
    return {name: Place(*place) for name, place in json.loads(NOTICED.read_text()).items()}


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda one: one.file.stem)
def test_every_screening_comes_out_as_it_was_frozen(corpus):
    assert dict(corpus.otherwise()) == {}, FREEZE


def test_they_come_out_so_where_the_findings_are_remembered():
    assert dict(LANGUAGE.otherwise()) == {}, FREEZE  # its packs have seen all of them before


@dataclass(frozen=True)
class Strange(Compound):
    """A condition of a kind that what judges many at once has never heard of."""

    part: object

    def children(self):
        return (self.part,)

    def joined(self, truths):
        return all_of(truths)


def strange(condition):
    """Put what is strange around a condition, and around what stands in each `not` of it."""
    if isinstance(condition, Not):
        return Strange(Not(Strange(condition.part)))
    return Strange(condition)


def test_they_come_out_so_with_conditions_of_a_strange_kind():
    packs = [LANGUAGE.packs.of({"on": day}) for day in ("2026-01-31", ON.isoformat())]
    known = [
        replace(pack, rules=tuple(replace(r, when=strange(r.when)) for r in pack.rules))
        for pack in packs
    ]

    some = range(0, len(LANGUAGE.lines[1]) - 3, 5)  # the last have the most dates to try

    assert dict(LANGUAGE.otherwise(Packs({}, known), only=some)) == {}, FREEZE


def test_every_rule_is_found_in_some_of_them():
    found = {line.split()[0] for one in PLAIN.lines[1] for line in one["found"]["findings"]}

    assert {rule.id for rule in PLAIN.packs.of({"on": ON.isoformat()}).rules} <= found


def test_most_rules_are_met_in_some_and_all_triages_occur():
    met = {
        line.split()[0]
        for one in PLAIN.lines[1]
        for line in one["found"]["findings"]
        if line.split()[1] == Truth.MET
    }

    triages = Counter(one["found"]["triage"] for one in PLAIN.lines[1])

    assert len(met) > 0.8 * len(PLAIN.packs.of({"on": ON.isoformat()}).rules)
    assert min(triages[one] for one in ("stop", "review", "defer", "caution", "routine")) > 0


def test_the_tiny_pack_says_everything_that_can_be_said():
    pack = LANGUAGE.packs.of({"on": ON.isoformat()})
    sentences = [sentence for rule in pack.rules for sentence in rule.sentences]

    def used(name):
        return {getattr(sentence, name, None) for sentence in sentences} - {None}

    kinds = {kind for kind in Sentence.__subclasses__() if kind.__module__.startswith("intake.")}
    whens = [claim.when for rule in pack.rules for claim in rule.claims]
    assert used("comparison") == set(Comparison)
    assert used("quantifier") == set(Quantifier)
    assert kinds <= {type(one) for when in whens for one in when.sentences()}
    asked = [one for one in sentences if isinstance(one, TakesMedicine)]
    assert any(one.wanted.status for one in asked)
    assert any(one.wanted.route for one in asked)
    assert any(one.wanted.within for one in asked)
    assert any(one.number > 1 for one in asked)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_is_put_into_the_engine_is_seen(name, noticed, monkeypatch):
    FAULTS[name].plant(monkeypatch)

    assert noticed_by(noticed.get(name)) is not None


def test_the_pack_holds_no_words_of_patients_languages():
    files = json.loads(PLAIN.pack.read_text(encoding="utf-8"))

    assert not [name for name in files if name.startswith(("languages/", "vignettes/"))]
