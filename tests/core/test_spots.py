"""Spots on the body map: read whole or refused, and never more to a rule than a tick."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.answers import Missing, Picked, read_answer, read_stored
from intake.core.errors import AnswerError
from intake.core.keeping import keep, kept, words_for
from intake.core.questionnaire import Kind
from intake.core.spots import MAX_SPOT_TEXT, MAX_SPOTS, Place, Spot, View, numbered
from tests.core.builders import SPOTS, TODAY, case, includes, item, overlaps, picked

ASKED = item("spots", Kind.BODY_MAP, options=SPOTS)
PLACE = {"view": "face", "x": 0.31, "y": 0.44, "picture": 1}
MOLE = {"region": "cheek", "what": "a brown mole", **PLACE}


def read(raw):
    return read_answer(ASKED, raw, TODAY)


def test_a_spot_is_read_with_its_words_and_its_place():
    answer = read(["cheek", MOLE])

    place = Place(View.FACE, 0.31, 0.44, 1)
    assert answer == Picked(frozenset({"cheek"}), spots=(Spot("cheek", "a brown mole", place),))


def test_words_need_no_place():
    assert read([{"region": "elbow", "what": "rough"}]).spots == (Spot("elbow", "rough"),)


def test_a_pin_needs_no_words():
    assert read([{"region": "elbow", **PLACE}]).spots[0].what == ""


def test_the_region_of_a_spot_counts_as_ticked():
    answer = read([MOLE])

    assert answer.codes == {"cheek"}


def test_not_sure_may_stand_beside_a_spot():
    answer = read(["not_sure", MOLE])

    assert (answer.codes, answer.unsure) == ({"cheek"}, True)


def test_a_spot_beside_none_is_refused():
    with pytest.raises(AnswerError, match="not both"):
        read(["none", MOLE])


MALFORMED = {
    "no region": {"what": "a mole"},
    "a region nobody offers": {**MOLE, "region": "tail"},
    "none as a region": {**MOLE, "region": "none"},
    "not sure as a region": {**MOLE, "region": "not_sure"},
    "a region that is no text": {**MOLE, "region": ["cheek"]},
    "words that are no text": {**MOLE, "what": 3},
    "too many words": {**MOLE, "what": "x" * (MAX_SPOT_TEXT + 1)},
    "something else": {**MOLE, "colour": "brown"},
    "half a place": {"region": "cheek", "x": 0.5, "y": 0.5},
    "a blank place": {**MOLE, "x": None, "y": None, "view": None, "picture": None},
    "a view nobody draws": {**MOLE, "view": "inside"},
    "left of the picture": {**MOLE, "x": -0.01},
    "below the picture": {**MOLE, "y": 1.01},
    "nowhere": {**MOLE, "x": float("nan")},
    "at the end of the world": {**MOLE, "x": float("inf")},
    "a truth for a fraction": {**MOLE, "x": True},
    "a text for a fraction": {**MOLE, "x": "0.5"},
    "a decimal for a fraction": {**MOLE, "x": Decimal("0.5")},
    "no version": {**MOLE, "picture": 0},
    "a version in between": {**MOLE, "picture": 1.5},
    "a truth for a version": {**MOLE, "picture": True},
    "nothing at all": {},
}


@pytest.mark.parametrize("spot", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_spot_makes_the_whole_answer_unknown(spot):
    raw = ["elbow", spot]

    with pytest.raises(AnswerError):
        read(raw)
    assert read_stored(ASKED, raw, TODAY) is Missing.UNREADABLE


def test_there_is_room_for_so_many_spots_and_no_more():
    assert len(read([MOLE] * MAX_SPOTS).spots) == MAX_SPOTS

    with pytest.raises(AnswerError, match="at most 30 spots"):
        read([MOLE] * (MAX_SPOTS + 1))


def test_words_are_brought_to_one_line():
    assert read([{"region": "cheek", "what": " a\r\nbrown\t\x00 mole "}]).spots[0].what == (
        "a brown mole"
    )


def test_an_answer_with_spots_is_kept_in_one_form():
    raw = [{"y": 0.123456, **{k: v for k, v in MOLE.items() if k != "y"}}, "elbow", "not_sure"]

    assert keep(ASKED, raw, TODAY) == ["cheek", "elbow", "not_sure", {**MOLE, "y": 0.1235}]


SAID = st.lists(
    st.builds(
        Spot,
        st.sampled_from(["cheek", "elbow"]),
        st.sampled_from(["", "a mole", "بقعة"]),
        st.none()
        | st.builds(
            Place,
            st.sampled_from(View),
            st.sampled_from([0.0, 0.25, 0.9999, 1.0]),
            st.sampled_from([0.0, 0.5]),
            st.integers(1, 3),
        ),
    ),
    min_size=1,
    max_size=5,
)


@given(SAID, st.booleans())
def test_what_is_kept_of_spots_is_read_again(spots, unsure):
    answer = Picked(frozenset(s.region for s in spots), unsure, tuple(spots))

    assert read(kept(ASKED, answer)) == answer


AREAS = {"spots": {"cheek": "face", "elbow": "arms"}}
SENTENCES = [overlaps("spots"), includes("spots", "cheek"), includes("spots", "none")]


@given(SAID, st.booleans(), st.sampled_from([picked("face"), picked("arms"), Missing.NOT_SURE]))
def test_rules_see_the_ticks_and_nothing_else(spots, unsure, planned):
    marked = read([*[spot.kept() for spot in spots], *(["not_sure"] if unsure else [])])
    ticked = read([*[spot.region for spot in spots], *(["not_sure"] if unsure else [])])

    def judged(answer):
        asked = case({"spots": answer, "plan.area": planned}, areas=AREAS)
        return [sentence.truth(asked) for sentence in SENTENCES]

    assert judged(marked) == judged(ticked)


def test_only_spots_on_the_picture_have_a_number():
    here = Place(View.BACK, 0.5, 0.5, 1)
    spots = [Spot("cheek", "a"), Spot("cheek", place=here), Spot("elbow", place=here)]

    assert [number for number, _ in numbered(spots)] == [0, 1, 2]


def test_spots_are_said_with_their_regions():
    answer = read(["elbow", "not_sure", MOLE, {"region": "cheek", **PLACE}])

    names = {option.code: option.text for option in SPOTS}
    said = words_for(ASKED, answer)

    assert f"{names['cheek']} (spot 1: a brown mole, spot 2)" in said
    assert said.endswith("and not sure about others")
    assert f"{names['elbow']};" in said


def test_words_without_a_pin_are_said_without_a_number():
    answer = read([{"region": "elbow", "what": "rough"}])

    assert words_for(ASKED, answer).endswith("(rough)")
