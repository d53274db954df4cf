"""Access in an emergency: a reason, a short time, a mark on every line, administrators told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import accounts, emergency
from intake.actions.decide import open_case
from intake.actions.queue import QueueFilters, list_cases
from intake.core.errors import AnswerError, NotAllowedError, NotFoundError, StateError
from intake.core.records import Role
from intake.core.review import may_read_cases, reads_every_site
from intake.storage import audit
from intake.storage.driver import sqlite3
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY

REASON = "Reaction in room 2, no practitioner answers"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def finn(store):
    """A second administrator."""
    who, password = accounts.add_account(
        store, username="finn", name="Finn", role=Role.ADMINISTRATOR, actor="test", now=NOW
    )
    _, token = accounts.sign_in(store, username="finn", password=password, now=NOW)
    return lambda now=NOW: accounts.who_is(store, token=token, now=now) or who


def begin(store, who, reason=REASON, now=NOW):
    return emergency.begin(store, who=who, reason=reason, now=now)


def read_queue(store, who, now=NOW):
    return list_cases(store, filters=QueueFilters(), today=TODAY, by=who, now=now)


def test_an_administrator_reads_cases_in_an_emergency_and_not_before(store, finn):
    with pytest.raises(NotAllowedError):
        read_queue(store, finn())

    begin(store, finn())

    assert may_read_cases(finn())
    assert reads_every_site(finn())
    read_queue(store, finn())


@pytest.mark.parametrize("reason", ["", "   ", "because", "." * 40, "ab" * 20, "x" * 501])
def test_a_reason_is_typed(store, finn, reason):
    refused(store, AnswerError, lambda: begin(store, finn(), reason))


@pytest.mark.parametrize(
    ("later", "is_open"),
    [(14 * MINUTE, True), (15 * MINUTE, False), (-MINUTE, False), (timedelta(days=3650), False)],
    ids=["fourteen minutes", "fifteen", "clock set back", "clock years ahead"],
)
def test_it_lasts_fifteen_minutes(store, finn, later, is_open):
    who = finn()
    begin(store, who)

    found = emergency.current(store, who=who, now=NOW + later)

    assert (found is not None) is is_open


def test_a_session_that_is_held_open_loses_it_when_it_is_over(store, finn):
    begin(store, finn())
    held = [may_read_cases(finn(NOW + n * MINUTE)) for n in range(0, 18, 3)]

    assert held == [True] * 5 + [False]


def test_ending_it_closes_what_it_opened(store, finn):
    begin(store, finn())

    emergency.end(store, who=finn(), now=NOW + MINUTE)

    assert not may_read_cases(finn(NOW + MINUTE))


def test_signing_out_ends_it(store, people):
    _, token = accounts.sign_in(store, username="cleo", password=people.passwords["cleo"], now=NOW)
    begin(store, people.cleo)

    accounts.sign_out(store, token=token, now=NOW)

    assert emergency.current(store, who=people.cleo, now=NOW) is None


def test_one_is_under_way_at_a_time(store, finn):
    begin(store, finn())

    refused(store, StateError, lambda: begin(store, finn()))


def test_nobody_begins_one_that_would_open_nothing(store, people):
    refused(store, StateError, lambda: begin(store, people.ada))


def test_every_line_of_access_is_marked(busy):
    who = busy.people.cleo
    begun = begin(busy.store, who)
    in_it = replace(who, emergency=begun.id)

    rows = read_queue(busy.store, in_it).rows
    for row in rows[:3]:
        open_case(busy.store, response_id=row.response_id, by=in_it, now=NOW + MINUTE)

    lines = [event for event in audit.latest(busy.store) if event.actor == who.id]
    reads = [event for event in lines if event.action in ("queue read", "case read")]
    assert len(reads) == 4
    assert {event.detail.get("emergency") for event in lines} == {begun.id}


def test_after_it_no_line_is_marked(store, people):
    begin(store, people.cleo)
    later = NOW + 16 * MINUTE

    accounts.reset_password(store, username="ada", actor=people.cleo.id, now=later)

    assert "emergency" not in audit.latest(store, 1)[0].detail


def test_every_administrator_is_told_until_each_has_seen_it(store, people, finn):
    begun = begin(store, people.cleo)
    told = emergency.to_tell(store, who=finn())

    emergency.acknowledge(store, emergency_id=begun.id, by=finn(), now=NOW)

    assert [(one.emergency.reason, one.name) for one in told] == [(REASON, "Cleo Administrator")]
    assert emergency.to_tell(store, who=finn()) == []
    assert len(emergency.to_tell(store, who=people.cleo)) == 1
    assert emergency.to_tell(store, who=people.ada) == []


def test_they_are_told_how_much_was_looked_at(store, people, finn):
    begun = begin(store, people.cleo)
    in_it = replace(people.cleo, emergency=begun.id)
    for _ in range(3):
        read_queue(store, in_it)

    assert emergency.to_tell(store, who=finn())[0].reads == 4


def test_only_administrators_say_that_they_have_seen_it(store, people):
    begun = begin(store, people.cleo)

    with pytest.raises(NotAllowedError):
        emergency.acknowledge(store, emergency_id=begun.id, by=people.ada, now=NOW)
    with pytest.raises(NotFoundError):
        emergency.acknowledge(store, emergency_id="none", by=people.cleo, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE emergencies SET reason = 'something else entirely'",
        "UPDATE emergencies SET until = '2036-01-01'",
        "DELETE FROM emergencies",
    ],
)
def test_what_was_written_of_it_stays(store, people, change):
    begin(store, people.cleo)

    with pytest.raises(sqlite3.IntegrityError), store.write() as db:
        db.execute(change)
