"""What the benchmark measures ours against says the same as ours."""

import pytest

from intake.core.truth import Truth
from tests.conftest import TODAY
from tests.peers.measuring import Drawn, Peer, limit_of


@pytest.fixture(scope="module")
def drawn(shipped_pack):
    return Drawn(shipped_pack, TODAY, 25)


def test_the_limit_finds_what_ours_finds(drawn):
    limit = limit_of(drawn.claims, drawn.pack)

    found = [dict(limit(known)) for known in drawn.as_sets]

    assert len(drawn.claims) > 200
    assert [{n: truth is Truth.MET for n, truth in one.items()} for one in drawn.ours] == found


def test_what_was_let_through_is_counted_by_what_conditions_mean(drawn):
    of_ours, of_nobody = drawn.cleared(drawn.ours), drawn.cleared([()] * len(drawn.ours))

    number = sum(truth is Truth.UNKNOWN for one in drawn.meant for truth in one)
    assert number > 100
    assert (of_ours, of_nobody) == (f"0/{number}", f"{number}/{number}")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("zen", "zen-engine"),
        ("json_logic", "panzi-json-logic"),
        ("rule_engine", "rule-engine"),
        ("celpy", "cel-python"),
    ],
)
def test_another_engine_made_correct_finds_the_same(drawn, module, name):
    pytest.importorskip(module, reason="for the benchmark alone: pip install '.[bench]'")
    peer = Peer(name, drawn)

    assert peer.sure(drawn.facts[0]) == drawn.ours[0]
