"""A patient's hands: ticking, typing, going on, signing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error as PageError

from intake.core.questionnaire import screens
from tests.web.filling import page_boxes, page_id_of
from tests.web.pages import DEVICES, PLACE, names_of, renamed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from playwright.sync_api import Page

    from intake.core.answers import Raw
    from intake.core.questionnaire import Page as Topic
    from intake.core.questionnaire import Questionnaire

SIGNATURE = [(0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.7, 0.3), (0.9, 0.6)]


SIZES = {"390": (390, 844), "820": (820, 1180), "1180": (1180, 820)}
"""A phone, a tablet, and a tablet lying on its side."""

SERVED: list[Flask] = []
"""The application that is served; it knows what addresses stand for."""


def where(page: Page) -> str:
    """Return where the page is, a question by its name."""
    return renamed(urlsplit(page.url).path, _names(page))


def real(page: Page, path: str) -> str:
    """Return the address behind a name."""
    return renamed(path, {name: at for at, name in _names(page).items()})


def place(page: Page, name: str) -> str:
    """Return the address of a question by its name."""
    return real(page, f"{PLACE}{name}")


def _names(page: Page) -> Mapping[str, str]:
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    visit = cookies.get("intake_visit", "")
    devices = [cookies.get(name, "") for name in DEVICES]
    return names_of(SERVED[-1], visit, *devices) if visit else {}


def names_of_screens(questionnaire: Questionnaire) -> list[str]:
    """Return the name of every screen there can be, in order."""
    return [
        topic.id if screen.items[0] is topic.items[0] else f"{topic.id}/{screen.items[0].link_id}"
        for topic in questionnaire.pages
        for screen in screens(topic, topic.items)
    ]


def press(page: Page, name: str) -> None:
    """Press a button and wait for what it leads to: another page, or this one anew."""
    page.evaluate("document.body.dataset.left = ''")
    page.get_by_role("button", name=name, exact=True).last.click()
    page.locator("body:not([data-left])").wait_for()
    page.wait_for_load_state()


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
    boxes = page_boxes(topics[page_id_of(where(page))], answers)
    for number in range(_rows(boxes)):
        if number:
            press(page, "Add another medicine")
        row = {name: v for name, v in boxes.items() if f"-entries-{number}-" in name}
        give(page, row)
        go_on(page, button)
    give(page, {name: v for name, v in boxes.items() if "-entries-" not in name})
    go_on(page, button)


def _rows(boxes: Mapping[str, list[str]]) -> int:
    """Count the medicines, each of which has a screen of its own."""
    return len({name.split("-")[2] for name in boxes if "-entries-" in name})


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


def await_worker(page: Page) -> None:
    """Wait until the tablet's worker is at work; `ready` would wait for ever where none comes."""
    await_in(page, "async () => Boolean((await navigator.serviceWorker.getRegistration())?.active)")


def await_in(page: Page, expression: str) -> None:
    """Wait until an asynchronous function holds; `wait_for_function` takes its promise for true."""
    for _ in range(200):
        with suppress(PageError):  # the page went on to another while it was asked
            if page.evaluate(expression):
                return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {expression}")


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
