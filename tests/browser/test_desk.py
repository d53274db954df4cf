"""Practitioners at the desk, and how both sides fit on their screens."""

import csv

import pytest
from playwright.sync_api import expect

from intake.storage import cases
from tests.browser.patient import place

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
QUESTIONS = (
    "your_goals",
    "worry_map",
    "last_spots",
    "medicine_names",
    "key_medicines",
    "spots_more",
)


@pytest.fixture
def reviews(clinic):
    return lambda response_id: cases.case(clinic.store, response_id).reviews


def test_pictures(at_desk, on_tablet, clinic, pictures):
    """First of all, so that the queue is that of the demo."""
    tablet = on_tablet(clinic.maker.begun("Clara Winter", "healthy-woman"))
    tablet.goto(place(tablet, "skin_now"))
    tablet.locator("[name=skin_today][value=none]").check()
    desk = at_desk("ben")

    tablet.screenshot(path=pictures / "tablet.png")
    tablet.goto(place(tablet, "worry_map"))
    face = tablet.locator("svg.map-face")
    box = face.bounding_box()
    face.click(position={"x": 0.3 * box["width"], "y": 0.56 * box["height"]})
    tablet.locator('[data-part="what"]').fill("a brown mole")
    tablet.screenshot(path=pictures / "map.png")
    tablet.goto(place(tablet, "isotretinoin_when"))
    tablet.get_by_role("button", name="العربية").click()
    tablet.locator('html[lang="ar"]').wait_for()
    tablet.screenshot(path=pictures / "arabic.png")
    desk.goto("/desk/")
    desk.screenshot(path=pictures / "queue.png")
    desk.get_by_role("link", name="Samuel Reyes").click()
    desk.wait_for_url("**/cases/*")
    desk.screenshot(path=pictures / "case.png")

    for name in ("tablet", "map", "arabic", "queue", "case"):
        assert (pictures / f"{name}.png").stat().st_size > 20_000


def test_a_decision_with_reasons_and_a_colleague_who_was_slower(at_desk, clinic, reviews):
    sent = clinic.maker.sent("Nell Hardy", "irritated", habits=["smoker"])
    ada, ben = at_desk("ada"), at_desk("ben")
    for page in (ada, ben):
        page.goto("/desk/")
        page.get_by_role("link", name="Nell Hardy").click()
    ada.locator("#disposition-proceed").check()
    ada.locator("#reason-0").select_option("examined")
    ada.locator("#words-0").fill("The skin has calmed down.")
    ada.get_by_label("I have read this caution").check()
    ben.get_by_label("Ask the patient for more").check()
    ben.get_by_label("Note", exact=True).fill("Which sunbed?")

    ada.get_by_role("button", name="Sign and record the decision").click()
    expect(ada.get_by_role("status")).to_contain_text("Your decision is recorded.")
    ben.get_by_role("button", name="Sign and record the decision").click()

    expect(ben.locator("#conflict")).to_contain_text("Ada Marsh")
    expect(ben.get_by_label("Note", exact=True)).to_have_value("Which sunbed?")
    expect(ben.get_by_label("Ask the patient for more")).to_be_checked()
    ben.get_by_role("button", name="Sign and record the decision").click()
    expect(ben.get_by_role("status")).to_contain_text("Your decision is recorded.")
    assert [r.by_name for r in reviews(sent.id)] == ["Ada Marsh", "Ben Okoro"]
    assert reviews(sent.id)[0].decision.overrides[0].words == "The skin has calmed down."


def test_a_dermatologist_decides_what_was_referred(at_desk, clinic, reviews):
    sent = clinic.maker.sent("Olga Pine", "teenager")
    ada, ben = at_desk("ada"), at_desk("ben")
    ada.goto(f"/desk/cases/{sent.id}")
    ada.get_by_label("Refer to the dermatologist").check()
    ada.get_by_label("Note", exact=True).fill("Almost 18: wait?")
    ada.get_by_role("button", name="Sign and record the decision").click()
    expect(ada.get_by_role("heading", name="With the dermatologist")).to_be_visible()

    ben.goto("/desk/?status=with_dermatologist")
    ben.get_by_role("link", name="Olga Pine").click()
    expect(ben.locator("main")).to_contain_text("Almost 18: wait?")
    ben.get_by_label("Do not treat").check()
    ben.get_by_label("Note", exact=True).fill("Come back in a year.")
    ben.get_by_role("button", name="Sign and record the decision").click()
    expect(ben.get_by_role("status")).to_contain_text("Your decision is recorded.")

    assert [r.by_name for r in reviews(sent.id)] == ["Ada Marsh", "Ben Okoro"]


def test_cases_are_downloaded(at_desk, clinic, tmp_path):
    page = at_desk("ben")
    page.goto("/desk/")
    page.get_by_role("link", name="Export").click()
    page.get_by_label("One case a row").check()
    page.get_by_label("CSV, for a spreadsheet").check()

    with page.expect_download() as download:
        page.get_by_role("button", name="Export and download").click()
    download.value.save_as(tmp_path / "cases.csv")

    with (tmp_path / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        names = {row["patient_name"] for row in csv.DictReader(file)}
    assert download.value.suggested_filename.startswith("intake-cases-")
    assert {"Samuel Reyes", "Maria Duarte"} <= names


def test_the_desk_works_without_javascript(at_desk, clinic):
    page = at_desk("ben", java_script_enabled=False)

    page.goto("/desk/?triage=stop")
    page.get_by_role("link", name="Samuel Reyes").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Samuel Reyes")
    expect(page.locator("article.finding").first).to_be_visible()


def too_wide(page, addresses):
    found = {}
    for address in addresses:
        page.goto(address)
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction }", direction)
            if over := page.evaluate(SIDEWAYS):
                found[address, direction] = over
    return found


@pytest.mark.parametrize("width", [390, 768, 820, 1180])
def test_the_tablet_never_scrolls_sideways(on_tablet, clinic, width):
    page = on_tablet(
        clinic.maker.filled(f"Wide Form {width}", "healthy-woman"),
        viewport={"width": width, "height": 820},
    )
    questions = [place(page, page_id) for page_id in QUESTIONS]

    assert too_wide(page, ["/tablet/welcome", *questions, "/tablet/review", "/tablet/thanks"]) == {}


@pytest.mark.parametrize("width", [390, 768, 820, 1180])
def test_the_desk_never_scrolls_sideways(at_desk, clinic, width):
    cases_shown = [clinic.response_id_of(name) for name in ("Samuel Reyes", "Lina Farouk")]
    page = at_desk("ben", viewport={"width": width, "height": 820})

    assert too_wide(page, ["/desk/", *(f"/desk/cases/{case}" for case in cases_shown)]) == {}


def test_leaving_out_names_is_ticked_with_what_becomes_of_dates(at_desk, clinic, tmp_path):
    for n in range(11):
        clinic.maker.sent(f"Olga Offthelist {n}", "healthy-woman")
    page = at_desk("ben")
    page.goto("/desk/export")
    page.get_by_label("One case a row").check()
    page.get_by_label("CSV, for a spreadsheet").check()
    page.get_by_label("Leave out names").check()
    page.get_by_label("Years only, as HIPAA’s Safe Harbor asks").check()

    with page.expect_download() as download:
        page.get_by_role("button", name="Export and download").click()
    download.value.save_as(tmp_path / "cases.csv")

    text = (tmp_path / "cases.csv").read_text("utf-8-sig")
    assert download.value.suggested_filename.startswith("intake-cases-without-names-")
    assert "Olga" not in text
    assert "[suppressed]" in text
