"""Signing in and out, the one-time password, and how long a session lasts."""

from datetime import timedelta

import pytest

from intake.actions import accounts
from intake.storage import cases
from tests.conftest import NOW
from tests.web.conftest import OWN_PASSWORDS, choose_password, sign_in
from tests.web.pages import Visitor

NEW = "seven quiet boats at dawn"
AGAIN = "/desk/sign-in-again"


@pytest.fixture
def one_time(store):
    """Give Ada a password that works once."""
    return accounts.reset_password(store, username="ada", actor="test", now=NOW)


@pytest.fixture
def newcomer(stranger, one_time):
    """Somebody who has signed in with a password that works once."""
    sign_in(stranger, "ada", one_time)
    return stranger


def test_the_right_password_opens_the_queue(stranger):
    page = sign_in(stranger, " Ada ", OWN_PASSWORDS["ada"])

    assert page.location == "/desk/"
    assert stranger.get("/desk/").root.one("h1").text == "Queue"


@pytest.mark.parametrize(
    ("username", "password", "anchor"),
    [("", "x", "username"), ("ada", "", "password"), ("   ", "x", "username")],
)
def test_both_boxes_are_asked_for(stranger, username, password, anchor):
    page = sign_in(stranger, username, password)

    assert page.status == 422
    assert page.faults()[0][0] == anchor


def test_an_unknown_name_and_a_wrong_password_read_the_same(app):
    said = set()
    for username in ("ada", "nobody"):
        visitor = Visitor(app.test_client())
        page = sign_in(visitor, username, "not the password")
        said.add((page.status, page.words, page.title))
        assert visitor.cookie("intake_desk", "/desk") == ""

    assert len(said) == 1
    assert next(iter(said))[0] == 422


def test_the_name_is_kept_and_the_password_is_not(stranger):
    page = sign_in(stranger, "ada", "not the password")

    assert page.form.controls()["username"] == ["ada"]
    assert "not the password" not in page.html


def test_after_five_wrong_tries_the_right_password_waits_five_minutes(app, clock):
    for number in range(5):
        visitor = Visitor(app.test_client())
        visitor.client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"10.1.0.{number}"
        sign_in(visitor, "ada", "wrong")

    refused = sign_in(Visitor(app.test_client()), "ada", OWN_PASSWORDS["ada"])
    other = sign_in(Visitor(app.test_client()), "ben", OWN_PASSWORDS["ben"])
    clock.at = NOW + timedelta(minutes=5, seconds=1)
    later = sign_in(Visitor(app.test_client()), "ada", OWN_PASSWORDS["ada"])

    assert refused.status == 429
    assert other.location == "/desk/"
    assert later.location == "/desk/"


def test_a_one_time_password_opens_nothing_but_the_choice_of_ones_own(app, newcomer):
    pages = {
        str(rule): newcomer.get(str(rule))
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/desk/") and not rule.arguments and "GET" in rule.methods
    }

    for path in ("/desk/sign-in", "/desk/password"):
        assert pages.pop(path).status == 200
    assert pages.pop("/desk/sign-in/code").location == "/desk/sign-in"
    assert len(pages) > 6
    assert {page.location for page in pages.values()} == {"/desk/password"}


def test_choosing_a_password_opens_the_desk(newcomer, one_time, app):
    chosen = choose_password(newcomer, one_time, NEW)
    used_again = sign_in(Visitor(app.test_client()), "ada", one_time)

    assert chosen.location == "/desk/"
    assert newcomer.get("/desk/").status == 200
    assert used_again.status == 422


@pytest.mark.parametrize(
    ("old", "new", "again", "anchor"),
    [
        ("wrong", NEW, NEW, "old"),
        (None, "short words", "short words", "old"),
        (None, NEW, NEW + "x", "again"),
        (None, "ada likes long words", "ada likes long words", "old"),
        (None, "a" * 20, "a" * 20, "old"),
        (None, "x" * 1001, "x" * 1001, "new"),
        (None, None, None, "old"),
    ],
    ids=["wrong old", "short", "differ", "own name", "one letter", "too long", "the same"],
)
def test_a_password_that_cannot_be_used_is_asked_for_again(
    ada, old, new, again, anchor, clinic_template
):
    now = OWN_PASSWORDS["ada"]
    typed = {"old": old or now, "new": new or now, "again": again or now}

    page = ada.post("/desk/password", typed)

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert [fault[0] for fault in page.faults()] == [anchor]
    assert ada.cookie("intake_desk", "/desk") == clinic_template.sessions["ada"]


def test_changing_the_password_ends_every_other_session(ada, at_desk):
    other_window = at_desk("ada")
    before = ada.cookie("intake_desk", "/desk")

    choose_password(ada, OWN_PASSWORDS["ada"], NEW)

    assert ada.get("/desk/").status == 200
    assert ada.cookie("intake_desk", "/desk") != before
    assert other_window.get("/desk/").location == "/desk/sign-in"


def test_signing_out_ends_the_session_at_the_server(ada, at_desk):
    copied = at_desk("ada")

    page = ada.post("/desk/sign-out")

    assert page.location == "/desk/sign-in"
    assert page.answer.headers["Clear-Site-Data"] == '"cache"'
    assert ada.cookie("intake_desk", "/desk") == ""
    assert copied.get("/desk/").location == "/desk/sign-in"


def test_a_new_password_from_the_administrator_ends_the_sessions(ada, one_time):
    assert ada.get("/desk/").location == "/desk/sign-in"


def test_every_sign_in_has_a_token_of_its_own(stranger, app):
    stranger.client.set_cookie("intake_desk", "chosen by somebody else", path="/desk")

    sign_in(stranger, "ada", OWN_PASSWORDS["ada"])

    token = stranger.cookie("intake_desk", "/desk")
    assert token != "chosen by somebody else"
    assert len(token) >= 40


@pytest.mark.parametrize(
    ("waits", "is_in"),
    [
        ([timedelta(minutes=10)], True),
        ([timedelta(minutes=10, seconds=1)], False),
        ([timedelta(minutes=9)] * 3, True),
        ([timedelta(minutes=9)] * 81, False),
        ([timedelta(days=-1)], False),
    ],
    ids=["ten minutes", "longer", "kept busy", "past twelve hours", "clock set back"],
)
def test_how_long_a_session_lasts(ada, clock, waits, is_in):
    for wait in waits:
        clock.at += wait
        page = ada.get("/desk/password")

    assert (page.status == 200) is is_in


def test_who_is_signed_in_is_said_on_every_page_with_a_way_out(ben):
    page = ben.get("/desk/rules")

    assert page.root.one("span", class_="bar-name").text == "Ben Dermatologist"
    assert page.root.one("span", class_="bar-role").text == "Dermatologist"
    assert page.form_to("/desk/sign-out")


class TestWhatWasTypedWhenTheDeskLapsed:
    PATH = "/desk/cases/{}/addendum"

    @pytest.fixture
    def lapsed(self, ada, clock):
        clock.at += timedelta(minutes=11)
        return ada

    def again(self, visitor, ids, password=OWN_PASSWORDS["ada"]):
        page = visitor.post(self.PATH.format(ids["stop"]), {"text": "Called her."})
        kept = {name: values[0] for name, values in page.form_to(AGAIN).controls().items()}
        return visitor.post(AGAIN, {**kept, "again-password": password})

    def test_is_kept_on_the_page_that_asks_who_it_is(self, lapsed, ids, store):
        page = lapsed.post(self.PATH.format(ids["stop"]), {"text": "Called her."})

        form = page.form_to(AGAIN).controls()
        assert page.status == 422
        assert form["text"] == ["Called her."]
        assert form["again-to"] == [self.PATH.format(ids["stop"])]
        assert "Reyes" not in page.html
        assert not cases.case(store, ids["stop"]).addenda

    def test_is_sent_once_more_when_its_owner_has_signed_in(self, lapsed, ids, store):
        answer = self.again(lapsed, ids)

        assert answer.status == 307
        assert answer.location == self.PATH.format(ids["stop"])
        lapsed.post(answer.location, {"text": "Called her."})
        assert [one.text for one in cases.case(store, ids["stop"]).addenda] == ["Called her."]

    def test_stays_when_the_password_is_wrong(self, lapsed, ids):
        page = self.again(lapsed, ids, "something else entirely")

        assert page.status == 422
        assert page.form_to(AGAIN).controls()["text"] == ["Called her."]

    @pytest.mark.parametrize(
        "to", ["//evil.example/", "https://evil.example/", "/tablet/start", "x"]
    )
    def test_goes_nowhere_but_to_a_form_of_the_desk(self, lapsed, to):
        answer = lapsed.post(AGAIN, {"again-to": to, "again-password": "four words in a row"})

        assert answer.location == "/desk/sign-in"

    def test_is_not_offered_to_whoever_was_signed_out(self, ada, ids):
        ada.post("/desk/sign-out")

        answer = ada.post(self.PATH.format(ids["stop"]), {"text": "Called her."})

        assert answer.location == "/desk/sign-in"

    def test_leads_nobody_else_on(self, stranger):
        answer = stranger.post(AGAIN, {"again-to": "/desk/begin", "again-password": "x"})

        assert answer.location == "/desk/sign-in"
