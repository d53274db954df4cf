"""A visit on a tablet: locked when nobody is there, opened again, parked."""

from datetime import timedelta

import pytest

from intake.actions import accounts, begin, visits
from intake.actions.accounts import SignInRefusedError
from intake.core.errors import NotAllowedError
from intake.core.records import Role
from intake.storage import audit
from intake.storage import visits as stored
from tests.conftest import NOW, session_of

IDLE = timedelta(minutes=2)


@pytest.fixture
def draft(desk):
    return desk.begin()


@pytest.fixture
def token(desk, draft):
    return begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)


@pytest.fixture
def at(desk, token):
    """The visit as it stands some time after it was opened."""

    def look(**later):
        return visits.current(desk.store, token=token, idle=IDLE, now=NOW + timedelta(**later))

    return look


@pytest.fixture
def locked(desk, token):
    visit = stored.visit(desk.store, token)
    return visits.lock(desk.store, visit, place="skin_now", at=NOW)


PASSWORD = "four words in a row"


@pytest.fixture
def mia(desk):
    """A practitioner with a password of her own."""
    return add(desk, Role.PRACTITIONER)


def add(desk, role):
    who, once = accounts.add_account(
        desk.store, username="mia", name="Mia Wong", role=role, actor="test", now=NOW
    )
    token = session_of(desk.store, who)
    accounts.change_password(desk.store, who=who, token=token, old=once, new=PASSWORD, now=NOW)
    row = desk.store.row("SELECT count(*) AS n FROM sessions WHERE ended_at IS NULL")
    return who, row["n"]


def born(desk, draft):
    return begin.patient_of(desk.store, draft).birth_date


def test_a_visit_that_is_used_stays_open(at):
    assert at(minutes=3).locked_at is None
    assert at(minutes=6).locked_at is None


def test_a_visit_that_nobody_touches_is_locked_from_when_the_tablet_would_have_been(at):
    assert at(minutes=4).locked_at == NOW + IDLE


def test_a_lock_holds_until_it_is_opened(at):
    at(minutes=4)

    assert at(minutes=5).locked_at == NOW + IDLE


def test_a_visit_that_was_locked_too_long_is_parked(desk, draft, token, at):
    assert at(minutes=23) is None
    assert begin.open_visit(desk.store, token=token) is None
    assert stored.visit_of(desk.store, draft.id) is None


def test_a_parked_form_can_be_handed_over_again(desk, draft, at):
    at(minutes=23)

    again = begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)

    assert begin.open_visit(desk.store, token=again).id == draft.id


def test_the_patient_opens_it_with_the_date_of_birth(desk, draft, token, locked):
    opened = visits.open_by_birth_date(desk.store, locked, born(desk, draft), NOW)

    now = stored.visit(desk.store, token)
    assert (opened, now.locked_at, now.place) == (True, None, "skin_now")


def test_after_five_wrong_dates_even_the_right_one_opens_nothing(desk, draft, token, locked):
    wrong = born(desk, draft) + timedelta(days=1)
    tries = [visits.open_by_birth_date(desk.store, locked, wrong, NOW) for _ in range(5)]

    right = visits.open_by_birth_date(desk.store, locked, born(desk, draft), NOW)

    assert (tries, right) == ([False] * 5, False)
    assert stored.visit(desk.store, token).tries == visits.MOST_TRIES


def test_staff_open_it_without_being_signed_in(desk, token, locked, mia):
    visits.open_by_staff(desk.store, locked, username="mia", password=PASSWORD, now=NOW)

    assert stored.visit(desk.store, token).locked_at is None
    row = desk.store.row("SELECT count(*) AS n FROM sessions WHERE ended_at IS NULL")
    assert row["n"] == mia[1]


def test_a_wrong_password_opens_nothing(desk, token, locked, mia):
    with pytest.raises(SignInRefusedError):
        visits.open_by_staff(desk.store, locked, username="mia", password="wrong", now=NOW)

    assert stored.visit(desk.store, token).locked_at == NOW


def test_an_administrator_does_not_open_forms(desk, token, locked):
    add(desk, Role.ADMINISTRATOR)

    with pytest.raises(NotAllowedError):
        visits.open_by_staff(desk.store, locked, username="mia", password=PASSWORD, now=NOW)

    assert stored.visit(desk.store, token).locked_at == NOW


def test_what_happened_to_the_lock_is_in_the_trail(desk, draft, locked):
    visits.open_by_birth_date(desk.store, locked, born(desk, draft), NOW)

    actions = [event.action for event in audit.of_subject(desk.store, draft.id)]
    assert actions[-2:] == ["visit locked", "visit unlocked"]
