"""Small numbers: whatever is shown, and whatever is held back, is of enough patients."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.disclosure import (
    NOTHING,
    STEPS,
    Profile,
    Tally,
    Visit,
    age_group,
    seen,
    steps_for,
)

visits = st.builds(
    Visit,
    site=st.sampled_from(["north", "south"]),
    language=st.sampled_from(["en", "es", "ar"]),
    years=st.sampled_from([(2025,), (2026,), (2025, 2026)]),
    traits=st.frozensets(st.tuples(st.just("skin_tone"), st.sampled_from(["type_1", "type_6"]))),
)
profiles = st.lists(
    st.builds(
        Profile, age=st.integers(0, 110), visits=st.frozensets(visits, min_size=1, max_size=2)
    )
).map(lambda found: {f"p{n}": profile for n, profile in enumerate(found)})
least = st.integers(2, 12)


@given(profiles, least)
def test_whatever_is_shown_together_enough_patients_have(everybody, number):
    steps = steps_for(everybody, number)

    groups = Counter(seen(everybody[patient], step) for patient, step in steps.items())

    assert steps.keys() == everybody.keys()
    if len(everybody) >= number:
        assert all(size >= number for size in groups.values())
    else:
        assert set(steps.values()) <= {*STEPS, NOTHING}


@given(profiles, least)
def test_a_row_alone_is_of_enough_patients_too(everybody, number):
    steps = steps_for(everybody, number)

    patients = defaultdict(set)
    for patient, step in steps.items():
        age, forms = seen(everybody[patient], step)
        for form in forms:
            patients[age, form].add(patient)

    assert len(everybody) < number or all(len(one) >= number for one in patients.values())


def alike(number, *, age=34, site="north"):
    visit = Visit(site, "en", (2026,), frozenset())
    return {f"{site}-{age}-{n}": Profile(age, frozenset({visit})) for n in range(number)}


def test_enough_of_one_age_are_told_by_their_age():
    assert set(steps_for(alike(5), 5).values()) == {STEPS[0]}


def test_one_less_is_told_in_wider_groups():
    everybody = {**alike(4, age=34), **alike(4, age=32)}

    assert set(steps_for(everybody, 5).values()) == {STEPS[1]}


def test_one_who_is_like_nobody_is_not_known_by_the_gap():
    everybody = {**alike(9), **alike(1, age=97, site="south")}

    steps = steps_for(everybody, 5)

    assert len({seen(everybody[patient], step) for patient, step in steps.items()}) == 1


def test_the_smallest_group_makes_up_for_a_few():
    everybody = {**alike(9, age=30), **alike(6, age=60), **alike(1, age=95, site="south")}

    steps = steps_for(everybody, 5)

    assert steps["north-30-0"] == STEPS[0]
    assert steps["north-60-0"] == steps["south-95-0"] == NOTHING


@pytest.mark.parametrize(
    ("age", "years", "group"),
    [
        (34, 1, "34"), (34, 5, "30 to 34"), (34, 10, "30 to 39"), (34, 20, "20 to 39"),
        (89, 1, "89"), (90, 1, "90+"), (117, 1, "90+"), (89, 5, "85 to 89"), (90, 5, "90+"),
        (90, 10, "90+"), (79, 20, "60 to 79"), (80, 20, "80+"), (90, 20, "80+"), (34, None, None),
    ],
)  # fmt: skip
def test_an_age_is_in_a_group_and_ninety_and_older_is_one(age, years, group):
    assert age_group(age, years) == group


@given(st.integers(0, 130), st.sampled_from([1, 5, 10, 20]))
def test_no_group_tells_an_age_over_eighty_nine(age, years):
    numbers = [int(word) for word in age_group(age, years).replace("+", "").split(" to ")]

    assert max(numbers) <= 89 or numbers == [90]


answers = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["yes", "no", "not_sure", 7])), max_size=6
)


@given(st.lists(answers), least)
def test_a_value_and_a_gap_are_of_enough_patients_or_nothing_is_shown(everybody, number):
    tally = Tally(number)
    patients = defaultdict(set)
    for n, given_by in enumerate(everybody):
        for column, value in given_by:
            tally.add(column, value, f"p{n}")
            patients[column, value].add(n)

    shown = tally.shown({}, ())

    assert all(len(patients[one]) >= number for one in shown)
    for column in {column for column, _ in patients}:
        held = [who for key, who in patients.items() if key[0] == column and key not in shown]
        gap = set().union(*held)
        assert not gap or len(gap) >= number or not [one for one in shown if one[0] == column]


def test_a_patient_counts_once_however_many_forms_there_are():
    tally = Tally(2)
    for patient in ("p1", "p1", "p1"):
        tally.add("keloid", "yes", patient)

    assert tally.shown({}, ()) == frozenset()


def test_what_was_never_counted_is_not_shown():
    assert ("keloid", "yes") not in Tally(2).shown({}, ())
