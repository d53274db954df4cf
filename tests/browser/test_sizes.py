"""What eyes and fingers of eighty years need, measured: sizes of text and of what is tapped."""

from __future__ import annotations

import pytest

from tests.browser.patient import place
from tests.browser.test_access import KINDS
from tests.browser.test_desk import SIDEWAYS

SHAPES = {"phone": (390, 844), "tablet": (820, 1180), "lying": (1180, 820)}
BASE = {"phone": 18, "tablet": 20, "lying": 20}
"""Pixels of the text that is read; nothing anywhere is smaller than 16."""

TEXTS = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) {
        const { data, parentElement: at } = walk.currentNode;
        const unread = at.closest("script, template, svg, .visually-hidden");
        if (!data.trim() || unread || !at.checkVisibility()) continue;
        found.push([parseFloat(getComputedStyle(at).fontSize), data.trim()]);
    }
    return found;
}"""
HEIGHTS = """selector => [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility())
    .map((one) => one.getBoundingClientRect().height)"""

CONTROLS = ":is(a, button, input):not(.row-mark, [type=hidden], .skip, .visually-hidden)"


@pytest.fixture(params=SHAPES)
def shape(request):
    return request.param


@pytest.fixture
def page(on_tablet, clinic, shape):
    width, height = SHAPES[shape]
    begun = clinic.maker.begun(f"Sid Measure {shape}", "healthy-woman")
    return on_tablet(begun, viewport={"width": width, "height": height})


def test_text_is_large_enough(page, shape):
    for name in KINDS:
        page.goto(place(page, name))
        texts = page.evaluate(TEXTS)
        answers = page.locator(".row-text").first.evaluate("one => getComputedStyle(one).fontSize")

        assert [text for size, text in texts if size < 16] == [], name
        assert float(answers.removesuffix("px")) >= BASE[shape], name
        heading = page.locator("h1").evaluate("one => getComputedStyle(one).fontSize")
        assert 28 <= float(heading.removesuffix("px")) <= 32, name


def test_what_is_tapped_is_large_enough(page):
    for name in KINDS:
        page.goto(place(page, name))

        assert min(page.evaluate(HEIGHTS, ".row")) >= 52, name
        assert min(page.evaluate(HEIGHTS, ".button:not(.button-plain)")) >= 55.9, name
        assert min(page.evaluate(HEIGHTS, CONTROLS)) >= 44, name


def test_the_largest_text_needs_no_scrolling_sideways(page):
    page.goto("/tablet/welcome")
    page.get_by_role("button", name="Largest text").click()
    page.locator("html.size-3").wait_for()

    for address in ("/tablet/welcome", *(place(page, name) for name in KINDS), "/tablet/review"):
        page.goto(address)
        assert page.evaluate(SIDEWAYS) <= 0, address
