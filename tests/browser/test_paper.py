"""The questionnaire as a printer gets it: whole on A4 and on Letter, in every language."""

from __future__ import annotations

import re

import pytest

SHEETS = {"A4": 180, "Letter": 187}
"""Millimetres between the margins."""

SPILLS = """() => [...document.querySelectorAll("main *")]
    .map((e) => [e.className, e.getBoundingClientRect()])
    .filter(([, { left, right }]) => right > innerWidth + 1 || left < -1)
    .map(([name]) => name)"""
STYLES = """() => Object.fromEntries(
    [".sheets > thead", ".sheets > tfoot", ".question", ".block-if", ".screen"].map((one) => {
        const { display, breakInside } = getComputedStyle(document.querySelector(one));
        return [one, `${display} ${breakInside}`];
    }))"""


@pytest.fixture(params=["en", "es", "ar"])
def paper(request, at_desk, clinic):
    page = at_desk("ada")
    begun = clinic.maker.begun(f"Paula Print {request.param}", "healthy-woman")
    page.goto(f"/desk/cases/{begun.id}/paper/{request.param}")
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("sheet", SHEETS)
def test_nothing_spills_over_the_edge_of_a_sheet(paper, sheet):
    paper.set_viewport_size({"width": round(SHEETS[sheet] * 96 / 25.4), "height": 1000})

    assert paper.evaluate(SPILLS) == []


def test_who_it_is_about_repeats_and_no_question_is_torn(paper):
    styles = paper.evaluate(STYLES)

    assert styles == {
        ".sheets > thead": "table-header-group avoid",
        ".sheets > tfoot": "table-footer-group avoid",
        ".question": "block avoid",
        ".block-if": "block avoid",
        ".screen": "none auto",
    }


@pytest.mark.parametrize("sheet", SHEETS)
def test_it_fits_on_a_stack_that_people_can_hold(paper, sheet):
    printed = paper.pdf(format=sheet)

    assert 20 < len(re.findall(rb"/Type\s*/Page\b", printed)) < 34


def test_it_stays_black_on_white_for_eyes_that_like_it_dark(paper):
    paper.emulate_media(media="print", color_scheme="dark")

    ink, ground = (
        paper.evaluate(f"() => getComputedStyle(document.documentElement).{part}")
        for part in ("color", "backgroundColor")
    )

    assert (ink, ground) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
