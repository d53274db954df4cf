"""Reading a case, deciding it, and adding to it."""

from datetime import date, timedelta

import pytest

from intake.actions import decide, versions
from intake.actions.decide import DecisionRefusedError
from intake.core.decisions import Decision, Disposition, Override, OverrideReason, Review
from intake.core.errors import (
    AnswerError,
    ConflictError,
    NotAllowedError,
    StateError,
)
from intake.core.review import CaseStatus, case_status
from intake.storage import responses
from tests.actions.conftest import SIGNED, actions_on, refused, together
from tests.conftest import NOW, TODAY

TOMORROW = TODAY + timedelta(1)
PROCEED = Decision(Disposition.PROCEED)
REFER = Decision(Disposition.REFER, "Is this a mole?")


def _because(rule_id, words="Examined the skin."):
    return Override(rule_id, OverrideReason.EXAMINED, words)


def test_opening_a_case_shows_everything_and_is_audited(desk):
    sent = desk.sent("aspirin")

    case = decide.open_case(desk.store, response_id=sent.id, by=desk.people.ben, now=NOW)

    assert case == desk.case(sent.id)
    assert case.patient.name == "Maria Duarte"
    assert [f.rule_id for f in case.screening.screening.findings] == ["aspirin-alone"]
    assert actions_on(desk.store, sent.id)[-1] == "case read"


def test_a_decision_is_signed_with_name_role_and_time(desk):
    sent = desk.sent()

    review = desk.decide(sent.id, PROCEED)

    assert desk.case(sent.id).reviews == (review,)
    assert (review.by, review.by_name, review.by_role) == (
        desk.people.ada.id,
        "Ada Practitioner",
        desk.people.ada.role,
    )
    assert (review.at, review.sequence) == (NOW, 1)
    assert review.screening_id == desk.case(sent.id).screening.id
    assert actions_on(desk.store, sent.id)[-1] == "decided"


FAULTY = {
    "defer without a day": ("healthy-woman", Decision(Disposition.DEFER), "day on which"),
    "defer to today": ("healthy-woman", Decision(Disposition.DEFER, until=TODAY), "later than"),
    "defer to the past": (
        "healthy-woman",
        Decision(Disposition.DEFER, until=date(2020, 1, 1)),
        "later than",
    ),
    "refer without a question": (
        "healthy-woman",
        Decision(Disposition.REFER, " \u200b."),
        "question",
    ),
    "need what": ("healthy-woman", Decision(Disposition.NEED_INFORMATION), "missing"),
    "do not treat, but why": ("healthy-woman", Decision(Disposition.DO_NOT_TREAT), "why"),
    "caution not read": ("aspirin", PROCEED, "Tick"),
    "deferral without a reason": ("needling-27", PROCEED, "Give a reason"),
    "reason without words": (
        "needling-27",
        Decision(Disposition.PROCEED, overrides=(_because("needling-interval", "  "),)),
        "Give a reason",
    ),
    "reason for something else": (
        "needling-27",
        Decision(Disposition.PROCEED, overrides=(_because("pregnant"),)),
        "Give a reason",
    ),
    "precautions are no way round": (
        "needling-27",
        Decision(Disposition.PROCEED_WITH_PRECAUTIONS, "Low depth."),
        "Give a reason",
    ),
    "a dermatologist's finding": (
        "pregnant",
        Decision(Disposition.PROCEED, overrides=(_because("pregnant"),)),
        "Refer this case",
    ),
}


@pytest.mark.parametrize(("vignette", "decision", "words"), FAULTY.values(), ids=FAULTY)
def test_a_decision_that_lacks_something_is_refused_and_says_what(desk, vignette, decision, words):
    sent = desk.sent(vignette)

    error = refused(desk.store, DecisionRefusedError, lambda: desk.decide(sent.id, decision))

    assert len(error.faults) == 1
    assert words in error.faults[0]


def test_all_faults_are_named_at_once(desk):
    sent = desk.sent("bride-with-deadline")

    error = refused(desk.store, DecisionRefusedError, lambda: desk.decide(sent.id, PROCEED))

    assert len(error.faults) == 3


ENOUGH = {
    "caution read": ("aspirin", Decision(Disposition.PROCEED, acknowledged={"aspirin-alone"})),
    "deferral overridden": (
        "needling-27",
        Decision(
            Disposition.PROCEED_WITH_PRECAUTIONS,
            "Low depth.",
            overrides=(_because("needling-interval"),),
        ),
    ),
    "stop, not treated": ("pregnant", Decision(Disposition.DO_NOT_TREAT, "Pregnant.")),
    "stop, referred": ("pregnant", REFER),
    "stop, deferred": ("pregnant", Decision(Disposition.DEFER, until=TOMORROW)),
}


@pytest.mark.parametrize(("vignette", "decision"), ENOUGH.values(), ids=ENOUGH)
def test_a_decision_that_lacks_nothing_is_stored_word_for_word(desk, vignette, decision):
    sent = desk.sent(vignette)

    desk.decide(sent.id, decision)

    assert desk.case(sent.id).reviews[0].decision == decision


def test_a_dermatologist_may_decide_against_a_stop_with_a_reason(desk):
    sent = desk.sent("pregnant")
    decision = Decision(Disposition.PROCEED, overrides=(_because("pregnant"),))

    review = desk.decide(sent.id, decision, by=desk.people.ben)

    assert review.by_role is desk.people.ben.role


def test_a_dermatologist_needs_a_reason_too(desk):
    sent = desk.sent("pregnant")

    refused(
        desk.store,
        DecisionRefusedError,
        lambda: desk.decide(sent.id, PROCEED, by=desk.people.ben),
    )


def test_a_referred_case_is_the_dermatologists_to_decide(desk):
    sent = desk.sent()
    desk.decide(sent.id, REFER)

    error = refused(desk.store, NotAllowedError, lambda: desk.decide(sent.id, PROCEED, seen=1))

    assert "dermatologist" in str(error)
    assert desk.decide(sent.id, PROCEED, by=desk.people.ben, seen=1).sequence == 2


def test_a_later_decision_supersedes_and_both_stay_readable(desk):
    sent = desk.sent()
    first = desk.decide(sent.id, PROCEED)

    second = desk.decide(sent.id, Decision(Disposition.DO_NOT_TREAT, "Ill today."), seen=1)

    assert desk.case(sent.id).reviews == (first, second)


def test_a_second_decider_is_told_who_was_first_and_when(desk):
    sent = desk.sent()
    desk.decide(sent.id, PROCEED, by=desk.people.ben)

    error = refused(desk.store, ConflictError, lambda: desk.decide(sent.id, PROCEED))

    assert "Ben Dermatologist" in str(error)
    assert "09:30 UTC on 15 June 2026" in str(error)


@pytest.mark.parametrize("seen", [1, 99])
def test_nobody_has_seen_more_decisions_than_there_are(desk, seen):
    sent = desk.sent()

    refused(desk.store, ConflictError, lambda: desk.decide(sent.id, PROCEED, seen=seen))


def test_of_two_deciders_at_once_exactly_one_wins(desk, settings):
    sent = desk.sent()
    who = (desk.people.ada, desk.people.ben)

    def sign(store, number):
        return decide.decide(
            store,
            desk.pack,
            response_id=sent.id,
            decision=PROCEED,
            seen=0,
            by=who[number],
            now=NOW,
            today=TODAY,
        )

    outcomes = together(settings, sign, 2)

    assert {type(outcome) for outcome in outcomes} == {ConflictError, Review}
    assert len(desk.case(sent.id).reviews) == 1
    assert actions_on(desk.store, sent.id).count("decided") == 1


def _withdrawn(desk):
    sent = desk.sent()
    desk.withdraw(sent.id, reason="Twice.")
    return sent


def _amended(desk):
    sent = desk.sent()
    desk.send(versions.amend(desk.store, response_id=sent.id, by=desk.people.ada, now=NOW))
    return sent


NOT_TO_BE_DECIDED = {
    "being filled": lambda desk: desk.begin(),
    "withdrawn": _withdrawn,
    "amended": _amended,
}


@pytest.mark.parametrize("make", NOT_TO_BE_DECIDED.values(), ids=NOT_TO_BE_DECIDED)
def test_a_case_in_no_state_to_be_decided_is_refused(desk, make):
    response = make(desk)

    refused(desk.store, StateError, lambda: desk.decide(response.id, PROCEED))


def test_a_form_that_was_never_screened_cannot_be_decided(desk):
    draft = desk.filled()
    with desk.store.write() as db:
        responses.complete(db, draft.id, signature=SIGNED, receipt="1", now=NOW)

    refused(desk.store, StateError, lambda: desk.decide(draft.id, PROCEED))


def _status_on(desk, response_id, day):
    return case_status(desk.case(response_id), day)


@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_a_deferred_case_returns_on_its_day_exactly(desk, days):
    sent = desk.sent()
    until = TODAY + timedelta(days)
    desk.decide(sent.id, Decision(Disposition.DEFER, until=until))

    assert _status_on(desk, sent.id, until - timedelta(1)) is CaseStatus.DEFERRED
    assert _status_on(desk, sent.id, until) is CaseStatus.WAITING
    assert _status_on(desk, sent.id, until + timedelta(1000)) is CaseStatus.WAITING


def test_a_returned_case_can_be_decided(desk):
    sent = desk.sent()
    desk.decide(sent.id, Decision(Disposition.DEFER, until=TOMORROW))

    desk.decide(sent.id, PROCEED, seen=1, today=TOMORROW)

    assert _status_on(desk, sent.id, TOMORROW) is CaseStatus.DECIDED


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (PROCEED, CaseStatus.DECIDED),
        (REFER, CaseStatus.WITH_DERMATOLOGIST),
        (Decision(Disposition.NEED_INFORMATION, "Which cream?"), CaseStatus.INFORMATION_NEEDED),
        (Decision(Disposition.DO_NOT_TREAT, "Ill."), CaseStatus.DECIDED),
        (Decision(Disposition.DEFER, until=TOMORROW), CaseStatus.DEFERRED),
    ],
    ids=lambda value: getattr(value, "disposition", None),
)
def test_the_status_follows_the_decision(desk, decision, status):
    sent = desk.sent()

    desk.decide(sent.id, decision)

    assert _status_on(desk, sent.id, TODAY) is status


def test_the_status_before_a_decision(desk):
    draft = desk.filled()
    filling = _status_on(desk, draft.id, TODAY)

    desk.send(draft)

    assert filling is CaseStatus.FILLING
    assert _status_on(desk, draft.id, TODAY) is CaseStatus.WAITING


def _add(desk, response_id, text):
    return decide.add_addendum(
        desk.store, response_id=response_id, text=text, by=desk.people.ben, now=NOW
    )


def test_words_are_added_and_nothing_else_changes(desk):
    sent = desk.sent()
    desk.decide(sent.id, PROCEED)
    before = desk.case(sent.id)

    added = [_add(desk, sent.id, "First."), _add(desk, sent.id, "Second.")]

    after = desk.case(sent.id)
    assert after.addenda == tuple(added)
    assert (after.response, after.reviews) == (before.response, before.reviews)
    assert (added[0].by_name, added[0].at) == ("Ben Dermatologist", NOW)
    assert actions_on(desk.store, sent.id)[-1] == "addendum written"


@pytest.mark.parametrize("text", ["", " \n ", "\0", "x" * 2001])
def test_an_addendum_is_some_words_and_not_too_many(desk, text):
    sent = desk.sent()

    refused(desk.store, AnswerError, lambda: _add(desk, sent.id, text))


def test_words_can_be_added_to_a_withdrawn_case(desk):
    gone = _withdrawn(desk)

    _add(desk, gone.id, "She came back.")

    assert desk.case(gone.id).addenda[-1].text == "She came back."
