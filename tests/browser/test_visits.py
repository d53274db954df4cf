"""Visits of patients, with their hands on a tablet."""

import json
import re

import pytest
from playwright.sync_api import expect

from intake.core.records import ResponseStatus, SignatureKind
from intake.storage import audit, responses
from tests.browser.conftest import TABLET
from tests.browser.patient import (
    SIGNATURE,
    answer,
    answer_all,
    begin_alone,
    draw,
    give,
    go_on,
    ink,
    kept,
    place,
    press,
    where,
)

PRIVATE = re.compile(r"(?i)Prado|isotretinoin|not sure|Change|Medicine")
OWN_PASSWORD = "seven quiet boats at dawn"
REDRAWN = """() => {
    const canvas = document.querySelector("canvas");
    return canvas.width === Math.floor(canvas.getBoundingClientRect().width);
}"""
EVENTFUL = "acne-scar-patient-after-isotretinoin"


@pytest.fixture
def form(clinic):
    return lambda response_id: responses.response(clinic.store, response_id)


@pytest.fixture
def sent_events(clinic):
    return lambda response_id: [
        e for e in audit.of_subject(clinic.store, response_id) if e.action == "sent"
    ]


def test_a_practitioner_hands_over_and_a_patient_sends(
    open_browser, clinic, topics, vignettes, form
):
    page = open_browser(**TABLET)
    page.goto("/")
    page.get_by_label("User name").fill("dora")
    page.get_by_label("Password").fill(clinic.newcomer)
    press(page, "Sign in")
    page.get_by_label("Password now").fill(clinic.newcomer)
    page.get_by_label("New password", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("New password again").fill(OWN_PASSWORD)
    press(page, "Save the new password")

    page.get_by_role("link", name="Begin an intake").first.click()
    page.get_by_label("Full name").fill("Ines Prado")
    for label, value in (("Day", "3"), ("Month", "May"), ("Year", "1990")):
        page.get_by_label(label, exact=True).fill(value)
    press(page, "Register and go on")
    plan = vignettes[EVENTFUL].plan
    give(
        page,
        {
            "area": plan["area"],
            "products": plan["products"],
            "rf_sites": plan["rf_sites"],
            "depth_mm": [str(plan["depth_mm"])],
        },
    )
    chosen = ("modality", "anaesthetic", "prp", "same_day", "device")
    give(page, {name: [str(plan[name])] for name in chosen})
    press(page, "Save the plan and go on")
    press(page, "Sign me out and open the form")

    expect(page.locator(".person-name")).to_have_text("Ines Prado")
    begin_alone(page)
    count = answer_all(page, topics, vignettes[EVENTFUL].answers)
    draw(page)
    press(page, "Send my answers")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    receipt = page.locator(".receipt-number").inner_text()
    response = form(clinic.response_id_of("Ines Prado"))
    assert count > 20
    assert response.status is ResponseStatus.COMPLETED
    assert response.receipt == receipt
    assert response.signature.kind is SignatureKind.DRAWN
    assert set(response.answers) <= set(vignettes[EVENTFUL].answers)
    assert len(response.answers) > count

    for _ in range(8):
        page.go_back(wait_until="load")
        shown = page.locator("body").inner_text()
        assert not PRIVATE.search(shown), shown
    page.goto("/desk/")
    assert where(page) == "/desk/sign-in"


def test_the_same_without_javascript(on_tablet, clinic, topics, vignettes, form):
    begun = clinic.maker.begun("Nora Blank", "older-man-on-blood-thinner")
    answers = vignettes["older-man-on-blood-thinner"].answers
    page = on_tablet(begun, java_script_enabled=False)
    page.goto("/tablet/welcome")
    press(page, "Yes, this is me: begin")
    answer_all(page, topics, {**answers, "takes_medicines": "yes"}, until="medicine_names")

    page.locator("#medicines-entries-0-name").fill("Metformin")
    go_on(page)
    press(page, "Add another medicine")
    page.locator("#medicines-entries-1-name").fill("Apixaban")
    page.locator('[name="medicines-entries-1-status"][value="current"]').check()
    go_on(page)
    page.get_by_role("button", name="Remove medicine 1").click()
    page.get_by_role("button", name="Yes, remove it").click()
    listed = page.locator(".medicines dd:not(.fact-change)")
    expect(listed).to_have_text(["Apixaban (taking it now)"])
    go_on(page)
    answer_all(page, topics, answers)
    page.get_by_label("Type your full name").fill("Nora Blank")
    press(page, "Send my answers")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    response = form(begun.id)
    assert response.status is ResponseStatus.COMPLETED
    assert response.signature.name == "Nora Blank"
    assert [row["name"] for row in response.answers["medicines"]] == ["Apixaban"]


def test_a_fault_is_shown_where_it_is_and_keeps_what_was_typed(on_tablet, clinic):
    begun = clinic.maker.begun("Fay Ling", "healthy-woman")
    page = on_tablet(begun)
    page.goto(place(page, "medicine_names"))
    page.locator("#medicines-entries-0-name").fill("Aspirin")
    page.locator("#medicines-entries-0-name").blur()
    page.locator('[name="medicines-entries-0-status"][value="stopped"]').check()
    page.locator('[name="medicines-entries-0-stopped-way"][value="date"]').check()
    page.locator("#medicines-entries-0-stopped-year").fill("long")

    page.get_by_role("button", name="Continue").last.click()

    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    expect(page.locator("#medicines-entries-0-name")).to_have_value("Aspirin")
    page.locator("#error-summary a").click()
    expect(page.locator("#medicines-entries-0-stopped-year")).to_be_focused()
    expect(page.locator("#medicines-entries-0-stopped-year")).to_have_value("long")


def test_names_are_offered_and_what_was_typed_counts(on_tablet, clinic, form):
    begun = clinic.maker.begun("Gus Hale", "healthy-woman")
    page = on_tablet(begun)
    page.goto(place(page, "medicine_names"))
    box = page.locator("#medicines-entries-0-name")

    box.press_sequentially("metfor")
    rows = page.get_by_role("option")
    expect(rows.last).to_have_text("Use “metfor” as I typed it")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value(re.compile("metformin", re.IGNORECASE))
    go_on(page)
    press(page, "Add another medicine")
    second = page.locator("#medicines-entries-1-name")
    second.fill("my blue pill")
    second.press("Escape")
    second.press("Enter")
    expect(page.locator(".medicines dd:not(.fact-change)")).to_have_count(2)

    names = [row["name"] for row in form(begun.id).answers["medicines"]]
    assert names[1] == "my blue pill"
    assert len(names) == 2


def test_names_that_come_after_escape_are_not_offered(on_tablet, clinic):
    page = on_tablet(clinic.maker.begun("Gus Hale", "healthy-woman"))
    page.goto(place(page, "medicine_names"))
    box = page.locator("#medicines-entries-0-name")
    asked = []

    def hold(route):  # no built-in is taken
        asked.append(route)

    page.route(re.compile(r".*/medicines$"), hold)

    box.fill("metfor")
    page.wait_for_timeout(400)
    box.press("Escape")
    asked[0].continue_()
    page.wait_for_timeout(400)

    assert len(asked) == 1
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("option")).to_have_count(0)


def test_none_of_these_stands_alone(on_tablet, clinic):
    page = on_tablet(clinic.maker.begun("Hal Moss", "healthy-woman"))
    page.goto(place(page, "skin_now"))
    tattoo, none = (
        page.locator(f"[name=area_features][value={code}]") for code in ("tattoo", "none")
    )

    tattoo.check()
    none.check()
    expect(tattoo).not_to_be_checked()
    tattoo.check()

    expect(none).not_to_be_checked()


def test_a_draft_survives_a_closed_browser(on_tablet, at_desk, clinic, topics, vignettes):
    answers = vignettes["healthy-woman"].answers
    begun = clinic.maker.begun("Lea Sommer", "healthy-woman")
    page = on_tablet(begun)
    page.goto("/tablet/welcome")
    press(page, "Yes, this is me: begin")
    answer_all(page, topics, answers, until="skin_diseases")
    page.context.close()

    again = at_desk("ben", **TABLET)
    again.goto(f"/desk/cases/{begun.id}")
    press(again, "Go on with this form")
    press(again, "Sign me out and open the form")
    begin_alone(again)

    assert where(again) == "/tablet/page/skin_diseases"
    press(again, "Back")
    again.wait_for_url(f"**{place(again, 'worry_map')}")
    expect(again.locator("[name=marked_spot][value=none]")).to_be_checked()


def test_a_changed_answer_opens_a_question_and_a_hidden_one_comes_back(on_tablet, clinic):
    page = on_tablet(clinic.maker.filled("Mia Torres", "healthy-woman"))
    page.goto("/tablet/review")
    change = page.locator(".fact", has_text="Which of these do you have today?").get_by_role("link")

    change.click()
    page.locator("[name=skin_today][value=broken]").check()
    go_on(page)
    assert where(page) == "/tablet/page/sore_since"
    page.get_by_label("I know about how long ago").check()
    page.locator("#skin_broken_since-count").fill("2")
    page.locator("[name=skin_broken_since-unit][value=days]").check()
    go_on(page)
    assert where(page) == "/tablet/review"
    expect(page.locator("main")).to_contain_text("About 2 days ago")

    for choice, shown in (("none", False), ("broken", True)):
        page.goto(place(page, "skin_now") + "?from=review")
        page.locator(f"[name=skin_today][value={choice}]").check()
        go_on(page)
        assert where(page) == "/tablet/review"
        assert ("About 2 days ago" in page.locator("main").inner_text()) is shown


def test_a_cut_network_keeps_the_answers_and_goes_on_by_itself(on_tablet, clinic, form):
    begun = clinic.maker.begun("Otto Lang", "healthy-woman")
    page = on_tablet(begun)
    page.goto(place(page, "worry_map"))
    page.locator("input[value=nose]").check()

    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#offline")).to_contain_text("No connection")
    expect(page.locator("input[value=nose]")).to_be_checked()
    assert where(page) == "/tablet/page/worry_map"
    assert "marked_spot" not in form(begun.id).answers
    page.context.set_offline(False)

    expect(page.locator("input[value=nose]")).to_have_count(0)
    assert form(begun.id).answers["marked_spot"] == ["nose"]


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_second_tap_of_a_double_tap_answers_nothing_on_the_next_page(on_tablet, clinic):
    page = on_tablet(clinic.maker.begun("Rae Shake", "healthy-woman"))
    page.goto(place(page, "skin_now"))
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(place(page, "skin_now"))
    rash = page.locator("[name=skin_today][value=rash]")

    page.touchscreen.tap(*middle(page.locator(".row", has=rash)))
    expect(rash).not_to_be_checked()
    page.clock.run_for(700)
    page.touchscreen.tap(*middle(page.locator(".row", has=rash)))

    expect(rash).to_be_checked()


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_a_double_tap_sends_once(on_tablet, clinic, form, sent_events, with_script):
    filled = clinic.maker.filled(f"Dot Tap {with_script}", "healthy-woman")
    page = on_tablet(filled, java_script_enabled=with_script)
    page.goto("/tablet/review")
    if with_script:
        page.get_by_label("Type my name").check()
    page.get_by_label("Type your full name").fill("Dot Tap")

    page.get_by_role("button", name="Send my answers").dblclick(no_wait_after=True)

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert form(filled.id).status is ResponseStatus.COMPLETED
    assert len(sent_events(filled.id)) == 1


def test_a_signature_survives_turning_the_tablet(on_tablet, clinic, form):
    filled = clinic.maker.filled("Rob Turner", "healthy-woman")
    page = on_tablet(filled)
    page.goto("/tablet/review")
    draw(page)
    drawn = page.locator("#strokes").input_value()
    before = ink(page)

    page.set_viewport_size({"width": 1180, "height": 820})
    page.wait_for_function(REDRAWN)
    after = ink(page)
    press(page, "Send my answers")

    assert before > 100
    assert after > 100
    (stroke,) = form(filled.id).signature.strokes
    assert [list(point) for point in stroke] == json.loads(drawn)[0]
    for (x, y), (wanted_x, wanted_y) in ((stroke[0], SIGNATURE[0]), (stroke[-1], SIGNATURE[-1])):
        assert abs(x - wanted_x) < 0.02
        assert abs(y - wanted_y) < 0.02


def test_a_drawing_can_be_begun_again(on_tablet, clinic):
    page = on_tablet(clinic.maker.filled("Uma Verne", "healthy-woman"))
    page.goto("/tablet/review")
    draw(page)

    page.get_by_role("button", name="Clear and draw again").click()

    assert page.locator("#strokes").input_value() == ""
    assert ink(page) == 0


def test_an_enrolled_tablet_begins_by_itself(at_desk, open_browser, clinic):
    desk = at_desk("cleo")
    desk.goto("/desk/tablets")
    desk.get_by_label("Name of the tablet").fill("Room 7")
    desk.get_by_role("button", name="Make its link").click()
    link = desk.locator("p.link code").inner_text()

    tablet = open_browser(**TABLET)
    tablet.goto(link)
    press(tablet, "Set up this tablet")
    tablet.get_by_label("Your full name").fill("Pia Stern")
    for label, value in (("Day", "14"), ("Month", "march"), ("Year", "1985")):
        tablet.get_by_label(label, exact=True).fill(value)
    press(tablet, "Begin")

    expect(tablet.locator(".person-name")).to_have_text("Pia Stern")
    expect(tablet.locator("main")).to_contain_text("Born 14 March 1985")
    begin_alone(tablet)
    assert where(tablet) == "/tablet/page/your_goals"


def test_nothing_is_left_in_the_browser(on_tablet, clinic, topics, vignettes):
    filled = clinic.maker.filled("Quin Ford", "healthy-woman")
    page = on_tablet(filled)
    page.goto(place(page, "skin_now") + "?from=review")
    answer(page, topics, vignettes["healthy-woman"].answers)
    during = kept(page)
    page.get_by_label("Type my name").check()
    page.get_by_label("Type your full name").fill("Quin Ford")
    press(page, "Send my answers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")

    assert during == {}
    assert kept(page) == {}
    assert [cookie["name"] for cookie in page.context.cookies()] == ["intake_form"]
