"""Beginning an intake, handing it over, changing its plan, amending and withdrawing it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from intake.actions import begin, tablets, versions
from intake.actions.answer import unanswered_screen
from intake.actions.begin import PlanRefusedError
from intake.actions.submit import IncompleteError
from intake.core.decisions import Decision, Disposition
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.core.records import ResponseStatus
from intake.core.review import CaseStatus, case_status
from intake.storage import audit, responses
from intake.storage.visits import bound
from tests.actions.conftest import BORN, actions_on, refused, together
from tests.conftest import NOW, TODAY

LATER = NOW + timedelta(hours=1)


def _begin(desk, plan, patient_id=None):
    return begin.begin(
        desk.store,
        desk.pack,
        patient_id=patient_id or desk.register().id,
        plan=plan,
        by=desk.people.ada,
        now=NOW,
        today=TODAY,
    )


def test_an_intake_begins_empty_but_for_what_the_record_knows(desk):
    response = _begin(desk, {"area": ["face"], "depth_mm": "1.50"})

    assert responses.response(desk.store, response.id) == response
    assert response.status is ResponseStatus.IN_PROGRESS
    assert response.answers == {"birth_date": str(BORN)}
    assert response.plan == {"area": ["face"], "depth_mm": "1.50"}
    assert response.pack_hash == desk.pack.hash
    assert actions_on(desk.store, response.id) == ["intake begun"]


def test_what_is_left_open_in_the_plan_is_left_out(desk):
    response = _begin(desk, {"area": [], "device": "", "depth_mm": None, "prp": "not_sure"})

    assert response.plan == {"prp": "not_sure"}


def test_a_plan_that_cannot_be_read_says_so_field_by_field_and_stores_nothing(desk):
    desk.register()

    plan = {"area": ["moon"], "depth_mm": "99", "colour": "red", "prp": "no"}
    error = refused(desk.store, PlanRefusedError, lambda: _begin(desk, plan))

    assert sorted(error.problems) == ["area", "colour", "depth_mm"]


def test_a_visit_leads_to_its_form_and_no_other(desk):
    mine, other = desk.begin(), desk.begin(name="Somebody Else")

    token = _hand_over(desk, mine.id)

    assert begin.open_visit(desk.store, token=token).id == mine.id
    assert begin.open_visit(desk.store, token=other.id) is None
    assert actions_on(desk.store, mine.id)[-1] == "handed over"


def _hand_over(desk, response_id):
    return begin.hand_over(desk.store, response_id=response_id, by=desk.people.ada, now=NOW)


def test_handing_over_again_ends_the_earlier_visit(desk):
    draft = desk.begin()
    first = _hand_over(desk, draft.id)

    second = _hand_over(desk, draft.id)

    assert begin.open_visit(desk.store, token=first) is None
    assert begin.open_visit(desk.store, token=second).id == draft.id


def test_handing_one_form_over_leaves_other_visits_alone(desk):
    token = _hand_over(desk, desk.begin().id)

    _hand_over(desk, desk.begin(name="Somebody Else").id)

    assert begin.open_visit(desk.store, token=token) is not None


def test_sending_a_form_ends_its_visit(desk):
    draft = desk.filled()
    token = _hand_over(desk, draft.id)

    desk.send(draft)

    assert begin.open_visit(desk.store, token=token) is None


def test_a_sent_form_cannot_be_handed_over(desk):
    sent = desk.sent()

    refused(desk.store, StateError, lambda: _hand_over(desk, sent.id))


def test_whose_form_it_is(desk):
    draft = desk.begin(name="Maria Duarte")

    assert begin.patient_of(desk.store, draft).name == "Maria Duarte"
    with pytest.raises(NotFoundError):
        begin.patient_of(desk.store, replace(draft, patient_id="nobody"))


@pytest.fixture
def tablet(desk):
    code = tablets.enrolment_link(desk.store, name="Room 2", by=desk.people.cleo, now=NOW)
    return tablets.enrol(desk.store, code=code, now=NOW)


def _on_tablet(desk, token, name="Maria Duarte", born=BORN):
    """Begin, and return the visit's secret: that of its cookie with the tablet's."""
    visit = begin.begin_on_tablet(
        desk.store, desk.pack, tablet_token=token, name=name, birth_date=born, now=NOW
    )
    return bound(visit, token)


def test_a_patient_can_begin_on_an_enrolled_tablet(desk, tablet):
    visit = _on_tablet(desk, tablet)

    response = begin.open_visit(desk.store, token=visit)
    assert response.plan == {}
    assert response.begun_by is None
    assert response.answers == {"birth_date": str(BORN)}
    assert actions_on(desk.store, response.id) == ["intake begun"]


def test_beginning_on_a_tablet_continues_a_known_record(desk, tablet):
    maria = desk.register("María Duarte")

    visit = _on_tablet(desk, tablet, "maria duarte")

    assert begin.open_visit(desk.store, token=visit).patient_id == maria.id


@pytest.mark.parametrize("token", ["", "unknown"])
def test_a_tablet_that_is_not_enrolled_begins_nothing(desk, token):
    refused(desk.store, NotFoundError, lambda: _on_tablet(desk, token))


@pytest.mark.parametrize(("name", "born"), [(" ", BORN), ("Maria", date(2026, 6, 16))])
def test_a_name_or_birth_date_that_cannot_be_right_begins_nothing(desk, tablet, name, born):
    refused(desk.store, AnswerError, lambda: _on_tablet(desk, tablet, name, born))


def _change_plan(desk, response_id, plan):
    begin.change_plan(
        desk.store,
        desk.pack,
        response_id=response_id,
        plan=plan,
        by=desk.people.ada,
        now=NOW,
        today=TODAY,
    )


def test_a_plan_can_change_while_the_form_is_filled(desk):
    draft = desk.begin()

    _change_plan(desk, draft.id, {"area": ["neck"]})

    assert desk.case(draft.id).response.plan == {"area": ["neck"]}
    assert actions_on(desk.store, draft.id)[-1] == "plan changed"


def test_a_changed_plan_that_cannot_be_read_changes_nothing(desk):
    draft = desk.begin()

    refused(desk.store, PlanRefusedError, lambda: _change_plan(desk, draft.id, {"prp": "maybe"}))


def test_the_plan_of_a_sent_form_cannot_change(desk):
    sent = desk.sent()

    refused(desk.store, StateError, lambda: _change_plan(desk, sent.id, {"area": ["neck"]}))


def _amend(desk, response_id, now=LATER):
    return versions.amend(desk.store, response_id=response_id, by=desk.people.ada, now=now)


def _status(desk, response_id):
    return case_status(desk.case(response_id), TODAY)


def test_an_amendment_begins_with_the_answers_of_the_old_version(desk):
    old = desk.sent("aspirin")

    new = _amend(desk, old.id)

    assert responses.response(desk.store, new.id) == new
    assert (new.answers, new.plan, new.pack_hash) == (old.answers, old.plan, old.pack_hash)
    assert (new.status, new.receipt, new.signature) == (ResponseStatus.IN_PROGRESS, None, None)
    assert new.replaces == old.id
    assert actions_on(desk.store, old.id)[-1] == "amendment begun"
    assert actions_on(desk.store, new.id) == ["intake begun"]


def test_an_answer_carried_over_keeps_the_time_at_which_it_was_given(desk):
    old = desk.sent()

    new = _amend(desk, old.id, now=NOW + timedelta(days=30))

    assert responses.answer_times(desk.store, new.id) == responses.answer_times(desk.store, old.id)


def test_the_old_version_counts_until_the_amendment_is_sent(desk):
    old = desk.sent()
    desk.decide(old.id, Decision(Disposition.PROCEED))

    new = _amend(desk, old.id)
    between = _status(desk, old.id)
    desk.send(new)

    assert between is CaseStatus.DECIDED
    assert _status(desk, old.id) is CaseStatus.SUPERSEDED
    assert _status(desk, new.id) is CaseStatus.WAITING
    assert desk.case(old.id).superseded_by == new.id


def test_the_old_version_stays_as_it_was_sent(desk):
    old = desk.sent()
    desk.decide(old.id, Decision(Disposition.PROCEED))
    before = desk.case(old.id)

    new = _amend(desk, old.id)
    desk.save(new, "today", habits=["smoker"], today=["none"])
    desk.send(new)

    after = desk.case(old.id)
    assert after.response == before.response
    assert after.screenings == before.screenings
    assert after.reviews == before.reviews


def test_amending_twice_continues_the_same_version(desk):
    old = desk.sent()

    assert _amend(desk, old.id).id == _amend(desk, old.id).id
    assert actions_on(desk.store, old.id).count("amendment begun") == 1


def test_two_desks_that_amend_at_once_get_one_version(desk, settings):
    old = desk.sent()

    def amend(store, _):
        return versions.amend(store, response_id=old.id, by=desk.people.ada, now=LATER).id

    assert len(set(together(settings, amend, 6))) == 1


def test_only_the_newest_version_can_be_amended(desk):
    old = desk.sent()
    new = desk.send(_amend(desk, old.id))

    refused(desk.store, StateError, lambda: _amend(desk, old.id))

    assert _amend(desk, new.id).replaces == new.id


@pytest.mark.parametrize("state", ["draft", "withdrawn", "stopped"])
def test_what_is_not_a_sent_form_cannot_be_amended(desk, state):
    response = desk.sent() if state == "withdrawn" else desk.begin()
    if state != "draft":
        _withdraw(desk, response.id)

    refused(desk.store, StateError, lambda: _amend(desk, response.id))


def test_after_an_amendment_was_stopped_another_can_begin(desk):
    old = desk.sent()
    first = _amend(desk, old.id)
    _withdraw(desk, first.id)

    assert _amend(desk, old.id).id != first.id


def _withdraw(desk, response_id, reason="The patient went home."):
    desk.withdraw(response_id, reason=reason)


def test_a_withdrawn_draft_is_stopped_and_its_visit_ends(desk):
    draft = desk.begin()
    token = _hand_over(desk, draft.id)

    _withdraw(desk, draft.id)

    case = desk.case(draft.id)
    assert case.response.status is ResponseStatus.STOPPED
    assert _status(desk, draft.id) is CaseStatus.WITHDRAWN
    assert case.addenda[0].text == "Withdrawn: The patient went home."
    assert begin.open_visit(desk.store, token=token) is None


def test_a_decided_form_that_is_withdrawn_is_not_decided_any_more(desk):
    sent = desk.sent()
    desk.decide(sent.id, Decision(Disposition.PROCEED))

    _withdraw(desk, sent.id)

    case = desk.case(sent.id)
    assert case.response.status is ResponseStatus.ENTERED_IN_ERROR
    assert _status(desk, sent.id) is CaseStatus.WITHDRAWN
    assert case.response.answers == sent.answers
    assert len(case.reviews) == 1


@pytest.mark.parametrize("reason", ["", "  \n", "\0"])
def test_withdrawing_takes_a_reason(desk, reason):
    sent = desk.sent()

    refused(desk.store, AnswerError, lambda: _withdraw(desk, sent.id, reason))


@pytest.mark.parametrize("make", ["begin", "sent"])
def test_a_form_is_withdrawn_once(desk, make):
    response = getattr(desk, make)()
    _withdraw(desk, response.id)

    refused(desk.store, StateError, lambda: _withdraw(desk, response.id))


class TestAskedAgain:
    def again(self, desk, response_id, *link_ids):
        return versions.amend(
            desk.store, response_id=response_id, by=desk.people.ada, now=LATER,
            again=frozenset(link_ids),
        )  # fmt: skip

    def test_questions_begin_without_their_answers_and_the_others_with_them(self, desk):
        old = desk.sent("warfarin-steady")

        new = self.again(desk, old.id, "skin_today", "goals")

        kept = {k: v for k, v in old.answers.items() if k not in ("skin_today", "goals")}
        assert new.answers == kept
        assert responses.response(desk.store, new.id).answers == kept
        assert responses.response(desk.store, old.id).answers == old.answers

    def test_questions_come_first_and_after_them_the_review(self, desk):
        old = desk.sent("healthy-woman")

        new = self.again(desk, old.id, "skin_today")

        assert unanswered_screen(desk.pack, new, TODAY).items[0].link_id == "skin_today"

    def test_the_form_cannot_be_sent_before_they_are_answered(self, desk):
        new = self.again(desk, desk.sent("healthy-woman").id, "skin_today")

        with pytest.raises(IncompleteError):
            desk.send(new)

    def test_nothing_is_asked_again_while_a_newer_version_is_being_filled(self, desk):
        old = desk.sent("healthy-woman")
        begun = self.again(desk, old.id, "goals")

        with pytest.raises(StateError, match="A newer version of this form is being filled"):
            self.again(desk, old.id, "skin_today")

        assert "skin_today" in responses.response(desk.store, begun.id).answers

    def test_how_many_is_in_the_trail_and_which_is_not(self, desk):
        old = desk.sent("healthy-woman")

        self.again(desk, old.id, "goals", "skin_today")

        event = next(
            e for e in audit.of_subject(desk.store, old.id) if e.action == "amendment begun"
        )
        assert event.detail["questions"] == 2
        assert "goals" not in str(event.detail)
