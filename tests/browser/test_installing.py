"""The tablet as an app: what it keeps are its looks, and a page for when the network is cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.patient import await_worker, kept, place, press

KEPT = """async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map((name) => caches.open(name)));
    const kept = await Promise.all(all.map((cache) => cache.keys()));
    return kept.flat().map((request) => request.url);
}"""


@pytest.fixture
def page(on_tablet, clinic):
    """A tablet with a form, its worker at work."""
    page = on_tablet(clinic.maker.begun("Ina Stall", "healthy-woman"))
    page.goto("/tablet/welcome")
    await_worker(page)
    return page


def test_it_keeps_its_looks_and_the_offline_page_and_no_page_of_a_form(page, clinic):
    page.goto(place(page, "skin_now"))
    page.goto("/tablet/review")

    kept = [url.removeprefix(clinic.address) for url in page.evaluate(KEPT)]

    static = [url for url in kept if url.startswith("/static/")]
    assert set(kept) - set(static) == {"/tablet/offline"}
    assert all("?v=" in url for url in static)


def test_without_a_network_it_says_so_in_every_language_and_shows_no_form(page):
    page.goto(place(page, "skin_now"))
    page.context.set_offline(True)

    page.goto(place(page, "medicine_names"))

    for words in ("No connection", "Sin conexión", "لا يوجد اتصال"):
        expect(page.get_by_role("heading", name=words, level=2)).to_be_visible()
    page.context.set_offline(False)


def test_nothing_of_it_is_left_when_the_visit_has_ended(on_tablet, clinic):
    page = on_tablet(clinic.maker.filled("Lea Vess", "healthy-woman"))
    page.goto("/tablet/welcome")
    await_worker(page)
    page.goto("/tablet/review")
    page.get_by_label("Type my name").check()
    page.get_by_label("Type your full name").fill("Lea Vess")

    press(page, "Send my answers")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert kept(page) == {}


def test_it_can_be_installed(page):
    manifest = page.evaluate(
        "async () => (await fetch(document.querySelector('link[rel=manifest]').href)).json()"
    )

    assert (manifest["start_url"], manifest["display"]) == ("/tablet/", "standalone")
    for icon in manifest["icons"]:
        assert page.request.get(icon["src"]).status == 200
