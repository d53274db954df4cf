"""A deferred case comes back on its day, and what the rules say is said for that day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from intake.actions import queue
from intake.actions.queue import QueueFilters, list_cases
from intake.actions.rescreen import bring_back
from intake.core.decisions import Decision, Disposition
from intake.core.rules import Triage
from tests.actions.conftest import together
from tests.actions.test_submit import Broken
from tests.conftest import NOW, TODAY

DAY = timedelta(days=1)
OVER = date(2026, 6, 16)
"""The first day on which 28 days have passed since the needling of the vignette."""


def back(desk, today):
    return bring_back(desk.store, lambda _: desk.pack, now=NOW + (today - TODAY), today=today)


def listed(desk, today):
    found = list_cases(desk.store, filters=QueueFilters(), today=today, by=desk.people.ada, now=NOW)
    return {row.response_id: row for row in found.rows}


@pytest.fixture
def deferred(desk):
    """A case deferred to a day; what defers it is over on 16 June."""

    def make(until=OVER, vignette="needling-27"):
        sent = desk.sent(vignette)
        desk.decide(sent.id, Decision(Disposition.DEFER, until=until))
        return sent.id

    return make


@pytest.mark.parametrize(
    ("until", "today", "triage"),
    [
        (OVER, OVER, Triage.ROUTINE),
        (OVER, OVER + DAY, Triage.ROUTINE),
        (OVER + 9 * DAY, OVER + 9 * DAY, Triage.ROUTINE),
    ],
)
def test_it_comes_back_without_the_windows_that_are_over(desk, deferred, until, today, triage):
    case = deferred(until)

    assert back(desk, today) == 1

    row = listed(desk, today)[case]
    assert (row.triage, row.status) == (triage, "waiting")
    assert desk.case(case).screening.screening.on == today


def test_a_window_that_is_not_over_still_defers(desk, deferred, vignettes):
    sent = desk.sent("needling-27", needling_last="2026-05-20")
    desk.decide(sent.id, Decision(Disposition.DEFER, until=OVER))

    back(desk, OVER)

    row = listed(desk, OVER)[sent.id]
    assert row.triage is Triage.DEFER
    assert row.earliest_safe_date == OVER + DAY


def test_before_its_day_nothing_happens(desk, deferred):
    case = deferred(OVER + DAY)

    assert back(desk, OVER) == 0

    assert case not in listed(desk, OVER)
    assert len(desk.case(case).screenings) == 1


def test_it_is_screened_again_once(desk, deferred):
    case = deferred()

    assert [back(desk, OVER), back(desk, OVER), back(desk, OVER + DAY)] == [1, 0, 0]

    assert len(desk.case(case).screenings) == 2


def test_nobody_waits_for_it_to_write_while_it_is_screened(desk, deferred, request):
    deferred(OVER)
    watched = request.getfixturevalue("watched")

    back(desk, OVER)

    assert watched.locked == [False]


def test_the_decision_stays_with_the_screening_it_was_made_on(desk, deferred):
    case = deferred()
    before = desk.case(case)

    back(desk, OVER)

    after = desk.case(case)
    assert after.reviews == before.reviews
    assert after.screenings[0] == before.screenings[0]
    assert after.reviews[0].screening_id == before.screenings[0].id


@pytest.mark.parametrize(
    ("vignette", "changed"),
    [
        ("pregnant", {}),
        ("unknown-medicine", {}),
        ("healthy-woman", {"pregnant_now": "not_sure"}),
        ("healthy-woman", {"pregnant_now": "withheld"}),
    ],
    ids=["pregnant", "unknown medicine", "not sure", "withheld"],
)
def test_what_else_stood_in_the_way_still_does(desk, vignette, changed):
    sent = desk.sent(vignette, **changed)
    before = desk.case(sent.id).screening.screening.triage
    desk.decide(sent.id, Decision(Disposition.DEFER, until=OVER))

    back(desk, OVER)

    assert before in (Triage.STOP, Triage.REVIEW)
    assert listed(desk, OVER)[sent.id].triage is before


def test_a_rule_that_cannot_be_judged_is_not_ruled_out(desk, deferred):
    first, *others = desk.pack.rules
    odd = replace(desk.pack, rules=(replace(first, when=Broken()), *others))
    case = deferred()

    bring_back(desk.store, lambda _: odd, now=NOW + DAY, today=OVER)

    assert listed(desk, OVER)[case].triage is Triage.REVIEW
    assert [f.error for f in desk.case(case).screening.screening.findings] == [True]


def test_it_is_in_the_trail_who_did_it_and_with_which_rules(desk, deferred):
    case = deferred()

    back(desk, OVER)

    event = queue.audit_of(desk.store, response_id=case)[-1]
    assert (event.actor, event.action) == ("rules", "screened")
    assert event.detail == {"pack": desk.pack.hash}


def test_two_desks_that_look_at_once_screen_it_once(desk, deferred, settings):
    case = deferred()

    found = together(
        settings,
        lambda store, _: bring_back(store, lambda _: desk.pack, now=NOW + DAY, today=OVER),
        4,
    )

    assert sorted(found) == [0, 0, 0, 1]
    assert len(desk.case(case).screenings) == 2
