"""The queue that looks by itself whether it changed, and desk pages that keep nobody out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import COLOURS, LOOKS, faults

PAGES = {
    "ada": (
        "/desk/",
        "/desk/?status=all",
        "/desk/?status=withdrawn&triage=stop",
        "/desk/begin",
        "/desk/day",
        "/desk/day?day=x",
        "/desk/export",
        "/desk/figures",
        "/desk/figures?since=2026-02-01&until=2026-01-01",
        "/desk/rules",
        "/desk/paper",
        "/desk/password",
    ),
    "cleo": (
        "/desk/tablets",
        "/desk/accounts",
        "/desk/packs",
        "/desk/choices",
        "/desk/choices/settings",
        "/desk/choices/levels/melasma",
        "/desk/settings",
        "/desk/backups",
        "/desk/audit",
        "/desk/audit?record=nothing",
        "/desk/figures",
    ),
}


def look(page):
    """Let the time pass after which the page looks by itself."""
    page.clock.run_for(21_000)


def told(page):
    return page.locator(".fresh")


@pytest.fixture
def queue(at_desk):
    page = at_desk("ada")
    page.clock.install()
    page.goto("/desk/")
    return page


def test_what_is_new_is_counted_and_shown_when_asked_for(queue, clinic):
    clinic.maker.sent("Newt Comer", "healthy-woman")

    look(queue)

    expect(told(queue)).to_contain_text("1 new since this list was shown.")
    expect(queue.get_by_role("link", name="Newt Comer")).to_have_count(0)
    queue.get_by_role("button", name="Show it").click()
    expect(queue.get_by_role("link", name="Newt Comer")).to_have_count(1)
    expect(told(queue)).to_be_hidden()


def test_the_focus_stays_on_its_row(queue, clinic):
    clinic.maker.sent("Norm Comer", "healthy-woman")
    link = queue.get_by_role("link", name="Samuel Reyes")
    look(queue)
    expect(told(queue)).to_be_visible()
    link.focus()

    queue.evaluate("document.querySelector('.fresh button').click()")

    expect(queue.get_by_role("link", name="Samuel Reyes")).to_be_focused()


def test_a_case_that_was_taken_counts_as_changed(queue, at_desk):
    other = at_desk("ben")
    other.goto("/desk/")
    other.get_by_role("button", name=re.compile("Take the case of Elif Kaya")).click()
    other.wait_for_url("**/cases/*")

    look(queue)

    expect(told(queue)).to_contain_text("1 changed")
    other.get_by_role("button", name="Give back").click()


def test_nothing_is_said_while_nothing_changes(queue):
    look(queue)

    expect(told(queue)).to_be_hidden()


def test_a_list_that_cannot_be_looked_at_says_of_when_it_is(queue):
    queue.context.set_offline(True)

    for _ in range(5):
        look(queue)
        queue.wait_for_timeout(50)

    expect(told(queue)).to_contain_text("No connection. This list is as of")


def test_whoever_was_signed_out_is_told(queue):
    queue.context.clear_cookies()

    look(queue)

    expect(told(queue)).to_contain_text("You are signed out.")


@pytest.mark.parametrize("look_", COLOURS)
@pytest.mark.parametrize("who", PAGES)
def test_the_pages_of_the_desk_keep_nobody_out(at_desk, who, look_):
    page = at_desk(who, **LOOKS[look_])
    found = []
    for path in PAGES[who]:
        page.goto(path)
        found += faults(page)

    assert found == []


@pytest.mark.parametrize("look_", ["light", "dark"])
def test_the_pages_of_a_case_keep_nobody_out(at_desk, clinic, look_):
    page = at_desk("ada", **LOOKS[look_])
    page.goto("/desk/?status=all")
    rows = page.locator("[data-case]").evaluate_all("rows => rows.map((row) => row.dataset.case)")
    found = []
    for case in rows[:5]:
        page.goto(f"/desk/cases/{case}")
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        found += faults(page)
    for act in ("ask-again", "plan", "document"):
        page.goto(f"/desk/cases/{rows[0]}/{act}")
        found += faults(page)

    assert found == []
