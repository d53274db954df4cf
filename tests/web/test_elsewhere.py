"""What was said at another site stays there until its patient says it here."""

import pytest

from intake.actions import accounts, decide, sites, versions
from intake.core.reading import case_for
from intake.core.records import FIRST_SITE
from intake.core.screening import may_be_asked
from intake.storage import audit, responses
from tests.conftest import NOW, TODAY
from tests.web.pages import Visitor
from tests.web.test_returning import PLAN, born_of


@pytest.fixture
def harbour(store, people):
    return sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)


@pytest.fixture
def works_at(store, people, harbour):
    """Ada works at the harbour alone, or at both sites."""

    def limit(*also):
        at = [harbour.id, *also]
        sites.works_at(store, account_id=people.ada.id, sites_=at, by=people.cleo, now=NOW)

    return limit


@pytest.fixture
def form(ada, ids, store, harbour, works_at):
    """A form begun at the harbour for somebody who was at the first site before."""
    works_at()
    patient = responses.response(store, ids["routine"]).patient_id
    begun = ada.post(f"/desk/begin/{patient}", {**PLAN, "site": harbour.id})
    return responses.response(store, begun.location.rpartition("/")[2])


def acts_on(store, response_id):
    return [event.action for event in audit.of_subject(store, response_id)]


def case_of(visitor, form, door=""):
    path = f"/desk/cases/{form.id}"
    return visitor.post(f"{path}/{door}") if door else visitor.get(path)


def lines(page):
    """Every question on a case page with what is said beside it."""
    rows = [row for row in page.root.all("div") if "line" in row["class"].split()]
    return {row.one("dt").text: row.one("dd").text for row in rows}


class TestWhoDoesNotReachTheOtherSite:
    def test_sees_no_change_since_then(self, ada, form):
        pages = [case_of(ada, form), case_of(ada, form, "private")]

        assert all("Changed since the visit before" not in page.words for page in pages)
        assert all("This patient was at another site before." in page.words for page in pages)

    def test_sees_no_answer_that_was_taken_over(self, ada, ben, form, pack):
        asks = [pack.items[link_id].ask for link_id in form.carried]

        hidden, whole = case_of(ada, form, "private"), case_of(ben, form, "private")

        said = [(lines(hidden).get(ask), lines(whole).get(ask)) for ask in asks]
        assert len(said) > 5
        assert {mine for mine, _ in said} <= {None, "Not answered"}
        assert sum(theirs not in (None, "Not answered") for _, theirs in said) > 5

    def test_gets_no_document_with_either(self, ada, form, store, ids):
        made = ada.post(f"/desk/cases/{form.id}/document", {"form": "html"})

        assert made.status == 200
        assert "Changed since then" not in made.html
        assert made.html.count(ids["routine"]) == 1  # the name alone of what it follows
        assert "document made" in acts_on(store, form.id)

    def test_enters_the_answers_without_them(self, ada, form, store):
        ada.post(f"/desk/enter/{form.id}", {"source": "paper"})

        begun = responses.response(store, form.id)
        assert begun.carried == frozenset()
        assert begun.answers.keys() & form.carried == set()

    def test_opens_a_locked_tablet_without_them(self, ada, form, store):
        ada.post(f"/desk/hand-over/{form.id}")
        tablet = Visitor(ada.client)
        password = {"do": "staff", "username": "ada", "password": "four words in a row"}

        tablet.post("/tablet/locked", password)

        assert responses.response(store, form.id).answers.keys() & form.carried == set()

    def test_takes_no_such_answer_out(self, ada, form, pack):
        made = ada.post("/desk/export", {"shape": "answers", "form": "jsonl"})

        assert form.id in made.html
        rows = [line for line in made.html.splitlines() if form.id in line]
        assert not [row for row in rows for link_id in form.carried if f'"{link_id}"' in row]

    def test_reads_what_the_patient_confirmed(self, ada, form, store, people):
        limited = next(who for who in accounts.list_accounts(store) if who.id == people.ada.id)
        ada.post(f"/desk/hand-over/{form.id}")
        tablet = Visitor(ada.client)
        tablet.post("/tablet/locked", born_of(store, form))
        state = tablet.get("/tablet/earlier").form.controls()["state"]

        tablet.post("/tablet/earlier", {"state": state[0]})

        confirmed = responses.response(store, form.id)
        seen = decide.open_case(store, response_id=form.id, by=limited, now=NOW)
        assert not confirmed.carried
        assert seen.response.answers == confirmed.answers


class TestWhoReachesBoth:
    def test_sees_changes_and_what_was_taken_over(self, ada, form, works_at):
        works_at(FIRST_SITE)

        page = case_of(ada, form)

        assert "Changed since the visit before" in page.words

    def test_leaves_a_line_on_the_form_before_by_opening_what_is_private(
        self, ada, form, works_at, store, ids
    ):
        works_at(FIRST_SITE)

        case_of(ada, form, "private")

        assert acts_on(store, ids["routine"])[-1] == "private answers read"
        assert "private answers read" in acts_on(store, form.id)

    def test_leaves_a_line_on_the_form_before_by_a_document(self, ada, form, works_at, store, ids):
        works_at(FIRST_SITE)

        ada.post(f"/desk/cases/{form.id}/document", {"form": "html"})

        assert acts_on(store, ids["routine"])[-1] == "private answers read"


def test_an_amendment_begins_without_what_was_never_confirmed(store, maker, pack):
    filled = maker.filled("Tomas Novak", "healthy-man-body")
    case = case_for(pack, filled, TODAY)
    left = next(one for one in pack.questionnaire.items if not may_be_asked(one, case))
    with store.write() as db:
        responses.put_answers(db, filled.id, {left: "no"}, NOW, language="en")
        db.execute("UPDATE responses SET carried = ? WHERE id = ?", [f'["{left}"]', filled.id])
    maker.send(filled)

    newer = versions.amend(store, response_id=filled.id, by=maker.by, now=NOW)

    assert left not in responses.response(store, newer.id).answers
