"""Guessing at the sign-in page: what is evaluated, what is refused, and whom that keeps out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from secrets import token_urlsafe
from threading import Barrier, Event
from time import monotonic, sleep

import pytest
from argon2 import extract_parameters

from intake.actions import accounts, passwords
from intake.actions.tries import MOST_AT_LOCKS, MOST_FAILURES, MOST_FROM_A_PLACE
from intake.cli.server import THREADS
from intake.web import create_app
from intake.web.origins import network_of
from tests.conftest import NOW, QUICK
from tests.web.conftest import OWN_PASSWORDS, sign_in
from tests.web.pages import Visitor

TEN_YEARS = timedelta(days=3650)


@pytest.fixture
def evaluated(monkeypatch):
    """Count the passwords that are looked at."""
    check, seen = passwords.is_right, []

    def count(*args: str) -> bool:
        seen.append(args)
        return check(*args)

    monkeypatch.setattr(passwords, "is_right", count)
    return seen


def at_address(app, address="127.0.0.1", forwarded=""):
    visitor = Visitor(app.test_client())
    visitor.client.environ_base["REMOTE_ADDR"] = address
    if forwarded:
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    return visitor


def guess(app, number, username="ada"):
    """Try a wrong password with fresh cookies and another forged address."""
    return sign_in(at_address(app, forwarded=f"10.1.0.{number}"), username, f"wrong {number}")


def at_once(app, number, username="ada"):
    visitors = [at_address(app, forwarded=f"10.1.0.{n}") for n in range(number)]
    for visitor in visitors:
        visitor.token()
    start = Barrier(number, timeout=60)

    def one(visitor):
        start.wait()
        return sign_in(visitor, username, "wrong")

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, visitors))


@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_of_thirty_wrong_passwords_at_once_five_are_looked_at(app, evaluated, username):
    pages = at_once(app, 30, username)

    assert len(evaluated) == MOST_FAILURES
    assert sorted(page.status for page in pages) == [422] * 5 + [429] * 25
    assert len({page.words for page in pages}) == 1


def test_a_restart_forgets_no_try(app, restarted, evaluated):
    for number in range(MOST_FAILURES):
        guess(app, number)

    page = sign_in(Visitor(restarted.test_client()), "ada", OWN_PASSWORDS["ada"])

    assert page.status == 429
    assert len(evaluated) == MOST_FAILURES


@pytest.fixture
def verified(monkeypatch, shipped_hashes):
    """Note with what parameters each password was verified, at the cost a clinic pays."""
    seen, verify = [], type(passwords.HASHER).verify

    def note(hasher, against, typed):
        seen.append(extract_parameters(against))
        return verify(hasher, against, typed)

    monkeypatch.setattr(type(passwords.HASHER), "verify", note)
    return seen


def test_an_unknown_name_costs_as_much_as_a_known_one(app, store, verified):
    """Which is what the time of an answer tells; `make bench` measures the time itself."""
    accounts.reset_password(store, username="ada", actor="test", now=NOW)

    pages = [sign_in(at_address(app), username, "wrong") for username in ("ada", "nobody")]

    of_known, of_unknown = verified
    assert of_known == of_unknown
    assert pages[0].words == pages[1].words


def test_a_device_that_is_known_is_not_kept_out_by_strangers(app):
    known = at_address(app)
    sign_in(known, "ada", OWN_PASSWORDS["ada"])
    known.post("/desk/sign-out")
    for number in range(MOST_FAILURES):
        guess(app, number)

    stranger = sign_in(at_address(app), "ada", OWN_PASSWORDS["ada"])
    owner = sign_in(known, "ada", OWN_PASSWORDS["ada"])

    assert stranger.status == 429
    assert owner.location == "/desk/"


def test_a_known_device_guesses_no_further_than_five_times(app, evaluated):
    known = at_address(app)
    sign_in(known, "ada", OWN_PASSWORDS["ada"])
    evaluated.clear()

    pages = [sign_in(known, "ada", "wrong") for _ in range(8)]

    assert [page.status for page in pages] == [422] * 5 + [429] * 3
    assert len(evaluated) == MOST_FAILURES


def test_a_device_known_to_one_is_a_strangers_for_another(app):
    device = at_address(app)
    sign_in(device, "ben", OWN_PASSWORDS["ben"])
    for number in range(MOST_FAILURES):
        guess(app, number)

    assert sign_in(device, "ada", OWN_PASSWORDS["ada"]).status == 429


def test_a_made_up_device_is_a_strangers(app):
    for number in range(MOST_FAILURES):
        guess(app, number)
    visitor = at_address(app)
    visitor.client.set_cookie("intake_known", "x" * 43, path="/desk")

    assert sign_in(visitor, "ada", OWN_PASSWORDS["ada"]).status == 429


def test_a_planted_device_is_known_to_nobody_after_its_victim_signed_in(app):
    victim, thief = at_address(app), at_address(app)
    for visitor in (victim, thief):
        visitor.client.set_cookie("intake_known", "x" * 43, path="/desk")
    sign_in(victim, "ada", OWN_PASSWORDS["ada"])
    for number in range(MOST_FAILURES):
        guess(app, number)

    refused = sign_in(thief, "ada", OWN_PASSWORDS["ada"])

    assert victim.cookie("intake_known", "/desk") != "x" * 43
    assert refused.status == 429


def test_a_new_password_from_the_administrator_opens_an_account_under_attack(app, cleo, people):
    for number in range(MOST_FAILURES):
        guess(app, number)

    page = cleo.post(f"/desk/accounts/{people.ada.id}/reset")

    one_time = page.root.one("p", class_="link").text
    assert sign_in(at_address(app), "ada", one_time).location == "/desk/password"


def test_the_secret_of_a_device_is_nowhere_in_the_database(app, contents):
    visitor = at_address(app)
    sign_in(visitor, "ada", OWN_PASSWORDS["ada"])

    secret = visitor.cookie("intake_known", "/desk")

    assert len(secret) >= 40
    assert secret not in contents()


def test_one_address_tries_no_more_than_twenty_names(app, evaluated):
    pages = [
        sign_in(at_address(app, "10.3.0.1"), f"name-{n}", "wrong")
        for n in range(MOST_FROM_A_PLACE + 5)
    ]

    assert [page.status for page in pages[-5:]] == [429] * 5
    assert len(evaluated) == MOST_FROM_A_PLACE
    assert sign_in(at_address(app, "10.3.0.2"), "ada", OWN_PASSWORDS["ada"]).location == "/desk/"


def test_a_network_of_ipv6_is_one_address(app, evaluated):
    for n in range(MOST_FROM_A_PLACE + 5):
        sign_in(at_address(app, f"2001:db8:1:2:{n:x}::{n:x}"), f"name-{n}", "wrong")

    assert len(evaluated) == MOST_FROM_A_PLACE
    assert sign_in(at_address(app, "2001:db8:1:3::1"), "one-more", "wrong").status == 422


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::/64"),
        ("fe80::7%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_what_one_subscriber_has_of_an_address(address, network):
    assert network_of(address) == network


def test_a_success_does_not_take_back_what_an_address_tried(app):
    for n in range(MOST_FROM_A_PLACE - 1):
        sign_in(at_address(app, "10.3.0.1"), f"name-{n}", "wrong")
    sign_in(at_address(app, "10.3.0.1"), "ben", OWN_PASSWORDS["ben"])
    sign_in(at_address(app, "10.3.0.1"), "one-more", "wrong")

    assert sign_in(at_address(app, "10.3.0.1"), "another", "wrong").status == 429


def test_strangers_at_the_desk_do_not_keep_staff_from_a_locked_tablet(app, locked):
    for number in range(MOST_FAILURES):
        guess(app, number)

    page = locked.post(
        "/tablet/locked", {"do": "staff", "username": "ada", "password": OWN_PASSWORDS["ada"]}
    )

    assert page.location == "/tablet/review"


def test_a_patient_who_guesses_at_the_lock_keeps_nobody_from_the_desk(app, locked, evaluated):
    wrong = {"do": "staff", "username": "ada", "password": "wrong"}
    for _ in range(8):
        locked.post("/tablet/locked", wrong)

    assert len(evaluated) == MOST_FAILURES
    assert sign_in(at_address(app), "ada", OWN_PASSWORDS["ada"]).location == "/desk/"


def at_the_lock(visitor, username, typed="wrong"):
    """Try a password at the lock with a tablet's cookie that somebody made up."""
    visitor.client.set_cookie("intake_tablet", token_urlsafe(32), path="/")
    form = {"do": "staff", "username": username, "password": typed}
    return visitor.post("/tablet/locked", form)


def test_cookies_that_are_made_up_lift_no_limit_at_the_lock(locked, evaluated):
    for _ in range(12):
        at_the_lock(locked, "ada")

    page = at_the_lock(locked, "ada", OWN_PASSWORDS["ada"])

    assert page.status == 422
    assert len(evaluated) == MOST_FAILURES


def test_five_wrong_passwords_at_one_lock_are_looked_at_whatever_the_names(locked, evaluated):
    for number in range(12):
        at_the_lock(locked, f"name-{number}")

    assert len(evaluated) == MOST_FAILURES


def test_wrong_passwords_at_many_locks_count_together(on_tablet, maker, store, evaluated):
    for number in range(6):
        form = maker.begun(f"Nora Number {number}", "healthy-man-body")
        visitor = on_tablet(maker.visit(form))
        visitor.post("/tablet/page/your_goals", {"do": "lock"})
        for _ in range(MOST_FAILURES):
            at_the_lock(visitor, "ada")

    assert len(evaluated) == MOST_AT_LOCKS


def test_the_right_password_of_an_administrator_reads_like_a_wrong_one(locked):
    right = at_the_lock(locked, "cleo", OWN_PASSWORDS["cleo"])
    wrong = at_the_lock(locked, "cleo")

    assert right.status == wrong.status == 422
    assert right.root.one("form", id="page").text == wrong.root.one("form", id="page").text


@pytest.mark.parametrize("move", [TEN_YEARS, -TEN_YEARS], ids=["ahead", "behind"])
def test_a_clock_that_was_wrong_keeps_nobody_out(app, clock, move):
    clock.at = NOW + move
    for number in range(MOST_FAILURES + 2):
        guess(app, number)

    clock.at = NOW

    assert sign_in(at_address(app), "ada", OWN_PASSWORDS["ada"]).location == "/desk/"


class TestAddressesBehindAWebServer:
    @pytest.fixture
    def behind_one(self, settings, clock):
        return create_app(replace(settings, proxies=1), clock)

    def seen(self, app, forwarded):
        """Return the address that tries are counted under."""
        found = []
        app.view_functions["desk.sign_in"] = _telling(found, app.view_functions["desk.sign_in"])
        at_address(app, "192.0.2.1", forwarded).get("/desk/sign-in")
        return found[0]

    def test_nobody_is_believed_when_there_is_none(self, settings, clock):
        app = create_app(settings, clock)

        assert self.seen(app, "203.0.113.7") == "192.0.2.1"

    def test_the_last_hop_is_believed_and_what_the_browser_wrote_is_not(self, behind_one):
        assert self.seen(behind_one, "1.1.1.1, 2.2.2.2, 203.0.113.7") == "203.0.113.7"

    def test_a_request_that_came_round_it_counts_under_its_own_address(self, behind_one):
        assert self.seen(behind_one, "") == "192.0.2.1"


def _telling(found, view):
    from flask import request  # noqa: PLC0415 - of the request that is being answered

    def told(**values):
        found.append(request.remote_addr)
        return view(**values)

    told.open_to = view.open_to
    return told


class TestAFloodOfSignIns:
    @pytest.fixture
    def slow(self, monkeypatch):
        """Let every hash wait until it is let go."""
        go, verify = Event(), passwords.HASHER.verify

        class Slow:
            def verify(self, *args: str) -> bool:
                assert go.wait(30)
                return verify(*args)

            def __getattr__(self, name):
                return getattr(QUICK, name)

        monkeypatch.setattr(passwords, "HASHER", Slow())
        yield go
        go.set()

    def flood(self, app, pool):
        """Sign in for thirty names from as many addresses; returns what waits, and what does not.

        Whoever is not refused at once waits for a hash.
        """
        visitors = [at_address(app, f"10.4.0.{n}") for n in range(30)]
        for visitor in visitors:
            visitor.token()
        names = ["ada", *(f"name-{n}" for n in range(1, 30))]
        asked = [
            pool.submit(sign_in, visitor, name, "wrong")
            for visitor, name in zip(visitors, names, strict=True)
        ]
        most = passwords.HASHES_AT_ONCE + passwords.MOST_WAITING
        end = monotonic() + 20
        while sum(one.done() for one in asked) < 30 - most and monotonic() < end:
            sleep(0.01)
        sleep(0.2)
        return [o for o in asked if not o.done()], [o.result() for o in asked if o.done()]

    def test_more_than_a_few_are_refused_at_once(self, app, slow):
        with ThreadPoolExecutor(30) as pool:
            waiting, refused = self.flood(app, pool)
            slow.set()

        assert len(waiting) == passwords.HASHES_AT_ONCE + passwords.MOST_WAITING
        assert {page.status for page in refused} == {429}
        assert {page.words for page in refused} == {one.result().words for one in waiting}

    def test_it_is_no_wrong_try_of_whoever_was_refused(self, app, slow):
        with ThreadPoolExecutor(30) as pool:
            self.flood(app, pool)
            asked = [pool.submit(guess, app, n, "ben") for n in range(MOST_FAILURES + 1)]
            sleep(1)
            slow.set()

        assert {one.result().status for one in asked} == {429}
        assert sign_in(at_address(app), "ben", OWN_PASSWORDS["ben"]).location == "/desk/"

    def test_a_device_that_is_known_waits_its_turn(self, app, slow):
        known = at_address(app)
        slow.set()
        sign_in(known, "ben", OWN_PASSWORDS["ben"])
        slow.clear()
        with ThreadPoolExecutor(30) as pool:
            self.flood(app, pool)
            own = pool.submit(sign_in, known, "ben", OWN_PASSWORDS["ben"])
            sleep(0.2)
            slow.set()

        assert own.result().location == "/desk/"

    def test_patients_find_a_thread(self):
        assert passwords.HASHES_AT_ONCE + passwords.MOST_WAITING <= THREADS - 2
