"""Somebody helps the patient: asked early, and private pages stay the patient's own."""

import pytest

from intake.core.records import Company
from intake.storage import audit, responses, visits
from tests.web.filling import fill, page_boxes
from tests.web.pages import Visitor

WELCOME = "/tablet/welcome"
COMPANY = "/tablet/company"
REVIEW = "/tablet/review"
PRIVATE = "/tablet/page/pregnancy"
NEXT_PRIVATE = "/tablet/page/feelings"
PUBLIC = "/tablet/page/today"
ASKED = "Are you pregnant?"
HELD = "The next questions are private"
BACK = "may come back now"
CHOOSE = "/tablet/private/pregnancy"
ALONE = "/tablet/alone/pregnancy"


@pytest.fixture
def fresh(maker, on_tablet):
    """A tablet just handed over, whose patient was not asked yet who helps."""
    begun = maker.begun("Tia Fresh", "healthy-woman")
    visitor = on_tablet(maker.visit_with(begun, None))
    visitor.form_id = begun.id
    return visitor


@pytest.fixture
def helped(maker, on_tablet):
    """A tablet with a filled form, whose patient a relative helps."""
    filled = maker.filled("Hana Helped", "healthy-woman", pregnancy=["trying"])
    visitor = on_tablet(maker.visit_with(filled, Company.RELATIVE))
    visitor.form_id = filled.id
    return visitor


@pytest.fixture
def stored(store):
    return lambda visitor: responses.response(store, visitor.form_id)


@pytest.fixture
def visit(store):
    return lambda visitor: visits.visit_of(store, visitor.form_id)


class TestAsking:
    def test_comes_after_the_welcome_with_nothing_chosen(self, fresh):
        led = fresh.post(WELCOME).location

        page = fresh.get(led)

        assert led == COMPANY
        assert [e["value"] for e in page.form.all("input", type="radio")] == [
            "nobody", "relative", "carer", "interpreter", "staff",
        ]  # fmt: skip
        assert "company" not in page.form.controls()

    @pytest.mark.parametrize("said", list(Company))
    def test_keeps_what_was_said_and_goes_to_the_first_question(self, fresh, stored, visit, said):
        led = fresh.post(COMPANY, {"company": said.value}).location

        assert led == "/tablet/page/your_goals"
        assert stored(fresh).helper is said
        assert visit(fresh).company is said

    @pytest.mark.parametrize("said", [{}, {"company": ""}, {"company": "neighbour"}])
    def test_wants_an_answer(self, fresh, stored, said):
        page = fresh.post(COMPANY, said)

        assert page.status == 422
        assert page.faults() == [("company-nobody", "Select one answer.")]
        assert stored(fresh).helper is None

    def test_happens_once_in_a_visit(self, helped):
        assert helped.post(WELCOME).location == REVIEW

    def test_is_audited_without_saying_who(self, fresh, store):
        fresh.post(COMPANY, {"company": "carer"})

        told = [e for e in audit.of_subject(store, fresh.form_id) if e.action == "company told"]
        assert [(e.actor, e.detail) for e in told] == [("tablet", {})]

    def test_happens_again_when_the_form_is_handed_over_again(
        self, helped, maker, on_tablet, stored
    ):
        again = on_tablet(maker.visit_with(stored(helped), None))

        led = again.post(WELCOME).location

        assert led == COMPANY
        assert "company" not in again.get(COMPANY).form.controls()

    def test_keeps_who_helped_before_when_nobody_does_today(
        self, helped, maker, on_tablet, stored, visit
    ):
        again = on_tablet(maker.visit_with(stored(helped), None))

        again.post(COMPANY, {"company": "nobody"})

        assert stored(helped).helper is Company.RELATIVE
        assert visit(helped).company is Company.NOBODY

    def test_can_be_mended_from_the_review(self, helped, stored):
        change = f"{COMPANY}?from=review"
        shown = helped.get(change)

        led = helped.post(change, {"company": "nobody"}).location

        assert shown.form.controls()["company"] == ["relative"]
        assert shown.form["action"] == change
        assert led == REVIEW
        assert stored(helped).helper is Company.NOBODY
        assert f'href="{change}"' in helped.get(REVIEW).html

    def test_a_language_can_be_chosen_there(self, fresh, stored):
        page = fresh.post(COMPANY, {"company": "carer", "do": "language-es"})

        assert "¿Alguien le ayuda con este formulario?" in page.words
        assert page.form.controls()["company"] == ["carer"]
        assert stored(fresh).helper is None

    def test_comes_before_a_private_page_that_is_asked_for_by_its_address(self, fresh):
        page = fresh.get(PRIVATE)

        assert (page.status, page.location) == (303, COMPANY)


def test_nobody_stands_between_a_patient_alone_and_a_private_page(tablet):
    assert ASKED in tablet.get(PRIVATE).words


def test_every_private_page_says_how_to_hide_it(tablet):
    assert "“Take a break” hides this page at once" in tablet.get(PRIVATE).words
    assert "hides this page" not in tablet.get(PUBLIC).words


class TestInThePlaceOfAPrivatePage:
    def test_stands_a_page_that_tells_nothing_of_it(self, helped, topics):
        for topic in topics.values():
            if not topic.private:
                continue
            page = helped.get(f"/tablet/page/{topic.id}")
            if page.status == 200:
                assert page.root.one("h1").text == HELD
                assert page.title == "Private questions · Test clinic"
                told = (topic.title, topic.why, *(item.ask for item in topic.items))
                assert [words for words in told if words and words in page.words] == []
                assert page.root.all("div", class_="place") == []

    def test_stands_it_again_after_a_reload(self, helped):
        assert helped.get(PRIVATE).html.count(HELD) == helped.get(PRIVATE).html.count(HELD) == 1

    def test_stands_it_whatever_is_sent_to_the_page(self, helped):
        for sent in ({}, {"pregnant_now": "yes"}, {"do": "language-en"}, {"do": "size-2"}):
            assert ASKED not in helped.post(PRIVATE, sent).html

    def test_an_answer_sent_from_another_window_is_kept(self, helped, stored, topics):
        answers = {"pregnant_now": "not_sure", "pregnancy": ["none"]}

        helped.post(PRIVATE, page_boxes(topics["pregnancy"], answers))

        assert stored(helped).answers["pregnant_now"] == "not_sure"

    def test_leads_back_as_the_page_itself_would(self, helped):
        page = helped.get(f"{PRIVATE}?from=review")

        assert page.root.one("a", class_="back")["href"] == REVIEW
        assert page.name_of(page.form["action"]) == f"{CHOOSE}?from=review"

    def test_a_language_can_be_chosen(self, helped):
        led = helped.post(CHOOSE, {"do": "language-es"}).location

        page = helped.get(led)

        assert led == PRIVATE
        assert "Las preguntas siguientes son privadas" in page.words

    def test_a_button_that_is_not_there_changes_nothing(self, helped, contents):
        before = contents()

        led = helped.post(CHOOSE, {"do": "anything"}).location

        assert led == PRIVATE
        assert contents() == before


class TestAlone:
    @pytest.fixture
    def alone(self, helped):
        helped.get(helped.post(CHOOSE, {"do": "alone"}).location)
        helped.post(ALONE)
        return helped

    def test_asks_for_the_tablet_first(self, helped):
        led = helped.post(CHOOSE, {"do": "alone"}).location

        page = helped.get(led)

        assert led == ALONE
        assert page.root.one("h1").text == "Please give the tablet to the patient"
        assert page.title == "Private questions · Test clinic"
        assert HELD in helped.get(PRIVATE).words

    def test_shows_the_page(self, helped):
        led = helped.post(ALONE).location

        assert led == PRIVATE
        assert ASKED in helped.get(led).words

    def test_holds_for_the_private_page_beside_it(self, alone):
        assert HELD not in alone.get(NEXT_PRIVATE).words

    def test_says_on_the_next_page_that_the_company_may_return(self, alone):
        first, again = alone.get(PUBLIC), alone.get(PUBLIC)

        assert BACK in first.words
        assert BACK in again.words

    def test_says_it_on_the_review_as_well(self, alone):
        assert BACK in alone.get(REVIEW).words

    def test_says_it_no_longer_than_on_that_page(self, alone):
        alone.get(PUBLIC)

        assert BACK not in alone.get("/tablet/page/your_goals").words

    @pytest.mark.parametrize("by", [PUBLIC, REVIEW, "/tablet/page/your_goals", "/tablet/welcome"])
    def test_is_over_once_another_page_was_shown(self, alone, by):
        alone.get(by)

        assert HELD in alone.get(PRIVATE).words

    def test_is_over_in_every_window(self, alone, app):
        window = Visitor(app.test_client())
        window.client.set_cookie(
            "intake_visit", alone.cookie("intake_visit", "/tablet"), path="/tablet"
        )
        window.get(PUBLIC)

        assert HELD in alone.get(PRIVATE).words

    def test_is_over_after_a_break(self, alone, maker, stored):
        alone.post(PRIVATE, {"do": "lock"})
        born = maker.birth_date_of(stored(alone))
        boxes = {"birth-day": born.day, "birth-month": born.month, "birth-year": born.year}

        led = alone.post("/tablet/locked", boxes).location

        assert led == PRIVATE
        assert HELD in alone.get(led).words

    def test_is_over_when_somebody_else_comes(self, alone):
        alone.post(f"{COMPANY}?from=review", {"company": "carer"})

        assert HELD in alone.get(PRIVATE).words

    def test_shows_what_is_to_look_at_again_on_the_page_itself(self, alone):
        page = alone.post(PRIVATE, {})

        assert page.status == 422
        assert ASKED in page.words


class TestTogether:
    def test_shows_the_page_and_the_one_beside_it(self, helped):
        led = helped.post(CHOOSE, {"do": "together"}).location

        assert led == PRIVATE
        assert ASKED in helped.get(led).words
        assert HELD not in helped.get(NEXT_PRIVATE).words

    def test_says_nothing_about_coming_back(self, helped):
        helped.post(CHOOSE, {"do": "together"})

        assert BACK not in helped.get(PUBLIC).words

    def test_is_over_with_the_next_page(self, helped):
        helped.post(CHOOSE, {"do": "together"})
        helped.get(PUBLIC)

        assert HELD in helped.get(PRIVATE).words


class TestToldLater:
    @pytest.fixture
    def begun(self, fresh):
        fresh.post(COMPANY, {"company": "interpreter"})
        return fresh

    def test_withholds_what_is_blank_and_goes_on(self, begun, stored):
        led = begun.post(CHOOSE, {"do": "later"}).location

        answers = stored(begun).answers
        assert led == NEXT_PRIVATE
        assert (answers["pregnant_now"], answers["pregnancy"]) == ("withheld", "withheld")
        assert "pregnancy" in stored(begun).visited

    def test_leaves_what_was_answered(self, begun, stored):
        begun.post(CHOOSE, {"do": "together"})
        begun.post(PRIVATE, {"pregnant_now": "no"})
        begun.get(PUBLIC)

        begun.post(CHOOSE, {"do": "later"})

        answers = stored(begun).answers
        assert (answers["pregnant_now"], answers["pregnancy"]) == ("no", "withheld")

    def test_leads_back_to_the_review_from_there(self, helped, stored):
        before = stored(helped).answers

        led = helped.post(f"{CHOOSE}?from=review", {"do": "later"}).location

        assert led == REVIEW
        assert stored(helped).answers == before

    def test_never_makes_a_triage_milder(self, maker, on_tablet, store, ids):
        open_form = maker.filled("Wilma Held", "healthy-woman", pregnant_now="withheld")

        visitor = on_tablet(maker.visit_with(open_form, Company.RELATIVE))
        visitor.post(CHOOSE, {"do": "later"})
        visitor.post(REVIEW, {"typed": "Wilma Held"})

        kept = store.row("SELECT triage FROM screenings WHERE response_id = ?", [open_form.id])
        assert kept["triage"] == "review"


class TestReview:
    def test_folds_private_answers(self, helped, topics):
        page = helped.get(REVIEW)

        asks = [(item.ask, topic.private) for topic in topics.values() for item in topic.items]
        private = {ask for ask, _ in asks} - {ask for ask, is_private in asks if not is_private}
        rows = {e.one("dt").text: e.all("dd")[0].text for e in page.root.all("div", class_="fact")}
        assert rows["Is someone helping you with this form?"] == "A relative or friend"
        assert rows["Private questions"] == "Private answers"
        assert len(private) > 5
        assert [ask for ask in private if ask in page.html] == []
        assert "I am trying to get pregnant" not in page.html

    def test_has_one_line_for_private_pages_that_adjoin(self, helped):
        page = helped.get(REVIEW)

        asks = [e.text for e in page.root.all("dt")]
        assert asks.count("Private questions") == 2

    def test_leads_to_a_page_that_is_held_back(self, helped):
        fact = next(
            e
            for e in helped.get(REVIEW).root.all("div", class_="fact")
            if e.one("dt").text == "Private questions"
        )

        page = helped.get(fact.one("a")["href"].partition("#")[0])

        assert HELD in page.words

    def test_shows_them_when_asked_and_hides_them_again(self, helped, contents):
        helped.get(REVIEW)
        before = contents()

        shown = helped.post(REVIEW, {"do": "show", "typed": "Ha"})
        hidden = helped.post(REVIEW, {"do": "hide"})

        assert "I am trying to get pregnant" in shown.words
        assert shown.form.controls()["typed"] == ["Ha"]
        assert "I am trying to get pregnant" not in hidden.words
        assert "I am trying to get pregnant" not in helped.get(REVIEW).words
        assert contents() == before

    def test_folds_what_is_still_to_answer(self, fresh, topics):
        fresh.post(COMPANY, {"company": "carer"})

        page = fresh.get(REVIEW)

        assert ASKED not in page.html
        assert "Private questions" in page.root.one("section", class_="open-list").text

    def test_shows_everything_to_a_patient_alone(self, full_tablet):
        page = full_tablet.get(REVIEW)

        assert ASKED in page.words
        assert "Private answers" not in page.words
        assert "Show my private answers" not in page.words

    def test_sends_what_is_signed(self, helped, stored):
        helped.post(REVIEW, {"typed": "Hana Helped"})

        assert stored(helped).status == "completed"
        assert stored(helped).helper is Company.RELATIVE


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Company.NOBODY, "The patient filled it in without help."),
        (Company.RELATIVE, "Filled in with the help of a relative or friend."),
        (Company.STAFF, "Filled in with the help of a member of staff."),
    ],
)
def test_the_desk_sees_who_helped(maker, ada, said, words):
    begun = maker.begun("Dee Desk", "healthy-woman")
    maker.visit_with(begun, said)

    shown = ada.get(f"/desk/cases/{begun.id}").words

    assert words in shown
    assert "was told who helps with the form" in shown


def test_the_desk_says_nothing_where_nobody_was_asked(maker, ada):
    begun = maker.begun("Dee Desk", "healthy-woman")

    assert "help of" not in ada.get(f"/desk/cases/{begun.id}").words


def test_a_whole_visit_with_a_relative(fresh, topics, vignettes, stored):
    answers = vignettes["healthy-woman"].answers
    fresh.post(COMPANY, {"company": "relative"})

    led = fill(fresh, topics, answers)

    assert led.location == REVIEW
    assert stored(fresh).answers["pregnant_now"] == "no"
