"""How the questions of a page are spread over screens, and what their addresses tell."""

from dataclasses import replace

import pytest

from intake.core.translations import in_language
from intake.storage import responses
from intake.web import create_app
from tests.web.pages import Visitor

SKIN = "/tablet/page/skin_healing"


def questions_on(page):
    return [legend.text for legend in page.root.one("form").all("legend")]


def headings_on(page):
    return [heading.text for heading in page.root.all("h1")]


def test_short_questions_stand_together_under_the_title_of_their_page(tablet, topics):
    page = tablet.get(SKIN)

    assert headings_on(page) == [topics["skin_healing"].title]
    assert len(questions_on(page)) > 1


def test_a_patient_may_have_one_question_at_a_time(tablet, topics):
    tablet.get(SKIN)

    page = tablet.post(SKIN, {"do": "singly-yes"})

    first = topics["skin_healing"].items[0]
    assert page.status == 200
    assert questions_on(page) == headings_on(page) == [first.ask]
    assert topics["skin_healing"].title in page.words


def test_then_continue_leads_to_the_next_question_and_back_to_the_one_before(tablet, topics):
    one, two = topics["skin_healing"].items[:2]
    tablet.post(SKIN, {"do": "singly-yes"})

    gone_on = tablet.post(SKIN, {one.link_id: "no"})
    page = tablet.get(gone_on.location)

    assert gone_on.location == f"{SKIN}/{two.link_id}"
    assert headings_on(page) == [two.ask]
    assert tablet.post(gone_on.location, {"do": "back"}).location == SKIN


def test_what_was_typed_on_the_page_is_kept_when_it_is_divided(tablet, topics):
    one, two = topics["skin_healing"].items[:2]

    tablet.post(SKIN, {one.link_id: "yes", two.link_id: "not_sure", "do": "singly-yes"})

    shown = [tablet.get(f"{SKIN}{part}").form.controls() for part in ("", f"/{two.link_id}")]
    assert shown[0][one.link_id] == ["yes"]
    assert shown[1][two.link_id] == ["not_sure"]


def test_and_may_have_them_together_again(tablet):
    tablet.post(SKIN, {"do": "singly-yes"})

    page = tablet.post(SKIN, {"do": "singly-no"})

    assert len(questions_on(page)) > 1


def test_the_next_patient_begins_as_the_clinic_has_it(tablet, maker):
    another = maker.visit(maker.begun("Next Patient", "healthy-woman"))
    tablet.post(SKIN, {"do": "singly-yes"})

    tablet.post("/tablet/welcome", {"do": "not-me"})
    tablet.get("/tablet/not-me")
    tablet.client.set_cookie("intake_visit", another, path="/tablet")

    assert len(questions_on(tablet.get(SKIN))) > 1


def test_a_clinic_may_begin_with_one_question_at_a_time(settings, clock, clinic_template):
    app = create_app(replace(settings, one_question=True), clock)
    client = app.test_client()
    client.set_cookie("intake_visit", clinic_template.visits["begun"], path="/tablet")

    assert len(questions_on(Visitor(client).get(SKIN))) == 1


def test_whatever_is_private_stands_alone(tablet, topics):
    for topic in topics.values():
        if topic.private:
            page = tablet.get(f"/tablet/page/{topic.id}")
            if page.status == 200:
                assert len(headings_on(page)) == 1
                assert headings_on(page)[0] in {item.ask for item in topic.items}


def test_no_two_screens_of_the_shipped_form_have_one_heading(tablet, topics):
    headings = {}
    for topic in topics.values():
        for item in topic.items:
            name = topic.id if item is topic.items[0] else f"{topic.id}/{item.link_id}"
            page = tablet.get(f"/tablet/page/{name}")
            if page.status == 200 and page.root.all("legend"):
                key = tuple(questions_on(page))
                headings.setdefault(headings_on(page)[0], set()).add(key)

    assert {heading: keys for heading, keys in headings.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("at", ["0" * 16, "skin_now", "skin_today", "..", "%00"])
def test_the_mark_of_no_question_leads_nowhere(tablet, at):
    assert tablet.client.get(f"/tablet/page/{at}").status_code == 404


def test_the_marks_of_one_form_are_not_those_of_another(on_tablet):
    one, other = (on_tablet(which).real(SKIN) for which in ("begun", "filled"))

    assert one != other


def test_titles_tell_no_more_than_the_section(tablet, topics, pack):
    sections = {section.title for section in pack.questionnaire.sections}
    for page_id in topics:
        page = tablet.get(f"/tablet/page/{page_id}")
        if page.status == 200:
            assert page.title.partition(" · ")[0] in sections


class TestTwoWindows:
    """What one window shows is read as that window showed it."""

    @staticmethod
    def sent(page, **given):
        return {"shown": page.form.controls()["shown"], **given}

    def test_an_answer_is_kept_though_the_questions_are_spread_otherwise_now(
        self, tablet, topics, store, ids
    ):
        one, two = topics["skin_healing"].items[:2]
        together = tablet.get(SKIN)
        tablet.post(SKIN, self.sent(together, **{one.link_id: "no", "do": "singly-yes"}))

        tablet.post(SKIN, self.sent(together, **{one.link_id: "no", two.link_id: "yes"}))

        answers = responses.response(store, ids["begun"]).answers
        assert (answers[one.link_id], answers[two.link_id]) == ("no", "yes")

    def test_a_question_asked_no_more_takes_no_other_answer_away(self, tablet, store, ids):
        tablet.post("/tablet/page/sun", {"sun_list": ["tan", "burn"]})
        tan = tablet.get("/tablet/page/sun_more/tan_last")
        stored = responses.response(store, ids["begun"]).answers

        tablet.post("/tablet/page/sun", {"sun_list": ["none"]})
        page = tablet.post(
            "/tablet/page/sun_more/tan_last",
            self.sent(tan, **{"tan_last-way": "less than 2 weeks ago"}),
        )

        assert page.status == 303
        now = responses.response(store, ids["begun"]).answers
        assert {k: v for k, v in now.items() if k != "sun_list"} == {
            k: v for k, v in stored.items() if k != "sun_list"
        }


def test_questions_put_together_again_show_what_was_answered(tablet, topics):
    one, two = topics["skin_healing"].items[:2]
    tablet.post(SKIN, {one.link_id: "yes", two.link_id: "no", "do": "singly-yes"})
    alone = tablet.get(SKIN)

    page = tablet.post(
        SKIN, {"shown": alone.form.controls()["shown"], one.link_id: "yes", "do": "singly-no"}
    )

    shown = page.form.controls()
    assert (shown[one.link_id], shown[two.link_id]) == (["yes"], ["no"])


@pytest.mark.parametrize("act", ["size-2", "language-es", "singly-yes", "continue", "help"])
def test_a_page_that_is_asked_no_more_leads_on_whatever_is_pressed(tablet, act):
    tablet.post("/tablet/page/skin_now", {"skin_today": ["none"], "area_features": ["none"]})

    page = tablet.post("/tablet/page/sore_since", {"do": act})

    assert (page.status, page.location) == (303, "/tablet/page/last_spots")


@pytest.mark.parametrize("language", ["es", "ar"])
def test_a_fault_leaves_the_screen_in_the_language_of_the_patient(tablet, pack, language):
    page = tablet.post("/tablet/welcome", {"do": f"language-{language}"})
    page = tablet.get("/tablet/page/skin_now")

    wrong = tablet.post("/tablet/page/skin_now", {"shown": page.form.controls()["shown"]})

    said = in_language(pack, language)
    assert wrong.status == 422
    assert questions_on(wrong) == questions_on(page)
    assert said.items["skin_today"].ask in wrong.words
    assert pack.items["skin_today"].ask not in wrong.words.split(said.items["skin_today"].ask)[-1]
