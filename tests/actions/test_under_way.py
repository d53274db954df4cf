"""What ends sessions is not survived by what one of them had under way."""

from contextlib import closing, suppress
from datetime import timedelta

import pytest

from intake.actions import (
    accounts,
    entering,
    own_sessions,
    passkeys,
    passwords,
    second_factor,
    staff,
    visits,
)
from intake.actions.accounts import IDLE_LIMIT
from intake.actions.permission import COMMAND_LINE
from intake.actions.tries import SignInRefusedError
from intake.core.errors import NotAllowedError
from intake.core.records import EntrySource, Role
from intake.storage import open_store
from intake.storage import people as people_kept
from tests.actions.conftest import actions_on, together
from tests.actions.test_passkeys import HERE, ORIGIN, asked_to_add, enrol, own_token
from tests.authenticator import Device
from tests.codes import codes
from tests.conftest import KEYS, NOW, QUICK, TODAY, session_of

LAPSED = NOW + IDLE_LIMIT + timedelta(minutes=1)
NEW = "a quiet river in may"


@pytest.fixture
def meanwhile(settings, monkeypatch):
    """Let something else happen, over a connection of its own, just after *name* has run."""

    def let(module, name, act):
        real, left = getattr(module, name), [act]

        def hooked(*args, **kwargs):
            found = real(*args, **kwargs)
            while left:
                with closing(open_store(settings.place, KEYS)) as other:
                    left.pop()(other)
            return found

        monkeypatch.setattr(module, name, hooked)

    return let


def open_sessions(store, who, now=NOW):
    return own_sessions.of_account(store, who.id, now=now)


def of_ada(act, people, **more):
    """Something that an administrator does to Ada's account."""
    return lambda store: act(store, account_id=people.ada.id, by=people.cleo, now=NOW, **more)


ENDINGS = {
    "reset": (staff.reset, {}),
    "role": (staff.change_role, {"role": Role.DERMATOLOGIST}),
    "disabled": (staff.disable, {}),
    "signed out": (staff.sign_out_everywhere, {}),
}
ending = pytest.mark.parametrize("ending", ENDINGS)


@pytest.fixture
def end(people):
    return lambda name: of_ada(ENDINGS[name][0], people, **ENDINGS[name][1])


@ending
def test_a_change_of_password_under_way_changes_nothing(store, people, meanwhile, end, ending):
    token = session_of(store, people.ada)
    meanwhile(passwords, "hash_of", end(ending))

    with pytest.raises(SignInRefusedError):
        accounts.change_password(
            store,
            who=people.ada,
            token=token,
            old=people.passwords["ada"],
            new=NEW,
            now=NOW,
        )

    assert open_sessions(store, people.ada) == []
    assert "password changed" not in actions_on(store, people.ada.id)


def test_a_password_of_the_administrator_outlives_a_change_under_way(store, people, meanwhile):
    token, made = session_of(store, people.ada), []
    meanwhile(passwords, "hash_of", lambda other: made.append(of_ada(staff.reset, people)(other)))

    with pytest.raises(SignInRefusedError):
        accounts.change_password(
            store, who=people.ada, token=token, old=people.passwords["ada"], new=NEW, now=NOW
        )

    who, _ = accounts.sign_in(store, username="ada", password=made[0], now=NOW)
    assert who.must_change_password


def test_of_two_changes_of_one_password_at_once_one_is_made(store, people, settings):
    tokens = [session_of(store, people.ada) for _ in range(2)]

    outcomes = together(
        settings,
        lambda each, index: accounts.change_password(
            each,
            who=people.ada,
            token=tokens[index],
            old=people.passwords["ada"],
            new=f"{NEW} {index}",
            now=NOW,
        ),
        2,
    )

    assert len([one for one in outcomes if isinstance(one, str)]) == 1
    assert len(open_sessions(store, people.ada)) == 1


@ending
def test_a_second_factor_under_way_is_not_added(store, people, meanwhile, end, ending):
    token, code = session_of(store, people.ada), codes(second_factor.begin(store, who=people.ada))
    meanwhile(second_factor, "of_code", end(ending))

    with pytest.raises(SignInRefusedError):
        second_factor.confirm(store, who=people.ada, token=token, code=code(NOW), now=NOW)

    assert open_sessions(store, people.ada) == []
    assert "second factor added" not in actions_on(store, people.ada.id)


@ending
def test_a_passkey_under_way_is_not_added(store, people, meanwhile, end, ending):
    ada = enrol(store, people.ada)
    answer = Device().make(asked_to_add(store, ada), ORIGIN)
    meanwhile(passkeys.webauthn, "verify_registration_response", end(ending))

    with pytest.raises(SignInRefusedError):
        passkeys.add(
            store,
            who=ada,
            token=own_token(ada),
            place=HERE,
            name="desk",
            answer=answer,
            now=NOW,
        )

    assert passkeys.passkeys_of(store, ada) == []


@ending
def test_new_recovery_codes_are_not_made_in_a_session_that_ended(store, people, end, ending):
    ada = enrol(store, people.ada)
    token = session_of(store, ada)
    end(ending)(store)

    with pytest.raises(SignInRefusedError):
        second_factor.new_recovery_codes(store, who=ada, token=token, now=NOW)

    assert "recovery codes made" not in actions_on(store, ada.id)


@ending
def test_a_session_that_ended_meanwhile_is_not_confirmed(store, people, meanwhile, end, ending):
    token = session_of(store, people.ada)
    meanwhile(passwords, "is_right", end(ending))

    with pytest.raises(SignInRefusedError):
        second_factor.confirm_again(
            store, who=people.ada, token=token, secret=people.passwords["ada"], now=NOW
        )

    assert "confirmed again" not in actions_on(store, people.ada.id)


@pytest.mark.parametrize(
    "act",
    [
        lambda **given: staff.reset(account_id=given.pop("people").ada.id, **given),
        lambda people, **given: staff.add(
            username="dora", name="Dora Finch", role=Role.ADMINISTRATOR, **given
        ),
    ],
    ids=["reset", "add"],
)
@pytest.mark.parametrize("lost", ["role", "disabled"])
def test_who_is_no_administrator_any_more_makes_no_password(store, people, meanwhile, act, lost):
    eve, _ = staff.add(
        store, username="eve", name="Eve", role=Role.ADMINISTRATOR, by=COMMAND_LINE, now=NOW
    )
    done, more = ENDINGS[lost]
    meanwhile(
        passwords,
        "hash_of",
        lambda other: done(other, account_id=people.cleo.id, by=eve, now=NOW, **more),
    )
    before = [(who.id, who.must_change_password) for who in accounts.list_accounts(store)]

    with pytest.raises(NotAllowedError):
        act(store=store, people=people, by=people.cleo, now=NOW)

    after = [(who.id, who.must_change_password) for who in accounts.list_accounts(store)]
    assert after == before
    assert "password reset" not in actions_on(store, people.ada.id)


@ending
def test_a_sign_in_again_under_way_lets_nobody_in(store, people, meanwhile, end, ending):
    token = session_of(store, people.ada)
    meanwhile(passwords, "is_right", end(ending))

    with pytest.raises(SignInRefusedError):
        accounts.sign_in_again(store, token=token, password=people.passwords["ada"], now=LAPSED)

    assert open_sessions(store, people.ada, LAPSED) == []


def test_of_eight_sign_ins_with_one_lapsed_session_at_once_one_lets_in(store, people, settings):
    token, password = session_of(store, people.ada), people.passwords["ada"]

    outcomes = together(
        settings,
        lambda each, _: accounts.sign_in_again(each, token=token, password=password, now=LAPSED),
        8,
    )

    assert len([one for one in outcomes if isinstance(one, str)]) == 1
    assert len(open_sessions(store, people.ada, LAPSED)) == 1


@pytest.fixture
def locked(desk, people):
    """A form whose answers Ada enters, locked, with her desk."""
    form, session = desk.begin(), session_of(desk.store, people.ada)
    with desk.store.write() as db:
        people_kept.set_password(db, people.ada.id, QUICK.hash(NEW))
    token = entering.enter_for(
        desk.store,
        desk.pack,
        response_id=form.id,
        source=EntrySource.PAPER,
        by=people.ada,
        at=entering.Seat(session),
        now=NOW,
        today=TODAY,
    )
    visit = visits.current(desk.store, token=token, idle=IDLE_LIMIT, now=NOW)
    return visits.lock(desk.store, visit, place="", at=NOW)


def unlock(store, visit):
    return visits.open_by_staff(store, visit, username="ada", password=NEW, now=NOW)


@ending
def test_a_lock_opened_while_its_owner_is_shut_out_opens_no_desk(
    store, people, locked, meanwhile, end, ending
):
    meanwhile(passwords, "is_right", end(ending))

    with suppress(SignInRefusedError):
        assert unlock(store, locked) is None

    assert open_sessions(store, people.ada) == []
    assert "visit unlocked" not in actions_on(store, locked.response_id)


def test_a_lock_opened_eight_times_at_once_opens_one_desk(store, people, locked, settings):
    outcomes = together(settings, lambda each, _: unlock(each, locked), 8)

    assert len([one for one in outcomes if isinstance(one, str)]) == 1
    assert len(open_sessions(store, people.ada)) == 1
