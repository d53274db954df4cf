"""The cases of a day, and taking their summaries out of the house."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from intake.actions import day_lists
from intake.actions.day_lists import list_day, summaries_of
from intake.actions.documents import making_of
from intake.core.errors import NotAllowedError, StateError
from intake.exports.pdf import Paper
from intake.exports.sealing import Form, intact
from intake.storage import audit
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY

UTC = ZoneInfo("UTC")


@pytest.fixture
def press(press):
    return replace(press, zone=UTC)


def names(desk, day, zone=UTC):
    found = list_day(desk.store, day=day, zone=zone, by=desk.people.ada, today=TODAY)
    return [row.patient.name for row in found.rows]


def take_out(desk, press, day=TODAY, form=Form.HTML, by=None):
    who = by or desk.people.ada
    return summaries_of(desk.store, press, day=day, form=form, by=who, now=NOW, paper=Paper.LETTER)


def test_a_day_lists_what_was_sent_or_begun_on_it_most_serious_first(busy):
    assert names(busy, TODAY) == [
        "Stella Stop",
        "Rita Review",
        "Dora Defer",
        "Carl Caution",
        "Rosa Routine",
        "Fay Filling",
    ]


def test_what_is_deferred_to_a_day_is_on_its_list(busy):
    assert names(busy, TODAY + timedelta(days=1)) == ["Later Lena"]


def test_what_was_withdrawn_or_replaced_is_on_no_list(busy):
    days = [TODAY - timedelta(days=back) for back in range(4)]

    listed = [name for day in days for name in names(busy, day)]

    assert "Wanda Withdrawn" not in listed
    assert listed.count("Amy Amended") == 1


def test_a_day_is_that_of_the_clinics_clocks(desk):
    desk.sent(now=NOW.replace(hour=23, minute=30))

    assert names(desk, TODAY, ZoneInfo("Europe/Madrid")) == []
    assert names(desk, date(2026, 6, 16), ZoneInfo("Europe/Madrid")) == ["Maria Duarte"]
    assert names(desk, TODAY, UTC) == ["Maria Duarte"]


def test_a_list_that_is_cut_off_says_so(busy, monkeypatch):
    monkeypatch.setattr(day_lists, "MOST_CASES", 2)

    found = list_day(busy.store, day=TODAY, zone=UTC, by=busy.people.ada, today=TODAY)

    assert len(found.rows) == 2
    assert found.has_more


def test_taking_summaries_out_is_one_line_with_their_count(busy, press):
    made = take_out(busy, press)

    page = made.content.decode()
    event = audit.of_subject(busy.store, "day list")[-1]
    assert (event.action, event.actor) == ("day printed", busy.people.ada.id)
    assert event.detail["cases"] == page.count('class="summary"') == 5
    assert event.detail["day"] == "2026-06-15"
    assert "Stella Stop" in page
    assert "Fay Filling" not in page


def test_a_pdf_of_a_day_can_be_checked_like_any_other(busy, press):
    made = take_out(busy, press, form=Form.PDF)

    assert intact(made.content).sha256 == made.sha256
    assert making_of(busy.store, made.sha256).action == "day printed"


def test_a_day_without_a_screened_case_prints_nothing(busy, press):
    empty = TODAY + timedelta(days=40)

    refused(busy.store, StateError, lambda: take_out(busy, press, day=empty))


def test_administrators_see_no_list_and_take_nothing_out(busy, press):
    cleo = busy.people.cleo

    refused(busy.store, NotAllowedError, lambda: take_out(busy, press, by=cleo))
    refused(
        busy.store,
        NotAllowedError,
        lambda: list_day(busy.store, day=TODAY, zone=UTC, by=cleo, today=TODAY),
    )
