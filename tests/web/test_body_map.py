"""The body map: ticks, words and pins, on the tablet without scripts and at the desk."""

import json
import re

import pytest

from intake.core.body_picture import PICTURE, sides, sides_of
from intake.core.questionnaire import NONE_CODE
from intake.core.spots import MAX_SPOTS
from intake.storage import responses

PAGE = "/tablet/page/worry_map"
MAP = "marked_spot"
PIN = {"region": "right_cheek", "what": "a brown mole", "place": f"face 0.31 0.55 {PICTURE}"}
KEPT = {
    "region": "right_cheek",
    "what": "a brown mole",
    "view": "face",
    "x": 0.31,
    "y": 0.55,
    "picture": PICTURE,
}


def sent(*ticked, spots=(), **words):
    """What a browser sends: ticks, rows of spots, and words under regions."""
    rows = {
        f"{MAP}-spots-{n}-{part}": value
        for n, spot in enumerate(spots)
        for part, value in spot.items()
    }
    boxes = {f"{MAP}-what-{region}": text for region, text in words.items()}
    return {MAP: list(ticked), **rows, **boxes}


@pytest.fixture
def kept(store, ids):
    return lambda: responses.response(store, ids["begun"]).answers.get(MAP)


def test_ticks_are_kept_as_they_always_were(tablet, kept):
    tablet.post(PAGE, sent("nose", "not_sure"))

    assert kept() == ["nose", "not_sure"]


def test_a_pin_is_kept_with_its_words_and_place(tablet, kept):
    page = tablet.post(PAGE, sent("right_cheek", spots=[PIN]))

    assert page.status == 303
    assert kept() == ["right_cheek", KEPT]


def test_words_under_a_ticked_region_are_kept_without_scripts(tablet, kept):
    tablet.post(PAGE, sent("nose", "ears", nose=" a red bump ", ears=""))

    assert kept() == ["nose", "ears", {"region": "nose", "what": "a red bump"}]


def test_everything_comes_back_on_the_page(tablet):
    tablet.post(PAGE, sent("right_cheek", "nose", spots=[PIN], nose="a red bump"))

    controls = tablet.get(PAGE).form.controls()

    assert controls[MAP] == ["right_cheek", "nose"]
    assert controls[f"{MAP}-spots-0-region"] == ["right_cheek"]
    assert controls[f"{MAP}-spots-0-place"] == [PIN["place"]]
    assert controls[f"{MAP}-spots-0-what"] == ["a brown mole"]
    assert controls[f"{MAP}-spots-1-what"] == ["a red bump"]


def test_what_comes_back_can_be_sent_again(tablet, kept):
    tablet.post(PAGE, sent("right_cheek", "nose", spots=[PIN], nose="a red bump"))
    before = kept()

    tablet.post(PAGE, tablet.get(PAGE).form.controls())

    assert kept() == before


def test_words_that_are_emptied_are_gone_and_the_tick_stays(tablet, kept):
    tablet.post(PAGE, sent("nose", nose="a red bump"))

    again = tablet.get(PAGE).form.controls()
    tablet.post(PAGE, {**again, f"{MAP}-spots-0-what": ""})

    assert kept() == ["nose"]


@pytest.mark.parametrize("act", ["language-es", "size-3"])
def test_what_was_typed_survives_another_way_of_reading(tablet, act):
    page = tablet.post(PAGE, {**sent("right_cheek", spots=[PIN], nose="a red bump"), "do": act})

    controls = page.form.controls()

    assert controls[f"{MAP}-spots-0-what"] == ["a brown mole"]
    assert controls[f"{MAP}-spots-0-place"] == [PIN["place"]]
    assert "a red bump" in controls[f"{MAP}-spots-1-what"]


def test_words_about_a_region_that_is_not_ticked_are_asked_about(tablet, kept):
    page = tablet.post(PAGE, sent("nose", ears="a lump"))

    assert page.status == 422
    assert page.faults() == [
        (f"{MAP}-ears", "Tick “Ears” as well, or empty the box under it."),
    ]
    assert page.form.controls()[f"{MAP}-spots-0-what"] == ["a lump"]
    assert {"nose", "not_sure"} <= {one for one in kept() if isinstance(one, str)}


def test_none_and_a_spot_are_not_both_taken(tablet, kept):
    page = tablet.post(PAGE, sent("none", "right_cheek", spots=[PIN]))

    assert page.status == 422
    assert kept()[:2] == ["right_cheek", "not_sure"]
    assert page.form.controls()[f"{MAP}-spots-0-what"] == ["a brown mole"]


@pytest.mark.parametrize(
    "spot",
    [
        {**PIN, "place": "face 0.3"},
        {**PIN, "place": "face 0.3 nan 1"},
        {**PIN, "place": "face 0.3 1.2 1"},
        {**PIN, "place": "moon 0.3 0.2 1"},
        {**PIN, "place": "face 0.3 0.2 ²"},
        {**PIN, "what": "x" * 201},
        {**PIN, "region": "tail"},
    ],
    ids=lambda spot: f"{spot['region']} {spot['place']} {len(spot['what'])}",
)
def test_a_spot_that_cannot_be_read_is_asked_again_and_leaves_the_map_open(tablet, kept, spot):
    page = tablet.post(PAGE, sent("right_cheek", spots=[spot]))

    assert page.status == 422
    assert len(page.faults()) == 1
    assert kept() == ["right_cheek", "not_sure"]


@pytest.mark.parametrize(
    "rows",
    [
        {"1": PIN},
        {"0": {"region": "", "what": "", "place": ""}, "1": PIN},
        {"07": PIN},
        {"0": {"what": PIN["what"]}},
        {"0": {"place": PIN["place"]}},
        {"3": {"region": "right_cheek"}},
    ],
)
def test_a_row_that_no_page_of_ours_sends_is_not_dropped(tablet, kept, rows):
    spots = {f"{MAP}-spots-{n}-{part}": v for n, row in rows.items() for part, v in row.items()}

    page = tablet.post(PAGE, {MAP: ["none"], **spots})

    assert page.status == 422
    assert len(page.faults()) == 1
    assert "none" not in (kept() or [])


def test_a_row_after_a_gap_is_kept_with_its_region_ticked(tablet, kept):
    row = {f"{MAP}-spots-4-{part}": value for part, value in PIN.items()}

    page = tablet.post(PAGE, {MAP: ["right_cheek"], **row})

    assert page.status == 303
    assert kept() == ["right_cheek", KEPT]


@pytest.mark.parametrize("box", ["spots-0-region", "spots-0-what", "spots-0-place", "what-nose"])
def test_a_box_of_the_map_with_two_values_is_asked_again(tablet, kept, box):
    two = {f"{MAP}-{box}": ["nose", "ears"]}

    page = tablet.post(PAGE, {**sent("nose", "right_cheek", spots=[PIN]), **two})

    assert page.status == 422
    assert "Two different answers were sent" in page.words
    assert "not_sure" in kept()


def test_more_spots_than_there_is_room_for_are_asked_again(tablet, kept):
    page = tablet.post(PAGE, sent("right_cheek", spots=[PIN] * (MAX_SPOTS + 1)))

    assert "Mark at most 30 spots" in page.faults()[0][1]
    assert kept()[:2] == ["right_cheek", "not_sure"]
    assert sum(isinstance(one, dict) for one in kept()) == MAX_SPOTS


def test_each_region_has_a_box_for_words_where_there_are_no_scripts(tablet, pack):
    page = tablet.get(PAGE)

    asked = [code for code in pack.items[MAP].codes if code != NONE_CODE]
    boxes = {box["data-words-of"]: box for box in page.root.all("div", class_="region-words")}
    assert list(boxes) == asked
    assert boxes["nose"].one("label").text == "Nose: What is it? (optional)"
    assert "hidden" in page.root.one("div", class_="map-card")


def test_the_picture_says_whose_side_is_whose_and_does_not_turn(tablet):
    lines = tablet.get(PAGE).root.all("p", class_="map-sides")

    said = [[span.text for span in line.all("span")] for line in lines]
    assert said == [["Your right", "Your left"]] * 2 + [["Your left", "Your right"]]
    assert {line["dir"] for line in lines} == {"ltr"}


def test_the_area_to_be_treated_is_striped(maker, on_tablet, pack):
    visit = maker.visit(maker.begun("Ida Lock", "healthy-woman"))

    page = on_tablet(visit).get(PAGE)

    shapes = {side.view: side.regions for side in sides()}
    striped = {
        path["d"] for g in page.root.all("g", class_="map-planned") for path in g.all("path")
    }
    face = [o.code for o in pack.items[MAP].options if o.area == "face"]
    assert striped == {shapes["face"][code].way for code in face}
    assert "Striped: the area to be treated" in page.words


def test_every_region_of_the_pack_has_a_shape(pack):
    asked = {code for code in pack.items[MAP].codes if code != NONE_CODE}

    drawn = {code for side in sides_of(asked) for code in side.regions}

    assert asked - drawn == set()


def test_the_patients_right_is_on_the_left_of_a_picture_that_faces_us():
    for side in sides():
        for code, region in side.regions.items():
            if not code.startswith(("right_", "left_")):
                continue
            on_the_left = region.marks[0][0] < side.width / 2
            assert on_the_left == (code.startswith("right_") == side.faces_us), (side.view, code)


def test_every_shape_lies_inside_its_picture():
    for side in sides():
        for code, region in side.regions.items():
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", region.way)]
            assert all(0 <= x <= side.width for x in numbers[::2]), (side.view, code)
            assert all(0 <= y <= side.height for y in numbers[1::2]), (side.view, code)


def test_a_region_without_a_shape_stays_in_the_list():
    assert sides_of(["tail"]) == ()


def test_the_review_says_what_the_spots_are(tablet):
    told = sent("right_cheek", "nose", "ears", spots=[PIN], nose="a red bump")
    tablet.post(PAGE, told)

    words = tablet.get("/tablet/review").words

    assert "Your right cheek (spot 1): a brown mole Nose: a red bump Ears" in words


SPOTS = ["right_cheek", "nose", "upper_back", "right_leg", KEPT]
WORDS = {"region": "nose", "what": "a red bump"}


@pytest.fixture
def at_the_desk(maker, ada):
    def show(**rest):
        return ada.get(f"/desk/cases/{maker.sent('Ida Lock', 'healthy-woman', **rest).id}")

    return show


def test_the_desk_shows_the_pins_with_their_words(at_the_desk):
    page = at_the_desk(marked_spot=[*SPOTS, WORDS])

    marked = page.root.one("div", class_="marked")
    entries = [entry.text for entry in marked.all("li", class_="marked-entry")]
    assert entries == [
        "1 Your right cheek in the area to be treated a brown mole",
        "✓ Nose in the area to be treated a red bump",
        "✓ Upper back No words",
        "✓ Your right leg or foot No words",
    ]
    assert [pin.text for pin in marked.all("g", class_="map-pin")] == ["1"]
    place = marked.one("g", class_="map-pin")["transform"]
    assert place.startswith("translate(105.4 264.0)")  # 0.31 of 340, 0.55 of 480


def test_the_desk_says_which_side_is_the_patients(at_the_desk):
    page = at_the_desk(marked_spot=SPOTS)

    views = [f.text for f in page.root.all("figcaption")]
    sides_said = [[s.text for s in p.all("span")] for p in page.root.all("p", class_="map-sides")]
    facing = ["Patient's right", "Patient's left"]
    assert views == [
        "Face, seen from the front",
        "Body, seen from the front",
        "Body, seen from the back",
    ]
    assert sides_said == [facing, facing, facing[::-1]]


def test_the_desk_shows_no_picture_where_nothing_is_marked(at_the_desk):
    page = at_the_desk(marked_spot=["none"])

    assert page.root.all("div", class_="marked") == []
    assert "No, nothing worries me" in page.words


def test_a_pin_on_an_older_picture_is_said_and_not_drawn(at_the_desk):
    page = at_the_desk(marked_spot=[{**KEPT, "picture": PICTURE + 1}])

    assert page.root.all("g", class_="map-pin") == []
    assert "Put on an older picture, which is not shown." in page.words


def test_markup_in_the_words_of_a_spot_is_shown_as_it_was_typed(at_the_desk):
    page = at_the_desk(marked_spot=[{**KEPT, "what": "<b>mole</b>"}])

    assert "<b>mole" not in page.html
    assert "<b>mole</b>" in page.root.one("li", class_="marked-entry").text


def test_an_export_says_what_the_spots_are(at_the_desk, ada):
    at_the_desk(marked_spot=[*SPOTS, WORDS])

    page = ada.post("/desk/export", {"shape": "answers", "form": "jsonl"})

    rows = [json.loads(line) for line in page.html.splitlines()]
    said = [row["answer"] for row in rows if row["link_id"] == MAP]
    assert (
        "Your right cheek (spot 1: a brown mole); Nose (a red bump);"
        " Upper back; Your right leg or foot"
    ) in said
