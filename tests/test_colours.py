"""A clinic's colour: whichever is taken, everything that follows from it can be read."""

import re
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.colours import (
    DARK,
    LIGHT,
    TEXT,
    WHITE,
    Colour,
    dark_palette,
    is_usable,
    light_palette,
    nearest_usable,
)
from intake.web.looks import OURS
from tests.conftest import ROOT

parts = st.integers(0, 255)
colours = st.builds(Colour, parts, parts, parts)
usable = colours.map(nearest_usable)


def pairs_of(palette, scheme):
    """Every text of a palette with what it stands on: pages, buttons, tints, the desk's header."""
    yield from product((palette.accent, palette.hover), (*scheme.grounds, palette.soft))
    yield from product((palette.ink,), (palette.accent, palette.hover))
    yield from product((scheme.ink, scheme.ink_soft), (palette.soft,))


def unreadable(pairs):
    return [(str(a), str(b), a.against(b)) for a, b in pairs if a.against(b) < TEXT]


@given(usable)
def test_on_a_light_page_everything_can_be_read(colour):
    palette = light_palette(colour)

    assert unreadable([*pairs_of(palette, LIGHT), (WHITE, palette.bar)]) == []


@given(usable)
def test_on_a_dark_page_everything_can_be_read(colour):
    palette = dark_palette(colour)

    assert unreadable([*pairs_of(palette, DARK), (DARK.ink, palette.bar)]) == []


@given(usable)
@example(Colour.read("#01013e"))
@example(Colour(0, 0, 1))
def test_a_button_changes_when_it_is_pointed_at(colour):
    for palette in (light_palette(colour), dark_palette(colour)):
        assert palette.accent.against(palette.hover) > 1.05


@given(colours)
def test_the_nearest_that_works_can_be_used_and_is_the_lightest(colour):
    nearest = nearest_usable(colour)

    assert is_usable(nearest)
    assert nearest == colour or not is_usable(nearest.at(nearest.hls[1] + 0.02))


@given(colours.filter(lambda c: c.hls[2] > 0.3 and 0.2 < c.hls[1] < 0.9))
def test_the_nearest_that_works_has_the_hue_that_was_meant(colour):
    off = abs(nearest_usable(colour).hls[0] - colour.hls[0])

    assert min(off, 1 - off) < 0.02


@given(usable)
def test_a_colour_that_works_is_left_as_it_is(colour):
    assert nearest_usable(colour) == colour
    assert light_palette(colour).accent == colour


@given(colours)
def test_a_colour_is_read_as_it_is_written(colour):
    assert Colour.read(str(colour)) == colour
    assert Colour.read(str(colour).upper()) == colour


@pytest.mark.parametrize("text", ["", "plum", "7a1f5c", "#7a1f5", "#7a1f5g", "#7a1f5c;", "#٧a1f5c"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="#7a1f5c"):
        Colour.read(text)


def test_contrast_is_that_of_the_guidelines():
    black, grey = Colour(0, 0, 0), Colour.read("#767676")

    assert black.against(WHITE) == pytest.approx(21)
    assert grey.against(WHITE) == pytest.approx(4.54, abs=0.01)
    assert WHITE.against(grey) == grey.against(WHITE)


@pytest.mark.parametrize(
    ("text", "is_red"),
    [("#a5161c", True), ("#8b0000", True), ("#7a1f5c", False), ("#444040", False)],
)
def test_red_is_told_from_its_neighbours(text, is_red):
    assert Colour.read(text).is_red is is_red


def test_the_schemes_are_those_of_the_style_sheet():
    css = (ROOT / "intake/static/intake.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{([^}]*--paper:[^}]*--accent:[^}]*)\}", css)

    for scheme, rules in ((LIGHT, light), (DARK, dark)):
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rules))
        assert [str(c) for c in scheme.grounds] == [tokens[n] for n in ("paper", "surface", "well")]
        assert (str(scheme.ink), str(scheme.ink_soft)) == (tokens["ink"], tokens["ink-soft"])
    assert f"--accent: {OURS};" in light


def test_red_stands_for_stop_and_for_nothing_else():
    style = (ROOT / "intake" / "static" / "desk.css").read_text(encoding="utf-8")
    uses = re.findall(r"([^{}]+){[^{}]*var\(--(?:on-)?stop", style)

    assert uses
    assert [one.strip() for one in uses if "-stop" not in one] == []
