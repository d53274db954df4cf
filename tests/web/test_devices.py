"""Handing a browser of the desk over again: it is checked, or cleaned and said to be."""

from datetime import timedelta

import pytest

from intake.actions import devices
from intake.storage import devices as kept
from intake.storage import visits
from intake.web.device_words import CLEANING, FOUND
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


@pytest.fixture
def robbed(enrolled):
    """A tablet whose browser lost the visit that a patient began on it."""
    begin = {"birth-day": "3", "birth-month": "5", "birth-year": "1980"}
    enrolled.post("/tablet/start", {"name": "Ines Prado", **begin})
    enrolled.client.delete_cookie("intake_visit", path="/tablet")
    return enrolled


@pytest.fixture
def of_tablet(store):
    return lambda: next(one for one in kept.devices(store) if one.tablet_id)


@pytest.fixture(params=["the start page", "the devices at the desk", "the tablets at the desk"])
def looked_at(request, robbed, ada, cleo):
    looks = {
        "the start page": lambda: robbed.get("/tablet/"),
        "the devices at the desk": lambda: ada.get("/desk/devices"),
        "the tablets at the desk": lambda: cleo.get("/desk/tablets"),
    }
    return looks[request.param]


def test_a_tablet_that_lost_its_visit_is_not_in_a_patients_hands_for_ever(
    looked_at, of_tablet, clock
):
    before = of_tablet()
    clock.at += timedelta(minutes=9)
    looked_at()
    meanwhile = of_tablet()

    clock.at += timedelta(minutes=9)
    looked_at()
    clock.at += timedelta(minutes=9)
    looked_at()

    assert before.is_in_hand
    assert meanwhile.is_in_hand
    assert not of_tablet().is_in_hand
    assert not of_tablet().may_be_given


def test_such_a_tablet_checks_itself_and_goes_to_the_next(robbed, of_tablet, clock):
    waits = robbed.get("/tablet/").words
    clock.at += timedelta(minutes=30)

    asks = robbed.get("/tablet/").words
    answer = robbed.post("/tablet/checked")

    assert "A patient has it" in waits
    assert "It was not checked after its last patient" in asks
    assert answer.answer.json == {"may_be_given": True}
    assert robbed.get("/tablet/").form_to("/tablet/start")


def test_cleaning_is_not_offered_of_one_that_a_patient_has(robbed, ada, of_tablet):
    page = ada.get("/desk/devices")
    refused = ada.post(f"/desk/devices/{of_tablet().id}/cleaned", {"how": "Wiped it."})

    assert "A patient has it" in page.words
    assert "Note that it was cleaned" not in page.words
    assert refused.status == 409
    assert of_tablet().is_in_hand


def test_one_that_was_handed_back_half_way_is_handed_over_with_a_word(ada, at_desk, ids, store):
    ada.post(f"/desk/hand-over/{ids['begun']}")
    ben = at_desk("ben")
    ben.client.set_cookie("intake_device", ada.cookie("intake_device", "/"), path="/")

    asked = ben.get(f"/desk/hand-over/{ids['filled']}").words
    page = ben.post(f"/desk/hand-over/{ids['filled']}", {"how": "Cleared its data."})

    assert "is put away when you hand over another" in asked
    assert page.location == "/tablet/welcome"
    assert visits.visit_of(store, ids["begun"]) is None
    assert device_of(ben, store).response_id == ids["filled"]


def test_staff_are_told_that_clearing_website_data_ends_an_enrolment():
    assert "enrols it anew" in CLEANING
