"""The second factor in the browser: asked of everybody, added once, given at every sign-in."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
import segno

from intake.actions import accounts, second_factor
from tests.authenticator import Device
from tests.codes import codes
from tests.conftest import NOW, session_of
from tests.web.conftest import OWN_PASSWORDS, choose_password, sign_in
from tests.web.pages import Page, SecureVisitor, Visitor

RECOVERY = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){5}\b")
HALF_A_MINUTE = timedelta(seconds=30)
AGAIN, PASSWORD = "again-password", OWN_PASSWORDS["ada"]
ORIGIN = "https://desk.example"


@pytest.fixture
def strict(app, house_of, settings, clock):
    """The clinic as it is outside the demo: everybody needs a second factor."""
    app.extensions["intake"] = house_of(replace(settings, second_factor=True), clock)
    return app


@pytest.fixture
def ada(strict, at_desk):
    return at_desk("ada")


def seed_on(page):
    return page.root.one("p", class_="link").text.replace(" ", "")


def add_factor(visitor):
    """Add a second factor; returns the app and the page with the recovery codes."""
    shown = codes(seed_on(visitor.get("/desk/second-factor")))
    return shown, visitor.post("/desk/second-factor", {"code": shown(NOW, -1)})


def give_password(app, username="ada"):
    visitor = Visitor(app.test_client())
    assert sign_in(visitor, username, OWN_PASSWORDS[username]).location == "/desk/sign-in/code"
    return visitor


def give_code(visitor, code):
    return visitor.post("/desk/sign-in/code", {"code": code})


def test_nothing_else_opens_before_it_is_added(strict, ada):
    pages = {
        str(rule): ada.get(str(rule))
        for rule in strict.url_map.iter_rules()
        if str(rule).startswith("/desk/") and not rule.arguments and "GET" in rule.methods
    }

    for path in ("/desk/sign-in", "/desk/password", "/desk/second-factor"):
        assert pages.pop(path).status == 200
    assert pages.pop("/desk/sign-in/code").location == "/desk/sign-in"
    assert len(pages) > 6
    assert {page.location for page in pages.values()} == {"/desk/second-factor"}


def test_a_first_sign_in_leads_to_a_password_and_then_to_the_second_factor(strict, store):
    one_time = accounts.reset_password(store, username="ada", actor="test", now=NOW)
    visitor = Visitor(strict.test_client())

    signed_in = sign_in(visitor, "ada", one_time)
    choose_password(visitor, one_time, "q7 lamp! zebra")
    shown, added = add_factor(visitor)

    assert signed_in.location == "/desk/password"
    assert added.status == 200
    assert visitor.get("/desk/").status == 200
    other = Visitor(strict.test_client())
    sign_in(other, "ada", "q7 lamp! zebra")
    assert give_code(other, shown(NOW)).location == "/desk/"


def test_the_demo_asks_for_none(app, at_desk):
    assert at_desk("ada").get("/desk/").status == 200


def test_the_picture_holds_what_the_app_is_to_know(ada):
    page = ada.get("/desk/second-factor")
    seed = seed_on(page)

    drawn = page.root.one("svg", class_="qr").one("path")["d"]

    address = f"otpauth://totp/Test%20clinic:ada?secret={seed}&issuer=Test%20clinic"
    rows = segno.make(address, error="m", micro=False).matrix_iter(border=4)
    dark = {f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, one in enumerate(row) if one}
    assert set(re.findall(r"M[^M]+", drawn)) == dark


def test_a_wrong_code_adds_nothing_and_shows_the_same_seed(ada):
    before = seed_on(ada.get("/desk/second-factor"))

    page = ada.post("/desk/second-factor", {"code": "000000"})

    assert page.status == 422
    assert seed_on(page) == before
    assert ada.get("/desk/").location == "/desk/second-factor"


def test_adding_it_rotates_the_session_and_ends_the_others(ada, at_desk):
    copied, before = at_desk("ada"), ada.cookie("intake_desk", "/desk")

    add_factor(ada)

    assert ada.cookie("intake_desk", "/desk") != before
    assert ada.get("/desk/").status == 200
    assert copied.get("/desk/").location == "/desk/sign-in"


def test_a_desk_left_open_lends_nobody_a_second_factor(app, at_desk, clock):
    visitor = at_desk("ada")
    for _ in range(2):
        clock.at += timedelta(minutes=8)
        visitor.get("/desk/")

    page = visitor.get("/desk/second-factor")

    assert page.status == 422
    assert page.form_to("/desk/confirm")
    assert page.root.all("svg", class_="qr") == []


def test_who_takes_long_to_add_it_shows_who_they_are_and_goes_on(strict, ada, clock):
    for _ in range(2):
        clock.at += timedelta(minutes=8)
        asked = ada.get("/desk/second-factor")

    sent = asked.form_to("/desk/confirm").controls()
    answer = ada.post("/desk/confirm", {**{k: v[0] for k, v in sent.items()}, AGAIN: PASSWORD})
    page = ada.post(answer.location, {})
    shown = codes(seed_on(page))
    added = ada.post("/desk/second-factor", {"code": shown(clock.at)})

    assert asked.status == 422
    assert (answer.status, answer.location) == (307, "/desk/second-factor")
    assert page.status == 200
    assert page.root.all("section", id="error-summary") == []
    assert added.status == 200
    assert ada.get("/desk/").status == 200


def test_showing_who_one_is_leads_past_neither_a_password_nor_a_factor(strict, store, ada):
    to_queue = {AGAIN: PASSWORD, "again-to": "/desk/"}
    with_password = ada.post("/desk/confirm", to_queue)
    one_time = accounts.reset_password(store, username="ben", actor="test", now=NOW)
    ben = Visitor(strict.test_client())
    sign_in(ben, "ben", one_time)

    with_one_time = ben.post("/desk/confirm", {**to_queue, AGAIN: one_time})

    assert ada.get("/desk/").location == "/desk/second-factor"
    assert with_password.location in {"/desk/", "/desk/queue"}
    assert with_one_time.location == "/desk/password"


def test_recovery_codes_are_shown_once(ada):
    _, page = add_factor(ada)
    own = RECOVERY.findall(page.words)

    later = [ada.get(path) for path in ("/desk/own-account", "/desk/second-factor", "/desk/")]

    assert len(set(own)) == 10
    assert later[1].location == "/desk/own-account"
    assert not [one for one in later if RECOVERY.search(one.html)]
    assert page.answer.headers["Cache-Control"] == "no-store"


def test_the_password_alone_opens_nothing(strict, ada):
    add_factor(ada)
    visitor = give_password(strict)

    assert visitor.get("/desk/").location == "/desk/sign-in"
    assert visitor.get("/desk/own-account").location == "/desk/sign-in"


@pytest.mark.parametrize("kind", ["code", "recovery code"])
def test_a_code_lets_in_once(strict, ada, kind):
    shown, page = add_factor(ada)
    code = shown(NOW) if kind == "code" else RECOVERY.findall(page.words)[2]
    first, second = give_password(strict), give_password(strict)

    let_in, refused = give_code(first, code), give_code(second, code)

    assert let_in.location == "/desk/"
    assert first.get("/desk/").status == 200
    assert refused.status == 422
    assert second.get("/desk/").location == "/desk/sign-in"


def test_one_code_in_ten_sessions_at_once_lets_one_in(strict, ada):
    shown, _ = add_factor(ada)
    visitors = [give_password(strict) for _ in range(10)]
    code, start = shown(NOW), Barrier(10, timeout=60)

    def one(visitor):
        start.wait()
        return give_code(visitor, code).location

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(one, visitors))

    assert found.count("/desk/") == 1
    assert sum(visitor.get("/desk/").status == 200 for visitor in visitors) == 1


def test_a_wrong_code_says_what_to_do_and_asks_again(strict, ada):
    add_factor(ada)
    visitor = give_password(strict)

    page = give_code(visitor, "000000")

    assert page.status == 422
    assert "Wait until a new one is shown" in page.words
    assert page.faults()[0][0] == "code"


def test_too_many_codes_are_refused_unseen(strict, ada):
    shown, _ = add_factor(ada)
    visitor = give_password(strict)
    for _ in range(5):
        give_code(visitor, "000000")

    assert give_code(visitor, shown(NOW)).status == 429


def test_an_administrator_takes_it_away_and_another_is_added(strict, ada, at_desk, store, people):
    add_factor(ada)
    cleo = at_desk("cleo")
    add_factor(cleo)

    taken = cleo.post(f"/desk/accounts/{people.ada.id}/second-factor")

    assert taken.location == f"/desk/accounts/{people.ada.id}"
    assert ada.get("/desk/").location == "/desk/sign-in"
    visitor = Visitor(strict.test_client())
    assert sign_in(visitor, "ada", OWN_PASSWORDS["ada"]).location == "/desk/"
    assert visitor.get("/desk/").location == "/desk/second-factor"


def test_new_recovery_codes_are_shown_and_the_old_ones_are_dead(strict, ada):
    _, page = add_factor(ada)

    fresh = RECOVERY.findall(ada.post("/desk/own-account/recovery-codes").words)

    old = give_code(give_password(strict), RECOVERY.findall(page.words)[0])
    new = give_code(give_password(strict), fresh[0])
    assert (old.status, new.location) == (422, "/desk/")


def test_a_seed_and_codes_reach_no_log(ada, caplog):
    shown, page = add_factor(ada)

    for secret in (shown(NOW), *RECOVERY.findall(page.words)):
        assert secret not in caplog.text


class TestPasskeys:
    @pytest.fixture
    def secure(self, strict, clinic_template, store, people):
        """A browser under TLS and a name, in which Ada is signed in with a second factor."""
        seed = second_factor.begin(store, who=people.ada)
        code, token = codes(seed)(NOW), session_of(store, people.ada)
        token, _ = second_factor.confirm(store, who=people.ada, token=token, code=code, now=NOW)
        visitor = self.browser(strict)
        visitor.client.set_cookie(
            "__Secure-intake_desk", token, path="/desk", domain="desk.example"
        )
        return visitor

    def browser(self, app):
        return SecureVisitor(app.test_client(), ORIGIN)

    def asked(self, page, action):
        return page.form_to(action)["data-passkey"]

    def add(self, visitor):
        device = Device()
        page = visitor.get("/desk/own-account")
        answer = device.make(self.asked(page, "/desk/own-account/passkeys"), ORIGIN)
        added = visitor.post("/desk/own-account/passkeys", {"name": "desk", "answer": answer})
        assert added.location == "/desk/own-account"
        return device

    def test_one_is_added_and_signs_in(self, strict, secure):
        device = self.add(secure)
        visitor = self.browser(strict)
        sign_in(visitor, "ada", OWN_PASSWORDS["ada"])
        page = visitor.get("/desk/sign-in/code")
        answer = device.sign(self.asked(page, "/desk/sign-in/passkey"), ORIGIN)

        let_in = visitor.post("/desk/sign-in/passkey", {"answer": answer})

        assert let_in.location == "/desk/"
        assert visitor.get("/desk/").status == 200

    @pytest.mark.parametrize("answer", ["{}", "[" * 9000], ids=["empty", "deep"])
    def test_a_wrong_one_asks_for_the_code_again(self, strict, secure, answer):
        self.add(secure)
        visitor = self.browser(strict)
        sign_in(visitor, "ada", OWN_PASSWORDS["ada"])
        visitor.get("/desk/sign-in/code")

        page = visitor.post("/desk/sign-in/passkey", {"answer": answer})

        assert page.status == 422
        assert "use a code from your app" in page.words
        assert json.loads(self.asked(page, "/desk/sign-in/passkey"))["challenge"]

    def test_what_no_device_answers_is_asked_for_again(self, secure):
        page = secure.get("/desk/own-account")
        assert self.asked(page, "/desk/own-account/passkeys")

        page = secure.post("/desk/own-account/passkeys", {"name": "desk", "answer": "[" * 9000})

        assert page.status == 422
        assert "The passkey was not added" in page.words

    def test_without_a_sign_in_that_waits_there_is_nothing_to_answer(self, strict):
        page = self.browser(strict).post("/desk/sign-in/passkey", {"answer": "{}"})

        assert page.status == 422
        assert "Enter your user name and password again" in page.words

    def test_without_tls_none_is_offered(self, strict, ada):
        add_factor(ada)
        cookie = f"intake_desk={ada.cookie('intake_desk', '/desk')}"
        headers = {"Host": "192.168.0.7:8000", "Cookie": cookie}

        page = Page(strict.test_client(use_cookies=False).get("/desk/own-account", headers=headers))

        assert "data-passkey" not in page.html
        assert "Passkeys can be added where" in page.words

    def test_one_is_removed(self, secure):
        self.add(secure)
        form = next(
            one
            for one in secure.get("/desk/own-account").root.all("form")
            if one["action"].endswith("/remove")
        )

        secure.post(form["action"])

        assert "Passkey “" not in secure.get("/desk/own-account").words
