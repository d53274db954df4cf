"""Asking the patient for more: the tablet asks what was ticked at the desk, and what it opens."""

import pytest

from intake.storage import responses
from tests.web.filling import page_boxes
from tests.web.pages import Visitor
from tests.web.test_returning import born_of


@pytest.fixture
def page_of(ids):
    return f"/desk/cases/{ids['routine']}/ask-again"


def boxes(page):
    return page.root.all("input", name="again")


def test_every_question_that_was_asked_is_offered_once_and_none_is_ticked(ada, page_of):
    page = ada.get(page_of)

    offered = [box["value"] for box in boxes(page)]
    assert len(offered) == len(set(offered)) > 30
    assert not [box for box in boxes(page) if "checked" in box]


def test_what_has_no_answer_comes_first(ada, maker):
    case = maker.sent("Una Known", "unknown-medicine").id

    page = ada.get(f"/desk/cases/{case}/ask-again")

    assert boxes(page)[0]["id"].startswith("again-open-")


@pytest.mark.parametrize("again", [[], ["no_such_question"], ["birth_date"], ["plan.area"]])
def test_nothing_is_begun_without_a_question_of_the_form(ada, page_of, store, again):
    before = store.rows("SELECT id FROM responses")

    page = ada.post(page_of, {"again": again})

    assert page.status == 422
    assert page.faults()
    assert store.rows("SELECT id FROM responses") == before


def test_the_tablet_asks_only_that_and_then_shows_the_review(ada, app, page_of, store, topics):
    handed = ada.post(page_of, {"again": ["goals", "skin_today"]})
    ada.post(handed.location)
    tablet = Visitor(app.test_client())
    for name, path in (("intake_visit", "/tablet"), ("intake_device", "/")):
        tablet.client.set_cookie(name, ada.cookie(name, path), path=path)
    (form,) = store.rows("SELECT id FROM responses WHERE status = 'in-progress' AND replaces != ''")
    tablet.post("/tablet/locked", born_of(store, responses.response(store, form["id"])))
    tablet.post("/tablet/company", {"company": "nobody"})

    first = tablet.post("/tablet/welcome").location
    second = tablet.post(first, page_boxes(topics["your_goals"], {"goals": ["lines"]})).location
    calm = page_boxes(topics["skin_now"], {"skin_today": ["none"], "area_features": ["none"]})
    last = tablet.post(second, calm).location

    assert [first, second, last] == [
        "/tablet/page/your_goals",
        "/tablet/page/skin_now",
        "/tablet/review",
    ]


def test_the_case_leads_there_until_a_newer_version_replaces_it(ada, ids, page_of, store):
    case = f"/desk/cases/{ids['routine']}"
    assert ada.get(case).root.all("a", href=page_of)

    newer = ada.post(page_of, {"again": ["goals"]}).location.rpartition("/")[2]

    assert responses.response(store, newer).replaces == ids["routine"]
    assert ada.post(page_of, {"again": ["goals"]}).status == 409


@pytest.mark.parametrize("key", ["begun", "filled"])
def test_a_form_that_was_not_sent_is_not_asked_about_again(ada, ids, key):
    assert ada.get(f"/desk/cases/{ids[key]}/ask-again").status == 409
