"""A visit belongs to the device it was given on, and not for ever."""

from datetime import timedelta

import pytest

from intake.actions.visits import LONGEST
from intake.storage import audit, visits
from tests.web.conftest import OWN_PASSWORDS, sign_in
from tests.web.pages import Visitor

BEGIN = {"name": "Ines Prado", "birth-day": "3", "birth-month": "May", "birth-year": "1980"}
DOORS = ("/tablet/welcome", "/tablet/review", "/tablet/locked", "/tablet/page/your_goals")


@pytest.fixture
def handed(ada, ids):
    """A browser of the desk that was handed over."""
    ada.post(f"/desk/hand-over/{ids['begun']}")
    return ada


@pytest.fixture
def begun(enrolled):
    """A tablet of the clinic on which somebody began."""
    enrolled.post("/tablet/start", BEGIN)
    return enrolled


@pytest.fixture
def entering(ada, ids):
    """A browser of the desk in which the answers are entered."""
    ada.post(f"/desk/enter/{ids['begun']}", {"source": "paper"})
    return ada


@pytest.fixture(params=["handed", "begun", "entering"])
def given(request):
    return request.getfixturevalue(request.param)


def with_cookies_of(visitor, *names):
    """Another browser with some of the cookies of one."""
    thief = Visitor(visitor.client.application.test_client())
    for name in names:
        path = "/tablet" if name == "intake_visit" else "/"
        thief.client.set_cookie(name, visitor.cookie(name, path), path=path)
    return thief


def test_opens_where_it_was_given(given):
    assert given.get("/tablet/welcome").status == 200


def test_its_cookie_alone_opens_nothing_elsewhere(given):
    thief = with_cookies_of(given, "intake_visit")

    assert {thief.get(path).location for path in DOORS} == {"/tablet/"}


def test_its_cookie_opens_nothing_on_another_tablet_of_the_clinic(handed, enrolled):
    visit = handed.cookie("intake_visit", "/tablet")
    enrolled.client.set_cookie("intake_visit", visit, path="/tablet")

    assert enrolled.get("/tablet/welcome").location == "/tablet/"


def test_ends_with_the_tablet_it_was_given_on(begun, cleo, store):
    tablet = store.row("SELECT id FROM tablets")["id"]

    cleo.post(f"/desk/tablets/{tablet}/revoke")

    assert begun.get("/tablet/welcome").location == "/tablet/"


def touched_until(visitor, clock, end):
    """Ask for a page every minute, so that nothing locks by itself."""
    while clock.at < end:
        clock.at = min(clock.at + timedelta(minutes=1), end)
        visitor.get("/tablet/welcome")


def test_ends_after_four_hours_though_somebody_is_there(tablet, clock, store, ids):
    end = clock.at + LONGEST
    touched_until(tablet, clock, end - timedelta(seconds=1))
    before = tablet.get("/tablet/welcome").status

    clock.at = end
    after = tablet.get("/tablet/welcome").location

    assert (before, after) == (200, "/tablet/")
    assert visits.visit_of(store, ids["begun"]) is None
    assert audit.of_subject(store, ids["begun"])[-1].action == "visit parked"


def test_is_handed_over_again_with_its_answers_after_it_ended(full_tablet, ada, clock, ids):
    clock.at += LONGEST
    full_tablet.get("/tablet/welcome")
    sign_in(ada, "ada", OWN_PASSWORDS["ada"])

    ada.post(f"/desk/hand-over/{ids['filled']}")
    ada.post("/tablet/company", {"company": "nobody"})

    assert ada.get("/tablet/review").status == 200
