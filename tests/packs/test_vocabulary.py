"""How medicines.yaml becomes the vocabulary: classes left open, routes, faults with their place."""

import pytest

from intake import packs
from intake.core.errors import PackError
from intake.core.medicines import Route
from tests.conftest import TODAY
from tests.packs.builders import edited

ROW = "brands: [Coumadin (US UK)]\n    classes: [blood_thinner]"


def warfarin(new):
    """Read the tiny pack with another row for warfarin."""
    texts = edited(("medicines.yaml", ROW, new))
    return packs.load_texts(texts, TODAY).vocabulary.medicines[0]


def test_a_class_with_a_question_mark_is_left_open():
    row = warfarin("classes: [blood_thinner?]")

    assert (row.classes, row.maybe) == (frozenset(), {"blood_thinner"})


def test_a_route_has_its_own_classes_and_leaves_its_own_open():
    row = warfarin("classes: [blood_thinner]\n    by_route: {mouth: [blood_thinner?], skin: []}")

    assert row.classes_by(Route.MOUTH) == frozenset()
    assert row.maybe_by(Route.MOUTH) == {"blood_thinner"}
    assert row.maybe_by(Route.SKIN) == frozenset()
    assert row.classes_by(Route.EYE) == {"blood_thinner"}


def test_any_leaves_every_class_open():
    row = warfarin("classes: [any?]")

    assert row.maybe == {"blood_thinner"}


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("[thinner]", "there is no class 'thinner'"),
        ("[thinner?]", "there is no class 'thinner'"),
        ("[any]", "'any' is no class; write 'any?' to leave every class open"),
    ],
)
def test_a_class_that_does_not_exist_is_a_problem(written, problem):
    with pytest.raises(PackError) as caught:
        warfarin(f"classes: {written}")

    assert any(problem in found for found in caught.value.problems)
