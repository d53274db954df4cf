"""Cookies that somebody laid before ours, for a longer path, put no browser out of order."""

from datetime import timedelta

import pytest

from intake.actions import begin
from intake.actions import visits as actions
from intake.actions.visits import LONGEST
from intake.core.records import ResponseStatus
from intake.storage import responses
from intake.web import bounds, cookies
from tests.web.pages import Page, Visitor

LONGER = {"/desk": "/desk/own-account", "/tablet": "/tablet/welcome", "/": "/tablet"}


def shadowed(visitor, name, path, prefix=""):
    """Put a cookie of the same name where browsers send it first."""
    secret = visitor.cookie(name, path)
    visitor.client.delete_cookie(name, path=path)
    visitor.client.set_cookie(f"{prefix}{name}", "x" * 43, path=LONGER[path])
    visitor.client.set_cookie(f"{prefix}{name}", secret, path=path)
    return visitor


def test_a_desk_stays_open(ada):
    shadowed(ada, "intake_desk", "/desk")

    assert ada.get("/desk/own-account").status == 200


def test_a_sign_out_ends_the_session_that_is_ours(ada):
    ada.client.set_cookie("intake_desk", "x", path="/desk/sign-out")
    secret = ada.cookie("intake_desk", "/desk")
    ada.client.delete_cookie("intake_desk", path="/desk")
    ada.client.set_cookie("intake_desk", secret, path="/desk")

    ada.post("/desk/sign-out")
    ada.client.set_cookie("intake_desk", secret, path="/desk")

    assert ada.get("/desk/").location == "/desk/sign-in"


def test_a_visit_goes_on(tablet):
    shadowed(tablet, "intake_visit", "/tablet")

    assert tablet.get("/tablet/welcome").status == 200


def test_a_visit_goes_on_under_tls(tablet):
    shadowed(tablet, "intake_visit", "/tablet", "__Secure-")

    answer = tablet.client.get("/tablet/welcome", base_url="https://localhost")

    assert answer.status_code == 200


def test_a_tablet_stays_enrolled(enrolled):
    shadowed(enrolled, "intake_tablet", "/")

    assert enrolled.get("/tablet/").form_to("/tablet/start")


def test_forms_are_still_taken(tablet):
    tablet.token()
    shadowed(tablet, "intake_form", "/")

    page = tablet.post("/tablet/page/your_goals", {"do": "lock"})

    assert page.location == "/tablet/locked"


def sent(visitor, name, secrets):
    """Ask for a page of the desk with these cookies of one name, in this order."""
    lines = "; ".join(f"{name}={secret}" for secret in secrets)
    return Page(visitor.client.get("/desk/own-account", headers={"Cookie": lines}))


def test_as_many_as_a_browser_can_lay_before_ours_shut_nobody_out(app, ada):
    deepest = max(str(rule).count("/") for rule in app.url_map.iter_rules())
    hosts = ("", "desk.clinic.example", "clinic.example")  # with a dot or without is the same
    others = [f"{number:043}" for number in range(2 * deepest * len(hosts))]
    client = app.test_client(use_cookies=False)

    page = sent(Visitor(client), "intake_desk", [*others, ada.cookie("intake_desk", "/desk")])

    assert page.status == 200


@pytest.mark.parametrize("secrets", [["a"] * 900, range(900)], ids=["all the same", "all others"])
def test_of_hundreds_a_few_are_looked_at(app, monkeypatch, secrets):
    looked_at = []
    monkeypatch.setitem(cookies._KNOWN, "intake_desk", lambda _, one: looked_at.append(one))

    page = sent(Visitor(app.test_client(use_cookies=False)), "intake_desk", secrets)

    assert page.location == "/desk/sign-in"
    assert len(looked_at) <= 2 * bounds.MAX_COOKIES


@pytest.mark.parametrize("name", ["intake_desk", "intake_visit", "intake_tablet", "intake_device"])
def test_two_that_nobody_knows_open_nothing(app, name):
    visitor = Visitor(app.test_client())
    for path in ("/", "/desk", "/tablet"):
        visitor.client.set_cookie(name, "x" * 43, path=path)

    assert visitor.get("/desk/").location == "/desk/sign-in"
    assert visitor.get("/tablet/welcome").location == "/tablet/"


BY_A = {"typed": "Hannah Cole"}
BY_B = {"typed": "Bea Next"}


def lay(visitor, name, value, path):
    """Put a cookie where browsers send it before ours, which lie at `/tablet` or `/`."""
    ours = {at: visitor.cookie(name, at) for at in ("/tablet", "/")}
    visitor.client.set_cookie(name, value, path=path)
    for at, secret in ours.items():
        if secret:
            visitor.client.delete_cookie(name, path=at)
            visitor.client.set_cookie(name, secret, path=at)


@pytest.fixture
def browser(ada, ids):
    """A browser of the desk that A has, who reads the value of the visit's cookie."""
    ada.post(f"/desk/hand-over/{ids['filled']}")
    ada.post("/tablet/company", {"company": "nobody"})
    ada.of_a = ada.cookie("intake_visit", "/tablet")
    return ada


@pytest.fixture
def given_on(browser, clinic_template, maker):
    """Send A's form, check the browser, and hand it over to B; returns B's form."""

    def act():
        browser.post("/tablet/review", BY_A)
        browser.get("/tablet/end")
        browser.get("/tablet/thanks")
        browser.post("/tablet/checked")
        form = maker.filled("Bea Next", "healthy-woman")
        browser.client.set_cookie("intake_desk", clinic_template.sessions["ben"], path="/desk")
        browser.post(f"/desk/hand-over/{form.id}")
        browser.post("/tablet/company", {"company": "nobody"})
        return form

    return act


@pytest.mark.parametrize("path", ["/tablet/page", "/tablet/review", "/tablet/welcome"])
def test_a_visit_that_was_sent_stands_in_no_later_ones_way(browser, given_on, path):
    given_on()
    lay(browser, "intake_visit", browser.of_a, path)
    doors = ("/tablet/page/your_goals", "/tablet/review", "/tablet/welcome")

    statuses = [browser.get(door).status for door in doors]

    assert statuses == [200, 200, 200]


def test_a_form_is_sent_though_the_cookie_of_one_that_was_sent_lies_before_its_own(
    browser, given_on, store
):
    form = given_on()
    lay(browser, "intake_visit", browser.of_a, "/tablet/review")

    browser.post("/tablet/review", BY_B)
    thanks = browser.get("/tablet/thanks")

    sent = responses.response(store, form.id)
    assert sent.status is ResponseStatus.COMPLETED
    assert sent.receipt in thanks.words


def test_a_visit_that_ended_unsent_is_not_thanked_for_an_earlier_one(
    browser, given_on, store, clock
):
    form = given_on()
    lay(browser, "intake_visit", browser.of_a, "/tablet/review")
    clock.at += LONGEST

    answer = browser.post("/tablet/review", BY_B)

    assert answer.location == "/tablet/"
    assert responses.response(store, form.id).status is ResponseStatus.IN_PROGRESS


def test_of_two_open_visits_the_later_is_gone_on_with(store, clock, maker):
    earlier, later = (maker.begun(name, "healthy-woman") for name in ("Ann Old", "Bea New"))
    at = (clock.at, clock.at + timedelta(seconds=1))
    secrets = [
        begin.hand_over(store, response_id=one.id, by=maker.by, now=now)
        for one, now in zip((earlier, later), at, strict=True)
    ]

    for given in (secrets, secrets[::-1]):
        assert actions.secret_of(store, given, "") == secrets[1]


@pytest.mark.parametrize("path", ["/tablet/end", "/tablet/review", "/tablet/thanks"])
def test_a_form_token_of_before_shows_nobody_anothers_number(browser, given_on, store, path):
    browser.post("/tablet/review", BY_A)
    of_a = browser.cookie("intake_form", "/")
    form = given_on()
    browser.post("/tablet/review", BY_B)
    lay(browser, "intake_form", of_a, path)

    browser.get("/tablet/end")
    thanks = browser.get("/tablet/thanks")
    again = browser.get("/tablet/thanks")

    assert number_on(thanks) == [responses.response(store, form.id).receipt]
    assert number_on(again) == []


def test_a_visit_of_before_shows_no_number_again_once_the_browser_was_checked(browser, given_on):
    browser.post("/tablet/review", BY_A)
    browser.get("/tablet/thanks")
    browser.post("/tablet/checked", {"found": "cookies"})
    lay(browser, "intake_visit", browser.of_a, "/tablet/")

    assert number_on(browser.get("/tablet/thanks")) == []
    assert browser.get("/tablet/").location == ""


def number_on(page):
    return [one.text for one in page.root.all("bdi", class_="receipt-number")]
