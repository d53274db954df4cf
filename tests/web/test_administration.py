"""What the administrator looks after: tablets, accounts, the audit trail."""

import re
from datetime import timedelta

import pytest

from tests.web.conftest import enrol
from tests.web.pages import Visitor


def state_of(page, name):
    rows = [tr for tr in page.root.all("tr") if tr.all("th", scope="row")]
    return next(tr for tr in rows if tr.one("th").text == name).text


def test_a_link_is_shown_once(cleo):
    made = cleo.post("/desk/tablets", {"name": "Room 2"})

    link = made.root.one("p", class_="link").text
    assert re.fullmatch(r"http://localhost/tablet/enrol/[\w-]{40,}", link)
    assert cleo.get("/desk/tablets").root.all("p", class_="link") == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "\x00"])
def test_a_tablet_needs_a_name(cleo, contents, name):
    before = contents()

    page = cleo.post("/desk/tablets", {"name": name})

    assert page.status == 422
    assert contents() == before


def test_the_list_says_where_each_tablet_stands(app, cleo, enrolled):
    cleo.post("/desk/tablets", {"name": "Room 3"})

    page = cleo.get("/desk/tablets")

    assert "Enrolled" in state_of(page, "Room 2")
    assert "Waiting for its link" in state_of(page, "Room 3")


def test_a_revoked_tablet_is_shown_as_such_and_not_revoked_twice(cleo, enrolled):
    action = next(
        f["action"] for f in cleo.get("/desk/tablets").root.all("form") if "revoke" in f["action"]
    )

    first, again = cleo.post(action), cleo.post(action)

    page = cleo.get("/desk/tablets")
    assert first.location == "/desk/tablets"
    assert again.status == 404
    assert "Revoked" in state_of(page, "Room 2")
    assert not [f for f in page.root.all("form") if "revoke" in f["action"]]


def test_a_link_is_too_old_after_an_hour(app, cleo, clock):
    made = cleo.post("/desk/tablets", {"name": "Room 2"}).root.one("p", class_="link").text
    clock.at += timedelta(hours=1, seconds=1)

    page = Visitor(app.test_client()).post(made[made.index("/tablet/") :])

    assert page.status == 404
    assert "Ask for a new one at the desk" in page.words


def test_a_tablet_enrolled_anew_works_beside_the_old(app, cleo, enrolled):
    second = Visitor(app.test_client())

    enrol(second, cleo, "Room 3")

    assert all(tablet.get("/tablet/").root.all("form") for tablet in (enrolled, second))


def test_accounts_are_listed_with_their_roles(cleo):
    words = cleo.get("/desk/accounts").words

    assert "Ada Practitioner ada Practitioner" in words
    assert "Ben Dermatologist ben Dermatologist" in words


def test_the_audit_trail_names_acts_and_people_but_no_patient(cleo, ben, ids, walked):
    ben.get(f"/desk/cases/{ids['stop']}")
    ben.post("/desk/find", {"text": "Reyes"})

    page = cleo.get("/desk/audit")

    assert "Ben Dermatologist read the case" in page.words
    assert ids["stop"] in page.words
    for name in ("Samuel", "Reyes", "Duarte", "Novak"):
        assert name not in page.html


def test_a_search_is_written_down(cleo, ben):
    ben.post("/desk/find", {"text": "Reyes"})

    newest = cleo.get("/desk/audit").root.all("tr")[1].text

    assert "Ben Dermatologist searched the queue" in newest


def test_the_navigation_shows_only_what_opens(ada, cleo):
    for_ada = [a.text for a in ada.get("/desk/rules").root.one("nav", class_="bar-nav").all("a")]
    for_cleo = [a.text for a in cleo.get("/desk/rules").root.one("nav", class_="bar-nav").all("a")]

    assert "Administration" not in for_ada
    assert for_cleo == ["Rules", "Figures", "Administration"]


def test_every_page_of_administration_leads_to_the_others(cleo):
    menu = [a["href"] for a in cleo.get("/desk/accounts").root.one("nav", class_="rooms").all("a")]

    pages = {path: cleo.get(path) for path in menu}

    assert {"/desk/accounts", "/desk/tablets", "/desk/audit"} <= set(menu)
    assert {page.status for page in pages.values()} == {200}
    for path, page in pages.items():
        assert [a["href"] for a in page.root.one("nav", class_="rooms").all("a")] == menu
        assert f'href="{path}" aria-current="page"' in page.html


def test_a_tablet_whose_link_ran_out_says_what_to_do(cleo, clock):
    cleo.post("/desk/tablets", {"name": "Room 3"})
    clock.at += timedelta(minutes=5)
    waiting = state_of(cleo.get("/desk/tablets"), "Room 3")
    for _ in range(8):  # the desk stays open, the link does not
        clock.at += timedelta(minutes=8)
        page = cleo.get("/desk/tablets")

    assert "Waiting for its link" in waiting
    assert "Its link ran out unused" in state_of(page, "Room 3")
