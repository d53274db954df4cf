"""No page of the tablet keeps anybody out: axe, WCAG 2.0 to 2.2, A and AA."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from intake.actions.answer import choose_language
from tests.browser.patient import place, where

AXE = Axe()
OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
PAGES = (
    "welcome",
    "page/skin_now",
    "page/medicine_names",
    "page/sore_since",
    "page/worry_map",
    "page/pregnancy",
    "review",
)


def faults(page):
    """Say what axe finds on the page that is shown."""
    found = AXE.run(page, options=OPTIONS).response["violations"]
    return [
        f"{where(page)}: {one['id']}: {node['target']}" for one in found for node in one["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_pages_of_a_form(on_tablet, clinic, language, look):
    begun = clinic.maker.begun(f"Ann {language} {look}", "healthy-woman")
    choose_language(clinic.store, begun, language)
    page = on_tablet(begun, **LOOKS[look])

    found = []
    for name in PAGES:
        page.goto(f"/tablet/{name}")
        found += faults(page)
    page.goto(place(page, "skin_now"))
    page.locator('button[value="continue"]').last.click()
    page.wait_for_selector("#error-summary")
    found += faults(page)
    page.locator('button[value="lock"]').click()
    page.wait_for_url("**/tablet/locked")
    found += faults(page)

    assert found == []
