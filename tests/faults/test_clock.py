"""The computer's clock goes back a day, on ten years, and back: no harm stays behind."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from intake.actions import accounts
from intake.storage import responses
from intake.storage.trail_check import verdict_of
from intake.web import create_app
from tests.conftest import Clock
from tests.faults.conftest import PASSWORD
from tests.web.pages import Visitor

NOW = datetime.now(UTC)
BACK, ON, LATER = NOW - timedelta(days=1), NOW + timedelta(days=3653), NOW + timedelta(minutes=5)
THERE_AND_BACK = [NOW, BACK, ON, LATER]
SHOWN, GONE_ON = 200, 303


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def app(clinic, clock):
    return create_app(clinic.settings, clock)


@pytest.fixture
def tablet(app, clinic, clock):
    """A tablet at the last page of a form that was handed over by the present clock."""

    def tablet():
        form = clinic.forms(1, at=clock.at)[0]
        visitor = Visitor(app.test_client())
        visitor.client.set_cookie("intake_visit", form.cookies["intake_visit"], path="/tablet")
        return visitor, form

    return tablet


@pytest.fixture
def sign_in(app):
    """Sign Ada in by the present clock; returns her browser and the status."""

    def sign_in(password=PASSWORD):
        visitor = Visitor(app.test_client())
        sent = visitor.post("/desk/sign-in", {"username": "ada", "password": password})
        return visitor, sent.status

    return sign_in


def test_forms_are_sent_under_every_clock_and_the_chain_stays_whole(tablet, clinic, clock):
    sent = []
    for clock.at in THERE_AND_BACK:
        visitor, form = tablet()
        assert visitor.post("/tablet/review", {"typed": form.name}).location == "/tablet/end"
        sent.append(form.response_id)

    with closing(clinic.open()) as store:
        kept = [responses.response(store, one) for one in sent]
        assert len({form.receipt for form in kept}) == len({form.id for form in kept}) == len(sent)
        assert verdict_of(store).faults == ()
        numbers = store.rows("SELECT sequence, at FROM audit_events ORDER BY sequence")
    assert sorted(row["at"] for row in numbers) != [row["at"] for row in numbers]
    clinic.require_sound()


@pytest.mark.parametrize("begun", [NOW, BACK, ON], ids=["now", "a day back", "ten years on"])
def test_no_session_lives_longer_than_by_a_right_clock(sign_in, clock, begun):
    clock.at = begun
    visitor, _ = sign_in()
    assert visitor.get("/desk/").status == SHOWN

    for clock.at in {NOW, BACK, ON, LATER + accounts.ABSOLUTE_LIMIT} - {begun}:
        assert visitor.get("/desk/").status == GONE_ON


@pytest.mark.parametrize("wrong", [NOW, BACK, ON], ids=["now", "a day back", "ten years on"])
def test_no_lockout_outlives_a_change_of_the_clock(sign_in, clock, wrong):
    clock.at = wrong
    for _ in range(6):
        sign_in("wrong words in a row")
    assert sign_in()[1] != GONE_ON

    for clock.at in [one for one in (BACK, ON, LATER) if one != wrong]:
        assert sign_in()[1] == GONE_ON


@pytest.mark.parametrize("after", [BACK, ON], ids=["a day back", "ten years on"])
def test_a_form_left_open_on_a_tablet_is_not_open_longer(tablet, clock, after):
    visitor, _ = tablet()
    assert visitor.get("/tablet/review").status == SHOWN

    clock.at = after

    assert visitor.get("/tablet/review").status == GONE_ON


def test_a_form_that_was_locked_by_a_wrong_clock_is_opened_by_its_patient(tablet, clock, clinic):
    visitor, form = tablet()
    clock.at = BACK
    assert visitor.get("/tablet/review").location == "/tablet/locked"

    with closing(clinic.open()) as store:
        row = store.row(
            "SELECT p.birth_date AS d FROM patients p JOIN responses r ON r.patient_id = p.id"
            " WHERE r.id = ?",
            [form.response_id],
        )
    year, month, day = row["d"].split("-")
    born = {"birth-year": year, "birth-month": month, "birth-day": day}
    visitor.post("/tablet/locked", born)

    assert visitor.post("/tablet/review", {"typed": form.name}).location == "/tablet/end"


def test_a_small_step_back_locks_nothing(tablet, clock):
    visitor, _ = tablet()

    clock.at -= timedelta(minutes=1)

    assert visitor.get("/tablet/review").status == SHOWN
