"""A patient who comes again, on the tablet and at the desk."""

import pytest

from intake.actions.answer import save_page, unanswered_screen
from intake.storage import responses
from tests.conftest import NOW, TODAY
from tests.web.pages import Visitor

BORN = {"birth-day": "14", "birth-month": "3", "birth-year": "1988"}
PLAN = {
    "area": "face",
    "modality": "motorised",
    "depth_mm": "1.0",
    "anaesthetic": "none",
    "products": "hyaluronic",
    "prp": "no",
    "rf_sites": "none",
    "same_day": "none",
    "device": "generic",
}


@pytest.fixture
def again(ada, ids, store):
    """Begin a second intake for somebody who was here before; returns the form."""
    patient = responses.response(store, ids["routine"]).patient_id
    answer = ada.post(f"/desk/begin/{patient}", PLAN)
    return responses.response(store, answer.location.rsplit("/", 1)[1])


@pytest.fixture
def handed(again, app, ada):
    """The tablet with that form, as it is handed to the patient."""
    answer = ada.post(f"/desk/hand-over/{again.id}")
    assert answer.location == "/tablet/welcome"
    return Visitor(ada.client)


def born_of(store, form):
    row = store.row("SELECT birth_date FROM patients WHERE id = ?", [form.patient_id])
    year, month, day = row["birth_date"].split("-")
    return {"birth-day": day, "birth-month": month, "birth-year": year, "do": "birth"}


@pytest.fixture
def opened(handed, again, store):
    """The tablet after the patient has given the date of birth."""
    handed.post("/tablet/locked", born_of(store, again))
    return handed


class TestDesk:
    def test_the_plan_says_that_the_patient_was_here_before(self, ada, ids, store):
        patient = responses.response(store, ids["routine"]).patient_id

        page = ada.get(f"/desk/begin/{patient}")

        assert "This patient was here before." in page.words
        assert "answers still hold" in page.words

    def test_of_a_new_patient_nothing_is_said(self, ada, ids):
        page = ada.get(f"/desk/begin/{ids['patient']}")

        assert "was here before" not in page.words

    def test_the_new_form_follows_the_old_one(self, again, ids):
        assert again.follows == ids["routine"]
        assert again.carried


class TestTablet:
    def test_begins_locked_and_shows_nothing(self, handed):
        page = handed.get("/tablet/welcome")

        assert page.location == "/tablet/locked"
        assert "Maria" not in handed.get("/tablet/locked").words

    def test_opens_with_the_date_of_birth_alone(self, handed, again, store):
        wrong = handed.post("/tablet/locked", {**BORN, "do": "birth"})
        right = handed.post("/tablet/locked", born_of(store, again))

        assert wrong.status == 422
        assert right.location == "/tablet/welcome"

    def test_what_was_said_before_is_one_page_before_the_review(self, opened):
        assert opened.get("/tablet/review").location == "/tablet/earlier"

        page = opened.get("/tablet/earlier")

        assert "Have you ever had a keloid?" in page.words
        assert "pregnant" not in page.words

    def test_all_of_it_is_confirmed_at_a_press(self, opened, again, store):
        page = opened.get("/tablet/earlier")
        state = page.form.controls()["state"][0]

        opened.post("/tablet/earlier", {"state": state})

        assert not responses.response(store, again.id).carried

    def test_a_page_that_was_overtaken_confirms_nothing(self, opened, again, store):
        page = opened.post("/tablet/earlier", {"state": "other"})

        assert page.status == 200
        assert responses.response(store, again.id).carried == again.carried

    def test_the_form_goes_on_with_what_lapsed(self, opened, again, store, pack):
        state = opened.get("/tablet/earlier").form.controls()["state"][0]

        answer = opened.post("/tablet/earlier", {"state": state})

        left = unanswered_screen(pack, responses.response(store, again.id), TODAY)
        assert left is not None
        assert answer.location.startswith(f"/tablet/page/{left.id}")

    def test_where_nothing_waits_the_page_leads_to_the_review(self, full_tablet):
        assert full_tablet.get("/tablet/earlier").location == "/tablet/review"


def test_answers_that_wait_to_be_confirmed_keep_a_statement_open(ada, again, store, pack):
    ada.post(f"/desk/enter/{again.id}", {"source": "paper"})
    said = next(v for v in pack.vignettes if v.id == "healthy-woman").answers
    form = responses.response(store, again.id)
    while page := unanswered_screen(pack, form, TODAY):
        raw = {item.link_id: said.get(item.link_id) for item in page.items}
        form = save_page(store, pack, response=form, page=page, raw=raw, now=NOW, today=TODAY)

    page = ada.post(f"/desk/cases/{again.id}/statement", {})

    assert page.status == 200
    assert "one of an earlier visit is not confirmed" in page.words
    assert responses.response(store, again.id).submitted_at is None
