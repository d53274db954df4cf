"""The tablet in several languages: chosen on any page, nothing lost, nothing left in English."""

import json
import re
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from unittest.mock import Mock

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from flask import Flask, session

from intake.actions import accounts, entering, rule_packs, submit, versions
from intake.actions import answer as answers_given
from intake.actions.patients import LONGEST_NAME
from intake.core.errors import StateError, StorageError
from intake.core.records import EntrySource, ResponseStatus
from intake.core.translations import fingerprint, in_language, texts_of
from intake.storage import cases, open_store, people, responses
from intake.web import create_app, languages, tablet_dates
from intake.web.languages import CATALOGS
from intake.web.tablet_dates import day_text
from tests import messages
from tests.conftest import KEYS, NOW, TODAY, Clock
from tests.web.conftest import _settings, enrol
from tests.web.filling import fill, page_boxes
from tests.web.making import Maker
from tests.web.pages import Page, Visitor

LANGUAGES = ("es", "ar")
NAMES = {"en": "English", "es": "Español", "ar": "العربية"}
WELCOME, REVIEW = "/tablet/welcome", "/tablet/review"
GATE, MEDICINES = "/tablet/page/medicines_gate", "/tablet/page/medicine_names"
SPOTS, LAST_SPOT = "/tablet/page/spots_more/spots_count", "/tablet/page/last_spots"


@cache
def catalog(language):
    return messages.catalog(CATALOGS / f"{language}.po")


def words(language, text):
    """What the tablet says for a text in a language."""
    return text if language == "en" else catalog(language).get(text).string


def choose(visitor, path, language, **typed):
    """Press the button of a language on a page, with what was typed there."""
    return visitor.post(path, {**typed, "do": f"language-{language}"})


def language_of(page):
    """The language and direction a page says it has."""
    html = page.root.one("html")
    return html["lang"], html["dir"]


def offered_on(page):
    """The languages with a button on a page, by tag."""
    buttons = page.root.all("button", class_="reading-choice")
    return {b["value"].removeprefix("language-"): b.text for b in buttons if b["lang"]}


def size_of(page):
    """Which size of text a page has."""
    found = re.search(r"size-(\d)", page.root.one("html")["class"])
    return found[1] if found else "1"


@pytest.fixture
def form(store, ids):
    """The form in hand, as it is stored."""
    return lambda which="begun": responses.response(store, ids[which])


@pytest.fixture
def languages_of(store, ids):
    """The language of each answer of the form in hand."""
    return lambda which="begun": responses.answer_languages(store, ids[which])


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def said(pack, language):
    """The pack in the language of the test."""
    return in_language(pack, language)


@pytest.fixture
def spanish(tablet):
    """A tablet with a form nobody has answered yet, in Spanish."""
    assert choose(tablet, WELCOME, "es").status == 200
    return tablet


@pytest.fixture
def with_spots(spanish, topics):
    """The same, where the questions about spots are asked."""
    answers = {"skin_today": ["spots"], "area_features": ["none"], "goals": ["acne_scars"]}
    for page_id in ("your_goals", "skin_now"):
        spanish.post(f"/tablet/page/{page_id}", page_boxes(topics[page_id], answers))
    return spanish


class TestChoosing:
    def test_is_offered_with_the_names_of_the_languages(self, tablet):
        for path in (WELCOME, GATE, REVIEW):
            assert offered_on(tablet.get(path)) == NAMES

    def test_shows_which_is_chosen(self, tablet, language):
        page = choose(tablet, WELCOME, language)

        pressed = [b["lang"] for b in page.root.all("button") if b["aria-pressed"] == "true"]
        assert pressed == [language, ""]
        assert all(b["form"] == "page" for b in page.root.all("button", class_="reading-choice"))

    def test_says_the_page_in_the_language_and_its_direction(self, tablet, language):
        page = choose(tablet, WELCOME, language)

        assert page.status == 200
        assert language_of(page) == (language, "rtl" if language == "ar" else "ltr")
        assert page.root.one("h1").text == words(language, "Before you begin")
        assert page.title.startswith(words(language, "Before you begin"))

    def test_says_every_page_after_it_in_the_language(self, tablet, language, said):
        choose(tablet, WELCOME, language)

        for path in (WELCOME, GATE, REVIEW):
            assert language_of(tablet.get(path))[0] == language
        asked = [legend.text for legend in tablet.get(GATE).root.all("legend")]
        assert said.items["blood_thinner"].ask in asked

    def test_is_kept_with_the_form(self, tablet, form, language):
        choose(tablet, WELCOME, language)

        assert form().language == language

    def test_on_a_page_of_questions_says_it_again(self, tablet, form, language, said):
        page = choose(tablet, GATE, language)

        assert page.status == 200
        assert language_of(page)[0] == language
        title = next(p.title for p in said.questionnaire.pages if p.id == "medicines_gate")
        assert page.root.one("h1").text == title
        assert form().language == language

    def test_shows_no_fault_for_what_is_still_open(self, tablet, language):
        page = choose(tablet, GATE, language, blood_thinner="no")

        assert page.root.all("section", id="error-summary") == []
        assert page.form.controls()["blood_thinner"] == ["no"]

    def test_back_to_english_says_english(self, spanish, form):
        page = choose(spanish, GATE, "en")

        assert language_of(page) == ("en", "ltr")
        assert form().language == "en"

    def test_on_the_review_says_the_answers_in_the_language(self, full_tablet, language, said):
        page = choose(full_tablet, REVIEW, language)

        assert language_of(page)[0] == language
        assert page.root.one("h1").text == words(language, "Look through your answers")
        assert said.items["goals"].ask in [dt.text for dt in page.root.all("dt")]
        assert page.root.one("p", class_="statement").text == words(language, submit.STATEMENT)

    def test_on_a_change_from_the_review_leads_back_to_it(self, full_tablet):
        change = "/tablet/page/your_goals?from=review"

        page = choose(full_tablet, change, "es", goals=["lines"])

        assert page.name_of(page.form["action"]) == change
        assert page.root.one("button", class_="back").text == "Volver a sus respuestas"

    def test_leaves_the_other_forms_of_the_clinic(self, tablet, form):
        choose(tablet, WELCOME, "es")

        assert form("filled").language == "en"

    def test_leaves_the_desk_in_english(self, tablet, ada, ids):
        choose(tablet, WELCOME, "ar")

        page = ada.get(f"/desk/cases/{ids['begun']}")

        assert language_of(page) == ("en", "ltr")

    def test_leaves_whoever_signs_in_at_the_desk_of_the_same_browser(self, tablet):
        choose(tablet, WELCOME, "ar")

        assert language_of(tablet.get("/desk/sign-in")) == ("en", "ltr")

    @pytest.mark.parametrize(
        "wish",
        ["language-fr", "language-", "language", "language-ES", "language-es_MX", "language-es-",
         "LANGUAGE-es", "language-../es", "language-\x00", f"language-{'x' * 3000}"],
        ids=["not there", "blank", "none", "large", "of a country", "dash", "shouted", "path",
             "no letter", "long"],
    )  # fmt: skip
    def test_of_what_is_not_offered_is_ignored(self, tablet, topics, form, wish):
        answers = {"takes_medicines": "no", "isotretinoin_ever": "no", "blood_thinner": "no"}
        gate = page_boxes(topics["medicines_gate"], answers)

        begun = tablet.post(WELCOME, {"do": wish})
        answered = tablet.post(GATE, {**gate, "do": wish})

        assert begun.location == "/tablet/page/your_goals"
        assert answered.location.startswith("/tablet/page/")
        assert form().language == "en"
        assert language_of(tablet.get(WELCOME)) == ("en", "ltr")

    def test_needs_the_token_of_the_form(self, tablet, contents):
        tablet.get(WELCOME)
        before = contents()

        refused = [
            Page(tablet.client.post(path, data={"do": "language-es"}))
            for path in (WELCOME, GATE, REVIEW)
        ]

        assert [page.status for page in refused] == [400, 400, 400]
        assert contents() == before

    def test_is_not_open_to_a_stranger(self, stranger, contents):
        stranger.token()
        before = contents()

        page = choose(stranger, WELCOME, "es")

        assert page.location == "/tablet/"
        assert contents() == before

    def test_of_a_form_that_was_sent_in_the_meantime_changes_nothing(
        self, full_tablet, on_tablet, form
    ):
        other = on_tablet("filled")
        other.token()
        full_tablet.post(REVIEW, {"typed": "Hannah Cole"})

        page = choose(other, REVIEW, "es")

        assert page.location == "/tablet/end"
        assert form("filled").language == "en"


class TestWhatWasTyped:
    def test_stays_with_what_cannot_be_read(self, tablet, topics, form):
        answers = {"skin_today": ["spots"], "area_features": ["none"]}
        tablet.post("/tablet/page/skin_now", page_boxes(topics["skin_now"], answers))

        page = choose(tablet, SPOTS, "es", **{"spots_count-value": "many"})

        assert page.form.controls()["spots_count-value"] == ["many"]
        assert "spots_count" not in form().answers

    @pytest.mark.parametrize(
        "boxes",
        [
            {"way": "date", "day": "31", "month": "2", "year": "2024"},
            {"way": "date", "day": "x", "month": "Foo", "year": "24"},
            {"way": "about", "count": "three", "unit": "weeks"},
            {"year": "2024", "count": "3", "unit": "weeks"},
            {"way": "never", "month": "m"},
        ],
        ids=["no such day", "nothing of it", "no number", "two ways", "a word and a box"],
    )
    def test_stays_in_the_boxes_of_a_date(self, tablet, topics, language, boxes):
        goals = page_boxes(topics["your_goals"], {"goals": ["acne_scars"]})
        tablet.post("/tablet/page/your_goals", goals)
        sent = {f"last_spot-{name}": typed for name, typed in boxes.items()}

        page = choose(tablet, LAST_SPOT, language, **sent)

        shown = page.form.controls()
        assert {name: shown[name] for name in sent} == {k: [v] for k, v in sent.items()}
        assert shown["last_spot-month"] == [boxes.get("month", "")]

    def test_stays_in_the_row_of_a_medicine(self, tablet, form, language):
        tablet.post(GATE, {"takes_medicines": "yes"})
        sent = {
            "medicines-entries-0-name": "Metformin",
            "medicines-entries-0-status": "stopped",
            "medicines-entries-0-stopped-way": "date",
            "medicines-entries-0-stopped-year": "long",
            "medicines-entries-0-route": "mouth",
            "medicines-entries-0-dose": "500 mg",
            "medicines-more": "not_sure",
        }

        page = choose(tablet, MEDICINES, language, **sent)

        shown = page.form.controls()
        assert {name: shown[name] for name in sent if name != "medicines-more"} == {
            name: [typed] for name, typed in sent.items() if name != "medicines-more"
        }
        assert form().answers["medicines"] == [
            {"name": "Metformin", "status": "unknown"},
            "not_sure",
        ]

    def test_of_a_list_that_can_be_read_is_stored(self, tablet, form):
        tablet.post(GATE, {"takes_medicines": "yes"})

        choose(tablet, MEDICINES, "es", **{"medicines-entries-0-name": "Metformin"})

        assert [row["name"] for row in form().answers["medicines"]] == ["Metformin"]

    def test_of_a_name_for_the_signature_stays(self, full_tablet, language):
        strokes = "[[[0.1,0.2],[0.3,0.4],[0.5,0.5]]]"

        page = choose(full_tablet, REVIEW, language, way="type", typed="Hana", strokes=strokes)

        shown = page.form.controls()
        assert (shown["way"], shown["typed"], shown["strokes"]) == (["type"], ["Hana"], [strokes])

    def test_of_boxes_that_were_ticked_stays(self, tablet, form):
        ticked = {"skin_today": ["rash", "spots"], "area_features": ["not_sure"]}

        page = choose(tablet, "/tablet/page/skin_now", "ar", **ticked)

        shown = page.form.controls()
        assert {name: shown[name] for name in ticked} == ticked
        assert form().answers["skin_today"] == ["rash", "spots"]

    def test_at_a_locked_form_stays(self, locked, language):
        typed = {"birth-day": "٣", "birth-month": "marzo", "birth-year": "88"}

        page = choose(locked, "/tablet/locked", language, **typed)

        assert (page.status, language_of(page)[0]) == (200, language)
        shown = page.form.controls()
        assert {name: shown[name] for name in typed} == {k: [v] for k, v in typed.items()}

    def test_is_never_sent_with_a_choice_of_language(self, full_tablet, form):
        choose(full_tablet, REVIEW, "es", typed="Hannah Cole")

        assert form("filled").status is ResponseStatus.IN_PROGRESS


class TestOfEachAnswer:
    def test_is_the_one_in_which_its_question_was_read(self, tablet, topics, languages_of):
        goals = page_boxes(topics["your_goals"], {"goals": ["lines"]})
        skin = page_boxes(topics["skin_now"], {"skin_today": ["none"], "area_features": ["none"]})
        tablet.post("/tablet/page/your_goals", goals)

        choose(tablet, "/tablet/page/skin_now", "es", **skin)
        tablet.post(GATE, {"takes_medicines": "no"})
        choose(tablet, GATE, "ar", takes_medicines="yes", blood_thinner="no")
        tablet.post(GATE, {"takes_medicines": "no", "blood_thinner": "no"})

        assert languages_of() == {
            "birth_date": "en",
            "goals": "en",
            "skin_today": "en",
            "area_features": "en",
            "takes_medicines": "ar",
            "blood_thinner": "es",
        }

    def test_stays_with_an_answer_that_is_given_again(self, tablet, topics, languages_of):
        goals = page_boxes(topics["your_goals"], {"goals": ["lines"]})
        choose(tablet, "/tablet/page/your_goals", "es", **goals)

        tablet.post("/tablet/page/your_goals", goals)

        assert languages_of()["goals"] == "en"

    def test_is_carried_over_to_an_amendment(self, full_tablet, topics, store, people, ids):
        choose(full_tablet, REVIEW, "es")
        goals = page_boxes(topics["your_goals"], {"goals": ["texture"]})
        full_tablet.post("/tablet/page/your_goals?from=review", goals)
        full_tablet.post(REVIEW, {"typed": "Hannah Cole"})

        new = versions.amend(store, response_id=ids["filled"], by=people.ada, now=NOW)

        kept = responses.answer_languages(store, new.id)
        assert kept == responses.answer_languages(store, ids["filled"])
        assert (kept["goals"], kept["skin_today"]) == ("es", "en")
        assert responses.response(store, new.id).language == "es"


class TestWholeVisit:
    def test_stores_what_it_stores_in_english(
        self, tablet, topics, vignettes, form, languages_of, store, ids, language
    ):
        answers = vignettes["healthy-man-body"].answers
        choose(tablet, WELCOME, language)

        review = fill(tablet, topics, answers)
        sent = tablet.post(REVIEW, {"typed": "Tomas Novak"})

        assert (review.location, sent.location) == (REVIEW, "/tablet/end")
        assert form().answers == {
            **{key: answers[key] for key in form().answers},
            "birth_date": "1988-03-12",
        }
        spoken = languages_of()
        assert spoken.pop("birth_date") == "en"
        assert set(spoken.values()) == {language}
        assert cases.case(store, ids["begun"]).screening.screening.findings == ()

    def test_is_screened_in_english(self, maker, on_tablet, store, ids, language):
        filled = maker.filled("Nadia Haddad", "tan-melasma")
        tablet = on_tablet(maker.visit(filled))
        choose(tablet, REVIEW, language)

        tablet.post(REVIEW, {"typed": "Nadia Haddad"})

        found = cases.case(store, filled.id).screening.screening
        assert found == cases.case(store, ids["defer"]).screening.screening
        assert any(one.cited for one in found.findings)

    def test_is_signed_under_the_statement_that_was_read(self, full_tablet, form, language):
        choose(full_tablet, REVIEW, language)

        full_tablet.post(REVIEW, {"typed": "حنا كول"})

        signature = form("filled").signature
        assert signature.statement == words(language, submit.STATEMENT)
        assert (signature.language, signature.name) == (language, "حنا كول")

    def test_in_english_is_signed_in_english(self, full_tablet, form):
        full_tablet.post(REVIEW, {"typed": "Hannah Cole"})

        signature = form("filled").signature
        assert (signature.language, signature.statement) == ("en", submit.STATEMENT)

    def test_is_thanked_for_in_its_language_once(self, full_tablet, language):
        choose(full_tablet, REVIEW, language)
        end = full_tablet.post(REVIEW, {"typed": "Hannah Cole"})
        led = full_tablet.get(end.location)

        first, again = full_tablet.get(led.location), full_tablet.get(led.location)

        assert language_of(first)[0] == language
        assert first.root.one("h1").text == words(language, "Thank you")
        assert language_of(again) == ("en", "ltr")

    def test_leaves_nothing_to_the_next_patient(self, enrolled, maker, clinic_template):
        visit = maker.visit(maker.filled("Ines Prado", "healthy-woman"))
        enrolled.client.set_cookie("intake_visit", visit, path="/tablet")
        choose(enrolled, REVIEW, "es")
        enrolled.post(REVIEW, {"do": "size-3"})
        enrolled.post(REVIEW, {"typed": "Ines Prado"})

        enrolled.get("/tablet/thanks")

        start = enrolled.get("/tablet/")
        assert language_of(start) == ("en", "ltr")
        assert size_of(start) == "1"
        with enrolled.client.session_transaction() as kept:
            assert not {"language", "size", "receipt"} & set(kept)


class TestOffered:
    OLD = "[85a39ab3, "
    """The fingerprint of "Yes"."""

    @pytest.fixture
    def outdated(self, store, shipped_files):
        """Put rules in force in whose Spanish one text is outdated."""

        def put():
            spanish = shipped_files["languages/es.yaml"]
            assert spanish.count(self.OLD) == 1
            files = {**shipped_files, "languages/es.yaml": spanish.replace(self.OLD, "[00000000, ")}
            rule_packs.activate(store, files, actor="test", now=NOW)

        return put

    def test_is_no_language_with_an_outdated_text(self, enrolled, tablet, outdated, store):
        assert offered_on(enrolled.get("/tablet/")) == NAMES
        without = {tag: name for tag, name in NAMES.items() if tag != "es"}

        outdated()

        assert offered_on(enrolled.get("/tablet/")) == without
        assert language_of(choose(enrolled, "/tablet/start", "es"))[0] == "en"
        begun = enrolled.post("/tablet/start", INES)
        assert offered_on(enrolled.get(begun.location)) == without
        assert offered_on(tablet.get(WELCOME)) == NAMES, "begun under the rules before"

    def test_is_what_a_form_is_begun_in(self, enrolled, outdated, store):
        choose(enrolled, "/tablet/start", "es")

        outdated()
        enrolled.post("/tablet/start", INES)

        begun = store.row("SELECT language FROM responses ORDER BY rowid DESC LIMIT 1")
        assert begun["language"] == "en"

    def test_is_no_language_the_tablet_has_no_words_for(self, shipped_pack):
        spanish = shipped_pack.translations["es"]
        french = replace(spanish, language="fr", name="Français")
        some = replace(shipped_pack, translations={"es": spanish, "fr": french})

        assert languages.offered_languages(some) == {"en": "English", "es": "Español"}

    def test_is_no_language_the_rules_are_not_said_in(self, shipped_pack, tmp_path, monkeypatch):
        for tag in ("es", "ar", "fr"):
            (tmp_path / f"{tag}.po").write_bytes((CATALOGS / "es.po").read_bytes())
        monkeypatch.setattr(languages, "CATALOGS", tmp_path)

        assert languages.offered_languages(shipped_pack) == NAMES

    def test_may_be_a_language_of_a_country(self, app, tmp_path, monkeypatch):
        (tmp_path / "es-MX.po").write_bytes((CATALOGS / "es.po").read_bytes())
        monkeypatch.setattr(languages, "CATALOGS", tmp_path)

        with app.test_request_context("/tablet/"):
            session["language"] = "es-MX"
            said = languages.gettext("Thank you")

        assert said == words("es", "Thank you")


INES = {
    "name": "Inés  Prado",
    "birth-day": "٣",
    "birth-month": "mayo",
    "birth-year": "1980",
}


class TestStartPage:
    def test_offers_the_languages_of_the_rules_in_force(self, enrolled):
        assert offered_on(enrolled.get("/tablet/")) == NAMES

    def test_keeps_what_was_typed(self, enrolled, language, contents):
        typed = {**INES, "birth-year": "80"}
        before = contents()

        page = choose(enrolled, "/tablet/start", language, **typed)

        assert page.status == 200
        assert language_of(page)[0] == language
        shown = page.form.controls()
        assert {name: shown[name] for name in typed} == {k: [v] for k, v in typed.items()}
        assert page.root.all("section", id="error-summary") == []
        assert contents() == before

    def test_begins_a_form_in_its_language(self, enrolled, store, language):
        choose(enrolled, "/tablet/start", language)

        begun = enrolled.post("/tablet/start", INES)

        welcome = enrolled.get(begun.location)
        assert language_of(welcome)[0] == language
        row = store.row(
            "SELECT r.id, p.birth_date, p.name FROM responses r"
            " JOIN patients p ON p.id = r.patient_id WHERE r.language = ?",
            [language],
        )
        assert (row["birth_date"], row["name"]) == ("1980-05-03", "Inés Prado")
        assert responses.answer_languages(store, row["id"]) == {"birth_date": language}

    def test_says_in_its_language_what_is_missing(self, enrolled, language):
        choose(enrolled, "/tablet/start", language)

        page = enrolled.post("/tablet/start")

        assert page.status == 422
        assert [text for _, text in page.faults()] == [
            words(language, "Enter your name."),
            words(language, "Enter the day, month and year you were born."),
        ]

    def test_says_in_its_language_what_is_wrong_with_a_name(self, enrolled, language):
        choose(enrolled, "/tablet/start", language)

        page = enrolled.post("/tablet/start", {**INES, "name": "x" * 200})

        wanted = words(language, "Shorten the name to {count} characters.")
        assert page.faults()[0][1] == wanted.format(count=LONGEST_NAME)

    def test_ignores_a_language_that_is_not_offered(self, enrolled):
        page = choose(enrolled, "/tablet/start", "fr")

        assert page.status == 422
        assert language_of(page) == ("en", "ltr")


class TestSize:
    def test_is_chosen_on_a_page_and_kept_on_the_next(self, tablet):
        page = tablet.post(GATE, {"do": "size-3", "blood_thinner": "no"})

        assert (page.status, size_of(page)) == (200, "3")
        assert page.form.controls()["blood_thinner"] == ["no"]
        for path in (WELCOME, GATE, REVIEW):
            assert size_of(tablet.get(path)) == "3"

    def test_stays_when_a_language_is_chosen(self, tablet, form):
        tablet.post(WELCOME, {"do": "size-2"})

        page = choose(tablet, WELCOME, "es")

        assert size_of(page) == "2"
        assert language_of(page)[0] == "es"

    def test_leaves_the_language(self, spanish, form):
        page = spanish.post(WELCOME, {"do": "size-2"})

        assert language_of(page)[0] == "es"
        assert form().language == "es"

    def test_may_be_the_usual_one_again(self, tablet):
        tablet.post(WELCOME, {"do": "size-3"})

        assert size_of(tablet.post(WELCOME, {"do": "size-1"})) == "1"

    def test_shows_which_is_chosen(self, spanish):
        page = spanish.post(WELCOME, {"do": "size-2"})

        chosen = [b for b in page.root.all("button") if b["aria-pressed"] == "true"]
        assert [b["aria-label"] for b in chosen] == ["", words("es", "Larger text")]

    @pytest.mark.parametrize("wish", ["size-4", "size-0", "size-", "size", "size-12", "size-x"])
    def test_that_is_not_offered_is_ignored(self, tablet, wish):
        page = tablet.post(WELCOME, {"do": wish})

        assert page.location == "/tablet/page/your_goals"
        assert size_of(tablet.get(WELCOME)) == "1"

    def test_is_chosen_on_the_start_page(self, enrolled):
        page = enrolled.post("/tablet/start", {"do": "size-2", "name": "Ines"})

        assert (page.status, size_of(page)) == (200, "2")
        assert page.form.controls()["name"] == ["Ines"]

    def test_of_the_review_sends_nothing(self, full_tablet, form):
        page = full_tablet.post(REVIEW, {"do": "size-2", "typed": "Hannah Cole"})

        assert (page.status, size_of(page)) == (200, "2")
        assert form("filled").status is ResponseStatus.IN_PROGRESS


class TestScripts:
    """A script posts the page and shows what comes back, or goes where it is told."""

    @staticmethod
    def post(visitor, path, **typed):
        data = {**typed, "csrf_token": visitor.token()}
        return visitor.client.post(
            visitor.real(path), data=data, headers={"Accept": "application/json"}
        )

    def test_are_given_the_page_in_its_new_language(self, tablet, language):
        answer = self.post(tablet, GATE, do=f"language-{language}", blood_thinner="no")

        page = Page(answer)
        assert answer.content_type.startswith("text/html")
        assert (page.status, language_of(page)[0]) == (200, language)
        assert page.form.controls()["blood_thinner"] == ["no"]

    def test_are_told_where_to_go(self, spanish):
        answer = self.post(spanish, WELCOME)

        assert answer.get_json() == {"go": spanish.real("/tablet/page/your_goals")}

    def test_are_given_faults_in_the_language(self, spanish):
        page = Page(self.post(spanish, GATE))

        assert page.status == 422
        assert page.title.startswith(words("es", "Error:"))

    def test_find_their_words_on_every_page(self, tablet, language):
        for path in (WELCOME, GATE, REVIEW):
            page = choose(tablet, path, language)

            said = json.loads(page.root.one("body")["data-words"])
            assert said["none"] == words(language, "No name found")
            assert "{typed}" in said["asTyped"]
            assert "{count}" in said["found"]


class TestFaults:
    def test_name_the_question_in_the_language(self, tablet, said, language):
        choose(tablet, WELCOME, language)

        page = tablet.post(GATE, {"takes_medicines": "no"})

        asked = said.items["isotretinoin_ever"].ask
        wanted = words(language, "Select yes, no or not sure: {question}").format(question=asked)
        assert page.status == 422
        assert page.faults()[0][1] == wanted
        line = page.root.one("p", id="isotretinoin_ever-error").text
        assert line == f"{words(language, 'Error:')} {wanted}"
        assert page.title.startswith(words(language, "Error:"))

    @pytest.mark.parametrize(
        ("boxes", "text", "values"),
        [
            ({"way": "date"}, "Enter a date, or choose another answer.", {}),
            ({"way": "date", "year": "24"}, "Enter the year with four digits.", {}),
            (
                {"way": "date", "day": "31", "month": "2", "year": "2024"},
                "Enter a day that exists: that month has no day {day}.",
                {"day": "31"},
            ),
            (
                {"way": "date", "month": "13", "year": "2024"},
                "Enter a month from 1 to 12 or as a word: '{month}' is not one.",
                {"month": "13"},
            ),
            (
                {"way": "date", "month": "Foo", "year": "2024"},
                "Enter a month from 1 to 12 or as a word: '{month}' is not one.",
                {"month": "foo"},
            ),
            ({"way": "date", "year": "1890"}, "Enter a year after {year}.", {"year": "1906"}),
            ({"way": "about"}, "Enter how long ago as a whole number, such as 3.", {}),
            ({"way": "about", "count": "3"}, "Select days, weeks, months or years.", {}),
        ],
        ids=["nothing", "two digits", "no such day", "no such number", "no such word", "too old",
             "no count", "no unit"],
    )  # fmt: skip
    def test_of_a_date_are_told_with_their_values(
        self, tablet, topics, language, boxes, text, values
    ):
        goals = page_boxes(topics["your_goals"], {"goals": ["acne_scars"]})
        choose(tablet, "/tablet/page/your_goals", language, **goals)

        page = tablet.post(LAST_SPOT, {f"last_spot-{k}": v for k, v in boxes.items()})

        assert page.faults()[0][1] == words(language, text).format(**values)

    @pytest.mark.parametrize(
        ("year", "text", "name", "day"),
        [
            ("2027", "Enter a date that is not after today, {today}.", "today", TODAY),
            ("1970", "Enter a date after the date of birth, {birth}.", "birth", date(1988, 3, 12)),
        ],
        ids=["after today", "before birth"],
    )
    def test_name_days_as_the_language_does(self, tablet, topics, language, year, text, name, day):
        goals = page_boxes(topics["your_goals"], {"goals": ["acne_scars"]})
        choose(tablet, "/tablet/page/your_goals", language, **goals)

        page = tablet.post(LAST_SPOT, {"last_spot-way": "date", "last_spot-year": year})

        before, after = words(language, text).split(f"{{{name}}}")
        told = page.faults()[0][1]
        assert told.startswith(before)
        assert told.endswith(after)
        month = Locale.parse(language).months["format"]["wide"][day.month]
        for part in (str(day.day), month, str(day.year)):
            assert part in told.removeprefix(before)

    def test_of_a_number_tell_its_range(self, with_spots):
        page = with_spots.post(SPOTS, {"spots_count-value": "201"})

        wanted = words("es", "Enter a number from {low} to {high}.").format(low="0", high="200")
        assert [text for _, text in page.faults()] == [wanted]

    def test_of_two_answers_at_once_name_the_answer_in_the_language(self, spanish, pack):
        page = spanish.post("/tablet/page/worry_map", {"marked_spot": ["nose", "none"]})

        none = in_language(pack, "es").items["marked_spot"].text_of("none")
        wanted = words("es", "Select '%(none)s' or the other answers, not both.") % {"none": none}
        assert page.faults()[0][1] == wanted

    def test_of_a_withheld_answer_beside_others_name_it_in_the_language(self, spanish):
        page = spanish.post("/tablet/page/worry_map", {"marked_spot": ["nose", "withheld"]})

        withheld = words("es", "I'd rather tell my practitioner")
        assert f"“{withheld}”" in page.faults()[0][1]

    def test_of_a_medicine_are_told_in_the_language(self, spanish):
        spanish.post(GATE, {"takes_medicines": "yes"})

        page = spanish.post(MEDICINES, {"medicines-entries-0-dose": "5 mg"})

        wanted = words("es", "Enter the name of the medicine as you know it.")
        assert page.faults()[0][1] == wanted

    def test_of_a_signature_are_told_in_the_language(self, full_tablet, language):
        choose(full_tablet, REVIEW, language)

        page = full_tablet.post(REVIEW)

        wanted = words(language, "Sign by drawing your signature or by typing your name.")
        assert page.faults()[0][1] == wanted

    def test_are_gone_in_the_language_that_is_chosen_next(self, spanish):
        spanish.post(GATE)

        page = choose(spanish, GATE, "ar")

        assert page.root.all("section", id="error-summary") == []


MARCH = "3 03 ٣ ٠٣ ۳ marzo Marzo MARZO mar mar. March مارس آذار".split()


class TestDates:
    @staticmethod
    def give(visitor, topics, **boxes):
        goals = page_boxes(topics["your_goals"], {"goals": ["acne_scars"]})
        visitor.post("/tablet/page/your_goals", goals)
        return visitor.post(LAST_SPOT, {f"last_spot-{k}": v for k, v in boxes.items()})

    @pytest.mark.parametrize("month", MARCH)
    def test_have_months_in_any_language(self, tablet, topics, form, month):
        page = self.give(tablet, topics, way="date", month=month, year="2024")

        assert page.status == 303
        assert form().answers["last_spot"] == {
            "said": "2024-03",
            "earliest": "2024-03-01",
            "latest": "2024-03-31",
        }

    @pytest.mark.parametrize("width", ["wide", "abbreviated"])
    @pytest.mark.parametrize("spoken", [*LANGUAGES, "en", "ar_SY", "ar_DZ"])
    def test_have_every_month_by_its_name(self, app, spoken, width):
        months = Locale.parse(spoken).months["format"][width]

        with app.test_request_context("/tablet/"):
            read = {number: day_text("", name, "2024") for number, name in months.items()}

        assert read == {number: f"2024-{number:02}" for number in range(1, 13)}

    @pytest.mark.parametrize(
        "month", ["m", "ma", "mayzo", "mmarzo", "م", "تشرين", "كانون", "mar zo"]
    )
    def test_have_no_month_that_could_be_another(self, tablet, topics, form, month):
        page = self.give(tablet, topics, way="date", month=month, year="2024")

        assert page.status == 422
        assert page.form.controls()["last_spot-month"] == [month]
        assert "last_spot" not in form().answers

    @pytest.mark.parametrize(
        ("boxes", "said"),
        [
            ({"way": "date", "year": "٢٠٢٤"}, "2024"),
            ({"year": "۲۰۲۴", "month": "۳"}, "2024-03"),
            ({"way": "date", "day": "٣", "month": "مارس", "year": "٢٠٢٤"}, "2024-03-03"),
            ({"way": "date", "day": "١٤", "month": "آذار", "year": "2024"}, "2024-03-14"),
            ({"way": "about", "count": "٣", "unit": "weeks"}, "about 3 weeks ago"),
            ({"way": "about", "count": "١", "unit": "years"}, "about 1 year ago"),
            ({"way": "date", "year": "२०२४"}, "2024"),
        ],
        ids=["a year", "Persian", "a day", "the Levant", "weeks", "one year", "Hindi"],
    )
    def test_have_digits_of_any_script(self, tablet, topics, form, boxes, said):
        page = self.give(tablet, topics, **boxes)

        assert page.status == 303
        assert form().answers["last_spot"]["said"] == said

    def test_keep_the_digits_that_were_typed_while_they_cannot_be_read(self, tablet, topics):
        page = self.give(tablet, topics, way="date", day="٣١", month="فبراير", year="٢٠٢٤")

        shown = page.form.controls()
        assert shown["last_spot-day"] == ["٣١"]
        assert shown["last_spot-year"] == ["٢٠٢٤"]
        assert "31" in page.faults()[0][1]

    def test_are_said_back_in_the_language(self, tablet, topics, language):
        self.give(tablet, topics, way="date", day="14", month="3", year="2024")

        review = choose(tablet, REVIEW, language).words

        month = Locale.parse(language).months["format"]["wide"][3]
        assert re.search(rf"14 (de )?{month} (de )?2024", review)

    @pytest.mark.parametrize(("count", "form_of"), [("1", 1), ("2", 2), ("3", 3), ("11", 4)])
    def test_of_some_time_ago_are_said_back_as_arabic_counts(self, tablet, topics, count, form_of):
        self.give(tablet, topics, way="about", count=count, unit="weeks")

        review = choose(tablet, REVIEW, "ar").words

        counted = catalog("ar").get("About %(num)s week ago").string[form_of]
        assert counted.replace("%(num)s", count) in review

    def test_that_never_were_are_said_back_in_the_language(self, tablet, topics, language, said):
        self.give(tablet, topics, way="never")

        review = choose(tablet, REVIEW, language).words

        assert next(iter(said.items["last_spot"].words.values())) in review

    def test_of_medicines_are_read_alike(self, tablet, form, language):
        choose(tablet, GATE, language, takes_medicines="yes")
        row = {"name": "Aspirin", "status": "stopped", "stopped-way": "date",
               "stopped-month": "آذار", "stopped-year": "٢٠٢٤"}  # fmt: skip

        page = tablet.post(MEDICINES, {f"medicines-entries-0-{k}": v for k, v in row.items()})

        assert page.status == 303
        assert form().answers["medicines"][0]["stopped"]["said"] == "2024-03"


class TestNumbers:
    @pytest.mark.parametrize("typed", ["3", "٣", "۳", " ٣ ", "३"])
    def test_have_digits_of_any_script(self, with_spots, form, typed):
        page = with_spots.post(SPOTS, {"spots_count-value": typed})

        assert page.status == 303
        assert form().answers["spots_count"] == "3"

    @pytest.mark.parametrize("typed", ["٣٠١", "²", "٣ granos", "三", "-٣"])
    def test_that_cannot_be_right_are_kept_and_asked_again(self, with_spots, form, typed):
        page = with_spots.post(SPOTS, {"spots_count-value": typed})

        assert page.status == 422
        assert page.form.controls()["spots_count-value"] == [typed]
        assert "spots_count" not in form().answers

    @pytest.mark.parametrize(
        "typed",
        [
            "7.5",
            "7,5",
            "٧,٥",
            "٧٫٥",
        ],
    )
    def test_have_the_point_of_the_language(self, tablet, form, typed):
        tablet.post("/tablet/page/hba1c", {"hba1c-value": typed, "hba1c_date-way": "not_sure"})

        assert form().answers["hba1c"] == "7.5"


class TestWhatStaysAsTyped:
    NAME, DOSE = "ميتفورمين ٥٠٠", "٢٠ ملغ، marzo 3x, ½ ٪"

    @pytest.fixture
    def listed(self, spanish):
        spanish.post(GATE, {"takes_medicines": "yes"})
        entry = {"name": self.NAME, "dose": self.DOSE, "status": "current"}
        spanish.post(MEDICINES, {f"medicines-entries-0-{k}": v for k, v in entry.items()})
        return spanish

    def test_is_the_name_and_the_dose_of_a_medicine(self, listed, form):
        row = form().answers["medicines"][0]

        assert (row["name"], row["dose"]) == (self.NAME, self.DOSE)

    def test_is_shown_as_it_is(self, listed, language):
        page = choose(listed, MEDICINES, language, **{
            "medicines-entries-0-name": self.NAME, "medicines-entries-0-dose": self.DOSE,
        })  # fmt: skip

        shown = page.form.controls()
        assert shown["medicines-entries-0-name"] == [self.NAME]
        assert shown["medicines-entries-0-dose"] == [self.DOSE]

    def test_is_the_name_of_a_patient(self, enrolled, store):
        begun = {"name": "مارس ٣", "birth-day": "3", "birth-month": "5", "birth-year": "1980"}

        enrolled.post("/tablet/start", begun)

        assert store.row("SELECT name FROM patients WHERE birth_date = '1980-05-03'") == {
            "name": "مارس ٣"
        }


class TestMedicinesSaidBack:
    """What was said of a medicine stands in one line behind its name, each thing once."""

    @staticmethod
    def line_of(visitor, language, **entry):
        visitor.post(GATE, {"takes_medicines": "yes"})
        visitor.post(MEDICINES, {f"medicines-entries-0-{k}": v for k, v in entry.items()})
        page = choose(visitor, REVIEW, language)
        assert page.status == 200
        lines = [re.sub("[\u2068\u2069]", "", dd.text) for dd in page.root.all("dd")]
        return next(line for line in lines if line.startswith(entry["name"]))

    @pytest.mark.parametrize(
        "name", ["Metformin", TestWhatStaysAsTyped.NAME], ids=["in English", "in Arabic"]
    )
    def test_with_its_name_as_it_was_typed(self, tablet, language, name):
        said = self.line_of(tablet, language, name=name, status="current")

        assert said == f"{name} ({words(language, 'taking it now')})"

    def test_with_one_thing_in_english(self, tablet):
        said = self.line_of(tablet, "en", name="Aspirin", status="current", dose="75 mg")

        assert said == "Aspirin (75 mg, taking it now)"

    def test_with_a_dose_in_other_letters_that_is_set_apart(self, tablet):
        tablet.post(GATE, {"takes_medicines": "yes"})
        entry = {"name": "Roaccutane", "status": "current", "dose": "20 ملغ × 2"}
        tablet.post(MEDICINES, {f"medicines-entries-0-{k}": v for k, v in entry.items()})

        for language in ("en", "ar"):
            page = choose(tablet, REVIEW, language)
            assert "(\u206820 ملغ × 2\u2069" in page.words

    def test_with_two_things(self, tablet, language):
        said = self.line_of(tablet, language, name="Aspirin", status="current", dose="75 mg")

        assert said.startswith("Aspirin (75 mg")
        assert said.count("75 mg") == 1
        assert said.count(words(language, "taking it now")) == 1

    def test_with_three_things(self, tablet, language):
        entry = {"name": "Aspirin", "status": "current", "dose": "75 mg", "route": "mouth"}

        said = self.line_of(tablet, language, **entry)

        for part in ("75 mg", words(language, "By mouth"), words(language, "taking it now")):
            assert said.count(part) == 1


@pytest.mark.parametrize("count", ["²", "③", "9" * 5000], ids=["power", "ring", "long"])
def test_a_count_that_is_no_number_in_a_list_of_medicines_is_asked_again(tablet, count):
    tablet.post(GATE, {"takes_medicines": "yes"})
    row = {"name": "Aspirin", "status": "stopped", "stopped-way": "about",
           "stopped-count": count, "stopped-unit": "weeks"}  # fmt: skip

    page = tablet.post(MEDICINES, {f"medicines-entries-0-{k}": v for k, v in row.items()})

    assert page.status == 422
    assert page.faults()[0][0] == "medicines-entries-0-stopped-count"


def test_the_ways_to_sign_are_said_in_the_language_just_chosen(full_tablet, language):
    page = choose(full_tablet, REVIEW, language)

    ways = [page.root.one("label", for_=f"way-{way}").text for way in ("draw", "type")]
    assert ways == [words(language, "Draw my signature"), words(language, "Type my name")]


def test_a_page_that_was_open_too_long_is_told_in_the_language_of_the_visit(spanish):
    page = Page(spanish.client.post(GATE, data={"blood_thinner": "no"}))

    assert page.status == 400
    assert language_of(page)[0] == "es"


@pytest.mark.parametrize(
    "path",
    [
        "/tablet/page/nowhere",
        "/tablet/nowhere",
    ],
)
def test_a_page_that_is_not_there_is_told_in_the_language_of_the_visit(spanish, path):
    page = spanish.get(path)

    assert page.status == 404
    assert language_of(page)[0] == "es"


SENT_BEFORE = "This form was already sent. Please hand the tablet back."


def test_a_form_that_was_sent_meanwhile_is_told_in_its_language(spanish, monkeypatch):
    monkeypatch.setattr(answers_given, "save_page", Mock(side_effect=StateError(SENT_BEFORE)))

    page = spanish.post(GATE, {"blood_thinner": "no"})

    assert page.status == 409
    assert words("es", SENT_BEFORE) in page.words


# A language that is none: every text in it stands between marks, so that what is not translated
# shows on the page.

STRANGE = "eo"
BEGUN = ("healthy-man-body", "radiofrequency-patient", "prp")
"""Vignettes whose plans, before anything is answered, open every page between them."""

TOLD = {
    "Strange Patient": "acne-scar-patient-after-isotretinoin",
    "Strange Elder": "older-man-on-blood-thinner",
    "Strange Traveller": "tan-melasma",
    "Strange Silence": "everything-withheld-private",
}
"""Forms that are filled as far as the review, for the many ways in which answers are said back."""

OWN = {
    "Test clinic",
    "English",
    "Aspirin",
    "Metformin",
    "Eliquis",
    "mg",
    "Foo",
    "kaj",
    "A",
    "Ada Practitioner",
    *TOLD,
    *(f"Begun {vignette}" for vignette in BEGUN),
    *Locale.parse(STRANGE).months["format"]["wide"].values(),
}
"""What is nobody's to translate: names, what was typed, how Esperanto writes dates and lists."""


def between_marks(text):
    return f"⟦{text}⟧"


MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
ANYBODYS = re.compile(
    rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(OWN, key=len, reverse=True))})(?!\w)"
)


def left_over(text):
    """The letters of a text that stand outside the marks, names left out."""
    shorter = MARKED.sub("", text)
    while shorter != text:
        text, shorter = shorter, MARKED.sub("", shorter)
    return re.sub(r"[\W\d_]+", "", ANYBODYS.sub("", text))


def read_on(element):
    """Every text somebody can see or be read on a page, each by itself."""
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag not in ("script", "style", "svg") and "inert" not in child:
            # the attributes of HTML whose words are read out or shown
            yield from (child[name] for name in ("aria-label", "placeholder", "title", "alt"))
            if child.tag == "input" and child["type"] in ("submit", "button", "reset"):
                yield child["value"]
            yield from json.loads(child["data-words"] or "{}").values()
            yield from read_on(child)


def untranslated(page):
    """What is left in English on a page."""
    return sorted({" ".join(text.split()) for text in read_on(page.root) if left_over(text)})


def untranslated_in(pages):
    """The same of several pages, by what they are."""
    found = {name: untranslated(page) for name, page in pages.items()}
    return {name: texts for name, texts in found.items() if texts}


@dataclass(frozen=True)
class Strangers:
    """Somebody at a tablet of a clinic whose only other language is the strange one."""

    app: Flask
    maker: Maker
    sessions: dict[str, str]

    def stranger(self):
        """A browser that has chosen the language, before any visit."""
        client = self.app.test_client()
        with client.session_transaction() as kept:
            kept["language"] = STRANGE
        return Visitor(client)

    def with_form(self, response):
        """A tablet with a form, in the language."""
        client = self.app.test_client()
        client.set_cookie("intake_visit", self.maker.visit(response), path="/tablet")
        visitor = Visitor(client)
        choose(visitor, WELCOME, STRANGE)
        return visitor

    def enrolled(self):
        """A tablet that shows its start page."""
        desk = Visitor(self.app.test_client())
        desk.client.set_cookie("intake_desk", self.sessions["cleo"], path="/desk")
        visitor = Visitor(self.app.test_client())
        enrol(visitor, desk)
        return visitor


def _strange_file(pack):
    texts = (
        f"  {key}: [{fingerprint(text)}, {json.dumps(between_marks(text), ensure_ascii=False)}]\n"
        for key, text in texts_of(pack).items()
    )
    return f"language: {STRANGE}\nname: ⟦Esperanto⟧\ntexts:\n{''.join(texts)}"


def _write_strange_catalog(folder):
    made = Catalog(locale=STRANGE)
    for message in messages.wanted():
        one = isinstance(message, str)
        made.add(message, between_marks(message) if one else tuple(map(between_marks, message)))
    with (folder / f"{STRANGE}.po").open("wb") as file:
        write_po(file, made)


def _questions(strangers):
    """Every page of questions, as it is asked and as it is asked again, by what it is."""
    pages = {}
    for vignette in BEGUN:
        visitor = strangers.with_form(strangers.maker.begun(f"Begun {vignette}", vignette))
        for topic in strangers.maker.pack.questionnaire.pages:
            path = f"/tablet/page/{topic.id}"
            if topic.id not in pages and (page := visitor.get(path)).status == 200:
                pages |= {topic.id: page, f"{topic.id}, left blank": visitor.post(path)}
    return pages


def day(name, **boxes):
    return {f"{name}-{part}": typed for part, typed in boxes.items()}


ROW, GONE = "medicines-entries-0", "medicines-entries-0-stopped"
FAULTY = [
    ("last_spots", day("last_spot", way="date")),
    ("last_spots", day("last_spot", way="date", year="24")),
    ("last_spots", day("last_spot", way="date", day="3", year="2024")),
    ("last_spots", day("last_spot", way="date", day="x", month="3", year="2024")),
    ("last_spots", day("last_spot", way="date", day="31", month="2", year="2024")),
    ("last_spots", day("last_spot", way="date", month="Foo", year="2024")),
    ("last_spots", day("last_spot", way="date", year="2027")),
    ("last_spots", day("last_spot", way="date", year="1970")),
    ("last_spots", day("last_spot", way="date", year="1800")),
    ("last_spots", day("last_spot", way="date", year="0000")),
    ("last_spots", day("last_spot", way="date", month="before", year="1800")),
    ("last_spots", day("last_spot", way="date", month="before since", year="2020")),
    ("last_spots", day("last_spot", way="date", month="once upon", year="2020")),
    ("last_spots", day("last_spot", way="about")),
    ("last_spots", day("last_spot", way="about", count="3")),
    ("last_spots", day("last_spot", year="2024", count="3", unit="weeks")),
    ("wax_more", day("wax_date", way="still")),
    ("spots_more", {"spots_count-value": "many"}),
    ("spots_more", {"spots_count-value": "201"}),
    ("spots_more", {"spots_count-value": "1.5"}),
    ("spots_more", {"spots_count-value": "3", "spots_count-unknown": "not_sure"}),
    ("worry_map", {"marked_spot": ["nose", "none"]}),
    ("worry_map", {"marked_spot": ["nose", "withheld"]}),
    ("worry_map", {"marked_spot": ["Foo"]}),
    ("medicines_gate", {"blood_thinner": "perhaps"}),
    ("medicine_names", {f"{ROW}-dose": "5 mg"}),
    ("medicine_names", {f"{ROW}-name": "Aspirin", "medicines-more": "none"}),
    ("medicine_names", {f"{ROW}-name": "Aspirin", **day(GONE, year="20")}),
    ("medicine_names", {f"{ROW}-name": "Aspirin", **day(GONE, year="2027")}),
    ("medicine_names", {f"{ROW}-name": "Aspirin", **day(GONE, year="1970")}),
    ("medicine_names", {f"{ROW}-name": "Aspirin", **day(GONE, way="about")}),
    ("medicine_names", {f"{ROW}-name": "Aspirin", f"{ROW}-dose": "x" * 2001}),
    ("medicine_names", {f"medicines-entries-{n}-name": f"Aspirin {n}" for n in range(61)}),
]  # fmt: skip


def _faults(strangers):
    """What is asked again because of what was typed; and rows of medicines."""
    visitor = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    pages = {}
    for number, (page_id, typed) in enumerate(FAULTY):
        pages[f"{page_id}, fault {number}"] = visitor.post(f"/tablet/page/{page_id}", typed)
    another = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    listed = {f"{ROW}-name": "Aspirin", "medicines-entries-1-name": "Metformin", "do": "add"}
    added = another.post(MEDICINES, listed)
    return {**pages, "rows": another.get(added.location), "list": another.get(MEDICINES)}


def _around(strangers):
    """The pages around the questions, and those that tell what went wrong."""
    begun = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    pages = {
        "welcome": begun.get(WELCOME),
        "nothing answered": begun.get(REVIEW),
        "no such page of a visit": begun.get("/tablet/page/nowhere"),
    }
    for name, vignette in TOLD.items():
        visitor = strangers.with_form(strangers.maker.filled(name, vignette))
        pages |= {name: visitor.get(REVIEW), f"{name}, unsigned": visitor.post(REVIEW)}
        pages[f"{name}, a change"] = visitor.get("/tablet/page/skin_now?from=review")
    return {
        **pages,
        **_helped(strangers),
        **_entered(strangers),
        **_locked(strangers),
        **_said_back(strangers),
        **_gone_wrong(strangers),
        **_not_me(strangers),
        **_thanks(strangers),
        **_outside(strangers),
    }


def _helped(strangers):
    """What is said to a patient whom somebody helps, and in the place of private pages."""
    filled = strangers.maker.filled("Strange Patient", TOLD["Strange Patient"])
    visitor = strangers.with_form(filled)
    pages = {"company": visitor.get("/tablet/company")}
    pages["company, nobody chosen"] = visitor.post("/tablet/company")
    visitor.post("/tablet/company", {"company": "interpreter"})
    pages["private, held back"] = visitor.get("/tablet/page/pregnancy")
    pages["handed to the patient"] = visitor.get("/tablet/alone/pregnancy")
    visitor.post("/tablet/alone/pregnancy")
    pages["after private pages"] = visitor.get("/tablet/page/today")
    pages["answers folded"] = visitor.get(REVIEW)
    return {**pages, "answers shown": visitor.post(REVIEW, {"do": "show"})}


def _entered(strangers):
    """What is said to a practitioner who enters the answers."""
    maker = strangers.maker
    filled = maker.filled("Strange Patient", TOLD["Strange Patient"])
    client = strangers.app.test_client()
    with maker.store.write() as db:
        people.add_session(db, "a session", maker.by.id, maker.now)
    token = entering.enter_for(
        maker.store,
        maker.pack,
        response_id=filled.id,
        source=EntrySource.PAPER,
        by=maker.by,
        at=entering.Seat("a session"),
        now=maker.now,
        today=maker.today,
    )
    client.set_cookie("intake_visit", token, path="/tablet")
    visitor = Visitor(client)
    choose(visitor, WELCOME, STRANGE)
    paths = (WELCOME, "/tablet/page/pregnancy", REVIEW)
    return {f"entering, {path}": visitor.get(path) for path in paths}


def _said_back(strangers):
    """The review of answers that vignettes do not give."""
    begun = strangers.maker.begun("Begun healthy-man-body", BEGUN[0])
    visitor = strangers.with_form(begun)
    listed = {
        "0-name": "Aspirin", "0-status": "current", "0-dose": "5 mg",
        "1-name": "Metformin", "1-status": "stopped", "1-stopped-way": "about",
        "1-stopped-count": "3", "1-stopped-unit": "weeks",
        "2-name": "Foo", "2-route": "skin",
        "3-name": "Aspirin", "3-status": "stopped",
    }  # fmt: skip
    rows = {f"medicines-entries-{key}": value for key, value in listed.items()}
    visitor.post(MEDICINES, {**rows, "medicines-more": "not_sure"})
    visitor.post("/tablet/page/skin_now", {"skin_today": ["broken", "not_sure"]})
    visitor.post("/tablet/page/sore_since", day("skin_broken_since", count="1", unit="days"))
    visitor.post(LAST_SPOT, day("last_spot", day="14", month="3", year="2024"))
    pages = {"medicines": visitor.get(REVIEW)}
    visitor.post(MEDICINES, {"medicines-more": "none"})
    visitor.post("/tablet/page/skin_now", {"skin_today": ["none"]})
    with strangers.maker.store.write() as db:
        responses.put_answers(db, begun.id, {"goals": ["gone"]}, NOW, language=STRANGE)
    return {**pages, "no medicines, and some set aside": visitor.get(REVIEW)}


def _gone_wrong(strangers):
    """What is said when a page cannot be saved."""
    visitor = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    pages = {}
    for error in (StateError(SENT_BEFORE), StorageError("out of disk"), RuntimeError("ours")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(answers_given, "save_page", Mock(side_effect=error))
            pages[str(error)] = visitor.post(GATE)
    assert [page.status for page in pages.values()] == [409, 503, 500]
    return pages


def _locked(strangers):
    """The lock: as it is, for who does not know the date of birth, and after too many tries."""
    visitor = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    locked = visitor.post(GATE, {"do": "lock"}).location
    pages = {"locked": visitor.get(locked), "locked, nothing": visitor.post(locked)}
    born = {"birth-day": "3", "birth-month": "5", "birth-year": "1980"}
    tries = {f"locked, try {number}": visitor.post(locked, born) for number in range(6)}
    assert len({page.html for page in tries.values()}) > 1
    return {**pages, **tries, "locked for good": visitor.get(locked)}


def _of_staff(strangers):
    """What only members of staff look at."""
    visitor = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    locked = visitor.post(GATE, {"do": "lock"}).location
    return {
        "enrol": strangers.stranger().get("/tablet/enrol/code"),
        "opened in vain": visitor.post(locked, {"do": "staff", "username": "ada"}),
    }


def _not_me(strangers):
    """What is said to somebody who was handed the form of another."""
    visitor = strangers.with_form(strangers.maker.begun("Begun healthy-man-body", BEGUN[0]))
    visitor.post(WELCOME, {"do": "not-me"})
    return {"not me": visitor.get("/tablet/not-me")}


def _thanks(strangers):
    visitor = strangers.with_form(strangers.maker.filled("Strange Patient", "healthy-woman"))
    visitor.get(visitor.post(REVIEW, {"typed": "Strange Patient"}).location)
    return {"thanks": visitor.get("/tablet/thanks")}


def _outside(strangers):
    start, stranger = strangers.enrolled(), strangers.stranger()
    born = {"birth-day": "14", "birth-month": "6", "birth-year": "1980"}
    pages = {"start": choose(start, "/tablet/start", STRANGE)}
    for change in (
        {},
        {"name": "x" * 200},
        {"name": "---"},
        {"birth-month": "Foo"},
        {"birth-year": "80"},
        {"birth-year": "2026"},
        {"birth-year": "2030"},
        {"birth-year": "1850"},
        {"birth-year": "1906"},
    ):
        typed = {"name": "Foo", **born, **change} if change else {}
        pages[f"start, {change}"] = start.post("/tablet/start", typed)
    began = start.post("/tablet/start", {"name": "Strange Patient", **born}).location
    return {
        **pages,
        "nothing planned yet": start.get(f"{began.removesuffix('welcome')}page/your_goals"),
        "no such page": stranger.get("/tablet/nowhere"),
        "no such act": stranger.get("/tablet/start"),
        "no token": Page(stranger.client.post("/tablet/review")),
        "too much": Page(stranger.client.post(WELCOME, data={"typed": "x" * 600_000})),
        "no form": Page(stranger.client.post(WELCOME, json={})),
        "ask staff": stranger.get("/tablet/"),  # the last: it forgets the language
    }


@pytest.fixture(scope="module")
def walked_strangely(clinic_template, shipped_files, shipped_pack, tmp_path_factory):
    """Every page of a tablet whose only other language is the strange one, by what it is."""
    folder = tmp_path_factory.mktemp("strange")
    settings = _settings(tmp_path_factory.mktemp("strangers"))
    settings.database.write_bytes(clinic_template.path.read_bytes())
    _write_strange_catalog(folder)
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(open_store(settings.database, KEYS)) as store,
    ):
        patch.setattr(languages, "CATALOGS", folder)
        files = {**shipped_files, f"languages/{STRANGE}.yaml": _strange_file(shipped_pack)}
        pack = rule_packs.activate(store, files, actor="test", now=NOW)
        ada = next(who for who in accounts.list_accounts(store) if who.username == "ada")
        app = create_app(settings, Clock())
        strangers = Strangers(app, Maker(store, pack, ada), clinic_template.sessions)
        patch.setattr(tablet_dates, "_months", tablet_dates._months.__wrapped__)  # not cached
        return {
            "questions": _questions(strangers),
            "faults": _faults(strangers),
            "around": _around(strangers),
            "staff": _of_staff(strangers),
        }


def test_every_page_of_questions_is_walked_past(walked_strangely, pack):
    asked = {
        topic.id
        for topic in pack.questionnaire.pages
        if any(item.from_record is None for item in topic.items)
    }

    questions = walked_strangely["questions"]

    assert set(questions) == asked | {f"{page_id}, left blank" for page_id in asked}
    assert {page.status for page in questions.values()} == {200, 422}


def test_every_fault_of_the_walk_is_one(walked_strangely):
    seen = walked_strangely["faults"]

    assert [name for name, page in seen.items() if "fault" in name and page.status != 422] == []


@pytest.mark.parametrize("kind", ["questions", "faults", "around"])
def test_nothing_is_left_in_english(walked_strangely, kind):
    assert untranslated_in(walked_strangely[kind]) == {}


@pytest.mark.parametrize("kind", ["questions", "faults", "around"])
def test_every_page_of_the_walk_says_its_language(walked_strangely, kind):
    for name, page in walked_strangely[kind].items():
        assert language_of(page) == (STRANGE, "ltr"), name
        assert offered_on(page) in ({}, {"en": "English", STRANGE: "⟦Esperanto⟧"}), name


def test_what_is_left_in_english_is_found(walked_strangely):
    """Only staff set up a tablet, and they read English."""
    page = walked_strangely["staff"]["enrol"]

    assert "Set up this tablet" in untranslated(page)


def test_staff_who_open_a_locked_form_in_vain_are_told_in_its_language(walked_strangely):
    page = walked_strangely["staff"]["opened in vain"]

    assert page.status == 422
    assert untranslated(page) == []
