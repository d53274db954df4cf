"""The day of treatment and after: what may be done when, and what the rules make of it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from intake.actions import treat, versions
from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    StateError,
)
from intake.core.review import CaseStatus, case_status
from intake.core.rules import Triage
from intake.core.screening import Teller
from intake.core.treatment import (
    Anaesthetic,
    Done,
    Medium,
    Noticed,
    Product,
    Reply,
    Said,
    Zone,
)
from tests.actions.conftest import DAY, actions_on, refused
from tests.conftest import NOW, TODAY

DONE = Done(
    device="generic",
    zones=(Zone("face", Decimal("1.0"), 3),),
    endpoint="Even redness.",
    cartridge_lot="C-77",
    antiseptic="Chlorhexidine",
    medium=Medium.STERILE_GEL,
    medium_lot="G-1",
    not_done="Read out, not ticked.",
)


class Chair:
    """A desk on the day of treatment."""

    def __init__(self, desk):
        self.desk = desk

    def confirm(self, response_id, *, on=TODAY, by=None, words=None, **replies):
        at = NOW + (on - TODAY)
        said = {
            one.id: Said(replies.get(one.id, Reply.NO), (words or {}).get(one.id, ""))
            for one in self.desk.pack.guide.chair
        }
        return treat.confirm(
            self.desk.store,
            lambda _: self.desk.pack,
            response_id=response_id,
            said=said,
            by=by or self.desk.people.ada,
            now=at,
            today=on,
            day_of=lambda instant: instant.date(),
        )

    def record(self, response_id, done=DONE, *, on=TODAY, by=None):
        return treat.record_session(
            self.desk.store,
            lambda _: self.desk.pack,
            response_id=response_id,
            done=done,
            by=by or self.desk.people.ada,
            now=NOW + (on - TODAY),
            today=on,
        )

    def treated(self, name="Maria Duarte", *, done=DONE, on=TODAY):
        """Send a healthy form, decide, confirm, and treat."""
        sent = self.going_ahead(name)
        self.confirm(sent.id, on=on)
        return self.record(sent.id, done, on=on)

    def going_ahead(self, name="Maria Duarte", vignette="healthy-woman", **changed):
        sent = self.desk.sent(vignette, name=name, **changed)
        self.desk.decide(sent.id, self.proceed(sent.id))
        return sent

    def proceed(self, response_id):
        """Go ahead in spite of everything, as a dermatologist would sign it."""
        findings = self.desk.case(response_id).screening.screening.findings
        return Decision(
            Disposition.PROCEED,
            overrides=tuple(
                Override(f.rule_id, OverrideReason.EXAMINED, "Seen at the chair.") for f in findings
            ),
            acknowledged=frozenset(f.rule_id for f in findings),
        )

    def note(self, session, kind, *, on=TODAY, settled=False, follows=None, by=None):
        return treat.add_reaction(
            self.desk.store,
            self.desk.pack,
            lambda _: self.desk.pack,
            session_id=session.id,
            noticed=Noticed(kind, on, settled, "", follows),
            by=by or self.desk.people.ada,
            now=NOW + (on - TODAY),
            today=on,
        )

    def status(self, response_id, on=TODAY):
        return case_status(self.desk.case(response_id), on)

    def newest(self, response_id):
        return self.desk.case(response_id).screening.screening


@pytest.fixture
def chair(desk):
    return Chair(desk)


class TestConfirming:
    def test_six_noes_leave_the_decision_as_it_is(self, chair):
        sent = chair.going_ahead()

        chair.confirm(sent.id)

        assert chair.status(sent.id) is CaseStatus.DECIDED
        assert chair.newest(sent.id).triage is Triage.ROUTINE
        assert actions_on(chair.desk.store, sent.id)[-2:] == ["confirmed at the chair", "screened"]

    @pytest.mark.parametrize(
        ("question", "triage"),
        [
            ("unwell", Triage.DEFER),
            ("pregnant", Triage.STOP),
            ("new_medicine", Triage.REVIEW),
            ("cold_sore", Triage.REVIEW),
            ("sunburn", Triage.DEFER),
            ("allergy", Triage.REVIEW),
        ],
    )
    def test_a_yes_is_screened_and_takes_the_case_back_to_the_queue(self, chair, question, triage):
        sent = chair.going_ahead()

        chair.confirm(sent.id, **{question: Reply.YES})

        assert chair.newest(sent.id).triage is triage
        assert chair.status(sent.id) is CaseStatus.WAITING
        assert {f.teller for f in chair.newest(sent.id).findings} == {Teller.CHAIR}

    @pytest.mark.parametrize(
        "question", ["unwell", "pregnant", "new_medicine", "cold_sore", "sunburn", "allergy"]
    )
    def test_not_sure_is_no_no(self, chair, question):
        sent = chair.going_ahead()

        chair.confirm(sent.id, **{question: Reply.NOT_SURE})

        assert chair.newest(sent.id).triage is Triage.REVIEW
        assert chair.status(sent.id) is CaseStatus.WAITING

    def test_a_medicine_that_is_named_is_recognised(self, chair):
        sent = chair.going_ahead()

        chair.confirm(sent.id, new_medicine=Reply.YES, words={"new_medicine": "Warfarin"})

        met = {f.rule_id for f in chair.newest(sent.id).findings if f.is_met}
        assert "anticoagulant" in met

    def test_a_no_given_later_does_not_undo_a_yes(self, chair):
        sent = chair.going_ahead()
        chair.confirm(sent.id, cold_sore=Reply.YES)

        chair.confirm(sent.id)

        met = {f.rule_id for f in chair.newest(sent.id).findings if f.is_met}
        assert met == {"cold-sore-active"}
        assert chair.status(sent.id) is CaseStatus.WAITING

    def test_what_a_clinician_then_decides_on_holds_the_case_up_no_more(self, chair):
        sent = chair.going_ahead()
        chair.confirm(sent.id, cold_sore=Reply.YES)
        ben = chair.desk.people.ben
        chair.desk.decide(sent.id, chair.proceed(sent.id), seen=1, by=ben)

        chair.confirm(sent.id)

        assert chair.status(sent.id) is CaseStatus.DECIDED

    def test_answers_good_for_one_visit_are_unknown_on_the_next_day(self, chair):
        sent = chair.going_ahead()

        chair.confirm(sent.id, on=TODAY + DAY)

        found = chair.newest(sent.id)
        assert found.triage is Triage.REVIEW
        assert {f.teller for f in found.findings} == {Teller.AGE}
        assert chair.status(sent.id, TODAY + DAY) is CaseStatus.WAITING
        assert "skin_today" in chair.desk.case(sent.id).confirmations[0].lapsed

    def test_yesterdays_confirmation_is_not_todays(self, chair):
        sent = chair.going_ahead()
        chair.confirm(sent.id)

        assert treat.is_confirmed(chair.desk.case(sent.id), TODAY)
        assert not treat.is_confirmed(chair.desk.case(sent.id), TODAY + DAY)

    def test_a_question_without_a_reply_is_named(self, chair):
        sent = chair.going_ahead()

        error = refused(
            chair.desk.store,
            treat.SessionRefusedError,
            lambda: treat.confirm(
                chair.desk.store,
                lambda _: chair.desk.pack,
                response_id=sent.id,
                said={"unwell": Said(Reply.NO)},
                by=chair.desk.people.ada,
                now=NOW,
                today=TODAY,
                day_of=lambda instant: instant.date(),
            ),
        )

        assert [fault.part for fault in error.faults] == [
            "pregnant",
            "new_medicine",
            "cold_sore",
            "sunburn",
            "allergy",
        ]

    def test_nobody_confirms_what_nobody_decided(self, chair):
        sent = chair.desk.sent()

        refused(chair.desk.store, StateError, lambda: chair.confirm(sent.id))

    def test_an_administrator_confirms_nothing(self, chair):
        sent = chair.going_ahead()

        refused(
            chair.desk.store,
            NotAllowedError,
            lambda: chair.confirm(sent.id, by=chair.desk.people.cleo),
        )


class TestRecording:
    def test_a_session_is_kept_and_ends_the_case(self, chair):
        session = chair.treated()

        case = chair.desk.case(session.response_id)
        assert case.session == session
        assert (session.done, session.by_name) == (DONE, "Ada Practitioner")
        assert chair.status(session.response_id) is CaseStatus.TREATED
        assert actions_on(chair.desk.store, session.response_id)[-1] == "session recorded"

    @pytest.mark.parametrize(
        ("depth", "days"), [("0.49", 14), ("0.5", 28), ("1.5", 28)], ids=["short", "at", "long"]
    )
    def test_the_next_session_begins_when_the_rules_say(self, chair, depth, days):
        done = replace(DONE, zones=(Zone("face", Decimal(depth), 3),), differed="Deeper scars.")

        session = chair.treated(done=done)

        assert session.next_from == TODAY + timedelta(days)

    def test_it_is_not_recorded_before_the_questions_at_the_chair(self, chair):
        sent = chair.going_ahead()

        error = refused(chair.desk.store, StateError, lambda: chair.record(sent.id))

        assert "at the chair" in str(error)

    def test_it_is_not_recorded_while_something_new_waits(self, chair):
        sent = chair.going_ahead()
        chair.confirm(sent.id, pregnant=Reply.NOT_SURE)

        refused(chair.desk.store, NotAllowedError, lambda: chair.record(sent.id))

    def test_it_is_recorded_once(self, chair):
        session = chair.treated()

        refused(chair.desk.store, StateError, lambda: chair.record(session.response_id))

    def test_a_case_that_is_not_to_be_treated_is_not(self, chair):
        sent = chair.desk.sent()
        chair.desk.decide(sent.id, Decision(Disposition.DO_NOT_TREAT, "Not now."))

        refused(chair.desk.store, StateError, lambda: chair.confirm(sent.id))

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"device": "spoon"}, "device"),
            ({"cartridge_lot": ""}, "cartridge_lot"),
            ({"antiseptic": ""}, "antiseptic"),
            ({"medium_lot": ""}, "medium_lot"),
            ({"zones": ()}, "zones"),
            ({"zones": (Zone("face", Decimal(0), 3),)}, "zones"),
            ({"zones": (Zone("face", Decimal(11), 3),), "differed": "x"}, "zones"),
            ({"zones": (Zone("face", Decimal(1), 0),)}, "zones"),
            ({"endpoint": ""}, "endpoint"),
            ({"products": (Product("Gel", ""),)}, "products"),
            ({"not_done": ""}, "not_done"),
            ({"zones": (Zone("neck", Decimal(1), 3),)}, "differed"),
            ({"zones": (Zone("face", Decimal("2.5"), 3),)}, "differed"),
            ({"anaesthetic": Anaesthetic("Lidocaine", "", "", "")}, "anaesthetic_strength"),
        ],
    )
    def test_what_is_missing_is_named_and_nothing_is_kept(self, chair, changes, part):
        sent = chair.going_ahead()
        chair.confirm(sent.id)

        error = refused(
            chair.desk.store,
            treat.SessionRefusedError,
            lambda: chair.record(sent.id, replace(DONE, **changes)),
        )

        assert part in [fault.part for fault in error.faults]

    def test_without_an_unticked_line_no_reason_is_wanted(self, chair):
        checked = frozenset(duty.id for duty in chair.desk.pack.duties)

        session = chair.treated(done=replace(DONE, checked=checked, not_done=""))

        assert session.done.checked == checked


class TestTheNextForm:
    def test_is_deferred_to_the_end_of_the_interval_by_the_record_alone(self, chair):
        session = chair.treated()

        sent = chair.desk.sent(
            now=NOW,
            treatments=["needling"],
            needling_last="never",
            needling_depth="long",
            needling_after=["none"],
            home_roller="no",
        )

        found = chair.newest(sent.id)
        (finding,) = [f for f in found.findings if f.rule_id == "needling-interval"]
        assert found.triage is Triage.DEFER
        assert finding.earliest_safe_date == session.next_from
        assert finding.teller is Teller.RECORD

    def test_is_reviewed_when_the_patient_denies_what_the_record_knows(self, chair):
        chair.treated()

        sent = chair.desk.sent()

        assert chair.newest(sent.id).triage is Triage.REVIEW

    def test_of_another_patient_is_untouched(self, chair):
        chair.treated()

        sent = chair.desk.sent(name="Hannah Cole")

        assert chair.newest(sent.id).triage is Triage.ROUTINE

    def test_on_another_area_is_not_deferred(self, chair):
        chair.treated()

        sent = chair.desk.sent("healthy-man-body")

        rules = {f.rule_id for f in chair.newest(sent.id).findings}
        assert "needling-interval" not in rules

    def test_that_waits_already_is_screened_again_when_a_session_is_recorded(self, chair):
        waiting = chair.desk.sent()
        before = chair.newest(waiting.id).triage

        chair.treated()

        assert before is Triage.ROUTINE
        assert chair.newest(waiting.id).triage is Triage.REVIEW


class TestReactions:
    @pytest.mark.parametrize(
        ("kind", "settled", "triage"),
        [
            ("long_reaction", False, Triage.STOP),
            ("long_reaction", None, Triage.STOP),
            ("long_reaction", True, Triage.REVIEW),
            ("lines", False, Triage.REVIEW),
        ],
    )
    def test_a_reaction_feeds_the_next_screening(self, chair, kind, settled, triage):
        session = chair.treated()
        chair.note(session, kind, settled=settled)

        sent = chair.desk.sent(
            treatments=["needling"],
            needling_last="about 3 months ago",
            needling_depth="long",
            needling_after=["none"],
            home_roller="no",
        )

        assert chair.newest(sent.id).triage is triage

    def test_a_reaction_takes_a_case_that_goes_ahead_back_to_the_queue(self, chair):
        session = chair.treated()
        sent = chair.desk.sent()
        chair.desk.decide(sent.id, chair.proceed(sent.id), by=chair.desk.people.ben)
        assert chair.status(sent.id) is CaseStatus.DECIDED

        chair.note(session, "hard_bumps")

        assert chair.status(sent.id) is CaseStatus.WAITING

    def test_a_reaction_that_settled_counts_as_settled(self, chair):
        session = chair.treated()
        first = chair.note(session, "long_reaction")
        chair.note(session, "long_reaction", settled=True, follows=first.id)

        sent = chair.desk.sent()

        met = {f.rule_id for f in chair.newest(sent.id).findings if f.is_met}
        assert "needling-unsettled" not in met
        assert "needling-long-reaction" in met

    def test_a_note_is_brought_up_to_date_once(self, chair):
        session = chair.treated()
        first = chair.note(session, "fever")
        chair.note(session, "fever", settled=True, follows=first.id)

        refused(
            chair.desk.store,
            ConflictError,
            lambda: chair.note(session, "fever", follows=first.id),
        )

    @pytest.mark.parametrize(
        ("kind", "on", "part"),
        [
            ("sneezing", TODAY, "kind"),
            ("fever", TODAY + DAY, "noticed"),
            ("fever", TODAY - DAY, "noticed"),
            ("fever", None, "noticed"),
        ],
    )
    def test_what_cannot_be_is_named(self, chair, kind, on, part):
        session = chair.treated()

        error = refused(
            chair.desk.store,
            treat.SessionRefusedError,
            lambda: treat.add_reaction(
                chair.desk.store,
                chair.desk.pack,
                lambda _: chair.desk.pack,
                session_id=session.id,
                noticed=Noticed(kind, on, False),
                by=chair.desk.people.ada,
                now=NOW,
                today=TODAY,
            ),
        )

        assert [fault.part for fault in error.faults] == [part]

    def test_of_a_session_that_is_not_there_nothing_is_noted(self, chair):
        session = replace(chair.treated(), id="nothing")

        refused(chair.desk.store, NotFoundError, lambda: chair.note(session, "fever"))


def test_a_form_amended_after_the_session_knows_of_it(chair):
    session = chair.treated()
    new = versions.amend(
        chair.desk.store, response_id=session.response_id, by=chair.desk.people.ada, now=NOW
    )

    sent = chair.desk.send(new)

    assert chair.status(session.response_id) is CaseStatus.SUPERSEDED
    assert chair.newest(sent.id).triage is Triage.REVIEW
    assert session.on == date(2026, 6, 15)
