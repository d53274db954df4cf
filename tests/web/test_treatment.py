"""The day of treatment at the desk: chair, checklist and record, advice to take home, course."""

from dataclasses import replace
from datetime import timedelta

import pytest

from intake.core.treatment import Reply
from intake.storage import cases, treatments
from tests.storage.builders import by_hand

QUESTIONS = ("unwell", "pregnant", "new_medicine", "cold_sore", "sunburn", "allergy")
NOES = dict.fromkeys(QUESTIONS, "no")


@pytest.fixture
def ahead(maker):
    """A case that somebody decided to treat."""
    return f"/desk/cases/{maker.going_ahead('Ann Ahead').id}"


@pytest.fixture
def yesterday(maker):
    """A case that was sent, and decided, on the day before."""
    day = timedelta(days=1)
    before = replace(maker, now=maker.now - day, today=maker.today - day)
    return f"/desk/cases/{before.going_ahead('Yara Yesterday').id}"


@pytest.fixture
def confirmed(maker):
    """A case that was asked about at the chair."""
    return f"/desk/cases/{maker.confirmed('Cora Chair').id}"


@pytest.fixture
def treated(maker):
    """A session that was recorded."""
    return maker.treated("Tilda Treated")


def record(pack):
    """What is typed into the form of a session without radiofrequency, PRP or numbing."""
    return {
        "checked": [duty.id for duty in pack.duties if duty.when is None],
        "device": "generic",
        "cartridge_lot": "C-77",
        "antiseptic": "Chlorhexidine",
        "medium": "sterile_gel",
        "medium_lot": "G-1",
        "numbed": "no",
        "happened": "no",
        "depth-face": "1,0",
        "passes-face": "3",
        "endpoint": "Even redness.",
    }


def course_of(visitor, session):
    return visitor.get(f"/desk/patients/{session.patient_id}")


class TestChair:
    def test_nothing_is_selected_before(self, ada, ahead):
        page = ada.get(f"{ahead}/chair")

        assert len(page.root.all("input", type="radio")) == 18
        assert not [one for one in page.root.all("input") if "checked" in one.attributes]

    def test_six_noes_lead_to_the_checklist(self, ada, ahead):
        answer = ada.post(f"{ahead}/chair", NOES)

        assert answer.location == f"{ahead}/session"

    @pytest.mark.parametrize("reply", ["yes", "not_sure"])
    def test_anything_else_leads_back_to_the_case_for_a_decision(self, ada, ahead, reply):
        answer = ada.post(f"{ahead}/chair", {**NOES, "pregnant": reply})

        page = ada.get(answer.location)
        assert answer.location == ahead
        assert "Waiting for a decision" in page.words
        assert "Said at the chair" in page.words
        assert page.root.one("form", id="decide-form")

    def test_a_question_left_out_is_named_and_the_others_stay(self, ada, ahead):
        page = ada.post(f"{ahead}/chair", {"unwell": "no", "pregnant": "not_sure"})

        ticked = {e["value"] for e in page.root.all("input") if "checked" in e.attributes}
        assert page.status == 422
        assert len(page.root.one("section", id="error-summary").all("a")) == 4
        assert ticked == {"no", "not_sure"}

    def test_a_reply_that_is_not_offered_is_refused(self, ada, ahead):
        page = ada.post(f"{ahead}/chair", {**NOES, "pregnant": "perhaps"})

        assert page.status == 422

    def test_on_another_day_it_says_what_is_out_of_date(self, ada, yesterday):
        page = ada.get(f"{yesterday}/chair")

        assert "This form is not of today." in page.words
        assert page.root.one("form", action=f"{yesterday}/renew")
        assert "answers are out of date" in ada.get(yesterday).words

    def test_what_is_out_of_date_can_be_asked_again(self, ada, yesterday, store):
        answer = ada.post(f"{yesterday}/renew")

        newer = answer.location.rsplit("/", 1)[1]
        asked = cases.case(store, newer).response.answers
        assert answer.location == f"/desk/hand-over/{newer}"
        assert "skin_today" not in asked
        assert "keloid_ever" in asked

    def test_on_the_same_day_there_is_nothing_to_ask_again(self, ada, ahead):
        assert ada.post(f"{ahead}/renew").location == ahead

    def test_a_case_nobody_decided_has_no_chair(self, ada, ids):
        page = ada.get(f"/desk/cases/{ids['routine']}/chair")

        assert page.status == 409
        assert "Decide it first" in page.words


class TestSession:
    def test_without_the_chair_there_is_no_record(self, ada, ahead):
        assert ada.get(f"{ahead}/session").location == f"{ahead}/chair"
        assert ada.post(f"{ahead}/session").location == f"{ahead}/chair"

    def test_what_was_done_is_kept_and_shown(self, ada, confirmed, pack, store):
        answer = ada.post(f"{confirmed}/session", record(pack))

        found = treatments.session_of(store, confirmed.rsplit("/", 1)[1])
        page = ada.get(answer.location)
        assert str(found.done.depth_mm) == "1.0"
        assert "Even redness." in page.words
        assert "not before 13 July 2026" in page.words

    def test_an_empty_form_names_everything_and_keeps_nothing(self, ada, confirmed, store):
        page = ada.post(f"{confirmed}/session")

        assert page.status == 422
        assert treatments.session_of(store, confirmed.rsplit("/", 1)[1]) is None

    def test_what_is_missing_and_what_cannot_be_read_are_said_at_once(self, ada, confirmed, pack):
        typed = {"depth-face": "deep", "cartridge_lot": "", "medium": "", "endpoint": ""}

        page = ada.post(f"{confirmed}/session", {**record(pack), **typed})

        for words in (
            "Enter the depth in mm",
            "Write down the lot number of the cartridge.",
            "Select what the needles glided on.",
            "Write down what you saw",
        ):
            assert words in page.words
        assert "at least one area" not in page.words

    def test_what_was_typed_stays_when_something_is_missing(self, ada, confirmed, pack):
        page = ada.post(f"{confirmed}/session", record(pack) | {"cartridge_lot": ""})

        form = page.form_to(f"{confirmed}/session").controls()
        assert form["antiseptic"] == ["Chlorhexidine"]
        assert form["depth-face"] == ["1,0"]
        assert form["checked"] == record(pack)["checked"]

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"depth-face": "deep"}, "Enter the depth in mm"),
            ({"depth-face": ""}, "Enter the depth in mm"),
            ({"passes-face": "many"}, "Enter the number of passes"),
            ({"passes-face": "\u0663"}, "Enter the number of passes"),
            ({"depth-face": "", "passes-face": ""}, "at least one area"),
            ({"numbed": "yes"}, "Write down the anaesthetic."),
            ({"happened": "yes"}, "Write down what happened."),
            ({"product-1": "Gel"}, "each product with its lot number"),
            ({"depth-face": "2.5"}, "otherwise than planned"),
            ({"checked": []}, "without a tick"),
            ({"checked": ["strange"]}, "Tick lines of this checklist"),
            ({"medium": "tap_water"}, "Select one of those offered"),
            ({"device": "spoon"}, "Select one of those offered"),
        ],
    )
    def test_what_cannot_be_is_said(self, ada, confirmed, pack, typed, message):
        page = ada.post(f"{confirmed}/session", record(pack) | typed)

        assert page.status == 422
        assert message in page.words

    def test_an_area_that_was_not_planned_is_recorded_with_a_reason(
        self, ada, confirmed, pack, store
    ):
        typed = record(pack) | {"depth-neck": "0.5", "passes-neck": "2"}

        without = ada.post(f"{confirmed}/session", typed)
        ada.post(f"{confirmed}/session", typed | {"differed": "Asked for the neck as well."})

        found = treatments.session_of(store, confirmed.rsplit("/", 1)[1])
        assert "an area that was not planned" in without.words
        assert found.done.areas == {"face", "neck"}

    def test_water_is_not_offered(self, ada, confirmed):
        page = ada.get(f"{confirmed}/session")

        offered = {one["value"] for one in page.root.all("input", name="medium")}
        assert offered == {"sterile_gel", "sterile_saline", "sterile_product", "none"}

    def test_it_is_refused_while_something_new_waits(self, ada, maker, pack):
        case = f"/desk/cases/{maker.confirmed('Nora New', cold_sore=Reply.YES).id}"

        page = ada.post(f"{case}/session", record(pack))

        assert page.status == 409
        assert page.form_to(f"{case}/session").controls()["antiseptic"] == ["Chlorhexidine"]

    def test_the_case_says_that_it_was_treated(self, ada, treated):
        page = ada.get(f"/desk/cases/{treated.response_id}")

        assert "Treated 15 June 2026" in page.words
        assert not page.root.all("form", id="decide-form")


class TestAftercare:
    def test_is_in_the_language_of_the_form(self, ada, treated, store):
        changed = f"UPDATE responses SET language = 'es' WHERE id = '{treated.response_id}'"  # noqa: S608
        by_hand(store.connection, changed)

        page = ada.get(f"/desk/cases/{treated.response_id}/aftercare")

        assert page.root.one("html")["lang"] == "es"
        assert "Después de su tratamiento" in page.words
        assert "quemadura de sol" in page.words

    def test_says_when_to_call_and_nothing_of_numbing_that_was_not_used(self, ada, treated):
        page = ada.get(f"/desk/cases/{treated.response_id}/aftercare")

        assert "Hard bumps" in page.words
        assert "numbing" not in page.words

    def test_before_the_session_there_is_none(self, ada, confirmed):
        assert ada.get(f"{confirmed}/aftercare").status == 409


class TestCourse:
    def note(self, visitor, session, **typed):
        path = f"/desk/patients/{session.patient_id}/sessions/{session.id}/reaction"
        return visitor.post(
            path, {"kind": "fever", "settled": "no", "noticed": "2026-06-15", **typed}
        )

    def test_a_reaction_is_noted_and_shown(self, ada, treated):
        answer = self.note(ada, treated, said="Since last night.")

        page = ada.get(answer.location)
        assert "Fever after the session" in page.words
        assert "not over" in page.words
        assert "Since last night." in page.words

    def test_a_reaction_is_brought_up_to_date(self, ada, treated, store):
        self.note(ada, treated)
        (first,) = treatments.reactions(store, treated.patient_id)

        answer = self.note(ada, treated, settled="yes", follows=first.id)

        page = ada.get(answer.location)
        assert len(page.root.all("span", class_="tag")) == 1
        assert page.root.one("span", class_="tag").text == "over"

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"kind": ""}, "Select what was seen."),
            ({"kind": "sneeze"}, "Select one of those offered."),
            ({"settled": ""}, "Select whether it is over."),
            ({"noticed": ""}, "Enter the day"),
            ({"noticed": "2026-06-16"}, "from 15 June 2026 to today"),
            ({"noticed": "soon"}, "Enter a day such as"),
        ],
    )
    def test_what_cannot_be_is_said_and_what_was_typed_stays(self, ada, treated, typed, message):
        page = self.note(ada, treated, said="My own words.", **typed)

        assert page.status == 422
        assert message in page.words
        assert "My own words." in page.words

    def test_the_picture_tells_of_two_visits(self, ada, treated, maker):
        maker.sent("Tilda Treated", "healthy-woman")
        self.note(ada, treated)

        page = course_of(ada, treated)

        figure = page.root.one("figure")
        assert "2 forms, 1 sessions and 1 reactions" in figure.text
        assert len(figure.all("circle")) == 2

    def test_a_single_visit_has_no_picture(self, ada, ids):
        page = ada.get(f"/desk/patients/{ids['patient']}")

        assert not page.root.all("figure")
        assert "No session yet" in page.words

    def test_of_nobody_there_is_none(self, ada):
        assert ada.get("/desk/patients/nobody").status == 404
