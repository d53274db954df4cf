"""Figures of cases that were really sent and decided."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from intake.actions import rule_packs
from intake.actions.figures import Wanted, export_figures, read_figures
from intake.actions.rescreen import bring_back
from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.errors import NotAllowedError
from intake.core.figures import Share, Span, span_of
from intake.core.review import needs_reason
from intake.core.rules import Triage
from intake.core.truth import Truth
from intake.core.unknowns import Open
from intake.storage import audit
from intake.storage import figures as stored
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY
from tests.packs.builders import edited

LAST_DAYS = span_of(None, None, TODAY)
REFER = Decision(Disposition.REFER, "Go ahead or not?")
SECRET = "she told me about her aunt"


def counted(desk, span=LAST_DAYS, *, by=None, pack_hash="", timezone=None, now=NOW, today=TODAY):
    def pack_of(hash_):
        packs = {desk.pack.hash: desk.pack}
        return packs.get(hash_) or rule_packs.kept_pack(desk.store, hash_, today)

    return read_figures(
        desk.store,
        pack_of,
        Wanted(span, timezone or ZoneInfo("UTC"), pack_hash),
        by=by or desk.people.ada,
        now=now,
        today=today,
    )


def rule_of(found, rule_id):
    (rule,) = [rule for rule in found.rules if rule.rule_id == rule_id]
    return rule


def go_ahead(desk, response, reason=OverrideReason.EXAMINED, **rest):
    """Decide against every finding, as a dermatologist, with a reason for each."""
    findings = desk.case(response.id).screening.screening.findings
    decision = Decision(
        Disposition.PROCEED,
        overrides=tuple(Override(f.rule_id, reason, SECRET) for f in findings if needs_reason(f)),
        acknowledged=frozenset(f.rule_id for f in findings if not needs_reason(f)),
    )
    return desk.decide(response.id, decision, by=desk.people.ben, **rest)


def test_going_ahead_in_spite_of_a_rule_counts_against_it_with_its_reason(desk):
    go_ahead(desk, desk.sent("needling-27"), OverrideReason.PLAN_CHANGED)
    desk.decide(desk.sent("needling-27").id, Decision(Disposition.DO_NOT_TREAT, "Too early."))
    desk.sent("needling-27")

    rule = rule_of(counted(desk), "needling-interval")

    assert (rule.truth, rule.fired, rule.against) == (Truth.MET, 3, Share(1, 2))
    assert rule.reasons == ((OverrideReason.PLAN_CHANGED, 1),)
    assert rule.title == desk.pack.rules_by_id["needling-interval"].title
    assert rule.pack_version == desk.pack.version


def test_what_was_referred_counts_once_the_dermatologist_has_decided(desk):
    sent = desk.sent("needling-27")
    desk.decide(sent.id, REFER)
    before = rule_of(counted(desk), "needling-interval").against

    go_ahead(desk, sent, seen=1)

    assert before == Share(0, 0)
    assert rule_of(counted(desk), "needling-interval").against == Share(1, 1)


def test_a_rule_that_deferred_is_heeded_though_it_is_gone_on_the_day(desk):
    sent, tomorrow = desk.sent("needling-27"), TODAY + timedelta(days=1)
    desk.decide(sent.id, Decision(Disposition.DEFER, until=tomorrow))
    later = NOW + timedelta(days=1)
    bring_back(desk.store, lambda _: desk.pack, now=later, today=tomorrow)
    desk.decide(sent.id, Decision(Disposition.PROCEED), seen=1, now=later, today=tomorrow)

    rule = rule_of(counted(desk, now=later, today=tomorrow), "needling-interval")

    assert (rule.fired, rule.against) == (1, Share(0, 1))


def test_what_could_not_be_ruled_out_is_counted_apart(desk):
    desk.sent("botox-vague")
    desk.sent("botox-vague")

    rule = rule_of(counted(desk), "botulinum-recent")

    assert (rule.truth, rule.fired) == (Truth.UNKNOWN, 2)


def test_versions_replaced_and_forms_in_error_are_left_out(busy):
    found = counted(busy)

    assert found.cases == 11  # of 13 that were sent
    assert sum(sum(day.sent.values()) for day in found.days) == 12  # the older version was sent


def test_waits_are_told_by_severity_and_for_what_is_still_open(busy):
    found = {one.triage: one for one in counted(busy).triages}

    assert sum(one.sent for one in found.values()) == 11
    stop = found[Triage.STOP]
    assert (stop.sent, stop.wait.ended, stop.wait.still) == (2, 0, 2)
    assert stop.wait.oldest == 30 * 60
    routine = found[Triage.ROUTINE].wait
    assert (routine.ended, routine.longest, routine.still) == (2, 60, 4)


def test_days_are_those_of_the_clinic(desk):
    desk.sent("needling-27", now=NOW.replace(hour=23, minute=30))
    today, tomorrow = (Span(TODAY + timedelta(n), TODAY + timedelta(n)) for n in (0, 1))
    madrid = ZoneInfo("Europe/Madrid")

    here = [counted(desk, span, timezone=madrid) for span in (today, tomorrow)]

    assert [one.cases for one in here] == [0, 1]
    assert [day.day for day in here[1].days] == [tomorrow.since]
    assert counted(desk, today).cases == 1


def test_the_load_has_what_was_decided_on_its_own_day(desk):
    sent = desk.sent("needling-27", now=NOW - timedelta(days=3))
    go_ahead(desk, sent)

    first, *_, last = counted(desk).days

    assert (first.sent, first.decided) == ({Triage.DEFER: 1}, {})
    assert (last.day, last.sent, last.decided) == (TODAY, {}, {Triage.DEFER: 1})


@pytest.mark.parametrize(
    "names",
    [
        ["unknown-medicine", "everything-withheld-private", "botox-vague", "tired-new-mother"],
        ["healthy-woman", "bride-with-deadline", "older-man-on-blood-thinner"],
    ],
)
def test_open_questions_add_up_to_what_the_desk_counts_as_unknown(desk, names):
    sent = [desk.sent(name).id for name in names]

    period = stored.Period(*LAST_DAYS.instants(None))
    told = stored.answered(desk.store, period, ["medicines"])
    private = desk.pack.questionnaire.private
    open_ = sum(one.open.part for one in counted(desk).questions if not one.is_private)
    hidden = sum(
        one.number
        for one in told
        if one.link_id in private and one.value in ("not_sure", "withheld")
    )

    unknown = sum(desk.case(one).screening.screening.unknown_count for one in sent)
    assert open_ + hidden == unknown


def test_a_question_counts_for_the_forms_that_were_asked_it(desk):
    desk.sent("unknown-medicine")
    desk.sent("healthy-woman")

    asked = {one.link_id: one for one in counted(desk).questions}

    assert asked["takes_medicines"].open == Share(0, 2)
    assert asked["medicines"].open == Share(1, 1)
    assert asked["medicines"].why[Open.NOT_UNDERSTOOD] == 1
    assert "birth_date" not in asked


def test_an_answer_that_was_set_aside_was_not_asked(tiny):
    filled = tiny.filled("thirteen-days")
    tiny.send(tiny.save(filled, "cold_sores", cold_sore_ever="not_sure"))
    filled = tiny.filled("thirteen-days")
    tiny.send(tiny.save(filled, "cold_sores", cold_sore_ever="no"))

    period = stored.Period(*LAST_DAYS.instants(None))
    back = list(stored.set_aside(tiny.store, period))
    asked = {one.link_id: one for one in counted(tiny).questions}

    assert [(one.link_id, one.number) for one in back] == [("cold_sore_healed", -1)]
    assert asked["cold_sore_ever"].open == Share(1, 2)


def test_of_rules_on_private_questions_small_numbers_are_not_told(tiny):
    for _ in range(4):
        tiny.sent("thirteen-days")
    few = rule_of(counted(tiny), "cold-sore")
    tiny.sent("thirteen-days")

    enough = rule_of(counted(tiny), "cold-sore")

    assert (few.fired, few.against, few.wait.still) == (None, Share(None, None), None)
    assert (enough.fired, enough.wait.still) == (5, 5)


class TestVersions:
    @pytest.fixture
    def newer(self, tiny):
        """A second version, under which one child has sent a form; two have under the first."""
        tiny.sent("child")
        tiny.sent("child")
        files = edited(("pack.yaml", "version: 1.0.0", "version: 1.1.0"))
        desk = replace(tiny, pack=rule_packs.activate(tiny.store, files, actor="test", now=NOW))
        desk.sent("child")
        return desk

    def test_are_counted_apart(self, newer):
        rules = counted(newer).rules

        assert {r.pack_version: r.fired for r in rules} == {"1.0.0": 2, "1.1.0": 1}

    def test_can_be_looked_at_alone(self, newer):
        found = counted(newer, pack_hash=newer.pack.hash)

        assert [(r.pack_version, r.fired) for r in found.rules] == [("1.1.0", 1)]
        assert found.cases == 1
        assert {one.open.whole for one in found.questions if not one.is_private} == {1}
        assert [sum(day.sent.values()) for day in found.days] == [1]
        assert {pack.version for pack, _ in found.silent} == {"1.1.0"}


class TestWhoMaySee:
    def test_everybody_at_the_desk(self, busy):
        seen = [
            counted(busy, by=who) for who in (busy.people.ada, busy.people.ben, busy.people.cleo)
        ]

        assert seen[0] == seen[1] == seen[2]

    def test_an_administrator_sees_no_rule_of_a_handful_of_forms(self, desk):
        for _ in range(4):
            desk.sent("needling-27")
        few = counted(desk, by=desk.people.cleo)
        clinician = counted(desk)
        desk.sent("needling-27")

        enough = counted(desk, by=desk.people.cleo)

        assert (few.is_held_back, few.rules, few.silent, few.questions) == (True, (), (), ())
        assert clinician.rules
        assert not enough.is_held_back
        assert enough.rules

    def test_nobody_else(self, desk):
        somebody = replace(desk.people.ada, role="visitor")

        refused(desk.store, NotAllowedError, lambda: counted(desk, by=somebody))


def exported(desk, table, by=None):
    lines = export_figures(
        desk.store,
        lambda _: desk.pack,
        Wanted(LAST_DAYS, None),
        table=table,
        by=by,
        now=NOW,
        today=TODAY,
    )
    return list(csv.DictReader(io.StringIO("".join(lines).removeprefix("\ufeff"))))


def test_a_table_has_the_numbers_of_the_page(desk):
    go_ahead(desk, desk.sent("needling-27"))

    rows = {row["rule_id"]: row for row in exported(desk, "rules")}

    fired, silent = rows["needling-interval"], rows["transplant-older"]
    assert (fired["finding"], fired["cases"], fired["went_ahead"]) == ("met", "1", "1")
    assert (fired["percent"], fired["reason_examined"]) == ("", "1")
    assert (silent["cases"], silent["finding"]) == ("0", "")
    assert len(rows) == len(desk.pack.rules)


def test_nothing_of_a_patient_and_no_words_are_in_a_table(busy):
    go_ahead(busy, busy.sent("needling-27", name="Nina Nobody"))

    text = str([exported(busy, table) for table in ("rules", "questions", "days", "waits")])

    for word in (SECRET, "Nina", "Dora", "Ada Practitioner", busy.id_of("Nina Nobody")):
        assert word not in text


def test_a_table_that_leaves_is_audited_and_a_look_is_not(desk):
    counted(desk)
    looked = audit.latest(desk.store)[0].action

    exported(desk, "days", by=desk.people.cleo)
    exported(desk, "waits")

    command, cleo = audit.latest(desk.store)[:2]
    assert looked != "figures exported"
    assert (cleo.actor, cleo.action, cleo.detail) == (
        desk.people.cleo.id, "figures exported", {"table": "days"},
    )  # fmt: skip
    assert command.actor == "command line"


def test_a_clinic_without_forms_has_no_figures(desk):
    found = counted(desk)

    assert (found.cases, found.rules, found.questions, found.days) == (0, (), (), ())
    assert Counter(one.sent for one in found.triages) == {0: 5}
    assert exported(desk, "days") == []


def test_other_days_are_left_out(busy):
    assert counted(busy, Span(date(2026, 6, 13), date(2026, 6, 13))).cases == 1
