"""Questions are read aloud, by voices that stay on the device only."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.patient import place

VOICES = """
window.said = [];
window.voicesHere = %s;
const synthesis = {
    speaking: false,
    getVoices: () => window.voicesHere,
    speak: (one) => window.said.push(one.text),
    cancel: () => {},
    addEventListener: () => {},
};
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
LOCAL = '[{ localService: true, lang: "en-GB" }]'
REMOTE = '[{ localService: false, lang: "en-GB" }]'
OTHER = '[{ localService: true, lang: "fr-FR" }]'


@pytest.fixture
def page(on_tablet, clinic):
    return on_tablet(clinic.maker.begun("Lia Listen", "healthy-woman"))


def test_a_question_is_read_with_its_hint_and_answers(page):
    page.add_init_script(VOICES % LOCAL)
    page.goto(place(page, "skin_now"))

    page.get_by_role("button", name="Listen").first.click()

    expect(page.get_by_text("Use headphones")).to_have_count(1)
    said = page.evaluate("window.said")
    assert said[0] == "Which of these do you have today?"
    assert "None of these" in said
    assert any(text.startswith("Not sure") for text in said)


@pytest.mark.parametrize("voices", [REMOTE, OTHER, "[]"], ids=["remote", "other language", "none"])
def test_without_a_voice_on_the_device_nothing_is_offered(page, voices):
    page.add_init_script(VOICES % voices)
    page.goto(place(page, "skin_now"))

    expect(page.get_by_role("button", name="Continue").last).to_be_visible()
    expect(page.get_by_role("button", name="Listen")).to_have_count(0)
