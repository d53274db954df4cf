"""The status of a case, who may decide, and what a decision must hold."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.records import Practitioner, ResponseStatus, Role
from intake.core.review import (
    GOING_AHEAD,
    OPEN,
    STANDINGS,
    CaseStatus,
    Facts,
    faults_of,
    may_administer,
    may_decide,
    may_override,
    may_treat_patients,
    needs_reason,
    status_of,
)
from intake.core.rules import Level, Reviewer, Triage
from intake.core.screening import Finding, Screening
from intake.core.truth import Truth
from tests.core.builders import TODAY, is_, rule, spelled
from tests.statuses import every_fact

YESTERDAY, TOMORROW = date(2026, 6, 14), date(2026, 6, 16)
PRACTITIONER, DERMATOLOGIST, ADMINISTRATOR = (
    Practitioner(
        role.value, role.value, role.value.title(), role, False, datetime(2026, 1, 1, tzinfo=UTC)
    )
    for role in Role
)
PEOPLE = (PRACTITIONER, DERMATOLOGIST, ADMINISTRATOR)


class TestStatus:
    @pytest.mark.parametrize("disposition", [None, *Disposition])
    @pytest.mark.parametrize("superseded", [True, False])
    @pytest.mark.parametrize("until", [None, YESTERDAY, TOMORROW])
    @pytest.mark.parametrize(
        ("response", "status"),
        [
            (ResponseStatus.IN_PROGRESS, CaseStatus.FILLING),
            (ResponseStatus.STOPPED, CaseStatus.WITHDRAWN),
            (ResponseStatus.ENTERED_IN_ERROR, CaseStatus.WITHDRAWN),
        ],
    )
    def test_of_a_response_that_is_not_completed_is_its_own(
        self, response, status, until, superseded, disposition
    ):
        assert status_of(Facts(response, disposition, until, superseded), TODAY) is status

    @pytest.mark.parametrize("disposition", [None, *Disposition])
    @pytest.mark.parametrize("until", [None, YESTERDAY, TOMORROW])
    def test_of_an_amended_response_is_superseded(self, disposition, until):
        facts = Facts(ResponseStatus.COMPLETED, disposition, until, superseded=True)

        assert status_of(facts, TODAY) is CaseStatus.SUPERSEDED

    @pytest.mark.parametrize("until", [None, YESTERDAY, TODAY, TOMORROW])
    @pytest.mark.parametrize(
        ("disposition", "status"),
        [
            (None, CaseStatus.WAITING),
            (Disposition.PROCEED, CaseStatus.DECIDED),
            (Disposition.PROCEED_WITH_PRECAUTIONS, CaseStatus.DECIDED),
            (Disposition.DO_NOT_TREAT, CaseStatus.DECIDED),
            (Disposition.REFER, CaseStatus.WITH_DERMATOLOGIST),
            (Disposition.NEED_INFORMATION, CaseStatus.INFORMATION_NEEDED),
        ],
    )
    def test_of_a_completed_response_follows_the_last_decision(self, disposition, status, until):
        facts = Facts(ResponseStatus.COMPLETED, disposition, until, superseded=False)

        assert status_of(facts, TODAY) is status

    @pytest.mark.parametrize(
        ("until", "status"),
        [
            (YESTERDAY, CaseStatus.WAITING),
            (TODAY, CaseStatus.WAITING),
            (TOMORROW, CaseStatus.DEFERRED),
            (None, CaseStatus.DEFERRED),
        ],
    )
    def test_of_a_deferred_case_waits_again_from_its_day_on(self, until, status):
        facts = Facts(ResponseStatus.COMPLETED, Disposition.DEFER, until, superseded=False)

        assert status_of(facts, TODAY) is status

    @pytest.mark.parametrize("disposition", [None, *Disposition])
    def test_there_is_one_after_every_decision(self, disposition):
        facts = Facts(ResponseStatus.COMPLETED, disposition, None, superseded=False)

        assert status_of(facts, TODAY) in CaseStatus

    def test_every_line_of_the_table_is_the_first_for_some_facts(self):
        first = {
            next(n for n, line in enumerate(STANDINGS) if line.holds(facts, TODAY))
            for facts in every_fact()
        }

        assert first == set(range(len(STANDINGS)))

    def test_open_is_where_somebody_has_something_to_do(self):
        closed = set(CaseStatus) - set(OPEN)

        assert closed == {
            CaseStatus.FILLING,
            CaseStatus.DEFERRED,
            CaseStatus.DECIDED,
            CaseStatus.TREATED,
            CaseStatus.SUPERSEDED,
            CaseStatus.WITHDRAWN,
        }

    @pytest.mark.parametrize("disposition", GOING_AHEAD)
    def test_of_a_case_that_goes_ahead_waits_again_when_something_comes_up(self, disposition):
        facts = Facts(ResponseStatus.COMPLETED, disposition, None, superseded=False, news=True)

        assert status_of(facts, TODAY) is CaseStatus.WAITING

    @pytest.mark.parametrize("news", [True, False])
    @pytest.mark.parametrize("disposition", GOING_AHEAD)
    def test_of_a_recorded_session_is_treated(self, disposition, news):
        facts = Facts(
            ResponseStatus.COMPLETED, disposition, None, superseded=False, treated=True, news=news
        )

        assert status_of(facts, TODAY) is CaseStatus.TREATED

    def test_of_a_referred_case_stays_with_the_dermatologist_whatever_comes_up(self):
        facts = Facts(
            ResponseStatus.COMPLETED, Disposition.REFER, None, superseded=False, news=True
        )

        assert status_of(facts, TODAY) is CaseStatus.WITH_DERMATOLOGIST


BOTH = {PRACTITIONER, DERMATOLOGIST}
MAY_DECIDE = {
    CaseStatus.FILLING: set(),
    CaseStatus.WAITING: BOTH,
    CaseStatus.WITH_DERMATOLOGIST: {DERMATOLOGIST},
    CaseStatus.DEFERRED: BOTH,
    CaseStatus.INFORMATION_NEEDED: BOTH,
    CaseStatus.DECIDED: BOTH,
    CaseStatus.TREATED: set(),
    CaseStatus.SUPERSEDED: set(),
    CaseStatus.WITHDRAWN: set(),
}


class TestWhoMay:
    @pytest.mark.parametrize(("who", "status"), list(product(PEOPLE, CaseStatus)), ids=spelled)
    def test_decide(self, who, status):
        assert may_decide(who, status) == (who in MAY_DECIDE[status])

    def test_treat_patients_and_administer(self):
        assert [who for who in PEOPLE if may_treat_patients(who)] == [PRACTITIONER, DERMATOLOGIST]
        assert [who for who in PEOPLE if may_administer(who)] == [ADMINISTRATOR]

    @pytest.mark.parametrize(
        ("reviewer", "people"),
        [
            (Reviewer.PRACTITIONER, [PRACTITIONER, DERMATOLOGIST]),
            (Reviewer.DERMATOLOGIST, [DERMATOLOGIST]),
            (None, [DERMATOLOGIST]),
        ],
    )
    def test_override(self, reviewer, people):
        about = reviewer and rule("r", Level.STOP, is_("a", "yes"), reviewer=reviewer)

        assert [who for who in PEOPLE if may_override(who, about)] == people


RULES = {
    "mine": rule("mine", Level.REVIEW, is_("a", "yes"), reviewer=Reviewer.PRACTITIONER),
    "theirs": rule("theirs", Level.STOP, is_("a", "yes")),
    "note": rule("note", Level.CAUTION, is_("a", "yes"), reviewer=Reviewer.PRACTITIONER),
}


def finding(rule_id, effect):
    level = RULES[rule_id].level if rule_id in RULES else Level.STOP
    return Finding(rule_id, f"Title of {rule_id}", level, effect, Truth.MET)


def screening(*findings):
    triage = Triage.most_serious([f.effect for f in findings])
    return Screening(TODAY, "hash", "1", "1", triage, findings)


def override(rule_id, words="Seen today, healed."):
    return Override(rule_id, OverrideReason.EXAMINED, words)


def faults(decision, *findings, who=PRACTITIONER):
    return faults_of(decision, screening(*findings), RULES, who, TODAY)


MINE = finding("mine", Triage.REVIEW)
THEIRS = finding("theirs", Triage.STOP)
NOTE = finding("note", Triage.CAUTION)
GOING_AHEAD = pytest.mark.parametrize(
    "go", [Disposition.PROCEED, Disposition.PROCEED_WITH_PRECAUTIONS], ids=spelled
)


class TestFaultsOfADecision:
    @pytest.mark.parametrize("until", [None, YESTERDAY, TODAY])
    def test_to_defer_needs_a_later_day(self, until):
        assert faults(Decision(Disposition.DEFER, until=until)) == [
            "Enter the day on which the case comes back, later than today."
        ]

    @pytest.mark.parametrize(
        ("disposition", "fault"),
        [
            (Disposition.REFER, "Write the question for the dermatologist."),
            (Disposition.NEED_INFORMATION, "Write what is missing."),
            (Disposition.DO_NOT_TREAT, "Write why this patient is not to be treated."),
            (Disposition.PROCEED_WITH_PRECAUTIONS, "Write the precautions in the note."),
        ],
    )
    @pytest.mark.parametrize("note", ["", " \n"], ids=spelled)
    def test_needs_words(self, disposition, fault, note):
        assert faults(Decision(disposition, note)) == [fault]

    @pytest.mark.parametrize(
        "decision",
        [
            Decision(Disposition.DEFER, until=TOMORROW),
            Decision(Disposition.REFER, "Is this a keloid?"),
            Decision(Disposition.NEED_INFORMATION, "INR"),
            Decision(Disposition.DO_NOT_TREAT, "Pregnant"),
        ],
        ids=lambda decision: decision.disposition,
    )
    def test_not_to_go_ahead_needs_no_reason_against_any_finding(self, decision):
        assert faults(decision, MINE, THEIRS, NOTE) == []


class TestFaultsOfGoingAhead:
    @GOING_AHEAD
    def test_without_findings_there_are_none(self, go):
        assert faults(Decision(go, "Care.")) == []

    @GOING_AHEAD
    def test_needs_a_reason_in_words_for_each_finding(self, go):
        fault = "Give a reason, in words, for going ahead in spite of 'Title of mine'."

        assert faults(Decision(go, "Care."), MINE) == [fault]
        assert faults(Decision(go, "Care.", overrides=(override("mine", "  "),)), MINE) == [fault]
        assert faults(Decision(go, "Care.", overrides=(override("other"),)), MINE) == [fault]
        assert faults(Decision(go, "Care.", overrides=(override("mine"),)), MINE) == []

    @GOING_AHEAD
    def test_a_dermatologists_finding_is_for_a_dermatologist(self, go):
        decision = Decision(go, "Care.", overrides=(override("theirs"),))

        assert faults(decision, THEIRS) == [
            "Refer this case: 'Title of theirs' is for a dermatologist to decide."
        ]
        assert faults(decision, THEIRS, who=DERMATOLOGIST) == []

    @GOING_AHEAD
    def test_a_dermatologist_gives_a_reason_like_anybody(self, go):
        assert len(faults(Decision(go, "Care."), THEIRS, MINE, who=DERMATOLOGIST)) == 2

    @GOING_AHEAD
    def test_a_finding_of_a_rule_nobody_knows_is_for_a_dermatologist(self, go):
        gone = finding("gone", Triage.REVIEW)
        decision = Decision(go, "Care.", overrides=(override("gone"),))

        assert len(faults(decision, gone)) == 1
        assert faults(decision, gone, who=DERMATOLOGIST) == []

    @GOING_AHEAD
    def test_a_caution_must_have_been_read(self, go):
        assert faults(Decision(go, "Care."), NOTE) == [
            "Tick that you have read the caution 'Title of note'."
        ]
        assert faults(Decision(go, "Care.", acknowledged=frozenset({"note"})), NOTE) == []

    @GOING_AHEAD
    def test_reading_is_no_reason_and_a_reason_is_no_reading(self, go):
        decision = Decision(
            go, "Care.", overrides=(override("note"),), acknowledged=frozenset({"mine"})
        )

        assert len(faults(decision, MINE, NOTE)) == 2

    @GOING_AHEAD
    def test_all_faults_are_told_at_once(self, go):
        assert len(faults(Decision(go, "Care."), MINE, THEIRS, NOTE)) == 3

    @pytest.mark.parametrize("effect", Triage)
    def test_findings_that_say_wait_or_look_need_a_reason(self, effect):
        expected = effect in (Triage.STOP, Triage.REVIEW, Triage.DEFER)

        assert needs_reason(finding("mine", effect)) == expected
