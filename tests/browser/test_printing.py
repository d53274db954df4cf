"""A case, its document and a day's list as a printer gets them, on A4 and on Letter."""

from __future__ import annotations

import io
from functools import lru_cache

import pytest
from pypdf import PdfReader

SHEETS = ("A4", "Letter")


@pytest.fixture(scope="module")
def case_id(clinic):
    return clinic.maker.sent("Paul Printed", "transplant-patient").id


@pytest.fixture
def document(at_desk, case_id):
    """The document of a case, opened as a file."""
    page = at_desk("ada", accept_downloads=True)
    page.goto(f"/desk/cases/{case_id}/document")
    with page.expect_download() as handed_out:
        page.get_by_role("button", name="Make the web page").click()
    content = handed_out.value.path().read_text("utf-8")
    page.goto("about:blank")
    page.set_content(content)
    return page


@lru_cache(1)
def texts_of(printed):
    return [page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages]


def said_on_every_sheet(printed, *words):
    """Return the sheets that lack one of the words."""
    return [text[:80] for text in texts_of(printed) if not all(word in text for word in words)]


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_printed_case_says_on_every_sheet_whose_it_is(at_desk, case_id, sheet):
    page = at_desk("ada")
    page.goto(f"/desk/cases/{case_id}")

    printed = page.pdf(format=sheet)

    texts = texts_of(printed)
    assert len(texts) > 2
    assert said_on_every_sheet(printed, "Paul Printed", "record P-", f"of {len(texts)}") == []


def test_a_printed_case_has_no_address_no_button_and_no_way_on(at_desk, case_id):
    page = at_desk("ada")
    page.goto(f"/desk/cases/{case_id}")

    text = " ".join(texts_of(page.pdf()))

    assert case_id not in text
    for words in ("Sign out", "Give back", "Record the decision", "Add an addendum", "Show what"):
        assert words not in text
    assert "What to do" in text


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_printed_document_says_on_every_sheet_whose_it_is(document, sheet):
    printed = document.pdf(format=sheet)

    assert said_on_every_sheet(printed, "Paul Printed", "record P-") == []


@pytest.mark.parametrize("width", [390, 820, 1180])
def test_a_document_spills_over_no_edge_of_a_screen(document, width):
    document.set_viewport_size({"width": width, "height": 844})

    assert document.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("sheet", SHEETS)
def test_each_summary_of_a_day_begins_on_a_sheet_of_its_own(at_desk, case_id, sheet):
    page = at_desk("ada")
    page.goto("/desk/day")
    page.get_by_role("button", name="Show them all for printing").click()
    page.wait_for_load_state()
    count = page.locator("article.summary").count()

    printed = page.pdf(format=sheet)

    begun = [text for text in texts_of(printed) if "Planned" in text]
    assert len(begun) == count
    assert said_on_every_sheet(printed, "born", "record P-") == []
    assert case_id not in " ".join(texts_of(printed))
