"""A patient who cannot answer alone asks for help and goes on; staff see with what."""

from intake.storage import responses
from tests.web.filling import page_boxes

SKIN = "/tablet/page/skin_now"


def test_what_is_blank_becomes_not_sure_and_the_form_goes_on(tablet, answers_of):
    page = tablet.post(SKIN, {"skin_today": "rash", "do": "help"})

    answers = answers_of()
    assert page.status == 303
    assert answers["skin_today"] == ["rash"]
    assert answers["area_features"] == "not_sure"


def test_the_desk_sees_with_which_questions(on_tablet, ada, ids, topics):
    tablet = on_tablet("filled")
    boxes = page_boxes(topics["skin_now"], {"skin_today": ["none"]})
    tablet.post(SKIN, {**boxes, "do": "help"})

    words = ada.get(f"/desk/cases/{ids['filled']}").words

    assert words.count("asked for help") == 1


def test_what_was_typed_wrongly_is_asked_again_and_not_given_up(tablet, answers_of):
    tablet.post(SKIN, {"skin_today": "broken", "area_features": "none"})

    page = tablet.post("/tablet/page/sore_since", {"skin_broken_since-count": "x", "do": "help"})

    assert page.status == 422
    assert "skin_broken_since" not in answers_of()


def test_help_with_a_page_that_is_answered_is_seen_as_well(tablet, topics, store, ids):
    boxes = page_boxes(topics["skin_now"], {"skin_today": ["none"], "area_features": ["none"]})

    tablet.post(SKIN, {**boxes, "do": "help"})

    form = responses.response(store, ids["begun"])
    assert form.help == {"skin_today", "area_features"}
    assert form.answers["skin_today"] == ["none"]
