"""A list of appointments at the desk: sent, mended, prepared, and a form handed over."""

from itertools import count

import pytest
from playwright.sync_api import expect

from intake.storage import responses
from tests.browser.test_access import COLOURS, LOOKS, faults
from tests.browser.test_desk import SIDEWAYS

NUMBERS = count(1)
HEADER = "name;birth_date;language;area;modality;depth_mm;prp"
ROWS = (
    "{0} Prado {1};1980-05-03;es;face, neck;motorised;1,5;no",
    "{0} Cole {1};1990-04-23;en;face;;;",
    "{0} أمين {1};1975-11-30;ar;;;;",
    "{0} Very-Long-Name van der Wijngaarden-Oppenheimer {1};1961-01-01;;chest abdomen back;;0.5;",
)
WIDTHS = {"wide": (1180, 820), "tablet": (820, 1180), "phone": (390, 844)}
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])"


@pytest.fixture
def listed():
    """A list of patients who were never here before, as a file."""

    def make(first):
        number = next(NUMBERS)
        text = "\n".join([HEADER, *(row.format(first, number) for row in ROWS)])
        return {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode("utf-16")}

    return make


def send(page, file):
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look through it").click()


def test_a_list_is_mended_prepared_and_handed_over(at_desk, clinic, listed):
    page = at_desk("ada")
    page.goto("/desk/begin")
    page.get_by_role("link", name="appointments from a file").click()
    wrong = listed("Ines")
    text = wrong["buffer"].decode("utf-16")
    wrong["buffer"] = text.replace("1990-04-23", "23/04/1990").encode("utf-16")

    send(page, wrong)
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("link", name="Row 3, birth_date").click()
    expect(page.locator("#row-3")).to_be_focused()
    expect(page.get_by_role("button", name="Prepare")).to_have_count(0)
    send(page, {**wrong, "buffer": text.encode()})
    expect(page.locator("main")).to_contain_text("Nothing is stored yet")
    assert "Prado" not in page.evaluate(KEPT)
    page.get_by_role("button", name="Prepare 4 intakes").click()

    expect(page.get_by_role("status")).to_contain_text("Prepared: 4 intakes, 4 new patients.")
    name = text.splitlines()[1].split(";")[0]
    page.get_by_label("Name or record number").fill(name)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/cases/*")
    form = responses.response(clinic.store, page.url.rpartition("/")[2])
    assert form.plan == {
        "area": ["face", "neck"], "modality": "motorised", "depth_mm": "1.5", "prp": "no",
    }  # fmt: skip
    page.goto(f"/desk/hand-over/{form.id}")
    page.get_by_role("button", name="Sign me out and open the form").click()
    page.wait_for_url("**/tablet/welcome")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def states(page, listed):
    """Show the page in each of its states, one after another."""
    page.goto("/desk/appointments")
    yield "empty"
    page.locator("details").first.evaluate("(part) => (part.open = true)")
    yield "columns"
    file = listed("Nora")
    send(page, file)
    page.get_by_role("button", name="Prepare 4 intakes").wait_for()
    yield "looked"
    wrong = file["buffer"].decode("utf-16").replace("1990-04-23", "23/04/1990")
    send(page, {**file, "buffer": wrong.replace("1,5;no", "99;maybe").encode()})
    page.locator("#error-summary").wait_for()
    yield "wrong"
    send(page, file)
    page.get_by_role("button", name="Prepare 4 intakes").click()
    page.wait_for_url("**/desk/?status=filling")
    page.goto("/desk/appointments")
    send(page, file)
    page.get_by_text("nothing to prepare").wait_for()
    yield "known"


@pytest.mark.parametrize("look", COLOURS)
def test_the_page_keeps_nobody_out(at_desk, listed, look):
    page, found = at_desk("ada", **LOOKS[look]), []

    for _ in states(page, listed):
        found += faults(page)

    assert found == []


@pytest.mark.parametrize("size", WIDTHS)
def test_the_page_never_scrolls_sideways(at_desk, listed, pictures, size):
    width, height = WIDTHS[size]
    page, wide = at_desk("ada", viewport={"width": width, "height": height}), {}

    for state in states(page, listed):
        if over := page.evaluate(SIDEWAYS):
            wide[state] = over
        page.screenshot(path=pictures / f"appointments-{size}-{state}.png", full_page=True)

    assert wide == {}
