"""A patient's hands: ticking, typing, going on, signing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.web.filling import page_boxes, page_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Page

    from intake.core.answers import Raw
    from intake.core.questionnaire import Page as Topic

SIGNATURE = [(0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.7, 0.3), (0.9, 0.6)]


def where(page: Page) -> str:
    return urlsplit(page.url).path


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page it leads to."""
    here = page.url
    page.get_by_role("button", name=name, exact=True).last.click()
    page.wait_for_url(lambda url: url != here)


def go_on(page: Page, button: str = "Continue") -> None:
    press(page, button)


def begin_alone(page: Page) -> None:
    """Say that this is me, and that nobody helps."""
    press(page, "Yes, this is me: begin")
    page.get_by_label("No, I fill it in myself").check()
    go_on(page)


def give(page: Page, sent: Mapping[str, list[str]]) -> None:
    """Tick and type what a form is to send; boxes that are not there are left out."""
    for name, values in sent.items():
        for value in values:
            choice = page.locator(f'input[name="{name}"][value="{value}"]')
            box = page.locator(f'input[type="text"][name="{name}"], textarea[name="{name}"]')
            if box.count():
                box.fill(value)
            elif choice.count():
                choice.check()


def answer(
    page: Page, topics: Mapping[str, Topic], answers: Mapping[str, Raw], button: str = "Continue"
) -> None:
    """Answer the page of questions that is shown, and go on."""
    give(page, page_boxes(topics[page_id_of(where(page))], answers))
    go_on(page, button)


def answer_all(
    page: Page,
    topics: Mapping[str, Topic],
    answers: Mapping[str, Raw],
    until: str = "review",
    button: str = "Continue",
) -> int:
    """Answer page after page, up to the page *until*; return how many there were."""
    count = 0
    while not where(page).endswith(f"/{until}"):
        answer(page, topics, answers, button)
        count += 1
    return count


def draw(page: Page) -> None:
    """Draw a signature with a pen."""
    page.get_by_label("Draw my signature").check()
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SIGNATURE]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def ink(page: Page) -> int:
    """Count the points of the canvas that are not blank."""
    return int(
        page.locator("canvas").evaluate(
            """canvas => {
                const { width, height } = canvas;
                const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
                return pixels.filter((value, n) => n % 4 === 3 && value > 0).length;
            }"""
        )
    )


def kept(page: Page) -> dict[str, object]:
    """Look into everything a browser can keep."""
    found = page.evaluate(
        """async () => ({
            local: localStorage.length,
            session: sessionStorage.length,
            caches: (await caches.keys()).length,
            databases: (await indexedDB.databases()).length,
            workers: (await navigator.serviceWorker.getRegistrations()).length,
        })"""
    )
    return {name: value for name, value in found.items() if value}
