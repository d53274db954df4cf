"""What somebody said, a session or a reaction is never lost, lowered, or decided unread."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from intake.actions import begin, rescreen, returning, treat, versions
from intake.core.decisions import Decision, Disposition
from intake.core.errors import ConflictError, IntakeError
from intake.core.guide import Guide
from intake.core.review import CaseStatus
from intake.core.rules import Triage
from intake.core.treatment import Noticed, Reply, Zone
from intake.storage import responses
from tests.actions.conftest import DAY
from tests.actions.test_treat import DONE, Chair
from tests.conftest import NOW, TODAY


@pytest.fixture
def chair(desk):
    return Chair(desk)


def going_ahead_again(chair, sent, on=TODAY):
    """Sign over what was not sure."""
    d = chair.desk
    d.decide(
        sent.id, chair.proceed(sent.id), seen=1, by=d.people.ben, today=on, now=NOW + (on - TODAY)
    )


def earlier_of(d, first, pack=None):
    """What the next form of the same patient takes over, under another pack than the first."""
    return returning.earlier_of(
        d.store,
        pack or d.pack,
        lambda _: d.pack,
        patient_id=first.patient_id,
        by=d.people.ada,
        day_of=lambda at: at.date(),
        today=TODAY,
    )


def begin_again(d, first):
    """Begin the next form of the same patient with what it takes over."""
    return begin.begin(
        d.store,
        d.pack,
        patient_id=first.patient_id,
        plan=first.plan,
        by=d.people.ada,
        now=NOW,
        today=TODAY,
        earlier=earlier_of(d, first),
    )


def test_a_stop_after_the_same_rule_was_overridden_as_unknown(chair):
    sent = chair.going_ahead()
    chair.confirm(sent.id, pregnant=Reply.NOT_SURE)
    going_ahead_again(chair, sent)
    chair.confirm(sent.id, pregnant=Reply.YES)
    assert chair.newest(sent.id).triage is Triage.STOP
    assert chair.status(sent.id) is CaseStatus.WAITING


def test_the_same_after_answers_were_too_old(chair):
    sent, day = chair.going_ahead(), TODAY + DAY
    chair.confirm(sent.id, on=day)
    going_ahead_again(chair, sent, day)
    chair.confirm(sent.id, on=day, pregnant=Reply.YES, cold_sore=Reply.YES)
    assert chair.status(sent.id, day) is CaseStatus.WAITING


def test_nobody_signs_a_stop_that_they_read_as_not_sure(chair):
    sent = chair.going_ahead()
    chair.confirm(sent.id, pregnant=Reply.NOT_SURE)
    read, shown = chair.proceed(sent.id), chair.desk.case(sent.id).screening.id
    chair.confirm(sent.id, pregnant=Reply.YES)  # a colleague, meanwhile

    with pytest.raises(ConflictError, match="screened again"):
        chair.desk.decide(sent.id, read, seen=1, by=chair.desk.people.ben, read=shown)


def test_a_yes_survives_a_night_of_deferral(chair):
    d, sent = chair.desk, chair.going_ahead()
    chair.confirm(sent.id, pregnant=Reply.YES)
    d.decide(sent.id, Decision(Disposition.DEFER, until=TODAY + DAY), seen=1)
    rescreen.bring_back(d.store, lambda _: d.pack, now=NOW + DAY, today=TODAY + DAY)
    assert chair.newest(sent.id).triage is not Triage.ROUTINE


def test_a_note_on_the_next_day_does_not_bring_the_decision_back(chair):
    d, old = chair.desk, chair.treated()
    sent = d.sent(now=NOW + timedelta(minutes=1))
    chair.note(old, "lines", settled=True)
    d.decide(sent.id, chair.proceed(sent.id), by=d.people.ben)
    chair.confirm(sent.id, pregnant=Reply.YES)
    chair.note(old, "lines", on=TODAY + DAY, settled=True)
    assert chair.status(sent.id, TODAY + DAY) is CaseStatus.WAITING


def test_a_yes_survives_an_amendment(chair):
    d, sent = chair.desk, chair.going_ahead()
    chair.confirm(sent.id, pregnant=Reply.YES)
    new = d.send(versions.amend(d.store, response_id=sent.id, by=d.people.ada, now=NOW))
    assert chair.newest(new.id).triage is not Triage.ROUTINE


def test_a_yes_reaches_the_patients_other_case(chair):
    one, other = chair.going_ahead(), chair.going_ahead()
    assert one.patient_id == other.patient_id
    chair.confirm(one.id, pregnant=Reply.YES)
    assert chair.status(other.id) is CaseStatus.WAITING


def test_what_has_no_place_in_the_pack_reopens_the_case(chair):
    d, session = chair.desk, chair.treated()
    new = d.begin(now=NOW + timedelta(minutes=1))
    plan = {**new.plan, "area": ["neck"]}
    begin.change_plan(
        d.store, d.pack, response_id=new.id, plan=plan, by=d.people.ada, now=NOW, today=TODAY
    )
    later = d.send(d.fill(responses.response(d.store, new.id)))
    d.decide(later.id, chair.proceed(later.id), by=d.people.ben)
    kinds = tuple(r for r in d.pack.guide.reactions if r.id != "severe_allergy")
    older = replace(d.pack, guide=replace(d.pack.guide, reactions=kinds))
    treat.add_reaction(
        d.store,
        d.pack,
        lambda _: older,
        session_id=session.id,
        noticed=Noticed("severe_allergy", TODAY, False),
        by=d.people.ada,
        now=NOW,
        today=TODAY,
    )
    assert chair.newest(later.id).triage is Triage.REVIEW
    assert chair.status(later.id) is CaseStatus.WAITING


def test_a_pack_without_questions_confirms_nothing(chair):
    d, sent = chair.desk, chair.going_ahead()
    older = replace(d.pack, guide=Guide())

    with pytest.raises(IntakeError, match="no questions for the chair"):
        treat.confirm(
            d.store,
            lambda _: older,
            response_id=sent.id,
            said={},
            by=d.people.ada,
            now=NOW,
            today=TODAY,
            day_of=lambda at: at.date(),
        )


@pytest.mark.parametrize("reply", [Reply.NO, Reply.NOT_SURE])
def test_a_named_medicine_counts_whatever_was_ticked(chair, reply):
    sent = chair.going_ahead()
    try:
        chair.confirm(sent.id, new_medicine=reply, words={"new_medicine": "Roaccutane"})
    except treat.SessionRefusedError:
        return
    assert "isotretinoin-now" in {f.rule_id for f in chair.newest(sent.id).findings}


def test_an_amended_returning_form_keeps_its_answers(chair):
    d = chair.desk
    first = d.sent()
    new = d.fill(begin_again(d, first))
    returning.confirm(d.store, new, new.carried, now=NOW, actor="tablet")
    sent = d.send(new)
    amended = versions.amend(d.store, response_id=sent.id, by=d.people.ada, now=NOW)
    assert responses.response(d.store, amended.id).answers == sent.answers  # {}


def test_what_was_private_then_is_not_shown(chair):
    d, pack = chair.desk, chair.desk.pack
    first, q = d.sent(), pack.questionnaire
    sections = tuple(
        replace(
            s,
            pages=tuple(
                replace(p, private=False, items=tuple(replace(i, private=False) for i in p.items))
                for p in s.pages
            ),
        )
        for s in q.sections
    )
    newer = replace(pack, questionnaire=replace(q, sections=sections))
    found = earlier_of(d, first, newer)
    assert not q.private & set(found.answers)


def test_answers_of_a_form_entered_in_error_are_not_offered(chair):
    d, first = chair.desk, chair.desk.sent()
    new = begin_again(d, first)
    d.withdraw(first.id, reason="Of another patient.")
    assert not returning.to_confirm(d.pack, responses.response(d.store, new.id), TODAY)


def test_a_note_follows_one_of_its_own_session(chair):
    one = chair.treated()
    other = chair.desk.sent(now=NOW + timedelta(minutes=1))
    chair.desk.decide(other.id, chair.proceed(other.id), by=chair.desk.people.ben)
    chair.confirm(other.id)
    two = chair.record(other.id)
    seen = chair.note(one, "skin_infection")
    with pytest.raises(IntakeError):
        chair.note(two, "skin_infection", settled=True, follows=seen.id)


def test_nothing_settles_before_it_was_seen(chair):
    d, session = chair.desk, chair.treated()
    day = TODAY + 40 * DAY
    seen = chair.note(session, "cold_sore", on=day)
    with pytest.raises(IntakeError):
        treat.add_reaction(
            d.store,
            d.pack,
            lambda _: d.pack,
            session_id=session.id,
            noticed=Noticed("cold_sore", TODAY, True, "", seen.id),
            by=d.people.ada,
            now=NOW + 40 * DAY,
            today=day,
        )


def test_nobody_confirms_what_was_withdrawn(chair):
    d, sent = chair.desk, chair.going_ahead()
    d.withdraw(sent.id, reason="x")
    with pytest.raises(IntakeError):
        chair.confirm(sent.id)


def test_nothing_is_recorded_while_a_newer_version_is_being_filled(chair):
    d, sent = chair.desk, chair.going_ahead()
    chair.confirm(sent.id)
    versions.amend(d.store, response_id=sent.id, by=d.people.ada, now=NOW)
    with pytest.raises(IntakeError):
        chair.record(sent.id)


def test_a_reaction_keeps_the_day_that_the_session_gives(chair):
    session = chair.treated()
    chair.note(session, "blisters_pus", settled=True)

    sent = chair.desk.sent()

    (finding,) = [f for f in chair.newest(sent.id).findings if f.rule_id == "needling-interval"]
    assert finding.earliest_safe_date == session.next_from


def test_a_shallow_session_does_not_shorten_the_wait_after_a_deep_one(chair):
    deep = chair.treated()
    sent = chair.desk.sent(now=NOW + timedelta(minutes=1))
    chair.desk.decide(sent.id, chair.proceed(sent.id), by=chair.desk.people.ben)
    chair.confirm(sent.id)

    shallow = chair.record(sent.id, replace(DONE, zones=(Zone("face", Decimal("0.3"), 2),)))

    assert shallow.next_from == deep.next_from
