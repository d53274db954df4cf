"""The body map under a finger, a keyboard and a screen reader."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from intake.actions.answer import choose_language
from intake.core.body_picture import sides
from intake.core.questionnaire import NONE_CODE
from intake.storage import responses
from tests.browser.patient import SIZES, go_on, place, press
from tests.browser.test_access import LOOKS, faults
from tests.conftest import NOW

PAGE = "worry_map"
MAP = "marked_spot"
LEAST = 44
CHEEK = (0.3, 0.56)
"""A point on the patient's right cheek, as fractions of the face."""


@pytest.fixture
def at_map(on_tablet, clinic):
    """Open the page with the map for somebody new."""

    def make(name, language="en", **options):
        begun = clinic.maker.begun(name, "healthy-woman")
        choose_language(clinic.store, begun, language, now=NOW)
        page = on_tablet(begun, **options)
        page.goto(place(page, PAGE))
        return page, lambda: responses.response(clinic.store, begun.id).answers.get(MAP)

    return make


def tap(page, view, x, y):
    """Tap a view of the picture at fractions of its width and height, as calmly as it wants."""
    page.wait_for_timeout(650)
    picture = page.locator(f"svg.map-{view}")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    picture.tap(position={"x": x * box["width"], "y": y * box["height"]})


def box_of(page, region):
    return page.locator(f'input[name="{MAP}"][value="{region}"]')


def rows(page):
    return page.locator("[data-spots] > .spot")


def test_a_tap_ticks_the_region_and_drops_a_pin(at_map):
    page, kept = at_map("Tap One")

    tap(page, "face", *CHEEK)

    expect(box_of(page, "right_cheek")).to_be_checked()
    expect(page.locator("svg.map-face .map-pin text")).to_have_text("1")
    expect(page.get_by_role("status").filter(has_text="Added")).to_have_text(
        "Added: spot 1, Your right cheek"
    )
    words = page.get_by_role("textbox", name="Spot 1: Your right cheek What is it? (optional)")
    words.fill("a brown mole")
    go_on(page)
    ticked, spot = kept()
    assert ticked == spot["region"] == "right_cheek"
    assert (spot["what"], spot["view"]) == ("a brown mole", "face")
    assert (spot["x"], spot["y"]) == (
        pytest.approx(CHEEK[0], abs=0.01),
        pytest.approx(CHEEK[1], abs=0.01),
    )


def test_a_second_tap_beside_a_pin_means_the_same_spot(at_map):
    page, _ = at_map("Tap Shaking")
    tap(page, "face", *CHEEK)

    tap(page, "face", CHEEK[0] + 0.01, CHEEK[1] + 0.01)

    expect(rows(page)).to_have_count(1)
    expect(page.locator("svg.map-face .map-pin")).to_have_count(1)
    tap(page, "face", CHEEK[0] - 0.06, CHEEK[1] - 0.04)
    expect(rows(page)).to_have_count(2)


def test_a_spot_comes_back_with_its_pin(at_map):
    page, _ = at_map("Tap Again")
    tap(page, "face", *CHEEK)
    page.locator('[data-part="what"]').fill("a brown mole")
    before = page.locator("svg.map-face .map-pin").get_attribute("transform")
    go_on(page)

    page.goto(place(page, PAGE))

    expect(page.locator("svg.map-face .map-pin")).to_have_attribute("transform", before)
    expect(page.locator('[data-part="what"]')).to_have_value("a brown mole")


def test_another_language_keeps_the_pins(at_map):
    page, _ = at_map("Tap Language")
    tap(page, "face", *CHEEK)
    page.locator('[data-part="what"]').fill("a brown mole")

    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")

    expect(page.locator("svg.map-face .map-pin text")).to_have_text("1")
    expect(page.locator('[data-part="what"]')).to_have_value("a brown mole")


def test_unticking_takes_the_pins_and_ticking_again_brings_them_back(at_map):
    page, _ = at_map("Untick")
    tap(page, "face", *CHEEK)
    page.locator('[data-part="what"]').fill("a brown mole")

    box_of(page, "right_cheek").uncheck()
    expect(rows(page)).to_have_count(0)
    expect(page.locator(".map-pin")).to_have_count(0)
    expect(page.locator("[data-said]")).to_have_text(
        "Removed: Your right cheek. Tick it again to bring it back."
    )
    box_of(page, "right_cheek").check()

    expect(page.locator('[data-part="what"]')).to_have_value("a brown mole")
    expect(page.locator("svg.map-face .map-pin text")).to_have_text("1")


def test_nothing_worries_me_takes_every_pin(at_map):
    page, kept = at_map("None After All")
    tap(page, "face", *CHEEK)
    tap(page, "face", 0.5, 0.5)

    box_of(page, "none").check()

    expect(rows(page)).to_have_count(0)
    expect(box_of(page, "right_cheek")).not_to_be_checked()
    go_on(page)
    assert kept() == ["none"]


def test_a_spot_moves_by_choosing_another_region_and_tapping_there(at_map):
    page, kept = at_map("Move")
    tap(page, "face", *CHEEK)
    page.locator('[data-part="what"]').fill("a brown mole")

    page.get_by_role("button", name="Change place").click()
    page.get_by_label("Where is it?").select_option("nose")
    expect(box_of(page, "right_cheek")).not_to_be_checked()
    expect(box_of(page, "nose")).to_be_checked()
    expect(page.locator(".map-pin")).to_have_count(0)
    tap(page, "face", 0.5, 0.52)

    expect(rows(page)).to_have_count(1)
    go_on(page)
    ticked, spot = kept()
    assert ticked == spot["region"] == "nose"
    assert (spot["what"], spot["view"]) == ("a brown mole", "face")


def test_removing_the_last_spot_of_a_region_takes_the_tick(at_map):
    page, _ = at_map("Remove")
    tap(page, "face", *CHEEK)
    tap(page, "face", 0.28, 0.6)
    tap(page, "face", 0.5, 0.52)
    expect(rows(page)).to_have_count(3)

    page.get_by_role("button", name="Remove Spot 1: Your right cheek").click()
    expect(box_of(page, "right_cheek")).to_be_checked()
    expect(page.get_by_role("button", name="Remove Spot 1: Your right cheek")).to_be_focused()
    page.keyboard.press("Enter")

    expect(box_of(page, "right_cheek")).not_to_be_checked()
    expect(page.get_by_role("button", name="Remove Spot 1: Nose")).to_be_focused()


def test_the_keyboard_is_enough(at_map):
    page, kept = at_map("Keys Only")

    page.get_by_role("tab", name="Face").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Back of body")).to_be_focused()
    expect(page.locator("svg.map-back")).to_be_visible()
    expect(page.locator("svg.map-face")).to_be_hidden()
    box_of(page, "upper_back").focus()
    page.keyboard.press("Space")
    expect(page.locator("svg.map-back .map-mark")).to_have_count(1)
    page.get_by_role("textbox", name="Upper back What is it? (optional)").focus()
    page.keyboard.type("a scaly patch")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Change place Upper back")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Where is it?")).to_be_focused()
    page.get_by_role("button", name="Continue").last.focus()
    here = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != here)

    assert kept() == ["upper_back", {"region": "upper_back", "what": "a scaly patch"}]


def test_the_arrows_follow_the_eye_where_words_run_from_right_to_left(at_map):
    page, _ = at_map("Keys Arabic", "ar")
    tabs = page.get_by_role("tab")

    tabs.nth(0).focus()
    page.keyboard.press("ArrowLeft")

    expect(tabs.nth(1)).to_be_focused()


def test_the_picture_is_never_mirrored(at_map):
    english, _ = at_map("Left To Right")
    arabic, _ = at_map("Right To Left", "ar")

    def seen(page):
        cheek = page.locator('svg.map-face [data-region="right_cheek"]')
        picture = page.locator("svg.map-face").bounding_box()
        return round(cheek.bounding_box()["x"] - picture["x"])

    assert arabic.locator("html").get_attribute("dir") == "rtl"
    assert seen(arabic) == seen(english) < 100
    right = arabic.get_by_text("يمينك", exact=True).first.bounding_box()
    left = arabic.get_by_text("يسارك", exact=True).first.bounding_box()
    assert right["x"] < left["x"]


def test_a_tap_on_the_head_of_the_body_leads_to_the_face(at_map):
    page, _ = at_map("Head")
    page.get_by_role("tab", name="Front of body").click()

    tap(page, "front", 0.5, 0.1)

    expect(page.get_by_role("tab", name="Face")).to_have_attribute("aria-selected", "true")
    expect(rows(page)).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_every_region_is_large_enough_for_a_finger(at_map, pack, size):
    width, height = SIZES[size]
    page, _ = at_map(f"Finger {size}", viewport={"width": width, "height": height})

    drawn = set()
    for at, side in enumerate(sides()):
        page.get_by_role("tab").nth(at).click()
        for shape in page.locator(f"svg.map-{side.view} [data-region]").all():
            box = shape.bounding_box()
            drawn.add(shape.get_attribute("data-region"))
            assert min(box["width"], box["height"]) >= LEAST, (side.view, drawn, box)
    page.get_by_role("tab").first.click()

    assert drawn == set(pack.items[MAP].codes) - {NONE_CODE}
    assert page.locator("svg.map-face").bounding_box()["height"] >= 480
    assert min(tab.bounding_box()["height"] for tab in page.get_by_role("tab").all()) >= LEAST


def test_every_region_can_be_tapped_in_its_middle(at_map):
    page, _ = at_map("Middles")

    for at, side in enumerate(sides()):
        page.get_by_role("tab").nth(at).click()
        for code, region in side.regions.items():
            x, y = region.marks[0]
            if box_of(page, code).is_checked():
                box_of(page, code).uncheck()
            tap(page, side.view, x / side.width, y / side.height)
            expect(box_of(page, code)).to_be_checked()
            box_of(page, code).uncheck()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits_with_spots_on_it(at_map, language, size, pictures):
    width, height = SIZES[size]
    page, _ = at_map(
        f"Map {language} {size}", language, viewport={"width": width, "height": height}
    )
    tap(page, "face", *CHEEK)
    tap(page, "face", 0.5, 0.52)
    box_of(page, "ears").check()
    page.locator('[value="size-3"]').click()
    expect(page.locator('[value="size-3"]')).to_have_attribute("aria-pressed", "true")

    page.screenshot(path=pictures / f"map-{language}-{size}.png", full_page=True)

    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nobody_is_kept_out_of_a_map_with_spots(at_map, language, look):
    page, _ = at_map(f"Axe {language} {look}", language, **LOOKS[look])
    tap(page, "face", *CHEEK)
    box_of(page, "ears").check()
    page.locator('[data-part="change"]').first.click()

    found = faults(page)

    assert found == []


def test_without_scripts_words_stand_under_the_ticked_region(at_map):
    page, kept = at_map("No Script", java_script_enabled=False)
    words = page.get_by_label("Nose: What is it? (optional)")

    expect(page.locator(".map-card")).to_be_hidden()
    expect(words).to_be_hidden()
    box_of(page, "nose").check()
    words.fill("a red bump")
    press(page, "Continue")

    assert kept() == ["nose", {"region": "nose", "what": "a red bump"}]


def test_without_scripts_nothing_that_is_sent_is_hidden(at_map):
    page, _ = at_map("No Script Untick", java_script_enabled=False)
    box_of(page, "nose").check()
    page.get_by_label("Nose: What is it? (optional)").fill("a red bump")

    box_of(page, "nose").uncheck()

    expect(page.get_by_label("Nose: What is it? (optional)")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_nobody_is_kept_out_of_the_map_at_the_desk(at_desk, clinic, look):
    spot = {"region": "nose", "what": "red", "view": "face", "x": 0.5, "y": 0.5, "picture": 1}
    sent = clinic.maker.sent(f"Desk {look}", "healthy-woman", marked_spot=["right_leg", spot])
    page = at_desk("ada", **LOOKS[look])
    page.goto(f"/desk/cases/{sent.id}")

    found = Axe().run(page, context=".marked").response["violations"]

    assert [one["id"] for one in found] == []
    expect(page.locator(".marked svg.map-face .map-pin text")).to_have_text("1")
