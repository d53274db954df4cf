"""What was decided on one version of a form binds the versions that replace it."""

from datetime import timedelta

import pytest

from intake.actions import entering, treat, versions
from intake.actions.decide import DecisionRefusedError
from intake.actions.queue import QueueFilters, list_cases
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotAllowedError, StateError
from intake.core.records import EntrySource
from intake.core.review import CaseStatus, case_status
from intake.core.treatment import Reply, Said
from intake.storage import places
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY

PROCEED = Decision(Disposition.PROCEED)
MINUTE = timedelta(minutes=1)
LATER = TODAY + timedelta(60)
DEFER = Decision(Disposition.DEFER, until=TODAY + timedelta(30))
PREGNANCY = "pregnancy"
NOT_PREGNANT = {"pregnant_now": "no", "pregnancy": ["none"]}
DO_NOT_TREAT = Decision(Disposition.DO_NOT_TREAT, "Not with this mole.")
REFER = Decision(Disposition.REFER, "Is this a mole?")
ASK = Decision(Disposition.NEED_INFORMATION, "Since when?")


@pytest.fixture
def amended(desk):
    """Send a new version of a form with its answers as they are."""

    def amend(response):
        newer = versions.amend(desk.store, response_id=response.id, by=desk.people.ada, now=NOW)
        return desk.send(newer)

    return amend


def statuses(desk, who):
    rows = list_cases(desk.store, filters=QueueFilters(), today=TODAY, by=who, now=NOW).rows
    return {row.response_id: row.status for row in rows}


def entering_ended(desk, form, enter, now):
    """Let Ada enter answers into a form and state them."""
    own = {"response_id": form.id, "by": desk.people.ada, "now": now}
    entering.enter_for(
        desk.store,
        desk.pack,
        source=EntrySource.IN_PERSON,
        at=entering.Seat("s"),
        today=TODAY,
        **own,
    )
    enter()
    return entering.state(desk.store, desk.pack, language="English", today=TODAY, **own)


def filtered_for_dermatologists(desk):
    own = {"today": TODAY, "by": desk.people.ben, "now": NOW}
    filters = QueueFilters(for_dermatologist=True)
    return [row.response_id for row in list_cases(desk.store, filters=filters, **own).rows]


class TestReferral:
    @pytest.fixture
    def referred(self, desk):
        sent = desk.sent()
        desk.decide(sent.id, REFER)
        return sent

    @pytest.mark.parametrize("versions", [1, 2])
    def test_goes_over_to_the_versions_that_replace_it(self, desk, referred, amended, versions):
        newest = referred
        for _ in range(versions):
            newest = amended(newest)

        case = desk.case(newest.id)
        assert case_status(case, TODAY) is CaseStatus.WITH_DERMATOLOGIST
        assert case.referral.decision.note == "Is this a mole?"
        refused(desk.store, NotAllowedError, lambda: desk.decide(newest.id, PROCEED))

    def test_of_the_version_before_is_what_the_queue_shows(self, desk, referred, amended):
        newer = amended(referred)

        assert statuses(desk, desk.people.ada) == {newer.id: CaseStatus.WITH_DERMATOLOGIST}
        found = list_cases(
            desk.store,
            filters=QueueFilters(status="with_dermatologist"),
            today=TODAY,
            by=desk.people.ben,
            now=NOW,
        )
        assert [row.response_id for row in found.rows] == [newer.id]

    def test_is_over_once_a_dermatologist_has_decided(self, desk, referred, amended):
        newer = amended(referred)

        desk.decide(newer.id, PROCEED, by=desk.people.ben)

        assert case_status(desk.case(newer.id), TODAY) is CaseStatus.DECIDED
        assert case_status(desk.case(amended(newer).id), TODAY) is CaseStatus.WAITING

    def test_that_was_answered_before_does_not_go_over(self, desk, referred, amended):
        desk.decide(referred.id, PROCEED, by=desk.people.ben, seen=1)

        newer = amended(referred)

        assert case_status(desk.case(newer.id), TODAY) is CaseStatus.WAITING
        assert desk.case(newer.id).referral is None


class TestAskedBack:
    """A dermatologist wants to know more about what was referred."""

    @pytest.fixture
    def asked(self, desk):
        sent = desk.sent()
        desk.decide(sent.id, REFER)
        desk.decide(sent.id, ASK, by=desk.people.ben, seen=1)
        return sent

    def test_it_is_for_whoever_referred_to_find_out(self, desk, asked):
        assert case_status(desk.case(asked.id), TODAY) is CaseStatus.INFORMATION_NEEDED

    @pytest.mark.parametrize(
        "decision", [PROCEED, DEFER, DO_NOT_TREAT], ids=lambda d: d.disposition
    )
    def test_it_is_still_the_dermatologists_to_decide(self, desk, asked, decision):
        error = refused(
            desk.store, DecisionRefusedError, lambda: desk.decide(asked.id, decision, seen=2)
        )

        assert error.faults[0].startswith("Refer this case again")
        desk.decide(asked.id, PROCEED, by=desk.people.ben, seen=2)

    def test_it_goes_back_with_what_was_found_out(self, desk, asked):
        desk.decide(asked.id, REFER, seen=2)

        assert case_status(desk.case(asked.id), TODAY) is CaseStatus.WITH_DERMATOLOGIST

    def test_it_goes_back_with_what_the_patient_answers_anew(self, desk, asked, amended):
        newer = amended(asked)

        assert case_status(desk.case(newer.id), TODAY) is CaseStatus.WITH_DERMATOLOGIST
        assert statuses(desk, desk.people.ben) == {newer.id: CaseStatus.WITH_DERMATOLOGIST}
        assert places.out_of_place(desk.store) == 0


class TestElsewhere:
    """What a dermatologist decided, or is to decide, on one form binds another of the patient."""

    @pytest.fixture
    def entered(self, desk):
        """Begin a form, into which Ada enters a healthy patient's answers and states them."""

        def make(now):
            form = desk.begin(now=now)
            return entering_ended(desk, form, lambda: desk.fill(form, now=now), now)

        return make

    @pytest.fixture
    def another(self, desk):
        """Let Ben decide on one form; returns another of the patient, sent later."""

        def decided(decision):
            first = desk.sent()
            desk.decide(first.id, decision, by=desk.people.ben)
            return desk.sent()

        return decided

    @pytest.mark.parametrize("against", [DO_NOT_TREAT, DEFER], ids=["not", "not yet"])
    def test_a_refusal_is_not_got_round_by_beginning_anew(self, desk, another, against):
        new = another(against)

        error = refused(desk.store, DecisionRefusedError, lambda: desk.decide(new.id, PROCEED))

        assert "on another form of this patient" in error.faults[0]
        assert filtered_for_dermatologists(desk) == [new.id]
        desk.decide(new.id, PROCEED, by=desk.people.ben)
        desk.decide(new.id, PROCEED, seen=1)

    def test_a_refusal_that_came_after_the_form_binds_it_too(self, desk):
        new, old = desk.sent(), desk.sent()
        desk.decide(old.id, DO_NOT_TREAT, by=desk.people.ben)

        refused(desk.store, DecisionRefusedError, lambda: desk.decide(new.id, PROCEED))

    def test_a_deferral_holds_until_its_day(self, desk, another):
        new = another(Decision(Disposition.DEFER, until=TODAY + timedelta(30)))

        desk.decide(new.id, PROCEED, today=TODAY + timedelta(30))

    def test_what_a_dermatologist_let_go_ahead_binds_nobody(self, desk, another):
        desk.decide(another(PROCEED).id, PROCEED)

    def test_what_a_practitioner_decided_binds_nobody(self, desk):
        desk.decide(desk.sent().id, DO_NOT_TREAT)

        desk.decide(desk.sent().id, PROCEED)

    def test_a_deferral_that_is_over_takes_nothing_from_another_forms_refusal(self, desk, another):
        deferred = another(DO_NOT_TREAT)
        soon = Decision(Disposition.DEFER, until=TODAY + timedelta(2))
        desk.decide(deferred.id, soon, by=desk.people.ben)
        new, later = desk.sent(), TODAY + timedelta(3)

        for form, seen in ((new, 0), (deferred, 1)):
            act = lambda form=form, seen=seen: desk.decide(  # noqa: E731
                form.id, PROCEED, seen=seen, today=later
            )
            refused(desk.store, DecisionRefusedError, act)

    def test_a_dermatologist_who_goes_ahead_later_on_any_form_ends_a_refusal(self, desk, another):
        desk.decide(another(DO_NOT_TREAT).id, PROCEED, by=desk.people.ben, now=NOW + MINUTE)

        desk.decide(desk.sent().id, PROCEED)

    @pytest.mark.parametrize("left", ["alone", "referred", "asked back"])
    def test_what_waits_for_a_dermatologist_is_not_got_round_by_beginning_anew(self, desk, left):
        first = desk.sent("pregnant")
        if left != "alone":
            desk.decide(first.id, REFER)
        if left == "asked back":
            desk.decide(first.id, ASK, by=desk.people.ben, seen=1)
        new = desk.sent()

        error = refused(desk.store, DecisionRefusedError, lambda: desk.decide(new.id, PROCEED))

        assert "another form of this patient" in error.faults[0]
        assert filtered_for_dermatologists(desk) == [first.id, new.id]
        desk.decide(new.id, PROCEED, by=desk.people.ben, now=NOW + MINUTE)

    def test_an_earlier_form_that_is_closed_leaves_the_patients_new_word(self, desk):
        desk.decide(desk.sent("pregnant").id, DO_NOT_TREAT)

        desk.decide(desk.sent(now=NOW + MINUTE).id, PROCEED)

    def test_staff_do_not_enter_on_a_new_form_what_takes_a_finding_away(self, desk, entered):
        desk.decide(desk.sent("pregnant").id, DO_NOT_TREAT)
        new = entered(now=NOW + MINUTE)

        error = refused(desk.store, DecisionRefusedError, lambda: desk.decide(new.id, PROCEED))

        assert "gone since an earlier form" in error.faults[0]

    def test_what_the_patient_said_since_binds_the_form_before(self, desk):
        old = desk.sent()
        newer = desk.sent("pregnant", now=NOW + MINUTE)
        desk.decide(newer.id, DO_NOT_TREAT)

        refused(desk.store, DecisionRefusedError, lambda: desk.decide(old.id, PROCEED))

    def test_a_form_of_somebody_else_binds_nobody(self, desk, another):
        another(DO_NOT_TREAT)

        desk.decide(desk.sent(name="Somebody Else").id, PROCEED)


class TestTreating:
    """Nobody is treated on the form that was decided before."""

    @pytest.fixture
    def decided(self, desk):
        sent = desk.sent()
        desk.decide(sent.id, PROCEED)
        return sent

    def test_in_spite_of_a_refusal_on_another_form(self, desk, decided):
        desk.decide(desk.sent().id, DO_NOT_TREAT, by=desk.people.ben)

        assert "decide this case again" in not_treated(desk, decided)
        desk.decide(decided.id, PROCEED, by=desk.people.ben, seen=1, now=NOW + MINUTE)
        confirmed(desk, decided)

    @pytest.mark.parametrize("decision", [None, REFER, DO_NOT_TREAT], ids=["open", "asked", "no"])
    def test_in_spite_of_a_finding_on_a_newer_form(self, desk, decided, decision):
        newer = desk.sent("pregnant", now=NOW + MINUTE)
        if decision is not None:
            desk.decide(newer.id, decision)

        assert "form be decided first" in not_treated(desk, decided)
        desk.decide(decided.id, PROCEED, by=desk.people.ben, seen=1, now=NOW + 2 * MINUTE)
        confirmed(desk, decided)

    def test_in_spite_of_a_referral_that_came_after_a_dermatologist_went_ahead(self, desk):
        first, other = desk.sent(), desk.sent()
        desk.decide(first.id, PROCEED, by=desk.people.ben, now=NOW + MINUTE)
        desk.decide(other.id, REFER, now=NOW + 2 * MINUTE)

        assert "form be decided first" in not_treated(desk, first)

    def test_but_on_one_that_nothing_speaks_against(self, desk, decided):
        desk.sent(now=NOW + MINUTE)

        confirmed(desk, decided)


def confirmed(desk, response):
    said = {one.id: Said(Reply.NO) for one in desk.pack.guide.chair}
    own = {"by": desk.people.ada, "now": NOW, "today": TODAY, "day_of": lambda at: at.date()}
    return treat.confirm(desk.store, lambda _: desk.pack, response_id=response.id, said=said, **own)


def not_treated(desk, response):
    return str(refused(desk.store, StateError, lambda: confirmed(desk, response)))


class TestWithdrawing:
    def test_a_finding_for_a_dermatologist_is_not_withdrawn_without_one(self, desk):
        first = desk.sent()
        desk.decide(first.id, PROCEED)
        amended = versions.amend(desk.store, response_id=first.id, by=desk.people.ada, now=NOW)
        newer = desk.send(desk.fill(amended, "pregnant"))

        refused(desk.store, NotAllowedError, lambda: desk.withdraw(newer.id))
        desk.withdraw(newer.id, by=desk.people.ben)

    @pytest.mark.parametrize(
        "decisions",
        [
            [(REFER, "ada")],
            [(REFER, "ada"), (ASK, "ben")],
            [(DO_NOT_TREAT, "ben")],
            [(DEFER, "ben")],
        ],
        ids=["referred", "asked back", "refused", "deferred"],
    )
    def test_what_waits_for_a_dermatologist_is_withdrawn_by_one_alone(self, desk, decisions):
        sent = desk.sent()
        for seen, (decision, who) in enumerate(decisions):
            desk.decide(sent.id, decision, by=getattr(desk.people, who), seen=seen)

        refused(desk.store, NotAllowedError, lambda: desk.withdraw(sent.id))
        desk.withdraw(sent.id, by=desk.people.ben)

    def test_what_a_patient_said_in_a_newer_version_is_not_withdrawn_unsent(self, desk):
        first = desk.sent()
        desk.decide(first.id, PROCEED)
        newer = versions.amend(desk.store, response_id=first.id, by=desk.people.ada, now=NOW)
        desk.save(newer, PREGNANCY, pregnant_now="yes", pregnancy=["none"])

        refused(desk.store, NotAllowedError, lambda: desk.withdraw(newer.id))
        desk.withdraw(newer.id, by=desk.people.ben)

    def test_a_newer_version_that_was_not_sent_can_be_given_up(self, desk):
        sent = desk.sent()
        desk.decide(sent.id, REFER)
        newer = versions.amend(desk.store, response_id=sent.id, by=desk.people.ada, now=NOW)

        desk.withdraw(newer.id)

        assert case_status(desk.case(sent.id), TODAY) is CaseStatus.WITH_DERMATOLOGIST


class TestRefusal:
    @pytest.fixture(params=["the same version", "the version after"])
    def after(self, request, desk, amended):
        """Let Ben decide a referred case; returns where others go on, and the decisions there."""

        def decided(decision):
            sent = desk.sent()
            desk.decide(sent.id, REFER)
            desk.decide(sent.id, decision, by=desk.people.ben, seen=1)
            is_same = request.param == "the same version"
            return (sent.id, 2) if is_same else (amended(sent).id, 0)

        return decided

    @pytest.mark.parametrize("against", [DO_NOT_TREAT, DEFER], ids=["not", "not yet"])
    def test_is_reversed_by_a_dermatologist_alone(self, desk, after, against):
        case, seen = after(against)

        error = refused(
            desk.store, DecisionRefusedError, lambda: desk.decide(case, PROCEED, seen=seen)
        )

        assert error.faults[0].startswith("Refer this case: Ben")
        desk.decide(case, PROCEED, by=desk.people.ben, seen=seen)
        desk.decide(case, PROCEED, seen=seen + 1)

    def test_is_not_got_round_by_another_decision_first(self, desk, after):
        case, seen = after(DO_NOT_TREAT)
        desk.decide(case, Decision(Disposition.NEED_INFORMATION, "Which?"), seen=seen)

        act = lambda: desk.decide(case, PROCEED, seen=seen + 1)  # noqa: E731

        refused(desk.store, DecisionRefusedError, act)

    def test_may_be_followed_by_what_is_no_less_careful(self, desk, after):
        case, seen = after(DEFER)

        desk.decide(case, Decision(Disposition.DEFER, until=LATER), seen=seen)
        desk.decide(case, DO_NOT_TREAT, seen=seen + 1)
        desk.decide(case, REFER, seen=seen + 2)

    def test_for_a_time_is_not_made_shorter(self, desk, after):
        case, seen = after(DEFER)
        sooner = Decision(Disposition.DEFER, until=TODAY + timedelta(1))

        error = refused(
            desk.store, DecisionRefusedError, lambda: desk.decide(case, sooner, seen=seen)
        )

        assert "deferred treatment to" in error.faults[0]

    def test_for_a_time_is_over_on_its_day(self, desk, after):
        case, seen = after(DEFER)

        desk.decide(case, PROCEED, seen=seen, today=DEFER.until)

        assert desk.case(case).last_decision == PROCEED


def test_what_a_practitioner_decided_may_be_decided_again(desk):
    sent = desk.sent()
    desk.decide(sent.id, DO_NOT_TREAT)

    desk.decide(sent.id, PROCEED, seen=1)

    assert desk.case(sent.id).last_decision == PROCEED


class TestAFindingThatIsGone:
    @pytest.fixture
    def entered(self, desk):
        """Amend a form by answers that Ada enters and states."""

        def amend(response, **changed):
            own = {"by": desk.people.ada, "now": NOW}
            newer = versions.amend(desk.store, response_id=response.id, **own)
            return entering_ended(desk, newer, lambda: desk.save(newer, PREGNANCY, **changed), NOW)

        return amend

    def test_by_staff_who_enter_answers_is_for_a_dermatologist(self, desk, entered):
        newer = entered(desk.sent("pregnant"), **NOT_PREGNANT)

        error = refused(desk.store, DecisionRefusedError, lambda: desk.decide(newer.id, PROCEED))

        assert error.faults[0].startswith("Refer this case: a finding for a dermatologist is gone")
        filters = QueueFilters(for_dermatologist=True)
        found = list_cases(desk.store, filters=filters, today=TODAY, by=desk.people.ben, now=NOW)
        assert [row.response_id for row in found.rows] == [newer.id]
        desk.decide(newer.id, PROCEED, by=desk.people.ben)
        desk.decide(newer.id, PROCEED, seen=1)

    def test_stays_gone_in_the_versions_after(self, desk, entered, amended):
        newest = amended(entered(desk.sent("pregnant"), **NOT_PREGNANT))

        refused(desk.store, DecisionRefusedError, lambda: desk.decide(newest.id, PROCEED))

    def test_by_way_of_an_answer_left_open_is_no_way_round(self, desk, entered):
        unsure = entered(desk.sent("pregnant"), pregnant_now="not_sure", pregnancy=["not_sure"])
        newest = entered(unsure, **NOT_PREGNANT)

        refused(desk.store, DecisionRefusedError, lambda: desk.decide(newest.id, PROCEED))

    def test_by_the_patients_own_correction_is_the_patients_word(self, desk):
        sent = desk.sent("pregnant")
        newer = versions.amend(desk.store, response_id=sent.id, by=desk.people.ada, now=NOW)
        desk.save(newer, PREGNANCY, **NOT_PREGNANT)
        desk.send(newer)

        desk.decide(newer.id, PROCEED)

        assert desk.case(newer.id).last_decision == PROCEED

    def test_that_could_only_not_be_ruled_out_is_asked_about_and_entered(self, desk, entered):
        sent = desk.sent("healthy-woman", pregnant_now="withheld")

        newer = entered(sent, **NOT_PREGNANT)

        desk.decide(newer.id, PROCEED)
        assert desk.case(newer.id).last_decision == PROCEED
