"""A practitioner enters a patient's answers: the same pages, no door more, never a signature."""

from datetime import timedelta

import pytest

from intake.actions import accounts, second_factor, sites, versions
from intake.core.records import Company, EntrySource, ResponseStatus, SignatureKind
from intake.storage import audit, cases, responses, visits
from intake.web.access import Access
from tests.codes import codes
from tests.conftest import NOW
from tests.web.conftest import OWN_PASSWORDS
from tests.web.filling import fill, page_boxes
from tests.web.pages import Visitor

REVIEW = "/tablet/review"
BORN = {"birth-day": "12", "birth-month": "3", "birth-year": "1988"}
PASSWORD = {"do": "staff", "username": "ada", "password": OWN_PASSWORDS["ada"]}
PRIVATE = "/tablet/page/pregnancy"
STRIP = "You are entering answers for \u2068Tomas Novak\u2069"


@pytest.fixture
def form(store, ids):
    return lambda key="begun": responses.response(store, ids[key])


@pytest.fixture
def enter(ids):
    def begin(visitor, source="paper", key="begun"):
        return visitor.post(f"/desk/enter/{ids[key]}", {"source": source})

    return begin


@pytest.fixture
def entering(ada, enter):
    """Ada's browser, in which she enters the answers from a paper form."""
    enter(ada)
    return ada


@pytest.fixture
def at_end(ada, enter):
    """Ada's browser with a form that only needs her statement."""
    enter(ada, "telephone", "filled")
    return ada


@pytest.fixture
def statement(ids):
    return f"/desk/cases/{ids['filled']}/statement"


def sessions_of(store, who):
    return store.rows(
        "SELECT * FROM sessions WHERE practitioner_id = ? AND ended_at IS NULL", [who.id]
    )


class TestBeginning:
    def test_is_offered_beside_the_hand_over_with_nothing_chosen(self, ada, ids):
        page = ada.get(f"/desk/hand-over/{ids['begun']}")

        offered = page.form_to(f"/desk/enter/{ids['begun']}")
        values = [e["value"] for e in offered.all("input", type="radio")]
        assert values == ["paper", "in_person", "telephone"]
        assert list(offered.controls()) == ["csrf_token"]

    @pytest.mark.parametrize("source", EntrySource)
    def test_keeps_who_from_what_and_when(self, ada, enter, form, people, clock, source):
        led = enter(ada, source.value).location

        entered = form().entered
        assert led == "/tablet/welcome"
        assert (entered.by, entered.source, entered.at) == (people.ada.id, source, clock.at)

    @pytest.mark.parametrize("source", ["", "a dream"])
    def test_asks_from_what(self, ada, enter, form, source):
        page = enter(ada, source)

        assert page.status == 422
        assert page.faults() == [("source", "Select what you have the answers from.")]
        assert form().entered is None
        assert ada.get("/tablet/welcome").location == "/tablet/"

    def test_keeps_the_practitioner_signed_in(self, entering):
        assert entering.get("/desk/").status == 200
        assert entering.get("/tablet/welcome").status == 200

    @pytest.mark.parametrize("path", ["/tablet/review", "/tablet/welcome"])
    def test_ends_when_the_form_is_no_longer_theirs(self, at_end, store, people, path):
        elsewhere = sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)
        sites.works_at(
            store, account_id=people.ada.id, sites_=[elsewhere.id], by=people.cleo, now=NOW
        )

        page = at_end.get(path)

        assert page.location == "/tablet/"

    def test_ends_the_way_of_a_tablet_to_the_form(self, tablet, ada, enter):
        enter(ada)

        assert tablet.get("/tablet/welcome").location == "/tablet/"

    def test_is_not_there_for_a_form_that_was_sent(self, ada, enter, form, store, ids):
        page = enter(ada, "paper", "stop")

        assert page.status == 409
        assert form("stop").entered is None
        assert visits.visit_of(store, ids["stop"]) is None

    def test_takes_back_that_nobody_helped(self, tablet, ada, enter, form):
        before = form().helper

        enter(ada)

        assert (before, form().helper) == (Company.NOBODY, None)

    @pytest.mark.parametrize(("key", "lines"), [("begun", 0), ("filled", 1)])
    def test_is_reading_what_is_private_in_the_form(self, ada, enter, store, ids, key, lines):
        enter(ada, key=key)

        acts = [event.action for event in audit.of_subject(store, ids[key])]
        assert acts.count("private answers read") == lines

    def test_is_reading_what_is_private_in_the_version_before(self, ada, store, maker, ids):
        newer = versions.amend(store, response_id=ids["routine"], by=maker.by, now=NOW)

        ada.post(f"/desk/enter/{newer.id}", {"source": "paper"})

        acts = [event.action for event in audit.of_subject(store, newer.id)]
        assert acts.count("private answers read") == 1

    def test_is_audited_as_the_practitioners(self, entering, store, ids, people):
        event = audit.of_subject(store, ids["begun"])[-1]

        assert (event.actor, event.action) == (people.ada.id, "entering begun")
        assert event.detail == {"source": "paper"}


class TestPages:
    def test_say_who_enters_for_whom(self, entering):
        for path in ("/tablet/welcome", "/tablet/page/your_goals", PRIVATE, REVIEW):
            page = entering.get(path)
            assert STRIP in page.words, path
            assert "Entered by \u2068Ada Practitioner\u2069" in page.words, path
            assert "Novak" not in page.title

    def test_of_a_patient_say_nothing_of_it(self, tablet):
        assert "entering answers" not in tablet.get("/tablet/page/your_goals").words

    def test_are_the_patients_in_the_patients_language(self, entering, form):
        page = entering.post("/tablet/welcome", {"do": "language-es"})

        asked = entering.get("/tablet/page/your_goals")
        assert "Está introduciendo las respuestas de \u2068Tomas Novak\u2069" in page.words
        assert asked.root.one("html")["lang"] == "es"
        assert form().language == "es"

    def test_ask_nobody_who_helps(self, entering, form):
        led = entering.post("/tablet/welcome").location

        assert led == "/tablet/page/your_goals"
        assert entering.get("/tablet/company").location == "/tablet/welcome"
        assert entering.post("/tablet/company", {"company": "carer"}).location == "/tablet/welcome"
        assert form().helper is None

    def test_hold_nothing_back_and_fold_nothing(self, at_end):
        assert "Are you pregnant?" in at_end.get(PRIVATE).words
        assert "Are you pregnant?" in at_end.get(REVIEW).words
        assert "Show my private answers" not in at_end.get(REVIEW).words

    def test_offer_no_help_and_no_signature(self, at_end):
        assert "I need help" not in at_end.get(PRIVATE).words
        review = at_end.get(REVIEW)
        assert review.root.all("canvas") == []
        assert "typed" not in review.form.controls()

    def test_are_saved_as_the_practitioners(self, entering, topics, store, ids, people):
        goals = page_boxes(topics["your_goals"], {"goals": ["lines"]})

        entering.post("/tablet/page/your_goals", goals)

        event = audit.of_subject(store, ids["begun"])[-1]
        assert (event.actor, event.action) == (people.ada.id, "page saved")

    def test_keep_the_desk_from_falling_asleep(self, entering, clock):
        for _ in range(8):
            clock.at += timedelta(minutes=2)
            entering.get("/tablet/page/your_goals")

        assert entering.get("/desk/").status == 200


class TestStatement:
    def test_comes_at_the_desk_after_the_review(self, at_end, statement, form):
        led = at_end.post(REVIEW).location

        page = at_end.get(led)

        assert led == statement
        assert "I, Ada Practitioner (practitioner), have entered these answers" in page.words
        assert "as the patient told me by telephone" in page.words
        assert "The questions were read in English" in page.words
        assert form("filled").status is ResponseStatus.IN_PROGRESS

    def test_is_never_a_signature_of_the_patient(self, at_end, form):
        for sent in (
            {"typed": "Hannah Cole"},
            {"way": "draw", "strokes": "[[[0.1,0.2],[0.3,0.4],[0.5,0.5]]]"},
        ):
            at_end.post(REVIEW, sent)

        assert form("filled").status is ResponseStatus.IN_PROGRESS

    def test_completes_the_form_and_comes_back_to_the_case(
        self, at_end, statement, form, ids, store, people
    ):
        page = at_end.post(statement)

        sent, events = form("filled"), audit.of_subject(store, ids["filled"])
        assert page.location == f"/desk/cases/{ids['filled']}"
        assert sent.status is ResponseStatus.COMPLETED
        assert sent.signature.kind is SignatureKind.STAFF
        assert sent.signature.name == "Ada Practitioner"
        assert "by telephone" in sent.signature.statement
        assert [e.actor for e in events if e.action == "sent"] == [people.ada.id]

    def test_ends_the_visit_and_keeps_the_desk(self, at_end, statement):
        page = at_end.post(statement)

        assert at_end.cookie("intake_visit", "/tablet") == ""
        assert page.answer.headers["Clear-Site-Data"] == '"cache"'
        assert at_end.get(REVIEW).location == "/tablet/"
        assert at_end.get("/desk/").status == 200

    def test_a_second_tap_leads_to_the_case(self, at_end, statement, ids, contents):
        at_end.post(statement)
        at_end.get(f"/desk/cases/{ids['filled']}")

        again = [at_end.post(statement), at_end.get(statement)]

        assert {page.location for page in again} == {f"/desk/cases/{ids['filled']}"}

    def test_waits_for_an_open_question(self, entering, form, ids):
        led = entering.post(REVIEW).location
        path = f"/desk/cases/{ids['begun']}/statement"

        pages = [entering.get(path), entering.post(path)]

        assert led == "/tablet/page/your_goals?from=review"
        assert ["Something is still open." in page.words for page in pages] == [True, True]
        assert form().status is ResponseStatus.IN_PROGRESS

    def test_is_for_nobody_but_who_entered(self, at_end, ben, statement, contents):
        ben.get(statement)
        before = contents()

        pages = [ben.get(statement), ben.post(statement)]

        assert [page.status for page in pages] == [409, 409]
        assert "Only whoever entered the answers" in pages[0].words
        assert contents().count("'sent'") == before.count("'sent'")

    def test_is_not_there_where_the_patient_answers(self, ada, statement, form):
        pages = [ada.get(statement), ada.post(statement)]

        assert [page.status for page in pages] == [409, 409]
        assert form("filled").status is ResponseStatus.IN_PROGRESS

    def test_screens_as_if_the_patient_had_answered(self, maker, ada, vignettes, pack, store):
        answers = {"pregnant_now": "not_sure"}
        mine = maker.filled("Mine Alone", "healthy-woman", **answers)
        theirs = maker.sent("Theirs Alone", "healthy-woman", **answers)
        ada.post(f"/desk/enter/{mine.id}", {"source": "paper"})

        ada.post(f"/desk/cases/{mine.id}/statement")

        found = [cases.case(store, r.id).screening.screening for r in (mine, theirs)]
        assert found[0] == found[1]


class TestAtTheCase:
    def words(self, visitor, ids, key="filled"):
        return visitor.get(f"/desk/cases/{ids[key]}").words

    def test_it_says_who_enters(self, entering, ben, ids):
        said = "Ada Practitioner (practitioner) is entering the answers, from a paper form."

        assert said in self.words(ben, ids, "begun")
        assert "State what you entered" in self.words(entering, ids, "begun")
        assert "State what you entered" not in self.words(ben, ids, "begun")

    @pytest.mark.parametrize(
        ("source", "told"),
        [
            ("paper", "from a paper form"),
            ("in_person", "as the patient told it in person"),
            ("telephone", "as the patient told it by telephone"),
        ],
    )
    def test_it_says_who_entered_and_that_nobody_signed(
        self, ada, ben, enter, statement, ids, source, told
    ):
        enter(ada, source, "filled")
        ada.post(statement)

        words = self.words(ben, ids)

        assert f"Entered by Ada Practitioner (practitioner), {told}." in words
        assert "The patient has not signed on the tablet." in words
        assert "Statement in place of a signature" in words
        assert "Typed:" not in words

    def test_it_says_that_there_were_other_hands(self, ada, ids, at_end, statement):
        at_end.post(statement)

        assert "Some pages were saved on the tablet while nobody was signed in" in self.words(
            ada, ids
        )

    def test_it_says_that_the_patient_signed_after_all(self, at_end, ben, ids, form):
        ben.post(f"/desk/hand-over/{ids['filled']}")
        ben.post("/tablet/company", {"company": "nobody"})
        ben.post(REVIEW, {"typed": "Hannah Cole"})
        at_end.get("/desk/")

        words = self.words(at_end, ids)

        assert form("filled").signature.kind is SignatureKind.TYPED
        assert "The patient then went through the form and signed on the tablet." in words
        assert "has not signed" not in words

    def test_of_a_patient_alone_it_says_nothing_of_it(self, ada, ids):
        assert "Entered by" not in self.words(ada, ids, "routine")

    def test_an_amendment_was_entered_by_nobody_yet(self, at_end, statement, ids, store):
        at_end.post(statement)
        led = at_end.post(f"/desk/cases/{ids['filled']}/amend").location

        new = responses.response(store, led.rpartition("/")[2])
        assert new.entered is None
        assert new.replaces == ids["filled"]


class TestDoors:
    def test_the_visit_alone_opens_nothing_of_the_desk(self, app, entering):
        thief = Visitor(app.test_client())
        visit = entering.cookie("intake_visit", "/tablet")
        for path in ("/", "/desk", "/tablet"):
            thief.client.set_cookie("intake_visit", visit, path=path)
            thief.client.set_cookie("intake_desk", visit, path=path)

        opened = {
            str(rule)
            for rule in app.url_map.iter_rules()
            if getattr(app.view_functions[rule.endpoint], "open_to", None)
            in (Access.DESK, Access.CLINICIAN, Access.ADMINISTRATOR)
            and "GET" in rule.methods
            and not rule.arguments
            and thief.get(str(rule)).location != "/desk/sign-in"
        }

        assert opened == set()
        assert thief.get("/tablet/welcome").location == "/tablet/"

    def test_the_desk_session_opens_no_page_of_the_tablet(self, entering):
        entering.client.delete_cookie("intake_visit", path="/tablet")

        assert entering.get("/desk/").status == 200
        assert entering.get(REVIEW).location == "/tablet/"

    def test_the_visit_reaches_its_own_form_only(self, entering, full_tablet, ids):
        entering.get(REVIEW)

        assert "Hannah Cole" not in entering.get("/tablet/welcome").words
        assert full_tablet.get(REVIEW).status == 200

    def test_signing_out_ends_the_visit(self, entering):
        entering.post("/desk/sign-out")

        assert entering.get("/tablet/welcome").location == "/tablet/"

    def test_handing_another_form_over_ends_both(self, entering, ids):
        copied = Visitor(entering.client.application.test_client())
        visit = entering.cookie("intake_visit", "/tablet")
        copied.client.set_cookie("intake_visit", visit, path="/tablet")
        device = entering.cookie("intake_device", "/")
        copied.client.set_cookie("intake_device", device, path="/")

        entering.post(f"/desk/hand-over/{ids['filled']}")

        assert entering.get("/desk/").location == "/desk/sign-in"
        assert copied.get("/tablet/welcome").location == "/tablet/"

    def test_a_new_password_ends_the_visit(self, entering, store, people):
        accounts.reset_password(store, username="ada", actor="test", now=NOW)

        assert entering.get("/tablet/welcome").location == "/tablet/"

    def test_an_account_that_was_disabled_ends_the_visit(self, entering, store, people):
        with store.write() as db:
            db.execute("UPDATE practitioners SET disabled_at = ? WHERE username = 'ada'", ["2026"])

        assert entering.get("/tablet/welcome").location == "/tablet/"

    def test_the_end_of_a_patients_visit_never_leads_to_the_desk(self, full_tablet):
        assert full_tablet.post(REVIEW, {"typed": "Hannah Cole"}).location == "/tablet/end"


class TestLock:
    @pytest.fixture
    def locked(self, entering):
        entering.post("/tablet/page/your_goals", {"do": "lock"})
        return entering

    def test_shuts_the_desk_as_well(self, locked):
        assert locked.get("/desk/").location == "/desk/sign-in"
        assert locked.get(REVIEW).location == "/tablet/locked"

    def test_says_nothing_of_the_patient(self, locked):
        page = locked.get("/tablet/locked")

        assert "Novak" not in page.html
        assert "Ada" not in page.html

    def test_comes_by_itself_and_shuts_the_desk(self, entering, clock, store, people):
        entering.get("/tablet/page/your_goals")
        clock.at += timedelta(minutes=5)

        led = entering.get("/tablet/page/your_goals").location

        assert led == "/tablet/locked"
        assert sessions_of(store, people.ada) == []

    def test_opens_with_the_practitioners_password_together_with_the_desk(self, locked, store, ids):
        led = locked.post("/tablet/locked", PASSWORD).location

        assert led == "/tablet/page/your_goals"
        assert STRIP in locked.get(led).words
        assert locked.get("/desk/").status == 200

    def test_a_password_opens_no_desk_of_an_account_with_a_second_factor(
        self, ada, enter, store, ids, people
    ):
        seed = second_factor.begin(store, who=people.ada)
        began = ada.cookie("intake_desk", "/desk")
        token, _ = second_factor.confirm(
            store, who=people.ada, token=began, code=codes(seed)(NOW), now=NOW
        )
        ada.client.set_cookie("intake_desk", token, path="/desk")
        enter(ada)
        ada.post("/tablet/page/your_goals", {"do": "lock"})

        page = ada.post("/tablet/locked", PASSWORD)

        assert page.location == "/tablet/page/your_goals"
        assert sessions_of(store, people.ada) == []
        assert STRIP not in ada.get(page.location).words

    def test_opens_with_the_date_of_birth_and_leaves_the_desk_shut(
        self, locked, topics, store, ids
    ):
        led = locked.post("/tablet/locked", BORN).location
        goals = page_boxes(topics["your_goals"], {"goals": ["lines"]})
        locked.post(led, goals)

        event = audit.of_subject(store, ids["begun"])[-1]
        assert STRIP not in locked.get(led).words
        assert locked.get(PRIVATE).location == "/tablet/company"
        assert locked.get("/desk/").location == "/desk/sign-in"
        assert (event.actor, event.action) == ("tablet", "page saved")

    def test_whoever_signs_in_over_her_ends_her_visit(self, entering):
        ben = {"username": "ben", "password": OWN_PASSWORDS["ben"]}

        entering.post("/desk/sign-in", ben)

        assert entering.get("/tablet/welcome").location == "/tablet/"
        assert "Ben" in entering.get("/desk/").words

    def test_does_not_open_with_the_password_of_somebody_else(self, locked, store, ids, people):
        ben = {"do": "staff", "username": "ben", "password": OWN_PASSWORDS["ben"]}
        before = len(sessions_of(store, people.ben))

        page = locked.post("/tablet/locked", ben)

        assert page.status == 422
        assert locked.get("/desk/").location == "/desk/sign-in"
        assert len(sessions_of(store, people.ben)) == before
        assert visits.visit_of(store, ids["begun"]).locked_at is not None

    def test_of_a_patient_signs_nobody_in_by_a_password(self, tablet, store, people):
        tablet.post("/tablet/page/your_goals", {"do": "lock"})

        page = tablet.post("/tablet/locked", PASSWORD)

        assert page.location == "/tablet/page/your_goals"
        assert tablet.cookie("intake_desk", "/desk") == ""
        assert len(sessions_of(store, people.ada)) == 1


@pytest.mark.parametrize("source", EntrySource)
def test_a_whole_form_from_the_desk_and_back(
    ada, enter, ids, topics, vignettes, store, people, source
):
    enter(ada, source.value)
    review = fill(ada, topics, vignettes["healthy-man-body"].answers)
    page = ada.post(ada.post(review.location).location)

    case = cases.case(store, ids["begun"])
    saved = {e.actor for e in audit.of_subject(store, ids["begun"]) if e.action == "page saved"}
    assert page.location == f"/desk/cases/{ids['begun']}"
    assert saved == {people.ada.id}
    assert case.response.helper is None
    assert case.screening.screening.triage == "routine"
    assert "Some pages were saved" not in ada.get(page.location).words
