"""What the next patient finds in the browser of the last: nothing, even without one measure."""

import pytest
from playwright.sync_api import Error, expect

from intake.web import create_app
from tests.browser.conftest import CHROMIUM, FLAGS, TABLET
from tests.browser.leaving import MEASURES, Served, Without
from tests.browser.patient import SERVED, place, press

MARKS = ("Zyxwort", "Quillfeather")
"""Words of the last patient."""

SETTLED_MS = 400
WAYS = (*["history.back()"] * 4, *["history.forward()"] * 2, "location.reload()", "history.go(-2)")


@pytest.fixture(scope="module")
def with_memory(browsers):
    """A browser that keeps pages for the Back button, as people's browsers do."""
    browser = browsers[-1].browser_type.launch(
        executable_path=str(CHROMIUM),
        args=[*FLAGS, "--ignore-certificate-errors"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


def shown(page):
    """Everything that can be read on a page: words, fields, title, address."""
    return settled(
        page,
        """() => {
            const fields = [...document.querySelectorAll("input, textarea")].map((f) => f.value);
            const words = [document.documentElement.innerText, document.title, location.href];
            return [...words, ...fields].join(" ");
        }""",
    )


def settled(page, script):
    """Run a script on a page that may be on its way to another."""
    for _ in range(20):
        try:
            return page.evaluate(script)
        except Error:
            page.wait_for_timeout(150)
    return page.evaluate(script)


def leaks(page):
    found = shown(page)
    return [mark for mark in MARKS if mark.lower() in found.lower()]


def move(page, script):
    settled(page, f"() => {{ setTimeout(() => {script}, 0) }}")
    page.wait_for_timeout(SETTLED_MS)


@pytest.fixture
def walk(clinic, with_memory, tmp_path):
    """Let a patient fill and send on a server without some measures; count what is left."""

    def go(off, **options):
        filled = clinic.maker.filled("Quillfeather Zyxwort", "healthy-woman")
        app = create_app(clinic.settings)
        app.test_client().get("/healthz")  # loads the rules, as `intake serve` does
        SERVED.append(app)
        try:
            with Served(Without(app, off), tmp_path) as served:
                context = with_memory.new_context(
                    base_url=served.address, ignore_https_errors=True, **{**TABLET, **options}
                )
                visit = {"name": "__Secure-intake_visit", "value": clinic.maker.visit(filled)}
                own = {"path": "/tablet", "domain": "localhost", "httpOnly": True, "secure": True}
                context.add_cookies([visit | own])
                page = context.new_page()
                found = visit_and_look_back(page)
                context.close()
                return found
        finally:
            SERVED.pop()

    return go


def visit_and_look_back(page):
    page.goto("/tablet/welcome")
    page.goto(place(page, "skin_now") + "?from=review")
    page.goto("/tablet/review")
    typing = page.get_by_label("Type my name")
    if typing.is_visible():
        typing.check()
    page.get_by_label("Type your full name").fill("Quillfeather Zyxwort")
    press(page, "Send my answers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    return looked_back(page)


def looked_back(page):
    """Go back, forward and anew as somebody would who wants to know; return what could be read."""
    found = []
    for way in WAYS:
        move(page, way)
        found += [(way, mark) for mark in leaks(page)]
    return found


@pytest.mark.parametrize("off", MEASURES)
def test_nothing_can_be_read_by_going_back_even_without_one_measure(walk, off):
    assert walk([off]) == []


def test_without_any_measure_a_browser_shows_the_last_patient(walk):
    """Shows that the walk above can find what it looks for."""
    assert walk(MEASURES) != []


def test_a_patient_cannot_go_back_to_the_desk(with_memory, clinic, tmp_path):
    begun = clinic.maker.begun("Quillfeather Zyxwort", "healthy-woman")
    with Served(create_app(clinic.settings), tmp_path) as served:
        context = with_memory.new_context(
            base_url=served.address, ignore_https_errors=True, **TABLET
        )
        desk = {"name": "__Secure-intake_desk", "value": clinic.session("ada"), "path": "/desk"}
        context.add_cookies([{**desk, "domain": "localhost", "httpOnly": True, "secure": True}])
        page = context.new_page()
        page.goto(f"/desk/cases/{begun.id}")
        assert leaks(page)
        page.goto(f"/desk/hand-over/{begun.id}")
        press(page, "Sign me out and open the form")
        press(page, "No, this is not me")

        found = looked_back(page)
        context.close()

    assert found == []
