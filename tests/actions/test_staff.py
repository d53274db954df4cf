"""Changing the accounts of others: what is refused, what ends, what is written down."""

import pytest

from intake.actions import accounts, staff
from intake.actions.permission import COMMAND_LINE
from intake.core.errors import NotAllowedError, NotFoundError, StateError
from intake.core.records import Role
from intake.storage import audit
from tests.actions.conftest import refused
from tests.conftest import NOW, dumped


@pytest.fixture
def ada_signed_in(store, people):
    _, token = accounts.sign_in(store, username="ada", password=people.passwords["ada"], now=NOW)
    return token


@pytest.fixture
def second(store):
    """Another administrator."""
    who, _ = accounts.add_account(
        store, username="dora", name="Dora", role=Role.ADMINISTRATOR, actor="test", now=NOW
    )
    return who


def _is_in(store, token):
    return accounts.who_is(store, token=token, now=NOW) is not None


ACTS = {
    "reset": lambda store, who, by: staff.reset(store, account_id=who.id, by=by, now=NOW),
    "role": lambda store, who, by: staff.change_role(
        store, account_id=who.id, role=Role.DERMATOLOGIST, by=by, now=NOW
    ),
    "disable": lambda store, who, by: staff.disable(store, account_id=who.id, by=by, now=NOW),
    "sign out": lambda store, who, by: staff.sign_out_everywhere(
        store, account_id=who.id, by=by, now=NOW
    ),
}
EVENTS = {
    "reset": "password reset",
    "role": "role changed",
    "disable": "account disabled",
    "sign out": "sessions ended",
}


@pytest.mark.parametrize("act", ACTS)
def test_every_change_ends_the_sessions_and_is_written_down(store, people, ada_signed_in, act):
    assert _is_in(store, ada_signed_in)

    ACTS[act](store, people.ada, people.cleo)

    event = audit.latest(store)[0]
    assert not _is_in(store, ada_signed_in)
    assert (event.actor, event.action, event.subject) == (
        people.cleo.id,
        EVENTS[act],
        people.ada.id,
    )


@pytest.mark.parametrize("act", ACTS)
def test_only_administrators_and_the_command_line_change_accounts(store, people, act):
    for by in (people.ada, people.ben):
        refused(store, NotAllowedError, lambda by=by: ACTS[act](store, people.ada, by))

    ACTS[act](store, people.ada, COMMAND_LINE)

    assert audit.latest(store)[0].actor == COMMAND_LINE


@pytest.mark.parametrize("act", ["reset", "role", "disable"])
def test_nobody_does_that_to_themselves(store, people, second, act):
    error = refused(store, StateError, lambda: ACTS[act](store, people.cleo, people.cleo))

    assert "another administrator" in str(error)


def test_one_may_sign_oneself_out_everywhere(store, people):
    _, token = accounts.sign_in(store, username="cleo", password=people.passwords["cleo"], now=NOW)

    ACTS["sign out"](store, people.cleo, people.cleo)

    assert not _is_in(store, token)


@pytest.mark.parametrize("act", ["role", "disable"])
def test_the_last_administrator_stays(store, people, act):
    error = refused(store, StateError, lambda: ACTS[act](store, people.cleo, COMMAND_LINE))

    assert "last administrator" in str(error)


@pytest.mark.parametrize("act", ["role", "disable"])
def test_one_that_is_switched_off_does_not_count_as_an_administrator(store, people, second, act):
    ACTS["disable"](store, second, people.cleo)

    refused(store, StateError, lambda: ACTS[act](store, people.cleo, COMMAND_LINE))


@pytest.mark.parametrize("act", ["role", "disable"])
def test_with_a_second_one_the_first_may_go(store, people, second, act):
    ACTS[act](store, people.cleo, second)

    left = [
        who
        for who in accounts.list_accounts(store)
        if who.role is Role.ADMINISTRATOR and who.disabled_at is None
    ]
    assert left == [second]


@pytest.mark.parametrize("act", ["reset", "role", "disable"])
def test_what_is_switched_off_must_be_let_in_first(store, people, act):
    ACTS["disable"](store, people.ada, people.cleo)

    error = refused(store, StateError, lambda: ACTS[act](store, people.ada, people.cleo))

    assert "switched off" in str(error)


def test_letting_in_again_takes_a_new_password(store, people):
    ACTS["disable"](store, people.ada, people.cleo)

    password = staff.enable(store, account_id=people.ada.id, by=people.cleo, now=NOW)

    with pytest.raises(accounts.SignInRefusedError):
        accounts.sign_in(store, username="ada", password=people.passwords["ada"], now=NOW)
    who, _ = accounts.sign_in(store, username="ada", password=password, now=NOW)
    assert who.must_change_password
    assert who.role is Role.PRACTITIONER


def test_an_account_in_use_is_not_let_in(store, people):
    refused(
        store,
        StateError,
        lambda: staff.enable(store, account_id=people.ada.id, by=people.cleo, now=NOW),
    )


def test_no_password_is_written_down(store, people):
    _, first = staff.add(
        store, username="eve", name="Eve", role=Role.PRACTITIONER, by=people.cleo, now=NOW
    )
    second = staff.reset(store, account_id=people.ada.id, by=people.cleo, now=NOW)

    dump = dumped(store)

    assert first not in dump
    assert second not in dump


def test_the_same_role_again_changes_nothing(store, people, ada_signed_in):
    staff.change_role(
        store, account_id=people.ada.id, role=Role.PRACTITIONER, by=people.cleo, now=NOW
    )

    assert _is_in(store, ada_signed_in)
    assert audit.latest(store)[0].action == "signed in"


@pytest.mark.parametrize("act", ACTS)
def test_an_unknown_account_is_not_found(store, people, act):
    nobody = type("Nobody", (), {"id": "0" * 32})

    refused(store, NotFoundError, lambda: ACTS[act](store, nobody, people.cleo))


def test_the_list_says_who_is_there_and_who_was(store, people, ada_signed_in):
    found = {one.who.username: one for one in staff.list_staff(store, by=people.cleo, now=NOW)}

    assert found["ada"].is_signed_in
    assert found["ada"].last_seen == NOW
    assert not found["ben"].is_signed_in
    assert found["ben"].last_seen is None
    late = NOW + accounts.IDLE_LIMIT * 2
    later = {one.who.username: one for one in staff.list_staff(store, by=people.cleo, now=late)}
    assert not later["ada"].is_signed_in
    assert later["ada"].last_seen == NOW
