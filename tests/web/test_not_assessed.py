"""A form sent while its rules cannot be read is kept, waits like a review, and is caught up."""

from http import HTTPStatus

import pytest

from intake.core.errors import PackError
from intake.core.records import ResponseStatus
from intake.storage import audit, cases, responses
from tests.web.pages import Visitor

SIGNED = {"typed": "Hannah Cole"}


@pytest.fixture
def rules(app):
    """The rules of the clinic, which can be made unreadable and readable again."""
    house = app.extensions["intake"]
    read = house.pack_of

    def broken(*_args):
        raise PackError(["pack.yaml:3: this cannot be read"])

    class Rules:
        def spoil(self):
            house.pack_of = broken

        def mend(self):
            house.pack_of = read

    return Rules()


@pytest.fixture
def unread(rules, full_tablet, ids):
    """The id of a form that was sent while no rule could be read."""
    full_tablet.token()
    rules.spoil()
    assert full_tablet.post("/tablet/review", SIGNED).location == "/tablet/end"
    return ids["filled"]


def actions_on(store, response_id):
    return [event.action for event in audit.of_subject(store, response_id)]


def test_a_patient_who_sends_it_is_thanked_and_nothing_is_lost(unread, full_tablet, store):
    full_tablet.get("/tablet/end")
    thanks = full_tablet.get("/tablet/thanks")

    kept = responses.response(store, unread)
    assert kept.status is ResponseStatus.COMPLETED
    assert len(kept.answers) > 40
    assert kept.receipt in thanks.words
    assert cases.screenings(store, unread) == ()
    assert actions_on(store, unread)[-2:] == ["sent", "not assessed"]


def test_it_waits_in_the_queue_among_the_reviews(unread, ada, rules):
    while_broken = ada.get("/desk/?triage=review")
    rules.mend()
    once_mended = ada.get("/desk/?triage=review")

    for page in (while_broken, once_mended):
        row = next(r for r in page.root.all("tr") if "Hannah Cole" in r.text)
        assert "Not assessed" in row.text
        assert row["class"] == "is-review"
        assert "No rule matched" not in row.text


def test_its_page_says_what_is_wrong_and_offers_nothing_to_decide(unread, ada, rules):
    while_broken = ada.get(f"/desk/cases/{unread}")
    rules.mend()
    once_mended = ada.get(f"/desk/cases/{unread}")

    for page in (while_broken, once_mended):
        assert page.status == HTTPStatus.OK
        assert "No rule has looked at this form" in page.words
        assert not page.root.all("form", id="decide-form")
        assert page.root.all("form", action=f"/desk/cases/{unread}/assess")
    assert "has not sent" not in once_mended.words


def test_it_cannot_be_decided(unread, ada, rules, store):
    rules.mend()

    page = ada.post(f"/desk/cases/{unread}/decide", {"disposition": "proceed", "seen": "0"})

    assert page.status == HTTPStatus.CONFLICT
    assert cases.reviews(store, unread) == ()


def test_while_the_rules_stay_broken_assessing_changes_nothing(unread, ada, contents):
    before = contents().count("INSERT INTO")

    page = ada.post(f"/desk/cases/{unread}/assess")

    assert page.status == HTTPStatus.SEE_OTHER
    assert contents().count("INSERT INTO") == before
    assert "still cannot be read" in ada.get("/desk/").words


def test_once_the_rules_are_mended_one_press_assesses_it(unread, ada, rules, store):
    rules.mend()

    ada.post(f"/desk/cases/{unread}/assess")

    assert len(cases.screenings(store, unread)) == 1
    assert "assessed later" in actions_on(store, unread)
    assert ada.get(f"/desk/cases/{unread}").root.all("form", id="decide-form")


def test_a_form_is_assessed_later_only_once_and_only_where_it_was_not(
    unread, ada, rules, ids, store
):
    rules.mend()
    ada.post(f"/desk/cases/{unread}/assess")

    again = ada.post(f"/desk/cases/{unread}/assess")
    another = ada.post(f"/desk/cases/{ids['stop']}/assess")
    unfinished = ada.post(f"/desk/cases/{ids['begun']}/assess")

    assert {p.status for p in (again, another, unfinished)} == {HTTPStatus.CONFLICT}
    assert len(cases.screenings(store, unread)) == 1


def test_without_readable_rules_every_other_page_says_so(rules, app, tablet, ada, enrolled, ids):
    tablet.token(), ada.token(), enrolled.token()
    rules.spoil()

    pages = {
        "questions": tablet.get("/tablet/page/your_goals"),
        "review": tablet.get("/tablet/review"),
        "start": enrolled.get("/tablet/"),
        "a new form": enrolled.post(
            "/tablet/start",
            {"name": "A B", "birth-day": "1", "birth-month": "2", "birth-year": "1980"},
        ),
        "rules": ada.get("/desk/rules"),
        "decided case": ada.get(f"/desk/cases/{ids['stop']}"),
        "sign-in": Visitor(app.test_client()).get("/desk/sign-in"),
    }

    found = {name: page.status for name, page in pages.items()}
    assert found == dict.fromkeys(pages, HTTPStatus.SERVICE_UNAVAILABLE) | {
        "start": HTTPStatus.OK,
        "sign-in": HTTPStatus.OK,
    }
    assert all("pack.yaml" not in page.html for page in pages.values())
    assert "tell the desk" in pages["questions"].words
