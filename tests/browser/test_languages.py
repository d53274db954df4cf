"""The tablet in the languages of its patients: chosen on any page, and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from intake.core.questionnaire import Kind
from intake.core.records import ResponseStatus
from intake.core.translations import in_language
from intake.storage import responses
from tests.browser.patient import SIZES, place, press, where

BEGIN = {"en": "Yes, this is me: begin", "es": "Sí, soy yo: empezar", "ar": "نعم، هذا أنا: بدء"}
GO_ON = {"en": "Continue", "es": "Continuar", "ar": "متابعة"}
SEND = {"en": "Send my answers", "es": "Enviar mis respuestas", "ar": "إرسال إجاباتي"}
THANKS = {"en": "Thank you", "es": "Gracias", "ar": "شكرًا لك"}
NAMES = {"es": "Español", "ar": "العربية"}


def read_in(page, language):
    """Choose a language and wait until the page is said in it."""
    page.get_by_role("button", name=NAMES[language]).click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def answer_by_names(page, item, raw):
    """Answer one question in the group that bears its words, by the words of its answers."""
    group = page.get_by_role("group", name=item.ask)
    values = raw if isinstance(raw, list) else [raw]
    match item.kind:
        case Kind.YES_NO | Kind.CHOICE:
            group.get_by_role("radio", name=item.text_of(str(raw)), exact=True).check()
        case Kind.CHOICES | Kind.BODY_MAP:
            for value in values:
                group.get_by_role("checkbox", name=item.text_of(str(value)), exact=True).check()
        case Kind.NUMBER:
            group.get_by_role("textbox").fill(str(raw))
        case _:
            pytest.fail(f"{item.link_id} is not asked of this patient")


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_whole_visit_by_what_is_read_out(on_tablet, clinic, vignettes, language, pictures):
    answers, said = vignettes["healthy-woman"].answers, in_language(clinic.maker.pack, language)
    begun = clinic.maker.begun(f"Visit {language}", "healthy-woman")
    page = on_tablet(begun)
    page.goto("/tablet/welcome")
    if language != "en":
        read_in(page, language)
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    page.screenshot(path=pictures / f"welcome-{language}.png")
    press(page, BEGIN[language])

    while where(page) != "/tablet/review":
        assert page.get_by_role("main").get_by_role("heading", level=1).count() == 1
        names = page.locator("#page input").evaluate_all("all => all.map((one) => one.name)")
        for item in (said.items[name] for name in dict.fromkeys(names) if name in said.items):
            answer_by_names(page, item, answers[item.link_id])
        press(page, GO_ON[language])

    stored = responses.response(clinic.store, begun.id)
    asked = stored.answers.keys() - {"birth_date"}
    assert {k: stored.answers[k] for k in asked} == {k: answers[k] for k in asked}
    expect(page.get_by_text(said.items["birth_date"].ask)).to_have_count(0)
    expect(page.get_by_text(said.items["goals"].ask, exact=True)).to_be_visible()
    page.screenshot(path=pictures / f"review-{language}.png", full_page=True)
    page.locator("#way-type").check()
    page.locator("#typed").fill("Nora Blank")
    press(page, SEND[language])
    expect(page.get_by_role("heading", name=THANKS[language])).to_be_visible()
    stored = responses.response(clinic.store, begun.id)
    assert stored.status is ResponseStatus.COMPLETED
    assert (stored.language, stored.signature.language) == (language, language)
    assert set(responses.answer_languages(clinic.store, begun.id).values()) == {"en", language}
    page.goto("/tablet/")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", ["es", "ar"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_and_keep_what_was_typed(on_tablet, clinic, language, size, pictures):
    width, height = SIZES[size]
    begun = clinic.maker.begun(f"Fit {language} {size}", "healthy-woman")
    page = on_tablet(begun, viewport={"width": width, "height": height})
    page.goto(place(page, "medicine_names"))
    page.locator("#medicines-entries-0-name").fill("Metformin 500")

    read_in(page, language)

    expect(page.locator("#medicines-entries-0-name")).to_have_value("Metformin 500")
    for topic in ("skin_now", "medicine_names"):
        page.goto(place(page, topic))
        page.screenshot(path=pictures / f"{topic}-{language}-{size}.png", full_page=True)
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0, (topic, where(page))


def test_the_text_grows_at_a_touch(on_tablet, clinic):
    page = on_tablet(clinic.maker.begun("Grace Large", "healthy-woman"))
    page.goto(place(page, "skin_now"))
    size = "parseFloat(getComputedStyle(document.querySelector('.row-text')).fontSize)"
    usual = page.evaluate(size)

    page.get_by_role("button", name="Largest text").click()

    expect(page.get_by_role("button", name="Largest text")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert (usual, page.evaluate(size)) == (20, 30)
