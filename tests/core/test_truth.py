"""Strong Kleene logic."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.truth import Truth, all_of, any_of, at_least
from tests.core.builders import ALL_TRUTHS, MET, NOT_MET, UNKNOWN

TRUTHS = st.lists(st.sampled_from(ALL_TRUTHS), max_size=6)

AND_TABLE = {
    (MET, MET): MET,
    (MET, UNKNOWN): UNKNOWN,
    (MET, NOT_MET): NOT_MET,
    (UNKNOWN, MET): UNKNOWN,
    (UNKNOWN, UNKNOWN): UNKNOWN,
    (UNKNOWN, NOT_MET): NOT_MET,
    (NOT_MET, MET): NOT_MET,
    (NOT_MET, UNKNOWN): NOT_MET,
    (NOT_MET, NOT_MET): NOT_MET,
}
OR_TABLE = {
    (MET, MET): MET,
    (MET, UNKNOWN): MET,
    (MET, NOT_MET): MET,
    (UNKNOWN, MET): MET,
    (UNKNOWN, UNKNOWN): UNKNOWN,
    (UNKNOWN, NOT_MET): UNKNOWN,
    (NOT_MET, MET): MET,
    (NOT_MET, UNKNOWN): UNKNOWN,
    (NOT_MET, NOT_MET): NOT_MET,
}
NOT_TABLE = {MET: NOT_MET, UNKNOWN: UNKNOWN, NOT_MET: MET}


def worlds(truths):
    """Every way in which the unknown ones may turn out."""
    return product(*([MET, NOT_MET] if truth is UNKNOWN else [truth] for truth in truths))


def agreed(outcomes):
    """What all worlds agree on, else unknown."""
    seen = set(outcomes)
    return seen.pop() if len(seen) == 1 else UNKNOWN


@pytest.mark.parametrize("pair", list(AND_TABLE), ids=" and ".join)
def test_and_follows_the_table(pair):
    assert all_of(pair) is AND_TABLE[pair]


@pytest.mark.parametrize("pair", list(OR_TABLE), ids=" or ".join)
def test_or_follows_the_table(pair):
    assert any_of(pair) is OR_TABLE[pair]


@pytest.mark.parametrize("truth", ALL_TRUTHS)
def test_not_follows_the_table(truth):
    assert truth.negated() is NOT_TABLE[truth]


def test_a_fact_becomes_met_or_not_met():
    assert Truth.of(fact=True) is MET
    assert Truth.of(fact=False) is NOT_MET


def test_all_of_nothing_is_met_and_any_of_nothing_is_not():
    assert all_of([]) is MET
    assert any_of([]) is NOT_MET


@given(TRUTHS)
def test_de_morgan(truths):
    opposites = [truth.negated() for truth in truths]

    assert all_of(truths).negated() is any_of(opposites)
    assert any_of(truths).negated() is all_of(opposites)


@given(TRUTHS, st.randoms(use_true_random=False))
def test_order_does_not_matter(truths, random):
    shuffled = random.sample(truths, len(truths))

    assert all_of(shuffled) is all_of(truths)
    assert any_of(shuffled) is any_of(truths)
    assert at_least(2, shuffled) is at_least(2, truths)


@pytest.mark.parametrize("size", range(5))
def test_at_least_is_what_every_world_agrees_on(size):
    for truths in product(ALL_TRUTHS, repeat=size):
        for number in range(size + 2):
            outcomes = [Truth.of(world.count(MET) >= number) for world in worlds(truths)]

            assert at_least(number, truths) is agreed(outcomes)


@given(TRUTHS)
def test_at_least_one_is_any_and_at_least_all_is_all(truths):
    assert at_least(1, truths) is any_of(truths)
    assert at_least(len(truths), truths) is all_of(truths)


def test_one_pass_iterators_are_enough():
    assert at_least(2, iter([MET, NOT_MET, MET])) is MET
    assert all_of(iter([MET, UNKNOWN])) is UNKNOWN
