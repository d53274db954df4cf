"""One-time codes, each taken once; recovery codes; what a reset takes away."""

from datetime import timedelta

import pytest

from intake.actions import accounts, second_factor, staff
from intake.actions.permission import COMMAND_LINE
from intake.actions.tries import MOST_CODES_A_DAY, MOST_FAILURES, SignInRefusedError
from intake.core.errors import StateError, StorageError
from intake.storage import audit, factors
from intake.storage import people as people_kept
from tests.actions.conftest import actions_on, together
from tests.codes import codes, wrong_code
from tests.conftest import KEYS, NOW, QUICK, dumped, session_of

PASSWORD = "four words in a row"
STEP = timedelta(seconds=30)
DAY = timedelta(days=1)
SHORT = timedelta(milliseconds=1)


def current(store, who):
    return next(one for one in accounts.list_accounts(store) if one.id == who.id)


def confirm(store, who, code):
    token = session_of(store, who)
    return second_factor.confirm(store, who=who, token=token, code=code, now=NOW)


@pytest.fixture
def enrolled(store, people):
    """Ada with a second factor: her app and her recovery codes."""
    app = codes(second_factor.begin(store, who=people.ada))
    _, recovery = confirm(store, people.ada, app(NOW, -1))
    return app, recovery


@pytest.fixture
def app(enrolled):
    return enrolled[0]


@pytest.fixture
def waiting(store, people, app):
    """Begin a sign-in that had the right password."""
    with store.write() as db:
        people_kept.set_password(db, people.ada.id, QUICK.hash(PASSWORD))

    def begin(now=NOW):
        who, token = accounts.sign_in(store, username="ada", password=PASSWORD, now=now)
        assert who.has_second_factor
        return token

    return begin


def finish(store, token, code, now=NOW):
    return second_factor.finish(store, token=token, code=code, now=now)[1]


def is_let_in(store, token, code, now=NOW):
    try:
        finish(store, token, code, now)
    except SignInRefusedError:
        return False
    return True


def test_a_seed_counts_once_its_first_code_was_given(store, people):
    seed = second_factor.begin(store, who=people.ada)
    before = current(store, people.ada)

    confirm(store, people.ada, codes(seed)(NOW))

    assert not before.has_second_factor
    assert current(store, people.ada).has_second_factor
    assert "second factor added" in actions_on(store, people.ada.id)


def test_looking_twice_shows_the_same_seed(store, people):
    assert second_factor.begin(store, who=people.ada) == second_factor.begin(store, who=people.ada)


def test_adding_it_ends_every_session_and_opens_one(store, people):
    _, before = accounts.sign_in(store, username="ada", password=people.passwords["ada"], now=NOW)
    seed = second_factor.begin(store, who=people.ada)

    after, _ = confirm(store, people.ada, codes(seed)(NOW))

    assert accounts.who_is(store, token=before, now=NOW) is None
    assert accounts.who_is(store, token=after, now=NOW).id == people.ada.id


def test_a_second_seed_is_not_shown(store, people, app):
    with pytest.raises(StateError):
        second_factor.begin(store, who=people.ada)


def test_the_seed_is_sealed_in_its_own_row(store, people, app):
    sealed = store.row("SELECT seed FROM second_factors")["seed"]
    seed = factors.seed_of(store, KEYS.trail, people.ada.id, confirmed=True)

    assert seed not in dumped(store)
    assert factors.SEED.open(KEYS.trail, people.ada.id, sealed) == seed
    with pytest.raises(StorageError):
        factors.SEED.open(KEYS.trail, people.ben.id, sealed)
    with pytest.raises(StorageError):
        factors.SEED.open(bytes(32), people.ada.id, sealed)


def test_a_password_alone_opens_nothing(store, waiting):
    assert accounts.who_is(store, token=waiting(), now=NOW) is None


def test_the_code_opens_a_session_under_another_token(store, people, app, waiting):
    token = waiting()

    session = finish(store, token, app(NOW))

    assert session != token
    assert accounts.who_is(store, token=session, now=NOW).id == people.ada.id
    assert accounts.who_is(store, token=token, now=NOW) is None


def test_a_code_of_ten_sessions_at_once_lets_one_in(settings, store, app, waiting):
    tokens, code = [waiting() for _ in range(10)], app(NOW)

    found = together(settings, lambda own, n: finish(own, tokens[n], code), 10)

    assert sum(isinstance(one, str) for one in found) == 1
    assert sum(isinstance(one, SignInRefusedError) for one in found) == 9


def test_one_sign_in_with_five_codes_at_once_opens_one_session(settings, store, enrolled, waiting):
    token, recovery = waiting(), enrolled[1]

    found = together(settings, lambda own, n: finish(own, token, recovery[n]), 5)

    assert sum(isinstance(one, str) for one in found) == 1


def test_a_code_that_was_used_is_refused_and_the_next_one_is_taken(store, app, waiting):
    first = is_let_in(store, waiting(), app(NOW))
    again = is_let_in(store, waiting(), app(NOW))
    earlier = is_let_in(store, waiting(), app(NOW, -1))
    after = is_let_in(store, waiting(NOW + STEP), app(NOW, 1), NOW + STEP)

    assert (first, again, earlier, after) == (True, False, False, True)


@pytest.mark.parametrize(("steps", "is_in"), [(-2, False), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_off(store, app, waiting, steps, is_in):
    now = NOW + 10 * STEP

    assert is_let_in(store, waiting(now), app(now, steps), now) is is_in


def test_the_code_that_confirmed_the_seed_is_used_up(store, people, waiting, app):
    assert not is_let_in(store, waiting(), app(NOW, -1))


@pytest.mark.parametrize("away", [3650 * DAY, -DAY], ids=["years ahead", "a day behind"])
def test_codes_used_while_the_clock_was_wrong_lock_nobody_out(store, app, waiting, away):
    wrong = NOW + away
    assert is_let_in(store, waiting(wrong), app(wrong), wrong)

    assert is_let_in(store, waiting(), app(NOW))
    assert not is_let_in(store, waiting(wrong), app(wrong), wrong)


@pytest.mark.parametrize("code", ["", "12345", "١٢٣٤٥٦", "000000000", "abcdef", "\x00" * 6])
def test_what_is_no_code_is_refused(store, waiting, app, code):
    assert not is_let_in(store, waiting(), code)


def test_a_code_may_be_typed_in_two_groups(store, app, waiting):
    code = app(NOW)

    assert is_let_in(store, waiting(), f" {code[:3]} {code[3:]} ")


def test_after_five_wrong_codes_even_the_right_one_waits(store, app, waiting):
    token = waiting()
    for _ in range(MOST_FAILURES):
        assert not is_let_in(store, token, wrong_code(app, NOW))

    later = NOW + timedelta(minutes=5, seconds=1)

    assert not is_let_in(store, token, app(NOW))
    assert is_let_in(store, waiting(later), app(later), later)


def test_codes_that_waited_for_their_turn_are_counted_by_those_that_overtook_them(
    store, app, waiting, monkeypatch
):
    spend, looked_at = second_factor._spend, []
    monkeypatch.setattr(
        second_factor, "_spend", lambda *args: looked_at.append(args) or spend(*args)
    )
    token = waiting(NOW - 2 * STEP)

    for number in range(1, 21):
        is_let_in(store, token, wrong_code(app, NOW), NOW - number * SHORT)

    assert len(looked_at) == MOST_FAILURES


def test_wrong_codes_of_a_day_are_counted_together(store, app, waiting):
    at = NOW
    for n in range(MOST_CODES_A_DAY):
        at = NOW + n * timedelta(minutes=6)
        assert not is_let_in(store, waiting(at), wrong_code(app, at), at)
    after, next_day = at + timedelta(minutes=6), at + DAY

    assert not is_let_in(store, waiting(after), app(after), after)
    assert is_let_in(store, waiting(next_day), app(next_day), next_day)


def test_a_sign_in_waits_five_minutes_for_its_code(store, app, waiting):
    token, late = waiting(), NOW + timedelta(minutes=5, seconds=1)

    assert not is_let_in(store, token, app(late), late)


def test_changing_the_password_ends_sign_ins_that_wait(store, app, waiting):
    token = waiting()

    accounts.reset_password(store, username="ada", actor="test", now=NOW)

    assert not is_let_in(store, token, app(NOW))


def test_a_recovery_code_works_once_however_it_is_typed(store, enrolled, people, waiting):
    code = enrolled[1][3]
    typed = code.upper().replace("-", " ")

    first, again = is_let_in(store, waiting(), typed), is_let_in(store, waiting(), typed)

    assert (first, again) == (True, False)
    assert second_factor.recovery_codes_left(store, people.ada) == 9
    assert "recovery code used" in actions_on(store, people.ada.id)


def test_a_recovery_code_of_ten_sessions_at_once_lets_one_in(settings, enrolled, waiting):
    tokens = [waiting() for _ in range(10)]

    found = together(settings, lambda own, n: finish(own, tokens[n], enrolled[1][0]), 10)

    assert sum(isinstance(one, str) for one in found) == 1


def test_recovery_codes_are_kept_as_hashes(store, enrolled):
    dump = dumped(store)

    assert len(set(enrolled[1])) == 10
    assert not [code for code in enrolled[1] if code in dump]


def test_new_recovery_codes_kill_the_old_ones(store, enrolled, people, waiting):
    fresh = second_factor.new_recovery_codes(
        store, who=people.ada, token=session_of(store, people.ada), now=NOW
    )

    assert not is_let_in(store, waiting(), enrolled[1][0])
    assert is_let_in(store, waiting(), fresh[0])


def test_a_reset_takes_everything_away_and_ends_the_sessions(store, people, app, waiting):
    session = finish(store, waiting(), app(NOW))

    staff.reset_second_factor(store, account_id=people.ada.id, by=COMMAND_LINE, now=NOW)

    assert accounts.who_is(store, token=session, now=NOW) is None
    assert not current(store, people.ada).has_second_factor
    assert second_factor.recovery_codes_left(store, people.ada) == 0
    seed = second_factor.begin(store, who=people.ada)
    confirm(store, people.ada, codes(seed)(NOW))


def test_a_new_password_leaves_the_second_factor(store, people, app):
    password = accounts.reset_password(store, username="ada", actor=COMMAND_LINE, now=NOW)

    who, token = accounts.sign_in(store, username="ada", password=password, now=NOW)

    assert who.has_second_factor
    assert accounts.who_is(store, token=token, now=NOW) is None
    assert finish(store, token, app(NOW))


def test_nobody_takes_away_what_is_not_there(store, people):
    with pytest.raises(StateError, match="has no second factor"):
        staff.reset_second_factor(store, account_id=people.ada.id, by=COMMAND_LINE, now=NOW)


@pytest.mark.parametrize("kind", ["password", "code"])
def test_a_session_is_fresh_again_after_either_secret(store, people, app, waiting, kind):
    token = finish(store, waiting(), app(NOW))
    later, quarter = NOW + 12 * STEP, timedelta(minutes=5)
    was = accounts.is_fresh(store, token=token, within=quarter, now=later)
    secret = {"password": PASSWORD, "code": app(later)}[kind]

    fresh = second_factor.confirm_again(
        store, who=current(store, people.ada), token=token, secret=secret, now=later
    )

    assert not was
    assert accounts.is_fresh(store, token=fresh, within=quarter, now=later)
    assert accounts.who_is(store, token=token, now=later) is None


def test_a_seed_that_was_shown_and_not_confirmed_is_gone_with_the_next_sign_in(store, people):
    seen = second_factor.begin(store, who=people.ada)
    again = second_factor.begin(store, who=people.ada)

    accounts.sign_in(store, username="ada", password=people.passwords["ada"], now=NOW)

    assert again == seen
    assert second_factor.begin(store, who=people.ada) != seen


def test_a_wrong_secret_leaves_a_session_as_it_is(store, people, app, waiting):
    token, later = finish(store, waiting(), app(NOW)), NOW + 12 * STEP

    with pytest.raises(SignInRefusedError):
        second_factor.confirm_again(
            store, who=people.ada, token=token, secret="something else", now=later
        )

    assert not accounts.is_fresh(store, token=token, within=timedelta(minutes=5), now=later)


def test_no_code_is_written_down(store, enrolled, waiting):
    app, recovery = enrolled
    finish(store, waiting(), app(NOW))
    is_let_in(store, waiting(), recovery[0])

    written = " ".join(str(event) for event in audit.latest(store, 500))

    assert app(NOW) not in written
    assert recovery[0] not in written
