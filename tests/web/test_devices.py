"""Handing a browser of the desk over again: it is checked, or cleaned and said to be."""

import pytest

from intake.actions import devices
from intake.storage import devices as kept
from intake.web.device_words import FOUND
from tests.web.pages import Visitor


@pytest.fixture
def had(app, ada, ids, clinic_template):
    """A browser of the desk that a patient had, with Ada back at it, and nothing checked."""
    ada.post(f"/desk/hand-over/{ids['begun']}")
    ada.post("/tablet/welcome", {"do": "not-me"})
    return ada


@pytest.fixture
def back_at_desk(had, at_desk):
    """The same browser once Ada signed in again."""
    fresh = at_desk("ben")
    fresh.client.set_cookie("intake_device", had.cookie("intake_device", "/"), path="/")
    return fresh


def device_of(visitor, store):
    return kept.device_of_token(store, visitor.cookie("intake_device", "/"))


def test_the_page_of_handing_over_asks_to_clean_it_first(back_at_desk, ids):
    page = back_at_desk.get(f"/desk/hand-over/{ids['filled']}")

    assert "Clean this device first" in page.words
    assert "It was not checked after its last patient" in page.words


def test_it_is_not_handed_over_without_a_word_on_how_it_was_cleaned(back_at_desk, ids, store):
    page = back_at_desk.post(f"/desk/hand-over/{ids['filled']}", {"how": " "})

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert back_at_desk.get("/desk/").status == 200  # still signed in
    assert not device_of(back_at_desk, store).may_be_given


def test_with_a_word_it_is_handed_over(back_at_desk, ids, store):
    page = back_at_desk.post(f"/desk/hand-over/{ids['filled']}", {"how": "Cleared its data."})

    assert page.location == "/tablet/welcome"
    assert device_of(back_at_desk, store).response_id == ids["filled"]


def test_a_check_that_found_nothing_needs_no_word(back_at_desk, ids, store):
    answer = back_at_desk.post("/tablet/checked")
    page = back_at_desk.post(f"/desk/hand-over/{ids['filled']}")

    assert answer.answer.json == {"may_be_given": True}
    assert page.location == "/tablet/welcome"


def test_a_check_that_found_something_says_so_on_the_queue_and_the_tablet(back_at_desk, had):
    answer = back_at_desk.post("/tablet/checked", {"found": ["local"]})

    assert answer.answer.json == {"may_be_given": False}
    assert "1 device may still hold something" in back_at_desk.get("/desk/").words
    assert "something in the browser’s storage" in had.get("/tablet/").words


def test_a_browser_that_nobody_was_given_reports_nothing(app, store):
    stranger = Visitor(app.test_client())

    page = stranger.post("/tablet/checked", {"found": "local"})

    assert page.location == "/tablet/"
    assert kept.devices(store) == []


def test_every_place_a_check_may_name_has_words():
    assert set(FOUND) == devices.MAY_BE_FOUND
