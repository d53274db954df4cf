"""Calling patients back when stricter rules are put in force, and passes of a pack over cases."""

from dataclasses import replace

import pytest

from intake.actions import begin, impact, passes, recall, retention, rule_packs, treat, versions
from intake.actions.decide import DecisionRefusedError
from intake.actions.permission import COMMAND_LINE
from intake.actions.recall import DealingRefusedError, deal_with
from intake.core.decisions import Decision, Disposition
from intake.core.errors import ConflictError, NotAllowedError, NotFoundError, StateError
from intake.core.impact import Group
from intake.core.recall import Handling
from intake.core.records import Role
from intake.core.replay import Direction
from intake.core.rules import Triage
from intake.packs import hash_of
from intake.storage import packs_kept, recalls
from intake.storage.passes import Kind, differences, keep_differences, newest, under_way
from tests.actions.conftest import DAY, actions_on, refused
from tests.actions.test_impact import (
    KELOID,
    NEW,
    NEW_RULE,
    QUESTIONS,
    RULES,
    STRICTER,
    changed,
)
from tests.actions.test_treat import DONE, Chair
from tests.conftest import NOW, TODAY
from tests.storage.builders import by_hand

PROCEED = Decision(Disposition.PROCEED, acknowledged=frozenset({"aspirin-alone"}))
FOR_DERMATOLOGIST = (
    *STRICTER,
    (RULES, "reviewer: practitioner", "reviewer: dermatologist"),
)
"""Daily aspirin is for review, and for a dermatologist, where it was a caution."""


ASKED_MORE = (
    (QUESTIONS, KELOID, NEW + KELOID),
    (RULES, "rules:\n", f"rules:{NEW_RULE}"),
)
"""A question is new, and a rule looks at it."""


def go_round(store, *, now=NOW, today=TODAY):
    """Carry on with every pass until nothing is left to do at once."""
    while passes.carry_on(store, today=today, now=now, goes_on=lambda: True):
        pass


class Clinic:
    """A desk with a patient on daily aspirin, and rules that can be changed."""

    def __init__(self, desk, files):
        self.desk, self.files, self.store = desk, files, desk.store
        self.chair = Chair(desk)

    def put_in_force(self, *edits, now=NOW):
        files = changed(self.files, *edits)
        return rule_packs.activate(self.store, files, actor=COMMAND_LINE, now=now).hash

    def booked(self, name="Gina Going-Ahead"):
        sent = self.desk.sent("aspirin", name=name)
        self.desk.decide(sent.id, PROCEED)
        return sent

    def of_the_same_patient(self, response_id):
        """Send another form of a patient, healthy this time."""
        found = self.desk.case(response_id)
        begun = begin.begin(
            self.store,
            self.desk.pack,
            patient_id=found.patient.id,
            plan=found.response.plan,
            by=self.desk.people.ada,
            now=NOW,
            today=TODAY,
        )
        return self.desk.send(self.desk.fill(begun, "healthy-woman"))

    def withdraw(self, response_id):
        versions.withdraw(
            self.store,
            response_id=response_id,
            reason="Sent twice.",
            by=self.desk.people.ada,
            pack_of=lambda _: self.desk.pack,
            now=NOW,
            today=TODAY,
        )

    def recall_of(self, response_id):
        return recalls.in_force(self.store, response_id)

    def deal(self, response_id, how=Handling.STANDS, words="Asked again: nothing new.", by=None):
        return deal_with(
            self.store,
            response_id=response_id,
            recall_id=self.recall_of(response_id).id,
            how=how,
            words=words,
            by=by or self.desk.people.ada,
            now=NOW,
        )

    def listed(self, by=None):
        return recall.list_open(self.store, by=by or self.desk.people.ada)


@pytest.fixture
def clinic(desk, shipped_files):
    return Clinic(desk, shipped_files)


class TestPuttingRulesInForce:
    def test_calls_back_whoever_they_are_stricter_on(self, clinic):
        booked, healthy = clinic.booked(), clinic.desk.sent(name="Rosa Routine")

        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        (row,) = clinic.listed().rows
        assert row.case.response_id == booked.id
        found = row.recall.outcome
        assert (found.group, found.then, found.now) == (
            Group.BOOKED, Triage.CAUTION, Triage.REVIEW
        )  # fmt: skip
        assert [one.rule_id for one in found.to_look_at] == ["aspirin-alone"]
        assert clinic.recall_of(healthy.id) is None
        assert "recalled" in actions_on(clinic.store, booked.id)

    def test_lets_nobody_go_ahead_before_the_pass_came_to_them(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)

        with pytest.raises(StateError, match="Deal with the recall"):
            clinic.chair.confirm(booked.id)

        assert clinic.recall_of(booked.id).is_open

    def test_lets_nobody_be_treated_who_was_confirmed_before(self, clinic):
        booked = clinic.booked()
        clinic.chair.confirm(booked.id)
        clinic.put_in_force(*STRICTER)

        with pytest.raises(StateError, match="Deal with the recall"):
            clinic.chair.record(booked.id)

    def test_lets_nobody_decide_to_treat(self, clinic):
        sent = clinic.desk.sent("aspirin")
        clinic.put_in_force(*STRICTER)

        with pytest.raises(DecisionRefusedError) as refusal:
            clinic.desk.decide(sent.id, PROCEED)

        assert [fault for fault in refusal.value.faults if "Deal with the recall" in fault]

    def test_lets_everybody_be_referred_or_deferred(self, clinic):
        sent = clinic.desk.sent("aspirin")
        clinic.put_in_force(*STRICTER)

        clinic.desk.decide(sent.id, Decision(Disposition.REFER, "What of aspirin?"))

        assert clinic.desk.case(sent.id).last_decision.disposition is Disposition.REFER

    def test_comes_to_a_form_that_was_begun_before_and_sent_after(self, clinic):
        filled = clinic.desk.filled("aspirin")
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        clinic.desk.send(filled)
        go_round(clinic.store)

        assert clinic.recall_of(filled.id).is_open

    def test_says_nothing_of_a_milder_rule(self, clinic):
        booked = clinic.booked()

        clinic.put_in_force((RULES, "  - id: aspirin-alone", "  - id: aspirin-on-its-own"))
        go_round(clinic.store)

        assert clinic.recall_of(booked.id) is None

    def test_calls_back_for_a_new_reason_that_is_no_graver_than_an_old_one(self, clinic):
        sent = clinic.desk.sent("warfarin-steady")
        triage = clinic.desk.case(sent.id).screening.screening.triage

        clinic.put_in_force(*ASKED_MORE)
        go_round(clinic.store)

        found = clinic.recall_of(sent.id).outcome
        assert found.then is found.now is triage is Triage.REVIEW
        assert [one.rule_id for one in found.to_look_at] == ["moon-dust"]

    def test_says_what_a_form_did_not_ask(self, clinic):
        booked = clinic.booked()

        clinic.put_in_force(*ASKED_MORE)
        go_round(clinic.store)

        assert clinic.recall_of(booked.id).is_unasked


class TestGoingBack:
    def test_ends_what_the_later_rules_asked_for(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        clinic.put_in_force()

        assert clinic.listed().rows == ()
        (ended,) = recalls.of_case(clinic.store, booked.id)
        assert ended.dealt.how is Handling.RULES_GONE
        clinic.chair.confirm(booked.id)
        clinic.chair.record(booked.id, DONE)

    def test_and_forth_ends_no_recall_as_dealt_with_and_lets_nobody_go_ahead(self, clinic):
        booked = clinic.booked()
        for edits in (STRICTER, ()):
            clinic.put_in_force(*edits)
            go_round(clinic.store)
        clinic.put_in_force(*STRICTER)  # and the pass has not come by yet

        found = recall.recalls_of(clinic.store, response_id=booked.id, by=clinic.desk.people.ada)

        assert found.last is None
        assert [one.is_over for one in found.ended] == [True]
        with pytest.raises(StateError, match="Deal with the recall"):
            clinic.chair.confirm(booked.id)

    def test_says_by_which_rules_a_patient_is_not_treated(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        clinic.deal(booked.id, Handling.NOT_TREATED)
        clinic.put_in_force()

        found = recall.recalls_of(clinic.store, response_id=booked.id, by=clinic.desk.people.ada)

        assert (found.last.is_refused, found.is_in_force) == (True, False)
        with pytest.raises(StateError, match="stays so under other rules"):
            clinic.chair.confirm(booked.id)

    def test_and_forth_calls_them_back_again(self, clinic):
        booked = clinic.booked()
        for edits in (STRICTER, (), STRICTER):
            clinic.put_in_force(*edits)
            go_round(clinic.store)

        assert clinic.recall_of(booked.id).is_open
        assert len(recalls.of_case(clinic.store, booked.id)) == 2

    def test_frees_who_was_to_be_asked_again(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        clinic.deal(booked.id, Handling.ASKED_AGAIN)

        clinic.put_in_force()

        clinic.chair.confirm(booked.id)


class TestDealing:
    @pytest.fixture
    def booked(self, clinic):
        found = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        return found

    def test_with_it_changes_nothing_lets_the_patient_be_treated(self, clinic, booked):
        clinic.deal(booked.id, Handling.STANDS, "  Takes none any more. ")

        clinic.chair.confirm(booked.id)
        clinic.chair.record(booked.id, DONE)
        dealt = clinic.recall_of(booked.id).dealt
        assert (dealt.words, dealt.by_name) == ("Takes none any more.", clinic.desk.people.ada.name)
        assert clinic.listed().rows == ()

    @pytest.mark.parametrize("how", [Handling.ASKED_AGAIN, Handling.NOT_TREATED])
    def test_otherwise_takes_it_off_the_list_and_lets_nobody_treat(self, clinic, booked, how):
        clinic.deal(booked.id, how)

        assert clinic.listed().rows == ()
        with pytest.raises(StateError, match=r"with the recall (again|on this case again)"):
            clinic.chair.confirm(booked.id)

    def test_leaves_whoever_is_to_be_asked_on_a_list_until_a_form_is_begun(self, clinic, booked):
        ada = clinic.desk.people.ada
        clinic.deal(booked.id, Handling.ASKED_AGAIN)
        listed = recall.list_to_be_asked(clinic.store, by=ada)
        elsewhere = replace(ada, sites=frozenset({"elsewhere"}))

        versions.amend(clinic.store, response_id=booked.id, by=ada, now=NOW)

        assert [row.case.response_id for row in listed.rows] == [booked.id]
        assert (listed.count, listed.has_more) == (1, False)
        assert recall.list_to_be_asked(clinic.store, by=ada).rows == ()
        assert recall.list_to_be_asked(clinic.store, by=elsewhere).rows == ()

    @pytest.mark.parametrize("how", [Handling.STANDS, Handling.NOT_TREATED])
    def test_otherwise_puts_nobody_on_the_list_of_those_to_be_asked(self, clinic, booked, how):
        clinic.deal(booked.id, Handling.ASKED_AGAIN)
        clinic.deal(booked.id, how)

        assert recall.list_to_be_asked(clinic.store, by=clinic.desk.people.ada).count == 0

    def test_of_rules_that_are_gone_asks_nobody(self, clinic, booked):
        clinic.deal(booked.id, Handling.ASKED_AGAIN)

        clinic.put_in_force()

        assert recall.list_to_be_asked(clinic.store, by=clinic.desk.people.ada).count == 0

    def test_once_more_keeps_both_words(self, clinic, booked):
        clinic.deal(booked.id, Handling.ASKED_AGAIN, "Left a message.")

        clinic.deal(booked.id, Handling.STANDS, "She called: stopped last year.")

        said = clinic.recall_of(booked.id).dealings
        assert [one.words for one in said] == ["Left a message.", "She called: stopped last year."]
        clinic.chair.confirm(booked.id)

    def test_lasts_through_rules_that_say_no_more(self, clinic, booked):
        clinic.deal(booked.id)

        clinic.put_in_force(*STRICTER, (RULES, "title: Daily aspirin", "title: Aspirin, daily"))
        go_round(clinic.store)

        assert clinic.recall_of(booked.id) is None
        clinic.chair.confirm(booked.id)

    def test_does_not_last_through_rules_that_say_more(self, clinic, booked):
        clinic.deal(booked.id)

        clinic.put_in_force(*STRICTER, *ASKED_MORE)
        go_round(clinic.store)

        assert clinic.recall_of(booked.id).is_open

    def test_lasts_through_the_chair_where_nothing_is_new(self, clinic, booked):
        clinic.deal(booked.id)

        clinic.chair.confirm(booked.id)
        go_round(clinic.store)

        assert not clinic.recall_of(booked.id).holds

    def test_takes_words(self, clinic, booked):
        with pytest.raises(DealingRefusedError) as refusal:
            clinic.deal(booked.id, words=" \u200b ")

        assert refusal.value.faults == ["Write what was done, or why nothing has to be."]

    def test_is_for_clinicians_of_the_site_and_not_for_the_rules(self, clinic, booked):
        ada = clinic.desk.people.ada
        with pytest.raises(NotAllowedError):
            clinic.deal(booked.id, by=clinic.desk.people.cleo)
        with pytest.raises(NotFoundError):
            clinic.deal(booked.id, by=replace(ada, sites=frozenset({"elsewhere"})))
        with pytest.raises(StateError):
            clinic.deal(booked.id, Handling.RULES_GONE)

    def test_is_not_done_twice(self, clinic, booked):
        found = clinic.recall_of(booked.id)
        clinic.deal(booked.id)

        refused(
            clinic.store,
            ConflictError,
            lambda: deal_with(
                clinic.store, response_id=booked.id, recall_id=found.id, how=Handling.STANDS,
                words="Me too.", by=clinic.desk.people.ada, now=NOW,
            ),
        )  # fmt: skip

    def test_with_what_is_a_dermatologists_is_theirs(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*FOR_DERMATOLOGIST)
        go_round(clinic.store)
        ben = clinic.desk.people.ben
        assert ben.role is Role.DERMATOLOGIST

        with pytest.raises(DealingRefusedError, match="not dealt with") as refusal:
            clinic.deal(booked.id)
        assert "leaves this to a dermatologist" in refusal.value.faults[0]

        clinic.deal(booked.id, Handling.ASKED_AGAIN)
        clinic.deal(booked.id, by=ben)
        assert not clinic.recall_of(booked.id).holds


class TestWaysRound:
    @pytest.fixture
    def theirs(self, clinic):
        """A case that goes ahead, and that the rules in force leave to a dermatologist."""
        found = clinic.booked()
        clinic.put_in_force(*FOR_DERMATOLOGIST)
        go_round(clinic.store)
        return found

    def test_a_rule_that_only_becomes_a_dermatologists_calls_back(self, clinic):
        clinic.put_in_force(*STRICTER)
        strict = replace(clinic.desk, pack=rule_packs.kept_pack(
            clinic.store, rule_packs.hash_in_force(clinic.store), TODAY
        ))  # fmt: skip
        sent = strict.sent("aspirin")

        clinic.put_in_force(*FOR_DERMATOLOGIST)
        go_round(clinic.store)

        found = clinic.recall_of(sent.id)
        assert found.is_theirs
        assert found.outcome.then is found.outcome.now is Triage.REVIEW

    def test_what_a_practitioner_said_does_not_last_once_it_is_a_dermatologists(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        clinic.deal(booked.id)

        clinic.put_in_force(*FOR_DERMATOLOGIST)
        go_round(clinic.store)

        assert clinic.recall_of(booked.id).is_open

    def test_a_practitioner_does_not_withdraw_what_is_a_dermatologists(self, clinic, theirs):
        refused(clinic.store, NotAllowedError, lambda: clinic.desk.withdraw(theirs.id))

        clinic.desk.withdraw(theirs.id, by=clinic.desk.people.ben)

    def test_nor_before_the_pass_came_to_it(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*FOR_DERMATOLOGIST)

        with pytest.raises(NotAllowedError, match="leave this case to a dermatologist"):
            clinic.desk.withdraw(booked.id)

    def test_another_form_of_the_patient_does_not_go_ahead(self, clinic, theirs):
        other = clinic.of_the_same_patient(theirs.id)

        with pytest.raises(DecisionRefusedError) as refusal:
            clinic.desk.decide(other.id, Decision(Disposition.PROCEED))

        assert [fault for fault in refusal.value.faults if "On another form" in fault]

    def test_another_form_goes_ahead_once_a_dermatologist_asked_for_it(self, clinic, theirs):
        clinic.deal(theirs.id, Handling.ASKED_AGAIN, by=clinic.desk.people.ben)
        other = clinic.of_the_same_patient(theirs.id)

        clinic.desk.decide(other.id, Decision(Disposition.PROCEED))

        assert clinic.desk.case(other.id).last_decision.disposition is Disposition.PROCEED

    def test_a_practitioner_does_not_take_back_what_a_dermatologist_said(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        clinic.deal(booked.id, Handling.NOT_TREATED, "Bleeds.", by=clinic.desk.people.ben)

        with pytest.raises(DealingRefusedError) as refusal:
            clinic.deal(booked.id)

        assert "A dermatologist said what follows" in refusal.value.faults[0]
        clinic.deal(booked.id, by=clinic.desk.people.ben)

    def test_going_back_does_not_undo_that_a_patient_is_not_treated(self, clinic, theirs):
        clinic.deal(theirs.id, Handling.NOT_TREATED, "Bleeds.")

        clinic.put_in_force()

        with pytest.raises(StateError, match="is not treated"):
            clinic.chair.confirm(theirs.id)
        clinic.deal(theirs.id, by=clinic.desk.people.ben)
        clinic.chair.confirm(theirs.id)

    def test_rules_put_in_force_just_now_let_nobody_through(self, clinic, monkeypatch):
        booked = clinic.booked()
        look_at = treat.look_at

        def and_then(*given, **named):
            found = look_at(*given, **named)
            clinic.put_in_force(*STRICTER)
            return found

        monkeypatch.setattr(treat, "look_at", and_then)

        with pytest.raises(ConflictError, match="just now"):
            clinic.chair.confirm(booked.id)

    def test_a_case_is_looked_at_that_counts_again(self, clinic):
        booked = clinic.booked()
        ada = clinic.desk.people.ada
        newer = clinic.desk.send(
            versions.amend(clinic.store, response_id=booked.id, by=ada, now=NOW)
        )
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        clinic.desk.withdraw(newer.id)

        assert booked.id in {row.case.response_id for row in clinic.listed().rows}

    def test_a_decision_not_to_treat_is_the_answer_to_a_recall(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        clinic.desk.decide(booked.id, Decision(Disposition.DO_NOT_TREAT, "She bleeds."), seen=1)

        dealt = clinic.recall_of(booked.id).dealt
        assert (dealt.how, dealt.words) == (Handling.NOT_TREATED, "She bleeds.")

    def test_a_case_that_cannot_be_compared_is_called_back(self, clinic, monkeypatch):
        booked = clinic.booked(), clinic.booked("Rosa Ready")
        clinic.put_in_force(*STRICTER)
        faults, judge = [ZeroDivisionError], impact.screen_told

        def broken(*case):
            if faults:
                raise faults.pop()
            return judge(*case)

        monkeypatch.setattr(impact, "differing", lambda *_: None)  # every case is screened whole
        monkeypatch.setattr(impact, "screen_told", broken)
        go_round(clinic.store)

        recalls = [clinic.recall_of(one.id) for one in booked]
        titles = {moved.title for one in recalls for moved in one.outcome.to_look_at}
        assert all(one.is_open for one in recalls)
        assert titles == {"This case could not be held against the rules", "Daily aspirin"}


class TestTheList:
    def test_says_how_much_is_left_to_look_at(self, clinic):
        clinic.booked()
        clinic.put_in_force(*STRICTER)
        before = recall.progress(clinic.store)

        go_round(clinic.store)

        assert before.left == 1
        assert recall.progress(clinic.store).left == 0

    def test_says_that_it_does_not_go_on(self, clinic, monkeypatch):
        clinic.booked()
        clinic.put_in_force(*STRICTER)

        def fail(*_):
            raise RuntimeError

        monkeypatch.setattr(passes, "assessor", fail)
        passes.carry_on(clinic.store, today=TODAY, now=NOW, goes_on=lambda: True)

        assert recall.progress(clinic.store).trouble == "RuntimeError"

    def test_has_those_to_be_treated_first(self, clinic):
        waiting = clinic.desk.sent("aspirin", name="Wilma Waiting")
        treated = clinic.booked("Tina Treated")
        clinic.chair.confirm(treated.id)
        clinic.chair.record(treated.id, DONE)
        booked = clinic.booked()

        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        shown = [row.case.response_id for row in clinic.listed().rows]
        assert shown == [booked.id, waiting.id, treated.id]
        assert clinic.listed().count == recall.count_open(clinic.store, by=clinic.desk.people.ada)

    def test_comes_in_pages(self, clinic, monkeypatch):
        monkeypatch.setattr(recall, "PAGE_ROWS", 2)
        sent = {clinic.desk.sent("aspirin", name=f"Patient {n}").id for n in range(3)}
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        first = clinic.listed()
        rest = recall.list_open(
            clinic.store, by=clinic.desk.people.ada, after=first.rows[-1].recall.id
        )

        assert first.has_more
        assert not rest.has_more
        assert {row.case.response_id for row in (*first.rows, *rest.rows)} == sent

    def test_is_of_the_reachable_sites(self, clinic):
        clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        elsewhere = replace(clinic.desk.people.ada, sites=frozenset({"elsewhere"}))

        assert clinic.listed(elsewhere).rows == ()
        assert clinic.listed(elsewhere).count == 0

    def test_leaves_out_what_was_withdrawn_or_replaced(self, clinic):
        gone, replaced = clinic.booked("Wanda"), clinic.booked("Rosa")
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)

        clinic.desk.withdraw(gone.id)
        clinic.desk.send(
            versions.amend(
                clinic.store, response_id=replaced.id, by=clinic.desk.people.ada, now=NOW
            )
        )

        assert replaced.id not in {row.case.response_id for row in clinic.listed().rows}
        assert gone.id not in {row.case.response_id for row in clinic.listed().rows}

    def test_goes_with_a_patient_who_is_erased(self, clinic):
        booked = clinic.booked()
        clinic.put_in_force(*STRICTER)
        go_round(clinic.store)
        patient = clinic.desk.case(booked.id).patient

        retention.erase_patient(
            clinic.store,
            record_number=patient.record_number,
            born=patient.birth_date,
            reason="Asked for it.",
            by=clinic.desk.people.cleo,
            now=NOW,
        )

        assert recalls.of_case(clinic.store, booked.id) == []


class TestPasses:
    @pytest.fixture
    def other(self, clinic):
        """Another pack, kept and not in force."""
        files = changed(clinic.files, *STRICTER)
        hash_ = hash_of(files)
        with clinic.store.write() as db:
            packs_kept.keep_pack(
                db, hash_=hash_, name="microneedling", version="0.2.0", files=files, now=NOW
            )
        return hash_

    def test_of_the_whole_clinic_find_what_the_preview_finds(self, clinic, other):
        clinic.booked()
        clinic.desk.sent(name="Rosa Routine")

        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
        go_round(clinic.store)

        found = newest(clinic.store, Kind.IMPACT, other)
        sample, looked = passes.preview(clinic.store, hash_=other, by=COMMAND_LINE, today=TODAY)
        assert found.ended_at == NOW
        assert (found.looked, looked) == (2, 2)
        for count in (found.impact, sample):
            assert count.all.cases == 2
            assert list(count.moves()) == [(Group.BOOKED, Triage.CAUTION, Triage.REVIEW, 1)]
        assert found.impact.rules() == sample.rules()
        assert found.impact.of(Group.BOOKED).ways[Direction.HIGHER] == 1

    def test_of_the_whole_clinic_say_how_many_they_do_not_concern(self, clinic, other):
        clinic.booked()
        clinic.desk.begin(name="Berta Begun")

        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
        go_round(clinic.store)

        sample, _ = passes.preview(clinic.store, hash_=other, by=COMMAND_LINE, today=TODAY)
        found = newest(clinic.store, Kind.IMPACT, other).impact
        assert found.others == sample.others == 1

    def test_name_those_first_whose_severity_changes(self, clinic, other):
        booked = clinic.booked()
        waits = clinic.desk.sent("aspirin", name="Wanda Waiting")
        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
        go_round(clinic.store)
        one = newest(clinic.store, Kind.IMPACT, other)
        found = {each.response_id: each for each in differences(clinic.store, one, 10)}
        stays = replace(found[booked.id], now=found[booked.id].then)

        with clinic.store.write() as db:
            keep_differences(db, one, [booked.id], [stays])

        listed = [each.response_id for each in differences(clinic.store, one, 10)]
        assert listed == [waits.id, booked.id]

    @pytest.mark.parametrize("changes", ["sent", "decided", "withdrawn"])
    def test_are_of_now_until_something_comes(self, clinic, other, changes):
        sent = clinic.desk.sent("aspirin")
        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)

        def standing():
            return passes.standing_of(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE)

        begun = standing()
        go_round(clinic.store)
        done = standing()
        if changes == "sent":
            clinic.desk.sent(name="Nora Newer")
        elif changes == "decided":
            clinic.desk.decide(sent.id, PROCEED)
        else:
            clinic.withdraw(sent.id)

        assert not begun.is_whole
        assert (done.is_whole, done.is_of_now) == (True, True)
        assert (standing().is_whole, standing().is_of_now) == (True, False)

    def test_that_were_stopped_are_no_whole_ones(self, clinic, other, monkeypatch):
        monkeypatch.setattr(passes, "FEW", 1)
        for number in range(3):
            clinic.desk.sent("aspirin", name=f"Patient {number}")
        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
        passes.carry_on(clinic.store, today=TODAY, now=NOW, goes_on=lambda: True)

        passes.end(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)

        found = passes.standing_of(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE)
        assert (found.is_stopped, found.is_whole, found.is_of_now) == (True, False, False)
        assert (found.gone, found.left) == (1, 2)

    def test_go_on_where_another_process_stopped(self, clinic, other, monkeypatch):
        monkeypatch.setattr(passes, "FEW", 1)
        for number in range(3):
            clinic.desk.sent("aspirin", name=f"Patient {number}")
        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
        (stale,) = under_way(clinic.store)
        passes.carry_on(clinic.store, today=TODAY, now=NOW, goes_on=lambda: True)

        assert passes._next(clinic.store, stale, TODAY, NOW)  # what another did is not done twice
        go_round(clinic.store)

        assert newest(clinic.store, Kind.IMPACT, other).impact.all.cases == 3

    def test_count_a_case_that_is_screened_again_meanwhile_once(self, clinic, other):
        booked = clinic.booked()
        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
        clinic.chair.confirm(booked.id)

        go_round(clinic.store)

        assert newest(clinic.store, Kind.IMPACT, other).impact.all.cases == 1

    def test_keep_how_many_were_never_screened(self, clinic, other, monkeypatch):
        monkeypatch.setattr(passes.places, "not_assessed", lambda _: ["a", "b"])
        passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)

        go_round(clinic.store)

        assert newest(clinic.store, Kind.IMPACT, other).impact.unscreened == 2

    def test_beside_the_rules_in_force_come_to_what_is_new(self, clinic, other):
        passes.begin(clinic.store, Kind.SHADOW, hash_=other, by=COMMAND_LINE, now=NOW)
        go_round(clinic.store)
        sent = clinic.desk.sent("aspirin")
        go_round(clinic.store)

        found = newest(clinic.store, Kind.SHADOW, other)
        assert found.ended_at is None
        differing = list(differences(clinic.store, found, 10))
        assert [one.response_id for one in differing] == [sent.id]
        assert clinic.recall_of(sent.id) is None

        passes.end(clinic.store, Kind.SHADOW, hash_=other, by=COMMAND_LINE, now=NOW + DAY)
        clinic.desk.sent("aspirin", name="Late Lena")
        go_round(clinic.store)
        assert newest(clinic.store, Kind.SHADOW, other).looked == 1

    def test_begun_anew_forget_what_was_found_before(self, clinic, other):
        clinic.booked()
        for _ in range(2):
            passes.begin(clinic.store, Kind.IMPACT, hash_=other, by=COMMAND_LINE, now=NOW)
            go_round(clinic.store)

        assert len(clinic.store.rows("SELECT * FROM passes WHERE kind = 'impact'")) == 1
        assert len(clinic.store.rows("SELECT * FROM differences")) == 1

    def test_are_for_administrators_and_for_other_packs_than_the_one_in_force(self, clinic, other):
        for kind in (Kind.IMPACT, Kind.SHADOW):
            refused(
                clinic.store,
                NotAllowedError,
                lambda kind=kind: passes.begin(
                    clinic.store, kind, hash_=other, by=clinic.desk.people.ada, now=NOW
                ),
            )
        refused(
            clinic.store,
            StateError,
            lambda: passes.begin(
                clinic.store, Kind.SHADOW, hash_=clinic.desk.pack.hash, by=COMMAND_LINE, now=NOW
            ),
        )
        refused(
            clinic.store,
            StateError,
            lambda: passes.begin(clinic.store, Kind.RECALL, hash_=other, by=COMMAND_LINE, now=NOW),
        )

    def test_that_meet_trouble_say_so_and_hold_no_other_up(self, clinic, other):
        clinic.booked()
        passes.begin(clinic.store, Kind.SHADOW, hash_=other, by=COMMAND_LINE, now=NOW)
        by_hand(clinic.store.connection, f"UPDATE packs SET files = '{{}}' WHERE hash = '{other}'")  # noqa: S608
        recall._PACKS.__init__(8)  # it was read before

        assert not passes.carry_on(clinic.store, today=TODAY, now=NOW, goes_on=lambda: True)

        (one,) = under_way(clinic.store)
        assert one.trouble
