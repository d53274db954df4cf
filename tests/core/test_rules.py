"""What a pack holds, and how it is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from intake.core.conditions import All
from intake.core.errors import PackError
from intake.core.evidence import Basis, Setting
from intake.core.questionnaire import AnswerOption, Kind, Page, Questionnaire, Section
from intake.core.reading import case_for
from intake.core.records import Case, Patient, Response, ResponseStatus, StoredScreening
from intake.core.rules import Claim, Level, RulePack
from intake.core.screening import screen
from tests.core.builders import (
    AREA,
    DEVICE,
    MET,
    NOT_MET,
    SPOTS,
    TODAY,
    is_,
    item,
    pack,
    rule,
    takes,
    window,
)

A, B = item("a"), item("b", enable_when=is_("a", "yes"))
SPOT = item("spot", Kind.BODY_MAP, options=SPOTS)
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)


class TestQuestionnaire:
    FIRST, SECOND = Page("first", "First", (A,)), Page("second", "Second", (B, SPOT))
    ONE, TWO = Section("one", "One", (FIRST,)), Section("two", "Two", (SECOND,))
    ALL = Questionnaire((ONE, TWO))

    def test_keeps_the_order_of_questions_and_pages(self):
        assert list(self.ALL.items) == ["a", "b", "spot"]
        assert self.ALL.pages == (self.FIRST, self.SECOND)
        assert list(self.ALL.with_sections()) == [(self.ONE, self.FIRST), (self.TWO, self.SECOND)]

    def test_finds_the_page_of_a_question(self):
        assert self.ALL.page_of("spot") is self.SECOND
        with pytest.raises(KeyError, match="gone"):
            self.ALL.page_of("gone")


class TestItem:
    def test_reads_out_its_options(self):
        assert SPOT.codes == ("cheek", "elbow", "none")
        assert SPOT.text_of("none") == "None of these"
        assert SPOT.text_of("gone") == "gone"

    def test_knows_whether_it_is_part_of_the_plan(self):
        assert AREA.is_plan_field
        assert not A.is_plan_field

    def test_an_option_belongs_to_no_area_unless_said(self):
        assert AnswerOption("a", "A").area is None


class TestRule:
    WHEN = All((is_("a", "yes"), takes("anticoagulant"), is_("a", "no")))

    def test_claims_its_level_and_one_more_for_each_label(self):
        one = rule(
            "r", Level.CAUTION, self.WHEN, stricter=[("skinpen", "stop"), ("exceed", "review")]
        )

        claims = one.claims

        assert claims[0] == Claim(Level.CAUTION, self.WHEN)
        assert [(c.level, c.label) for c in claims[1:]] == [
            (Level.STOP, "skinpen"),
            (Level.REVIEW, "exceed"),
        ]

    def test_names_each_subject_and_setting_once(self):
        one = rule("r", Level.STOP, self.WHEN)

        assert one.subjects == ("a", "medicines")
        assert one.settings == ()
        assert len(one.sentences) == 3

    @pytest.mark.parametrize("level", Level)
    def test_every_level_has_its_triage(self, level):
        assert level.triage.value == level.value


class TestPack:
    PACK = pack((A, B, SPOT), [rule("r", Level.STOP, is_("a", "yes"))])

    def test_knows_plan_fields_and_questions_by_name(self):
        assert list(self.PACK.items) == ["plan.area", "plan.device", "a", "b", "spot"]
        assert self.PACK.items["plan.device"] is DEVICE
        assert RulePack.plan_id("area") == "plan.area"

    def test_knows_gates_areas_and_rules(self):
        assert self.PACK.gates == {"b": is_("a", "yes")}
        assert self.PACK.areas["spot"] == {"cheek": "face", "elbow": "arms", "none": None}
        assert list(self.PACK.rules_by_id) == ["r"]

    def test_is_called_by_name_version_and_hash(self):
        assert self.PACK.label == "test 1 (0123456789ab)"

    @pytest.mark.parametrize(
        ("value", "unit", "text"),
        [
            (window("14 days"), "", "14 days"),
            (Decimal("8.5"), "%", "8.5 %"),
            (Decimal(2), "", "2"),
        ],
    )
    def test_a_setting_is_written_as_in_the_file(self, value, unit, text):
        setting = Setting("s", "S", value, value, unit, value, value, (Basis.EXPERT_DEFAULT,), "")

        assert str(setting) == text


def test_the_newest_screening_of_a_case_counts():
    patient = Patient("p", "1", "Ada", TODAY, NOW)
    response = Response(
        "r", "p", ResponseStatus.COMPLETED, "hash", {}, {}, frozenset(), begun_at=NOW, begun_by=None
    )
    first, second = (StoredScreening(n, "r", screen(pack(), {}, TODAY), NOW) for n in ("1", "2"))

    assert Case(patient, response, (first, second), (), ()).screening is second
    assert Case(patient, response, (), (), ()).screening is None


def test_a_pack_error_tells_every_problem():
    error = PackError(["a.yaml:1: wrong", "b.yaml:2: wrong"])

    assert error.problems == ("a.yaml:1: wrong", "b.yaml:2: wrong")
    assert str(error) == "a.yaml:1: wrong\nb.yaml:2: wrong"


class TestLookingAtAResponse:
    PACK = pack([A, B])
    RESPONSE = Response(
        "r", "p", ResponseStatus.IN_PROGRESS, "hash", {}, {"a": "yes"}, frozenset(), NOW, None
    )

    def test_its_answers_are_read_once_for_a_pack_and_a_day(self):
        tomorrow = TODAY + timedelta(days=1)

        first = case_for(self.PACK, self.RESPONSE, TODAY)

        assert case_for(self.PACK, self.RESPONSE, TODAY) is first
        assert case_for(self.PACK, self.RESPONSE, tomorrow).today == tomorrow
        assert case_for(pack([A]), self.RESPONSE, TODAY) is not first

    def test_what_was_read_is_not_taken_along_when_an_answer_changes(self):
        before = case_for(self.PACK, self.RESPONSE, TODAY).asked("b")

        changed = replace(self.RESPONSE, answers={"a": "no"})

        assert (before, case_for(self.PACK, changed, TODAY).asked("b")) == (MET, NOT_MET)
        assert changed == replace(self.RESPONSE, answers={"a": "no"})
