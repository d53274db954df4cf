"""Accounts in the browser: one-time passwords shown once, guards said in words."""

import re

import pytest

from tests.web.conftest import choose_password, sign_in
from tests.web.pages import Visitor

PASSWORD = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")
NEW = {"username": "dora", "name": "Dora Finch", "role": "dermatologist"}


def _href(cleo, name):
    links = cleo.get("/desk/accounts").root.one("table").all("a")
    return next(a["href"] for a in links if a.text == name)


def shown(page):
    return page.root.one("p", class_="link").text


def test_a_new_account_signs_in_with_the_password_shown(app, cleo):
    made = cleo.post("/desk/accounts", NEW)

    assert PASSWORD.fullmatch(shown(made))
    visitor = Visitor(app.test_client())
    assert sign_in(visitor, "dora", shown(made)).location == "/desk/password"


def test_the_owner_is_told_who_reset_what_and_when(app, cleo, ada):
    for _ in range(2):
        answer = cleo.post(f"{_href(cleo, 'Ada Practitioner')}/reset")
    visitor = Visitor(app.test_client())
    sign_in(visitor, "ada", shown(answer))

    first = visitor.get("/desk/password")
    choose_password(visitor, shown(answer), "four other words here")
    later = visitor.get("/desk/own-account")

    for page in (first, later):
        assert page.words.count("New one-time password 15 Jun") == 2
        assert "by Cleo Administrator" in page.words


def test_an_account_that_nobody_reset_is_told_of_nothing(cleo):
    for page in (cleo.get("/desk/password"), cleo.get("/desk/own-account")):
        assert "Last reset by others" not in page.words


def test_a_one_time_password_is_shown_on_that_page_only(cleo):
    password = shown(cleo.post("/desk/accounts", NEW))

    later = [cleo.get(path).html for path in ("/desk/accounts", "/desk/audit", "/desk/tablets")]
    later.append(cleo.get(_href(cleo, "Dora Finch")).html)

    assert not [page for page in later if password in page or PASSWORD.search(page)]


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        ({"username": ""}, "Enter a user name"),
        ({"username": "D O"}, "Choose a user name"),
        ({"username": "ADA"}, "Choose a user name"),
        ({"username": "ada"}, "is taken"),
        ({"name": " "}, "Enter the full name"),
        ({"role": "owner"}, "Select one of the roles"),
        ({"role": ""}, "Select one of the roles"),
    ],
)
def test_what_cannot_be_added_is_said_and_the_rest_stays(cleo, contents, spoiled, says):
    before = contents()

    page = cleo.post("/desk/accounts", {**NEW, **spoiled})

    kept = page.form_to("/desk/accounts").controls()
    assert page.status == 422
    assert any(says in words for _, words in page.faults())
    for name, value in {**NEW, **spoiled}.items():
        if name != "role":
            assert kept[name] == [value]
    assert contents() == before


def test_a_reset_shows_a_password_and_ends_the_sessions(app, cleo, ada):
    page = cleo.post(f"{_href(cleo, 'Ada Practitioner')}/reset")

    assert ada.get("/desk/").location == "/desk/sign-in"
    visitor = Visitor(app.test_client())
    assert sign_in(visitor, "ada", shown(page)).location == "/desk/password"


def test_another_role_opens_other_doors_after_signing_in_anew(app, cleo, ada):
    cleo.post(f"{_href(cleo, 'Ada Practitioner')}/role", {"role": "administrator"})

    ended = ada.get("/desk/").location
    visitor = Visitor(app.test_client())
    sign_in(visitor, "ada", "four words in a row")

    assert ended == "/desk/sign-in"
    assert visitor.get("/desk/audit").status == 200
    assert visitor.get("/desk/begin").status == 404


def test_a_switched_off_account_opens_nothing_and_keeps_its_name(cleo, ben, ids):
    ben.post(f"/desk/cases/{ids['caution']}/addendum", {"text": "Seen."})
    ben.post(f"/desk/cases/{ids['caution']}/take")

    page = cleo.post(f"{_href(cleo, 'Ben Dermatologist')}/disable")

    assert page.location == _href(cleo, "Ben Dermatologist")
    assert ben.get("/desk/").location == "/desk/sign-in"
    assert "Switched off" in cleo.get("/desk/accounts").words
    assert "Ben Dermatologist took the case" in cleo.get("/desk/audit").words


def test_the_name_of_a_switched_off_account_stays_on_a_case(cleo, ada, ben, ids):
    ben.post(f"/desk/cases/{ids['caution']}/addendum", {"text": "Seen."})

    cleo.post(f"{_href(cleo, 'Ben Dermatologist')}/disable")

    assert "Ben Dermatologist" in ada.get(f"/desk/cases/{ids['caution']}").words


def test_letting_in_again_shows_a_new_password(app, cleo):
    at = _href(cleo, "Ada Practitioner")
    cleo.post(f"{at}/disable")

    page = cleo.post(f"{at}/enable")

    old, new = Visitor(app.test_client()), Visitor(app.test_client())
    assert sign_in(old, "ada", "four words in a row").status == 422
    assert sign_in(new, "ada", shown(page)).location == "/desk/password"


@pytest.mark.parametrize("act", ["reset", "disable", "role"])
def test_ones_own_account_is_for_another_administrator(cleo, contents, act):
    at, before = _href(cleo, "Cleo Administrator"), contents()

    page = cleo.post(f"{at}/{act}", {"role": "practitioner"})

    assert page.status == 409
    assert "Ask another administrator" in page.words
    assert contents() == before


def test_ones_own_page_offers_no_more_than_signing_out(cleo):
    page = cleo.get(_href(cleo, "Cleo Administrator"))

    acts = {f["action"].rpartition("/")[2] for f in page.root.one("main").all("form")}

    assert acts == {"sign-out"}


def test_signing_oneself_out_everywhere_ends_this_session_too(cleo):
    cleo.post(f"{_href(cleo, 'Cleo Administrator')}/sign-out")

    assert cleo.get("/desk/accounts").location == "/desk/sign-in"


def test_the_page_of_an_account_tells_what_happened_to_it(cleo):
    at = _href(cleo, "Ada Practitioner")
    cleo.post(f"{at}/role", {"role": "dermatologist"})

    words = cleo.get(at).words

    assert "Cleo Administrator changed the role of an account" in words
    assert "was practitioner" in words


def test_a_role_that_is_not_offered_is_refused(cleo, contents):
    at, before = _href(cleo, "Ada Practitioner"), contents()

    page = cleo.post(f"{at}/role", {"role": "owner"})

    assert page.status == 422
    assert contents() == before
