"""Cookies that somebody laid before ours, for a longer path, put no browser out of order."""

import pytest

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
