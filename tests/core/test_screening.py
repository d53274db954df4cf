"""Findings, triage, the earliest safe date, and what is set aside."""

from datetime import date
from unittest.mock import Mock

import pytest

from intake.core.answers import Chosen, Listed, Missing, Worded
from intake.core.conditions import All, AnyOf, Not
from intake.core.dates import Window
from intake.core.explanations import MOST_CITED, explain
from intake.core.keeping import words_for
from intake.core.questionnaire import Kind
from intake.core.reading import case_of, read_all
from intake.core.rules import Level, Triage
from intake.core.screening import judge, screen
from intake.core.sentences import Comparison
from intake.core.vocabulary import Vocabulary
from tests.core.builders import (
    AREA,
    DEVICE,
    MET,
    NEVER,
    NO,
    NOT_MET,
    STILL,
    TODAY,
    UNKNOWN,
    YES,
    age,
    ago,
    at_least_of,
    breaks,
    compares,
    device_is,
    is_,
    item,
    listed,
    named,
    on,
    pack,
    picked,
    rule,
    stopped,
    takes,
    within,
)

STOP, REVIEW, DEFER, CAUTION = Level
A, B = item("a"), item("b")
WHEN = item("when", Kind.DATE, words={STILL: "Not yet", NEVER: "Never"})
MEDICINES = item("medicines", Kind.MEDICINES)
BIRTH_DATE = item("birth_date", Kind.DATE, from_record="birth_date")
GATED = item("gated", enable_when=is_("a", "yes"))
ITEMS = (A, B, WHEN, MEDICINES, BIRTH_DATE, GATED)
VAGUE = on("2026-05-01", "2026-06-10")


def screened(*rules, **answers):
    return screen(pack(ITEMS, rules), answers, TODAY)


def finding_of(*rules, **answers):
    (finding,) = screened(*rules, **answers).findings
    return finding


def day(text):
    return date.fromisoformat(text)


class TestLevelsAndEffects:
    @pytest.mark.parametrize("level", Level)
    def test_a_met_rule_has_the_effect_of_its_level(self, level):
        finding = finding_of(rule("r", level, is_("a", "yes")), a=YES)

        assert (finding.truth, finding.effect) == (MET, Triage(level.value))

    @pytest.mark.parametrize("level", Level)
    def test_a_rule_that_is_not_met_is_silent(self, level):
        screening = screened(rule("r", level, is_("a", "yes")), a=NO)

        assert screening.findings == ()
        assert screening.triage is Triage.ROUTINE

    @pytest.mark.parametrize(
        ("level", "effect"),
        [
            (STOP, Triage.REVIEW),
            (REVIEW, Triage.REVIEW),
            (DEFER, Triage.REVIEW),
            (CAUTION, Triage.CAUTION),
        ],
    )
    def test_a_rule_that_cannot_be_ruled_out(self, level, effect):
        finding = finding_of(rule("r", level, is_("a", "yes")), a=Missing.NOT_SURE)

        assert (finding.truth, finding.effect, finding.only_dates) == (UNKNOWN, effect, False)

    @pytest.mark.parametrize(
        ("level", "effect"),
        [
            (STOP, Triage.REVIEW),
            (REVIEW, Triage.REVIEW),
            (DEFER, Triage.DEFER),
            (CAUTION, Triage.CAUTION),
        ],
    )
    def test_a_rule_that_only_a_vague_date_leaves_open(self, level, effect):
        finding = finding_of(rule("r", level, within("when", "14 days")), when=VAGUE)

        assert (finding.truth, finding.effect, finding.only_dates) == (UNKNOWN, effect, True)

    def test_the_finding_carries_the_rule(self):
        finding = finding_of(rule("r", STOP, is_("a", "yes")), a=YES)

        assert (finding.rule_id, finding.title, finding.level) == ("r", "Title of r", STOP)
        assert (finding.label, finding.error) == (None, False)

    def test_no_rule_at_all_is_routine(self):
        assert screened().triage is Triage.ROUTINE


class TestTriage:
    def test_is_the_most_serious_finding_in_the_order_of_the_queue(self):
        order = [Triage.STOP, Triage.REVIEW, Triage.DEFER, Triage.CAUTION, Triage.ROUTINE]

        assert list(Triage) == order
        assert [triage.rank for triage in order] == [0, 1, 2, 3, 4]
        for number, triage in enumerate(order):
            assert Triage.most_serious(order[number:][::-1]) is triage

    def test_all_findings_are_kept_most_serious_first_then_met_then_by_name(self):
        met = is_("a", "yes")
        unsure = is_("b", "yes")

        screening = screened(
            rule("caution", CAUTION, met),
            rule("b-review", REVIEW, met),
            rule("unknown-stop", STOP, unsure),
            rule("a-review", REVIEW, met),
            rule("stop", STOP, met),
            rule("silent", STOP, is_("a", "no")),
            a=YES,
        )

        found = [finding.rule_id for finding in screening.findings]
        assert found == ["stop", "a-review", "b-review", "unknown-stop", "caution"]
        assert screening.triage is Triage.STOP

    def test_the_screening_says_what_it_was_made_from(self):
        screening = screen(pack(ITEMS, version="7", hash="abc"), {}, TODAY)

        assert (screening.on, screening.pack_version, screening.pack_hash) == (TODAY, "7", "abc")
        assert screening.engine_version


class TestEarliestSafeDate:
    def test_is_the_end_of_the_window(self):
        finding = finding_of(rule("r", DEFER, within("when", "14 days")), when=on("2026-06-10"))

        assert finding.earliest_safe_date == day("2026-06-24")

    def test_of_a_vague_date_is_the_worst_case(self):
        screening = screened(rule("r", DEFER, within("when", "14 days")), when=VAGUE)

        assert screening.triage is Triage.DEFER
        assert screening.earliest_safe_date == day("2026-06-24")

    def test_of_month_windows_is_the_first_day_the_window_is_over(self):
        finding = finding_of(rule("r", DEFER, within("when", "6 months")), when=on("2025-12-31"))

        assert finding.earliest_safe_date == day("2026-07-01")

    def test_is_missing_while_it_is_still_going_on(self):
        screening = screened(rule("r", DEFER, within("when", "14 days")), when=Worded(STILL))

        assert screening.triage is Triage.DEFER
        assert screening.earliest_safe_date is None

    def test_of_two_deferring_rules_is_the_later(self):
        screening = screened(
            rule("short", DEFER, within("when", "14 days")),
            rule("long", DEFER, within("when", "1 month")),
            when=on("2026-06-10"),
        )

        assert screening.earliest_safe_date == day("2026-07-10")

    def test_is_missing_while_one_of_two_has_none(self):
        screening = screened(
            rule("short", DEFER, within("when", "14 days")),
            rule("open", DEFER, is_("a", "yes")),
            when=on("2026-06-10"),
            a=YES,
        )

        assert screening.earliest_safe_date is None

    def test_counts_only_findings_that_defer(self):
        screening = screened(
            rule("short", DEFER, within("when", "14 days")),
            rule("note", CAUTION, is_("a", "yes")),
            rule("stop", STOP, within("when", "1 month")),
            when=on("2026-06-10"),
            a=YES,
        )

        assert screening.earliest_safe_date == day("2026-06-24")

    def test_waits_for_every_window_of_a_condition(self):
        either = AnyOf((within("when", "14 days"), takes("anticoagulant", within="1 month")))

        finding = finding_of(
            rule("r", DEFER, either),
            when=on("2026-06-10"),
            medicines=listed(stopped("warfarin", "2026-06-01")),
        )

        assert finding.earliest_safe_date == day("2026-07-01")

    def test_is_a_birthday_where_the_rule_is_about_age(self):
        young = age(Comparison.BELOW, 18)

        finding = finding_of(rule("r", DEFER, young), birth_date=on("2008-12-24"))

        assert finding.earliest_safe_date == day("2026-12-24")

    def test_is_missing_where_time_only_makes_it_worse(self):
        finding = finding_of(rule("r", DEFER, ago("when", "14 days")), when=on("2026-01-01"))

        assert finding.earliest_safe_date is None

    def test_is_not_the_end_of_a_gap_after_which_it_is_met_again(self):
        """Met within two weeks, not met for a while, met again after a month."""
        twice = AnyOf((within("when", "14 days"), ago("when", "1 month")))

        finding = finding_of(rule("r", DEFER, twice), when=on("2026-06-10"))

        assert finding.earliest_safe_date is None

    def test_knows_that_a_question_will_be_asked_later(self):
        """An answer that is set aside today counts again once its own gate opens."""
        late = item("late", enable_when=ago("when", "1 month"))
        either = AnyOf((within("when", "14 days"), is_("late", "yes")))
        answers = {"when": on("2026-06-10"), "late": YES}

        screening = screen(pack((WHEN, late), [rule("r", DEFER, either)]), answers, TODAY)

        assert screening.earliest_safe_date is None


class TestOnlyDates:
    def test_another_missing_answer_sends_it_to_review(self):
        both = All((within("when", "14 days"), is_("a", "yes")))

        finding = finding_of(rule("r", DEFER, both), when=VAGUE)

        assert (finding.effect, finding.only_dates) == (Triage.REVIEW, False)

    def test_a_missing_answer_that_cannot_matter_does_not(self):
        either = All((within("when", "14 days"), AnyOf((is_("a", "yes"), is_("b", "yes")))))

        finding = finding_of(rule("r", DEFER, either), when=VAGUE, b=YES)

        assert (finding.effect, finding.only_dates) == (Triage.DEFER, True)

    def test_a_vague_day_of_stopping_a_medicine_is_a_date(self):
        recent = takes("anticoagulant", within="14 days")
        rows = listed(stopped("warfarin", "2026-05-01", "2026-06-10"))

        finding = finding_of(rule("r", DEFER, recent), medicines=rows)

        assert (finding.effect, finding.earliest_safe_date) == (Triage.DEFER, day("2026-06-24"))

    def test_an_unknown_day_of_stopping_a_medicine_is_not(self):
        recent = takes("anticoagulant", within="14 days")

        finding = finding_of(rule("r", DEFER, recent), medicines=listed(stopped("warfarin")))

        assert (finding.effect, finding.only_dates) == (Triage.REVIEW, False)

    def test_too_many_vague_dates_go_to_review(self):
        recent = takes("anticoagulant", within="14 days")
        rows = Listed(tuple(stopped("warfarin", "2026-05-01", "2026-06-10") for _ in range(20)))

        finding = finding_of(rule("r", DEFER, recent), medicines=rows)

        assert (finding.effect, finding.only_dates) == (Triage.REVIEW, False)

    def test_a_gate_that_hangs_on_a_vague_date_defers_to_its_worst_case(self):
        late = item("late", enable_when=within("when", "14 days"))
        answers = {"when": VAGUE, "late": YES}

        screening = screen(
            pack((WHEN, late), [rule("r", DEFER, is_("late", "yes"))]), answers, TODAY
        )

        assert screening.triage is Triage.DEFER
        assert screening.earliest_safe_date == Window.parse("14 days").over_from(VAGUE.when.latest)


class TestStricterLabels:
    RULE = rule("r", CAUTION, is_("a", "yes"), stricter=[("skinpen", "stop")])

    def test_the_device_of_the_label_makes_the_rule_stricter(self):
        finding = finding_of(self.RULE, a=YES, **{"plan.device": Chosen("skinpen")})

        assert (finding.level, finding.effect, finding.label) == (STOP, Triage.STOP, "skinpen")
        assert {cited.link_id for cited in finding.cited} == {"a", "plan.device"}

    def test_another_device_leaves_the_rule_as_it_is(self):
        finding = finding_of(self.RULE, a=YES, **{"plan.device": Chosen("generic")})

        assert (finding.level, finding.effect, finding.label) == (CAUTION, Triage.CAUTION, None)

    def test_an_unknown_device_leaves_the_stricter_claim_open(self):
        finding = finding_of(self.RULE, a=YES)

        assert (finding.effect, finding.label, finding.is_label_open) == (
            Triage.REVIEW,
            "skinpen",
            True,
        )
        assert (finding.level, finding.truth) == (CAUTION, MET)

    def test_an_unknown_answer_is_judged_by_the_stricter_claim(self):
        finding = finding_of(self.RULE, **{"plan.device": Chosen("skinpen")})

        assert finding.effect is Triage.REVIEW

    def test_a_rule_that_is_not_met_stays_silent_on_every_device(self):
        assert screened(self.RULE, a=NO).findings == ()

    def test_a_met_rule_counts_before_an_open_label_of_the_same_effect(self):
        twice = rule("r", REVIEW, is_("a", "yes"), stricter=[("skinpen", "stop")])

        finding = finding_of(twice, a=YES)

        assert (finding.truth, finding.label) == (MET, None)


class TestOneBrokenRule:
    @pytest.mark.parametrize("level", [STOP, REVIEW, DEFER])
    def test_becomes_a_finding_for_review_and_hides_no_other(self, level):
        screening = screened(
            rule("broken", level, breaks("a")), rule("note", CAUTION, is_("a", "yes")), a=YES
        )

        broken, note = screening.findings
        assert (broken.error, broken.truth, broken.effect) == (True, UNKNOWN, Triage.REVIEW)
        assert (note.rule_id, note.error) == ("note", False)

    def test_of_level_caution_stays_a_caution(self):
        finding = finding_of(rule("broken", CAUTION, breaks("a")), a=YES)

        assert (finding.error, finding.effect) == (True, Triage.CAUTION)

    def test_of_level_caution_with_a_label_that_says_stop_goes_to_review(self):
        """What the label claims could not be ruled out either."""
        broken = rule("broken", CAUTION, breaks("a"), stricter=[("skinpen", "stop")])

        finding = finding_of(broken, a=YES, **{"plan.device": Chosen("skinpen")})

        assert finding.effect is Triage.REVIEW

    def test_about_a_question_the_pack_does_not_have_goes_to_review(self):
        finding = finding_of(rule("r", STOP, is_("gone", "yes")), gone=YES)

        assert (finding.error, finding.effect) == (True, Triage.REVIEW)


def test_a_fault_in_reading_medicines_goes_to_review_and_counts_as_unknown(monkeypatch):
    """The patient can send the form all the same; the rules about medicines say what happened."""
    monkeypatch.setattr(Vocabulary, "recognise", Mock(side_effect=RuntimeError))

    screening = screen(
        pack((MEDICINES,), [rule("r", STOP, takes("retinoid"))]), {"medicines": listed("x")}, TODAY
    )

    (finding,) = screening.findings
    assert (finding.error, screening.triage, screening.unknown_count) == (True, Triage.REVIEW, 1)


class TestSetAside:
    RULE = rule("r", STOP, is_("gated", "yes"))

    def test_an_answer_to_a_question_no_longer_asked_is_not_screened(self):
        screening = screened(self.RULE, a=NO, gated=YES)

        assert screening.findings == ()
        assert screening.set_aside == ("gated",)

    def test_it_comes_back_when_the_question_does(self):
        screening = screened(self.RULE, a=YES, gated=YES)

        assert screening.triage is Triage.STOP
        assert screening.set_aside == ()

    def test_while_nobody_knows_whether_it_is_asked_it_is_screened(self):
        screening = screened(self.RULE, gated=YES)

        assert screening.triage is Triage.REVIEW
        assert screening.set_aside == ()

    def test_a_blank_is_no_answer_to_set_aside(self):
        screening = screened(self.RULE, a=NO, gated=Missing.NOT_ANSWERED)

        assert screening.set_aside == ()

    def test_no_finding_shows_an_answer_that_was_set_aside(self):
        finding = finding_of(rule("r", REVIEW, Not(is_("gated", "yes"))), a=NO, gated=YES)

        assert [cited.said for cited in finding.cited] != ["Yes"]


class TestUnknownCount:
    def test_counts_questions_asked_without_a_value(self):
        screening = screened(a=YES, b=Missing.NOT_SURE, when=Missing.WITHHELD, medicines=listed())

        assert screening.unknown_count == len(["b", "when", "birth_date", "gated"])

    def test_leaves_out_what_is_hidden_optional_or_read_by_people_only(self):
        items = (
            A,
            GATED,
            item("optional", required=False),
            item("words", Kind.TEXT, informational=True),
        )

        assert screen(pack(items), {"a": NO}, TODAY).unknown_count == 0

    def test_counts_a_question_that_may_be_asked(self):
        assert screen(pack((A, GATED)), {}, TODAY).unknown_count == 2


class TestCited:
    def test_shows_the_question_the_words_and_the_sentence(self):
        (cited,) = finding_of(rule("r", STOP, is_("a", "yes")), a=YES).cited

        assert (cited.link_id, cited.ask, cited.said) == ("a", "Ask a?", "Yes")
        assert (cited.sentence, cited.truth) == ("a is yes", MET)

    def test_shows_only_what_decides(self):
        condition = All((AnyOf((is_("a", "yes"), is_("b", "yes"))), Not(is_("when", "never"))))

        finding = finding_of(rule("r", STOP, condition), a=YES, b=NO, when=on("2026-01-01"))

        assert [(c.link_id, c.truth) for c in finding.cited] == [("a", MET), ("when", NOT_MET)]

    def test_shows_what_is_unknown(self):
        condition = Not(Not(All((is_("a", "yes"), named(is_("b", "yes"))))))

        finding = finding_of(rule("r", STOP, condition), a=YES)

        assert [(c.link_id, c.said) for c in finding.cited] == [("a", "Yes"), ("b", "Not answered")]

    def test_shows_a_sentence_once(self):
        twice = AnyOf((is_("a", "yes"), All((is_("a", "yes"),))))

        assert len(finding_of(rule("r", STOP, twice), a=YES).cited) == 1


class TestReadAll:
    PACK = pack(ITEMS)

    def test_reads_answers_and_the_plan(self):
        reading = read_all(self.PACK, {"a": "yes"}, {"area": ["face"]}, TODAY)

        assert reading.answers == {"a": YES, "plan.area": picked("face")}
        assert reading.problems == ()

    def test_what_cannot_be_read_is_unknown_and_named(self):
        reading = read_all(self.PACK, {"a": "perhaps"}, {}, TODAY)

        assert reading.answers == {"a": Missing.UNREADABLE}
        assert reading.problems == (("a", "Select yes, no or not sure: Ask a?"),)

    def test_a_question_the_pack_does_not_have_is_named(self):
        reading = read_all(self.PACK, {"gone": "yes"}, {"gone": "1"}, TODAY)

        assert reading.answers == {}
        assert [link_id for link_id, _ in reading.problems] == ["gone", "plan.gone"]

    def test_a_date_wholly_before_the_birth_is_unknown_and_named(self):
        raw = {"birth_date": "1988-03-12", "when": "1987"}

        reading = read_all(self.PACK, raw, {}, TODAY)

        assert reading.answers["when"] is Missing.UNREADABLE
        assert reading.problems == (("when", "Enter a date after the date of birth."),)

    @pytest.mark.parametrize("said", ["1988", "1988-03-12", "never", "still"])
    def test_a_date_that_may_lie_after_the_birth_is_kept(self, said):
        raw = {"birth_date": "1988-03-12", "when": said}

        assert read_all(self.PACK, raw, {}, TODAY).problems == ()

    def test_a_patients_answers_cannot_change_the_plan(self):
        reading = read_all(self.PACK, {"plan.device": "generic"}, {"device": "skinpen"}, TODAY)

        assert reading.answers["plan.device"] == Chosen("skinpen")


class TestExplain:
    def explained(self, condition, **answers):
        some_pack = pack(ITEMS)
        return explain(condition, case_of(some_pack, answers, TODAY), some_pack)

    def test_says_of_a_sentence_its_truth_and_the_answer(self):
        told = self.explained(is_("a", "yes"), a=NO)

        assert (told.text, told.truth, told.said, told.note) == ("a is yes", NOT_MET, "No", "")

    def test_says_where_a_window_begins(self):
        told = self.explained(within("when", "14 days"), when=VAGUE)

        assert told.truth is UNKNOWN
        assert told.note == "the window is after 2026-06-01"

    def test_says_that_a_question_is_not_asked(self):
        assert self.explained(is_("gated", "yes"), a=NO, gated=YES).said == "Not asked"

    def test_goes_through_every_part(self):
        some, many = is_("a", "yes"), is_("b", "yes")
        tree = All((AnyOf((some, many)), Not(some), at_least_of(2, some, many), named(many)))

        told = self.explained(tree, a=YES)

        assert [part.text for part in told.parts] == [
            "any of",
            "not",
            "at least 2 of",
            "thin_blood (Blood that clots badly)",
        ]
        assert [part.truth for part in told.parts] == [MET, NOT_MET, UNKNOWN, UNKNOWN]
        assert (told.text, told.truth) == ("all of", NOT_MET)
        assert told.parts[0].parts[1].said == "Not answered"


def test_one_rule_can_be_judged_by_itself():
    some_pack = pack((*ITEMS, AREA, DEVICE))
    one = rule("r", STOP, All((is_("a", "yes"), device_is("skinpen"))))
    answers = {"a": YES, "plan.device": Chosen("skinpen")}

    assert judge(one, case_of(some_pack, answers, TODAY), some_pack).effect is Triage.STOP
    assert judge(one, case_of(some_pack, {"a": NO}, TODAY), some_pack) is None


def test_a_number_in_the_plan_is_screened_like_an_answer():
    deep = rule("deep", CAUTION, compares("plan.depth_mm", Comparison.ABOVE, "1.5"))
    depth = item("plan.depth_mm", Kind.NUMBER, unit="mm", decimals=1)
    some_pack = pack(ITEMS, [deep], plan=(depth,))
    reading = read_all(some_pack, {}, {"depth_mm": "1,6"}, TODAY)

    screening = screen(some_pack, reading.answers, TODAY)

    assert screening.findings[0].cited[0].said == "1.6 mm"


def test_a_finding_repeats_only_the_beginning_of_a_very_long_list():
    """The whole list stands once in the form, and a hundred findings may cite it."""
    asked = rule("thinned", STOP, takes("anticoagulant"))
    rows = listed(*[f"warfarin {'mg ' * 60}{number}" for number in range(60)])

    (cited,) = screened(asked, medicines=rows).findings[0].cited

    whole = words_for(MEDICINES, rows)
    assert cited.said == f"{whole[:MOST_CITED]} …"
