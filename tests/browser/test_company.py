"""Somebody beside the patient, or in the patient's place: a helper, and a practitioner."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from intake.actions.answer import choose_language
from intake.core.records import Company, ResponseStatus, SignatureKind
from intake.core.translations import in_language
from intake.storage import audit, responses
from tests.browser.patient import SIZES, answer, answer_all, give, go_on, place, press, real, where
from tests.browser.test_access import LOOKS, faults
from tests.browser.test_languages import BEGIN, GO_ON, SEND, THANKS, read_in
from tests.conftest import NOW
from tests.web.filling import page_boxes

HELD = {"es": "Las preguntas siguientes son privadas", "ar": "الأسئلة التالية خاصة"}
ALONE = {"es": "Responder a solas", "ar": "أجيب عن هذا وحدي"}
HERE = {"es": "Ya estoy a solas", "ar": "أنا وحدي الآن"}
TOGETHER = {"es": "Seguir juntos", "ar": "نتابع معًا"}
BACK = {"es": "La persona que le ayuda ya puede volver.", "ar": "يمكن لمن يساعدك أن يعود الآن."}
SHOW = {"es": "Mostrar mis respuestas privadas", "ar": "إظهار إجاباتي الخاصة"}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def unasked(open_browser, clinic):
    """Open a tablet just handed over, whose patient was not asked yet who helps."""

    def make(response, **options):
        page = open_browser(**{"viewport": {"width": 820, "height": 1180}, **options})
        token = clinic.maker.visit_with(response, None)
        cookie = {"name": "intake_visit", "value": token, "domain": "127.0.0.1"}
        page.context.add_cookies([{**cookie, "path": "/tablet", "httpOnly": True}])
        return page

    return make


@pytest.mark.parametrize(
    ("language", "with_script"), [("ar", True), ("es", False)], ids=["script-ar", "no script-es"]
)
def test_a_visit_with_a_relative(
    unasked, clinic, shipped_pack, topics, vignettes, language, with_script
):
    answers = vignettes["healthy-woman"].answers
    begun = clinic.maker.begun(f"Kin {language} {with_script}", "healthy-woman")
    page = unasked(begun, java_script_enabled=with_script)
    page.goto("/tablet/welcome")
    read_in(page, language)
    press(page, BEGIN[language])
    page.locator("#company-relative").check()
    press(page, GO_ON[language])
    answer_all(page, topics, answers, until="immune_private", button=GO_ON[language])

    expect(page.get_by_role("heading", name=HELD[language])).to_be_visible()
    press(page, ALONE[language])
    press(page, HERE[language])
    answer(page, topics, answers, GO_ON[language])
    expect(page.get_by_text(BACK[language])).to_be_visible()
    answer_all(page, topics, answers, until="pregnancy", button=GO_ON[language])
    page.get_by_role("button", name=TOGETHER[language]).click()
    page.wait_for_selector("#pregnant_now")
    answer_all(page, topics, answers, button=GO_ON[language])

    no = page.locator("dt", has_text=in_language(shipped_pack, language).items["pregnant_now"].ask)
    expect(no).to_have_count(0)
    page.get_by_role("button", name=SHOW[language]).click()
    expect(no).to_have_count(1)
    if with_script:
        page.locator("#way-type").check()
    page.locator("#typed").fill("Nora Kin")
    press(page, SEND[language])
    expect(page.get_by_role("heading", name=THANKS[language])).to_be_visible()
    stored = responses.response(clinic.store, begun.id)
    assert stored.status is ResponseStatus.COMPLETED
    assert stored.helper is Company.RELATIVE


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_a_practitioner_enters_a_paper_form_and_is_back_at_the_case(
    at_desk, clinic, topics, vignettes, with_script
):
    answers = vignettes["healthy-woman"].answers
    begun = clinic.maker.begun(f"Paper {with_script}", "healthy-woman")
    page = at_desk("ada", java_script_enabled=with_script)
    page.goto(f"/desk/hand-over/{begun.id}")
    page.get_by_label("From a paper form").check()
    press(page, "Enter the answers for the patient")
    expect(page.locator(".entering-for", has_text=f"Paper {with_script}")).to_be_visible()
    press(page, "Begin")
    answer_all(page, topics, answers)

    press(page, "Go on to your statement")
    expect(page.get_by_text("have entered these answers for the patient")).to_be_visible()
    press(page, "I state this: send the form")

    assert where(page) == f"/desk/cases/{begun.id}"
    expect(page.get_by_text("The patient has not signed on the tablet.").first).to_be_visible()
    stored = responses.response(clinic.store, begun.id)
    assert stored.signature.kind is SignatureKind.STAFF
    saved = [e for e in audit.of_subject(clinic.store, begun.id) if e.action == "page saved"]
    assert {e.actor for e in saved} == {clinic.maker.by.id}
    page.goto("/tablet/review")
    assert where(page) == "/tablet/"


def test_back_shows_no_private_page_once_the_company_may_return(unasked, clinic, topics, vignettes):
    filled = clinic.maker.filled("Ida Back", "healthy-woman")
    page = unasked(filled)
    page.goto("/tablet/company")
    page.locator("#company-carer").check()
    go_on(page)
    page.goto(place(page, "feelings"))
    press(page, "Answer this alone")
    press(page, "I am alone now")
    give(page, page_boxes(topics["feelings"], vignettes["healthy-woman"].answers))
    go_on(page)
    expect(page.get_by_text("may come back now")).to_be_visible()

    page.go_back()

    expect(page.get_by_role("heading", name="The next questions are private")).to_be_visible()
    assert "Do any of these apply to you?" not in page.content()


@pytest.mark.parametrize(
    ("language", "size", "look"),
    [
        ("en", "390", "light"),
        ("ar", "820", "light"),
        ("en", "1180", "dark"),
        ("ar", "390", "forced"),
    ],
)
def test_the_pages_fit_and_keep_nobody_out(
    unasked, at_desk, clinic, pictures, language, size, look
):
    width, height = SIZES[size]
    options = {"viewport": {"width": width, "height": height}, **LOOKS[look]}
    filled = clinic.maker.filled("Nora Fit", "healthy-woman")
    choose_language(clinic.store, filled, language, now=NOW)
    found = []

    def look_at(page, path, name):
        page.goto(real(page, path))
        found.extend(faults(page))
        assert page.evaluate(WIDER) <= 0, (name, size)
        if look == "light":  # as people see it; the others are for axe
            page.screenshot(path=pictures / f"{name}-{language}-{size}.png", full_page=True)

    page = unasked(filled, **options)
    look_at(page, "/tablet/company", "company")
    page.locator("#company-relative").check()
    page.locator('button[value="continue"]').last.click()
    page.wait_for_url("**/tablet/review")
    look_at(page, "/tablet/page/pregnancy", "private")
    look_at(page, "/tablet/alone/pregnancy", "alone")
    page.locator('button[value="continue"]').last.click()
    page.wait_for_url(f"**{place(page, 'pregnancy')}")
    look_at(page, "/tablet/page/pregnancy", "private-page")
    look_at(page, "/tablet/page/today", "come-back")
    look_at(page, "/tablet/review", "review-folded")
    desk = at_desk("ada", **options)
    look_at(desk, f"/desk/hand-over/{filled.id}", "hand-over")
    desk.locator("#source-paper").check()
    desk.get_by_role("button", name="Enter the answers for the patient").click()
    desk.wait_for_url("**/tablet/welcome")
    look_at(desk, "/tablet/welcome", "entry")
    look_at(desk, "/tablet/page/pregnancy", "entry-page")
    look_at(desk, "/tablet/review", "entry-review")
    look_at(desk, f"/desk/cases/{filled.id}/statement", "statement")
    desk.get_by_role("button", name="I state this: send the form").click()
    desk.wait_for_url(f"**/desk/cases/{filled.id}")
    look_at(desk, f"/desk/cases/{filled.id}", "entry-case")

    assert found == []
