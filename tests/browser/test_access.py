"""No page of the tablet keeps anybody out: axe, WCAG 2.0 to 2.2, A and AA."""

from __future__ import annotations

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe

from intake.actions.answer import choose_language
from tests.browser.patient import names_of_screens, place, where
from tests.conftest import NOW

AXE = Axe()
OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    # Text has 7:1, which is AAA.
    "rules": {"color-contrast-enhanced": {"enabled": True}},
    # What was found to be right is not listed: that takes longer than finding it.
    "resultTypes": ["violations"],
}
COLOUR_OPTIONS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced"]},
    "resultTypes": ["violations"],
}
LONG_LISTS = {"exclude": [[f"{one}:nth-child(n + 13)"] for one in ("tbody > tr", "li", "dl > div")]}
"""What stands further down in a list looks as what stands above it."""
PLAIN = (
    "!matchMedia('(prefers-color-scheme: dark), (prefers-contrast: more), (forced-colors: active)')"
    ".matches"
)
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "contrast": {"contrast": "more"},
}
COLOURS = ("light", "dark", "contrast")
"""The looks in which colours are ours; under forced ones a page is checked here and there."""
for look in LOOKS.values():
    look["reduced_motion"] = "reduce"  # so that no colour is measured on its way to another
KINDS = (
    "skin_now",
    "skin_healing",
    "medicine_names",
    "sore_since",
    "worry_map",
    "pregnancy",
    "spots_more/spots_count",
)
"""Screens with each kind of question."""


def faults(page, within=""):
    """Say what axe finds on the page that is shown, or in a part of it.

    What is not a matter of colours is the same in every look, and looked for in the plain one.
    """
    options = OPTIONS if page.evaluate(PLAIN) else COLOUR_OPTIONS
    context = {**LONG_LISTS, "include": [[within]]} if within else LONG_LISTS
    found = AXE.run(page, context=context, options=options).response["violations"]
    return [
        f"{where(page)}: {one['id']}: {node['target']}" for one in found for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "look"), [*product(["en"], LOOKS), ("es", "light"), ("ar", "light")]
)
def test_the_pages_of_a_form(on_tablet, clinic, language, look):
    """Empty, with a fault, filled in, locked, at the end."""
    begun = clinic.maker.begun(f"Ann {language} {look}", "healthy-woman")
    choose_language(clinic.store, begun, language, now=NOW)
    page = on_tablet(begun, **LOOKS[look])
    page.goto("/tablet/welcome")
    found = faults(page)
    for name in KINDS:
        page.goto(place(page, name))
        assert where(page) == f"/tablet/page/{name}"
        found += faults(page)
        page.locator("form .actions .button").first.click()
        page.wait_for_selector("#error-summary")
        found += faults(page)
    page.goto("/tablet/review")
    found += faults(page)
    page.locator('button[value="lock"]').click()
    page.wait_for_url("**/tablet/locked")
    found += faults(page)
    for rest in ("/tablet/thanks", "/tablet/offline"):
        page.goto(rest)
        found += faults(page)

    assert found == []


PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_every_question_that_can_be_asked(on_tablet, clinic, shipped_pack, part):
    """Nothing is answered yet, so nothing rules a follow-up out; what frames them is the same."""
    page = on_tablet(clinic.maker.begun("Ann Long", "healthy-woman"))
    found, seen = [], set()
    for name in list(names_of_screens(shipped_pack.questionnaire))[part::PARTS]:
        page.goto(place(page, name))
        if where(page) == f"/tablet/page/{name}":
            seen.add(name)
            found += faults(page, "#main")

    assert found == []
    assert len(seen) > 90 // PARTS
