"""A tablet left alone: it asks, locks itself, and shows nothing until it is opened again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from intake.actions import tablets
from intake.storage import responses, visits
from tests.browser.conftest import PASSWORDS, now, who_is
from tests.browser.patient import place, where

TYPED = "Metformin 500"


@pytest.fixture
def begun(clinic):
    return clinic.maker.begun("Ida Lock", "healthy-woman")


@pytest.fixture
def page(on_tablet, begun):
    """A page on which something was typed, with a clock that the test moves."""
    page = on_tablet(begun)
    page.clock.install()
    page.goto(place(page, "medicine_names"))
    page.locator("#medicines-entries-0-name").fill(TYPED)
    return page


def leave_alone(page, seconds):
    page.clock.run_for(seconds * 1000)


def test_it_asks_and_gives_the_page_back_as_it_was(page):
    leave_alone(page, 121)
    expect(page.get_by_text("Are you still there?")).to_be_visible()
    assert TYPED not in page.content()

    page.get_by_role("button", name="Yes, I am still here").click()

    expect(page.locator("#medicines-entries-0-name")).to_have_value(TYPED)


def test_it_locks_itself_keeps_the_answers_and_opens_by_the_date_of_birth(
    page, clinic, begun, pictures
):
    leave_alone(page, 121)
    leave_alone(page, 31)
    page.wait_for_url("**/tablet/locked")
    page.screenshot(path=pictures / "locked.png")
    assert "Ida" not in page.content()
    assert TYPED not in page.content()
    page.goto("/tablet/review")
    assert where(page) == "/tablet/locked"

    born = clinic.maker.birth_date_of(begun)
    for box, value in zip(("day", "month", "year"), (born.day, born.month, born.year), strict=True):
        page.locator(f"#birth-{box}").fill(str(value))
    page.get_by_role("button", name="Go on").click()

    page.wait_for_url(f"**{place(page, 'medicine_names')}")
    expect(page.locator(".medicines")).to_contain_text(TYPED)


def test_a_break_is_taken_at_once_and_staff_open_the_form(page, clinic, begun):
    page.get_by_role("button", name="Take a break").click()
    page.wait_for_url("**/tablet/locked")
    stored = responses.response(clinic.store, begun.id)
    assert [row["name"] for row in stored.answers["medicines"]] == [TYPED]

    page.get_by_text("For members of staff").click()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORDS["ada"])
    page.get_by_role("button", name="Open for the patient").click()

    page.wait_for_url(f"**{place(page, 'medicine_names')}")
    assert visits.visit_of(clinic.store, begun.id).locked_at is None


def test_back_shows_nothing_of_a_locked_form(page):
    page.get_by_role("button", name="Take a break").click()
    page.wait_for_url("**/tablet/locked")

    page.go_back()

    expect(page.get_by_role("heading", name="This form is locked")).to_be_visible()
    assert TYPED not in page.content()


def test_what_waits_for_the_network_is_hidden_too_and_locked_when_it_is_sent(page, clinic, begun):
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.locator("#offline")).to_be_visible()

    leave_alone(page, 121)

    expect(page.get_by_text("This page is hidden.")).to_be_visible()
    assert TYPED not in page.content()
    page.context.set_offline(False)
    page.wait_for_url("**/tablet/locked")
    stored = responses.response(clinic.store, begun.id)
    assert [row["name"] for row in stored.answers["medicines"]] == [TYPED]


def test_a_name_that_was_typed_to_begin_does_not_stay(open_browser, clinic):
    link = tablets.enrolment_link(
        clinic.store, name="Rest", by=who_is(clinic.store, "cleo"), now=now()
    )
    page = open_browser()
    page.clock.install()
    page.goto(f"/tablet/enrol/{link}")
    page.get_by_role("button", name="Set up this tablet").click()
    page.wait_for_url("**/tablet/")
    page.locator("#name").fill("Zora Quist")

    leave_alone(page, 130)

    expect(page.locator("#name")).to_have_value("")
