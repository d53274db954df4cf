"""The charts of the figures, drawn for the width they are shown at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from intake.actions import decide
from intake.core.decisions import Decision, Disposition
from tests.browser.conftest import now
from tests.browser.test_access import COLOURS, LOOKS, faults

WIDTHS = {"narrow": 390, "wide": 1180}
LEAST_LETTERS_PX = 12


@pytest.fixture(scope="module")
def enough(clinic):
    """Ten more decided cases of one rule, and ten questions left open, so that there are rates."""
    maker = clinic.maker
    unknown = {"takes_medicines": "yes", "medicines": [{"name": "blue pill"}]}
    decision = Decision(Disposition.DO_NOT_TREAT, "Transplant.")
    for number in range(10):
        sent = maker.sent(f"Nina {chr(97 + number)}", "transplant-patient", **unknown)
        decide.decide(
            maker.store, maker.pack, response_id=sent.id, decision=decision, seen=0,
            by=maker.by, now=now(), today=maker.today,
        )  # fmt: skip


def letters(chart):
    """Return how high the smallest letters of a chart are on the screen, in pixels."""
    return chart.evaluate(
        """svg => {
            const zoom = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const size = (text) => parseFloat(getComputedStyle(text).fontSize);
            return Math.min(...[...svg.querySelectorAll("text")].map(size)) * zoom;
        }"""
    )


@pytest.mark.parametrize("shown", WIDTHS)
def test_the_chart_that_fits_is_shown_and_can_be_read(at_desk, enough, shown):
    page = at_desk("ben", viewport={"width": WIDTHS[shown], "height": 844})
    page.goto("/desk/figures")

    for name in ("against", "open", "load"):
        for kind in WIDTHS:
            chart = page.locator(f"svg[aria-labelledby=chart-{name}-{kind}-title]")
            if kind == shown:
                expect(chart).to_be_visible()
                assert letters(chart) >= LEAST_LETTERS_PX
            else:
                expect(chart).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[shown]


def test_paper_gets_the_wide_chart_and_no_buttons(at_desk, enough):
    page = at_desk("ben")
    page.goto("/desk/figures")

    page.emulate_media(media="print")

    expect(page.locator("svg.chart-wide").first).to_be_visible()
    expect(page.locator("svg.chart-narrow").first).to_be_hidden()
    expect(page.get_by_role("button", name="Download as CSV").first).to_be_hidden()


@pytest.mark.parametrize("look", COLOURS)
def test_charts_and_their_tables_keep_nobody_out(at_desk, enough, look):
    page = at_desk("ben", **LOOKS[look])
    page.goto("/desk/figures")
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")

    assert faults(page) == []


def test_a_table_is_downloaded(at_desk, enough):
    page = at_desk("cleo")
    page.goto("/desk/figures")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV (rules)").click()

    assert download.value.suggested_filename.startswith("intake-figures-rules-")
