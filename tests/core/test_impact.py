"""What other rules would do to patients, case by case and counted."""

from dataclasses import replace
from datetime import date

import pytest

from intake.core.decisions import Disposition
from intake.core.impact import Group, Impact, Moved, Outcome, group_of
from intake.core.replay import Direction
from intake.core.review import CaseStatus
from intake.core.rules import Triage

ON = date(2026, 6, 15)


def case(then=Triage.CAUTION, now=Triage.CAUTION, *moved, group=Group.WAITING, id_="a"):
    return Outcome(id_, group, ON, then, now, moved)


def moved(then, now, rule="asthma", *, is_unasked=False):
    return Moved(rule, rule.title(), then, now, is_unasked)


@pytest.mark.parametrize(
    ("status", "disposition", "group"),
    [
        (CaseStatus.WAITING, None, Group.WAITING),
        (CaseStatus.WITH_DERMATOLOGIST, Disposition.REFER, Group.WAITING),
        (CaseStatus.INFORMATION_NEEDED, Disposition.NEED_INFORMATION, Group.WAITING),
        (CaseStatus.DEFERRED, Disposition.DEFER, Group.DEFERRED),
        (CaseStatus.DECIDED, Disposition.PROCEED, Group.BOOKED),
        (CaseStatus.DECIDED, Disposition.PROCEED_WITH_PRECAUTIONS, Group.BOOKED),
        (CaseStatus.DECIDED, Disposition.DO_NOT_TREAT, Group.DECIDED),
        (CaseStatus.TREATED, Disposition.PROCEED, Group.DECIDED),
        (CaseStatus.FILLING, None, None),
        (CaseStatus.SUPERSEDED, Disposition.PROCEED, None),
        (CaseStatus.WITHDRAWN, None, None),
    ],
)
def test_a_case_belongs_to_those_whom_other_rules_may_concern(status, disposition, group):
    assert group_of(status, disposition) is group


def test_every_status_was_thought_of():
    for status in CaseStatus:
        group_of(status, Disposition.PROCEED)


@pytest.mark.parametrize(
    ("then", "now", "way"),
    [
        (Triage.REVIEW, Triage.STOP, Direction.HIGHER),
        (Triage.STOP, Triage.ROUTINE, Direction.LOWER),
        (Triage.DEFER, Triage.DEFER, Direction.SAME),
    ],
)
def test_a_case_goes_the_way_of_its_triage(then, now, way):
    assert case(then, now).direction is way


@pytest.mark.parametrize(
    ("then", "now", "way"),
    [
        (None, Triage.CAUTION, Direction.HIGHER),
        (Triage.CAUTION, None, Direction.LOWER),
        (Triage.REVIEW, Triage.STOP, Direction.HIGHER),
    ],
)
def test_a_rule_that_finds_nothing_does_less_than_one_that_finds_something(then, now, way):
    assert moved(then, now).direction is way


class TestOnlyNotAsked:
    def test_is_a_case_that_every_raising_rule_raises_for_want_of_an_answer(self):
        new = moved(None, Triage.REVIEW, is_unasked=True)
        note = moved(None, Triage.CAUTION, "note")

        assert case(Triage.CAUTION, Triage.REVIEW, new, note).is_unasked

    def test_is_none_that_something_said_raises_too(self):
        new = moved(None, Triage.REVIEW, is_unasked=True)
        said = moved(Triage.CAUTION, Triage.REVIEW, "aspirin")

        assert not case(Triage.CAUTION, Triage.REVIEW, new, said).is_unasked

    def test_is_none_that_stays_or_goes_down(self):
        new = moved(None, Triage.REVIEW, is_unasked=True)

        assert not case(Triage.REVIEW, Triage.REVIEW, new).is_unasked
        assert not case(Triage.STOP, Triage.REVIEW, new).is_unasked


class TestCounts:
    @pytest.fixture
    def impact(self):
        raised = case(Triage.CAUTION, Triage.STOP, moved(Triage.CAUTION, Triage.STOP))
        lowered = case(
            Triage.REVIEW, Triage.ROUTINE, moved(Triage.REVIEW, None, "warfarin"),
            group=Group.BOOKED,
        )  # fmt: skip
        found = Impact()
        found.add([raised, lowered, case()])
        found.add([replace(raised, response_id="b")], unscreened=2)
        return found

    def test_stand_apart_by_where_patients_stand(self, impact):
        waiting, booked = impact.of(Group.WAITING), impact.of(Group.BOOKED)

        assert (waiting.cases, waiting.ways[Direction.HIGHER]) == (3, 2)
        assert (booked.cases, booked.ways[Direction.LOWER]) == (1, 1)
        assert impact.of(Group.DEFERRED).cases == 0

    def test_add_up(self, impact):
        everybody = impact.all

        assert everybody.cases == sum(everybody.ways.values()) == 4
        assert impact.unscreened == 2

    def test_name_every_way_though_nobody_goes_it(self):
        found = Impact()
        found.add([case()])

        assert dict(found.all.ways) == {
            Direction.HIGHER: 0, Direction.LOWER: 0, Direction.SAME: 1
        }  # fmt: skip

    def test_say_who_would_be_called_back_though_the_severity_stays(self):
        found = Impact()
        another = case(Triage.STOP, Triage.STOP, moved(None, Triage.STOP, "another"))
        noted = case(Triage.STOP, Triage.STOP, moved(None, Triage.CAUTION, "noted"))
        found.add([another, noted, case()])

        assert found.of(Group.WAITING).recalled == found.all.recalled == 1
        assert found.all.ways[Direction.HIGHER] == 0
        assert Impact.from_counts(found.counts).all.recalled == 1

    def test_that_were_kept_before_do_not_say_that_nobody_is_called_back(self, impact):
        kept = impact.counts
        del kept["others"], kept["counts_recalls"]
        for group in kept["groups"].values():
            group.pop("recalled", None)

        old = Impact.from_counts(kept)

        assert (old.all.recalled, old.of(Group.WAITING).recalled) == (None, None)
        assert old.all.cases == impact.all.cases
        assert Impact.from_counts(old.counts).all.recalled is None

    def test_say_from_where_to_where(self, impact):
        assert list(impact.moves()) == [
            (Group.WAITING, Triage.CAUTION, Triage.STOP, 2),
            (Group.BOOKED, Triage.REVIEW, Triage.ROUTINE, 1),
        ]

    def test_name_first_the_rules_that_do_less(self, impact):
        assert [(one.rule_id, one.lower, one.higher) for one in impact.rules()] == [
            ("warfarin", 1, 0),
            ("asthma", 0, 2),
        ]
