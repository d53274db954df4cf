"""Whole forms, as people go through them who use no pointer, or who hear the page."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from intake.core.records import ResponseStatus
from intake.storage import responses
from intake.web import create_app
from tests.browser.conftest import TABLET
from tests.browser.patient import go_on, place, where
from tests.web.filling import page_boxes, page_id_of

MOST_TABS = 150
"""More presses than any page has controls."""


@pytest.fixture
def form(clinic):
    return lambda response: responses.response(clinic.store, response.id)


# Without a pointer


def tab_to(page, selector):
    """Press Tab until the focus is on what a selector names."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector} on {where(page)}")


def choose_by_keys(page, name, value):
    """Tick a box, or walk with the arrows to one of several answers."""
    control = page.locator(f'[name="{name}"][value="{value}"]')
    if control.get_attribute("type") == "checkbox":
        tab_to(page, f'[name="{name}"][value="{value}"]')
        page.keyboard.press("Space")
    else:
        tab_to(page, f'[name="{name}"]')
        page.keyboard.press("Space")
        for _ in range(MOST_TABS):
            if page.evaluate("() => document.activeElement.value") == value:
                break
            page.keyboard.press("ArrowDown")
    assert control.is_checked(), (name, value)


def fill_by_keys(page, boxes):
    for name, values in boxes.items():
        for value in values:
            control = page.locator(f'[name="{name}"]').first
            if not control.count():
                continue
            page.locator("#main").focus()
            if control.get_attribute("type") in ("radio", "checkbox"):
                choose_by_keys(page, name, value)
            else:
                tab_to(page, f'[name="{name}"]')
                page.keyboard.type(value)
                page.keyboard.press("Escape")  # puts the names away that are offered


def go_on_by_keys(page, value="continue"):
    page.evaluate("document.body.dataset.left = ''")
    tab_to(page, f'.actions button[value="{value}"], .actions button:not([value])')
    page.keyboard.press("Enter")
    page.locator("body:not([data-left])").wait_for()
    page.wait_for_load_state()


def test_a_whole_form_is_filled_with_keys_alone(on_tablet, clinic, topics, vignettes, form):
    begun = clinic.maker.begun("Kay Board", "older-man-on-blood-thinner")
    answers = vignettes["older-man-on-blood-thinner"].answers
    page = on_tablet(begun)
    page.goto("/tablet/welcome")
    go_on_by_keys(page)

    while (here := page_id_of(where(page))) and here != "review":
        is_row = page.locator("[data-combo]").count() > 0
        if not (here == "medicine_names" and not is_row):
            fill_by_keys(page, page_boxes(topics[here], answers))
        go_on_by_keys(page, "keep" if is_row else "continue")
    tab_to(page, "#way-draw")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#typed")
    page.keyboard.type("Kay Board")
    tab_to(page, ".actions .button")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert form(begun).status is ResponseStatus.COMPLETED
    assert form(begun).signature.name == "Kay Board"


def test_the_focus_is_seen_on_everything_it_comes_to(on_tablet, clinic):
    page = on_tablet(clinic.maker.begun("Kay Focus", "healthy-woman"))
    for name in ("skin_now", "medicine_names", "worry_map", "isotretinoin_when"):
        page.goto(place(page, name))
        for _ in range(60):
            page.keyboard.press("Tab")
            hidden = page.evaluate(
                """() => {
                    const at = document.activeElement;
                    if (at === document.body) return "";
                    const row = at.closest(".row") ?? at;
                    const looks = getComputedStyle(row);
                    const { width, height } = row.getBoundingClientRect();
                    const seen = looks.outlineStyle !== "none" && width > 1 && height > 1;
                    return seen ? "" : at.outerHTML;
                }"""
            )
            assert not hidden


# By what a screen reader is told


def test_a_fault_is_read_out_with_its_question_and_its_control(on_tablet, clinic):
    page = on_tablet(clinic.maker.begun("Eve Fault", "healthy-woman"))
    page.goto(place(page, "skin_now"))

    page.get_by_role("button", name="Continue", exact=True).last.click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    words = summary.get_by_role("link").first.inner_text()
    group = page.get_by_role("group").filter(has_text=words).first
    described = group.get_attribute("aria-describedby") or ""
    assert any(words in page.locator(f"#{id_}").inner_text() for id_ in described.split())


# When the clinic's computer falls over


def test_a_server_killed_between_two_pages_loses_nothing(clinic, open_browser, form):
    begun = clinic.maker.begun("Max Falls", "healthy-woman")
    first = make_server("127.0.0.1", 0, create_app(clinic.settings), threaded=True)
    port = first.server_port
    threading.Thread(target=first.serve_forever, daemon=True).start()
    page = open_browser(**TABLET)
    visit = {"name": "intake_visit", "value": clinic.maker.visit(begun), "path": "/tablet"}
    page.context.add_cookies([{**visit, "domain": "127.0.0.1", "httpOnly": True}])
    page.goto(f"http://127.0.0.1:{port}{place(page, 'your_goals')}")
    page.locator("[value=lines]").check()
    go_on(page)
    page.locator("[name=skin_today][value=rash]").check()
    page.locator("[name=area_features][value=none]").check()

    first.shutdown()
    first.server_close()
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.locator("#offline")).to_contain_text("No connection")
    second = make_server("127.0.0.1", port, create_app(clinic.settings), threaded=True)
    threading.Thread(target=second.serve_forever, daemon=True).start()

    expect(page.locator("[name=skin_today]")).to_have_count(0, timeout=20_000)
    assert form(begun).answers["goals"] == ["lines"]
    assert form(begun).answers["skin_today"] == ["rash"]
    second.shutdown()
    second.server_close()
