from contextlib import closing
from datetime import timedelta

import pytest

from intake.actions import accounts, own_sessions, passwords, staff
from intake.actions.accounts import ABSOLUTE_LIMIT, IDLE_LIMIT
from intake.actions.passwords import PasswordRefusedError
from intake.actions.tries import FAILURE_WINDOW, MOST_FAILURES, REFUSED, SignInRefusedError
from intake.core.errors import AnswerError, ConflictError, NotFoundError
from intake.core.records import Practitioner, Role
from intake.storage import audit, open_store, people
from intake.storage.driver import sqlite3
from tests.actions.conftest import actions_on, refused, together
from tests.conftest import KEYS, NOW, QUICK, dumped, session_of

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
PASSWORD = "correct horse battery"
NEW = "a quiet river in may"


@pytest.fixture
def dora(store):
    """Somebody with a password of her own."""
    who = Practitioner(
        store.new_id(),
        "dora",
        "Dora",
        Role.PRACTITIONER,
        must_change_password=False,
        created_at=NOW,
    )
    with store.write() as db:
        people.add_practitioner(db, who, QUICK.hash(PASSWORD))
    return who


def _sign_in(store, username="dora", password=PASSWORD, now=NOW):
    return accounts.sign_in(store, username=username, password=password, now=now)


def _is_let_in(store, username="dora", password=PASSWORD, now=NOW):
    try:
        _sign_in(store, username, password, now)
    except SignInRefusedError:
        return False
    return True


def _fail(store, times, now=NOW, username="dora"):
    for _ in range(times):
        assert not _is_let_in(store, username, "wrong", now)


def _change(store, who, old, new, token=""):
    token = token or session_of(store, who)
    return accounts.change_password(store, who=who, token=token, old=old, new=new, now=NOW)


def _who(store, token, now=NOW):
    return accounts.who_is(store, token=token, now=now)


def test_signing_in_opens_a_session(store, dora):
    who, token = _sign_in(store)

    assert who == dora
    assert _who(store, token) == dora
    assert actions_on(store, dora.id) == ["signed in"]


@pytest.mark.parametrize("username", ["DORA", "  dora ", "Dora"])
def test_a_user_name_may_be_typed_in_any_case(store, dora, username):
    assert _is_let_in(store, username)


def test_the_token_is_nowhere_in_the_database(store, dora):
    _, token = _sign_in(store)

    dump = dumped(store)

    assert token not in dump
    assert people.hashed(token) in dump


def test_every_refusal_says_the_same(store, dora):
    said = []
    for username, password in (("dora", "wrong"), ("nobody", "wrong"), ("dora", "")):
        with pytest.raises(SignInRefusedError) as refusal:
            _sign_in(store, username, password)
        said.append(str(refusal.value))
    _fail(store, MOST_FAILURES)
    with pytest.raises(SignInRefusedError) as locked:
        _sign_in(store)

    assert {*said, str(locked.value)} == {REFUSED}


def test_a_refusal_is_audited_without_the_user_name(store, dora):
    _fail(store, 1)

    event = audit.latest(store)[0]
    assert (event.actor, event.action, event.subject) == ("nobody", "sign-in refused", "desk")
    assert event.detail == {}


def test_a_disabled_account_is_refused_and_its_session_is_dead(store, dora):
    _, token = _sign_in(store)
    store.connection.execute(
        "UPDATE practitioners SET disabled_at = '2026' WHERE username = 'dora'"
    )

    assert not _is_let_in(store)
    assert _who(store, token) is None


def test_after_four_wrong_tries_the_right_password_still_works(store, dora):
    _fail(store, MOST_FAILURES - 1)

    assert _is_let_in(store)


def test_after_five_wrong_tries_even_the_right_password_is_refused(store, dora):
    _fail(store, MOST_FAILURES)

    assert not _is_let_in(store)


def test_tries_are_counted_over_all_spellings_of_a_user_name(store, dora):
    for username in ("dora", "DORA", " Dora", "dOra", "dora "):
        _fail(store, 1, username=username)

    assert not _is_let_in(store)


def test_a_restart_does_not_forget_the_tries(store, dora, settings):
    _fail(store, MOST_FAILURES)

    with closing(open_store(settings.place, KEYS)) as restarted:
        assert not _is_let_in(restarted)


def test_one_locked_account_locks_nobody_else(store, dora, people):
    _fail(store, MOST_FAILURES)

    assert _is_let_in(store, "ada", people.passwords["ada"])


def test_signing_in_forgets_the_wrong_tries_before_it(store, dora):
    _fail(store, MOST_FAILURES - 1)
    _sign_in(store)
    _fail(store, MOST_FAILURES - 1)

    assert _is_let_in(store)


@pytest.mark.parametrize(
    ("later", "let_in"), [(FAILURE_WINDOW, False), (FAILURE_WINDOW + SECOND, True)]
)
def test_a_lock_ends_after_five_minutes(store, dora, later, let_in):
    _fail(store, MOST_FAILURES)

    assert _is_let_in(store, now=NOW + later) is let_in


def test_whoever_goes_on_guessing_does_not_keep_the_owner_out(store, dora):
    _fail(store, MOST_FAILURES)
    _fail(store, MOST_FAILURES, now=NOW + FAILURE_WINDOW - SECOND)

    assert _is_let_in(store, now=NOW + FAILURE_WINDOW + SECOND)


def test_an_account_that_is_unlocked_need_not_wait(store, dora, people):
    _fail(store, MOST_FAILURES)

    was = staff.unlock(store, account_id=dora.id, by=people.cleo, now=NOW)

    assert was
    assert _is_let_in(store)
    assert "account unlocked" in actions_on(store, dora.id)


def test_unlocking_one_account_unlocks_no_other(store, dora, people):
    _fail(store, MOST_FAILURES)

    staff.unlock(store, account_id=people.ada.id, by=people.cleo, now=NOW)

    assert not _is_let_in(store)


def test_who_may_be_refused_is_told_apart_in_the_list(store, dora, people):
    _fail(store, MOST_FAILURES)

    listed = staff.list_staff(store, by=people.cleo, now=NOW)
    later = staff.list_staff(store, by=people.cleo, now=NOW + FAILURE_WINDOW + SECOND)

    assert {one.who.username for one in listed if one.is_locked_out} == {"dora"}
    assert not [one for one in later if one.is_locked_out]


def test_tries_made_while_the_clock_was_years_ahead_do_not_lock_for_years(store, dora):
    _fail(store, MOST_FAILURES, now=NOW + timedelta(days=3650))

    assert _is_let_in(store, now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(("ahead", "let_in"), [(MINUTE, False), (MINUTE + SECOND, True)])
def test_tries_up_to_a_minute_ahead_were_made_while_this_one_waited(store, dora, ahead, let_in):
    _fail(store, MOST_FAILURES, now=NOW + ahead)

    assert _is_let_in(store) is let_in


def test_thirty_wrong_passwords_at_once_are_counted_up_to_the_limit(
    store, dora, settings, monkeypatch
):
    check, evaluated = passwords.is_right, []
    monkeypatch.setattr(passwords, "is_right", lambda *args: evaluated.append(args) or check(*args))

    outcomes = together(settings, lambda s, _: _is_let_in(s, password="wrong"), 30)

    assert not any(outcomes)
    assert len(evaluated) == MOST_FAILURES
    assert not _is_let_in(store)


@pytest.mark.parametrize("apart", [timedelta(milliseconds=1), SECOND])
def test_tries_that_waited_for_their_turn_are_counted_by_those_that_overtook_them(
    store, dora, apart, monkeypatch
):
    check, evaluated = passwords.is_right, []
    monkeypatch.setattr(passwords, "is_right", lambda *args: evaluated.append(args) or check(*args))

    outcomes = [
        _is_let_in(store, password="wrong", now=NOW - number * apart) for number in range(30)
    ]

    assert not any(outcomes)
    assert len(evaluated) == MOST_FAILURES


def test_thirty_right_passwords_at_once_do_not_open_a_locked_account(store, dora, settings):
    _fail(store, MOST_FAILURES)

    outcomes = together(settings, lambda s, _: _is_let_in(s), 30)

    assert not any(outcomes)


@pytest.mark.parametrize(("idle", "alive"), [(IDLE_LIMIT, True), (IDLE_LIMIT + SECOND, False)])
def test_a_session_ends_when_it_is_idle_too_long(store, dora, idle, alive):
    _, token = _sign_in(store)

    assert (_who(store, token, NOW + idle) is not None) is alive


def test_a_session_that_is_used_goes_on(store, dora):
    _, token = _sign_in(store)
    _who(store, token, NOW + IDLE_LIMIT)

    assert _who(store, token, NOW + 2 * IDLE_LIMIT) == dora


def test_a_session_ends_after_twelve_hours_however_busy(store, dora):
    _, token = _sign_in(store)
    at = NOW
    while at + IDLE_LIMIT <= NOW + ABSOLUTE_LIMIT:
        at += IDLE_LIMIT
        assert _who(store, token, at) == dora

    assert _who(store, token, NOW + ABSOLUTE_LIMIT + SECOND) is None


def test_a_session_from_the_future_is_dead(store, dora):
    """A clock that was ahead and is set right again must not lengthen a session."""
    _, token = _sign_in(store, now=NOW + timedelta(days=3650))

    assert _who(store, token, NOW) is None


@pytest.mark.parametrize("token", ["", "x", "unknown" * 10])
def test_an_unknown_token_is_nobody(store, token):
    assert _who(store, token) is None


def test_signing_out_ends_the_session_at_the_server(store, dora):
    _, token = _sign_in(store)
    _, other = _sign_in(store)

    accounts.sign_out(store, token=token, now=NOW)

    assert _who(store, token) is None
    assert _who(store, other) == dora
    assert actions_on(store, dora.id)[-1] == "signed out"


def test_signing_out_twice_says_nothing_and_audits_once(store, dora):
    _, token = _sign_in(store)

    accounts.sign_out(store, token=token, now=NOW)
    accounts.sign_out(store, token=token, now=NOW)

    assert actions_on(store, dora.id).count("signed out") == 1


def test_a_changed_password_ends_every_session_and_opens_one(store, dora):
    old_tokens = [_sign_in(store)[1] for _ in range(2)]

    token = _change(store, dora, PASSWORD, NEW)

    assert [_who(store, old) for old in old_tokens] == [None, None]
    assert _who(store, token).id == dora.id
    assert not _is_let_in(store, password=PASSWORD)
    assert _is_let_in(store, password=NEW)


def test_a_changed_password_begins_no_new_day(store, dora):
    began, later = session_of(store, dora), NOW + timedelta(hours=11)
    with store.write() as db:
        people.touch_session(db, people.hashed(began), later)

    token = accounts.change_password(store, who=dora, token=began, old=PASSWORD, new=NEW, now=later)

    assert people.session(store, token).created_at == NOW


def test_a_password_in_place_of_a_one_time_password_begins_the_day(store, people):
    who, began = _sign_in(store, "ada", people.passwords["ada"])
    own = {"who": who, "token": began, "old": people.passwords["ada"], "new": NEW}

    accounts.change_password(store, **own, now=NOW + SECOND)

    mine = own_sessions.of_account(store, who.id, now=NOW + SECOND)
    assert [one.created_at for one in mine] == [NOW + SECOND]


def test_a_one_time_password_is_to_be_changed_until_it_is(store, people):
    who, _ = _sign_in(store, "ada", people.passwords["ada"])
    assert who.must_change_password

    token = _change(store, who, people.passwords["ada"], NEW)

    assert not _who(store, token).must_change_password
    assert actions_on(store, who.id)[-1] == "password changed"


@pytest.mark.parametrize("way", ["added", "reset", "let in again"])
def test_a_one_time_password_lets_in_for_three_days(store, people, way):
    own = {"by": people.cleo, "now": NOW}
    added = {"username": "fay", "name": "Fay Finch", "role": Role.PRACTITIONER}
    fay, password = staff.add(store, **added, **own)
    if way == "reset":
        password = staff.reset(store, account_id=fay.id, **own)
    if way == "let in again":
        staff.disable(store, account_id=fay.id, **own)
        password = staff.enable(store, account_id=fay.id, **own)
    last = NOW + passwords.ONE_TIME_FOR

    assert _is_let_in(store, "fay", password, last)
    assert not _is_let_in(store, "fay", password, last + SECOND)


def test_a_one_time_password_that_lapsed_is_refused_like_a_wrong_one(store, people):
    at = NOW + passwords.ONE_TIME_FOR + SECOND

    for password in (people.passwords["ada"], "wrong"):
        with pytest.raises(SignInRefusedError, match=REFUSED):
            _sign_in(store, "ada", password, at)

    who = staff.account(store, account_id=people.ada.id, by=people.cleo, now=at)
    assert who.has_lapsed
    assert actions_on(store, "desk") == ["sign-in refused", "sign-in refused"]


@pytest.mark.parametrize(
    "new",
    [
        "",
        "fourteen chars",
        "x y z w v u t s" * 20,
        PASSWORD,
        "my name is dora and so on",
        "MY NAME IS DORA AND SO ON",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
    ],
    ids=["none", "short", "long", "same", "name", "name in capitals", "one letter", "two letters"],
)
def test_a_poor_password_is_refused(store, dora, new):
    token = session_of(store, dora)

    refused(
        store,
        PasswordRefusedError,
        lambda: _change(store, dora, PASSWORD, new, token),
        apart_from="tries",
    )


@pytest.mark.parametrize("new", ["fifteen letters", "abcdefgh" * 25, "пароль из пяти слов"])
def test_a_password_from_fifteen_to_two_hundred_characters_is_taken(store, dora, new):
    _change(store, dora, PASSWORD, new)

    assert _is_let_in(store, password=new)


@pytest.mark.parametrize("old", ["wrong", "", PASSWORD.upper(), PASSWORD + " "])
def test_a_wrong_present_password_changes_nothing(store, dora, old):
    token = session_of(store, dora)

    refused(
        store,
        PasswordRefusedError,
        lambda: _change(store, dora, old, NEW, token),
        apart_from="tries",
    )


def test_a_reset_password_works_once_and_ends_sessions(store, dora):
    _, token = _sign_in(store)

    password = accounts.reset_password(store, username="dora", actor="test", now=NOW)

    assert _who(store, token) is None
    assert not _is_let_in(store, password=PASSWORD)
    who, _ = _sign_in(store, password=password)
    assert who.must_change_password
    assert "password reset" in actions_on(store, dora.id)


def test_resetting_the_password_of_nobody_is_refused(store):
    refused(
        store,
        NotFoundError,
        lambda: accounts.reset_password(store, username="nobody", actor="test", now=NOW),
    )


def test_a_one_time_password_is_long_and_easy_to_read_out():
    made = {passwords.one_time_password() for _ in range(50)}

    assert len(made) == 50
    assert {len(p.replace("-", "")) for p in made} == {16}
    assert not set("".join(made)) & set("01ilo ")


def _add(store, username):
    return accounts.add_account(
        store, username=username, name="Eve", role=Role.DERMATOLOGIST, actor="test", now=NOW
    )


def test_a_new_account_can_sign_in_with_its_one_time_password(store):
    who, password = _add(store, "eve")

    signed_in, _ = _sign_in(store, "eve", password)

    assert signed_in == who
    assert who.role is Role.DERMATOLOGIST
    assert actions_on(store, who.id) == ["account added", "signed in"]


def test_a_password_is_nowhere_in_the_database(store):
    _, password = _add(store, "eve")

    assert password not in dumped(store)


def test_a_taken_user_name_is_refused(store, people):
    refused(store, ConflictError, lambda: _add(store, "ada"))


@pytest.mark.parametrize(
    "username", ["", "x", "ADA", "a b", " ada", "eve\n", "e" * 41, "ève", "e'"]
)
def test_a_user_name_that_is_hard_to_type_is_refused(store, username):
    refused(store, AnswerError, lambda: _add(store, username))


def test_accounts_are_listed_by_user_name(store, dora):
    assert [who.username for who in accounts.list_accounts(store)] == ["ada", "ben", "cleo", "dora"]


def test_a_session_is_not_opened_without_its_audit_event(store, dora, audit_down):
    with pytest.raises(sqlite3.IntegrityError):
        _sign_in(store)

    assert store.rows("SELECT * FROM sessions") == []
