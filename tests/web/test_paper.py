"""The questionnaire on paper: every question, when to answer it, and nothing of the rules."""

import re
from dataclasses import replace

import pytest

from intake.core.conditions import All, AnyOf, Not
from intake.core.sentences import Quantifier
from intake.core.translations import in_language
from intake.core.wording import FORBIDDEN, FORBIDDEN_IN
from intake.web.languages import in_tongue
from intake.web.paper import parts_of

LANGUAGES = ("en", "es", "ar")


@pytest.fixture
def blank(ada):
    """A blank form in English."""
    return ada.get("/desk/paper/en")


@pytest.fixture
def asked(app, pack):
    """Every question of a blank form by its name, each with when it is answered."""

    def read(of=pack):
        with app.test_request_context("/desk/paper/en"):
            return {
                question.item.link_id: (question.number, block.only_if)
                for part in parts_of(of)
                for topic in part.topics
                for block in topic.blocks
                for question in block.questions
            }

    return read


@pytest.fixture
def gated(pack, asked):
    """Say when the question about keloids is answered, with another condition."""

    def when(condition):
        def changed(item):
            return replace(item, enable_when=condition) if item.link_id == "keloid_kind" else item

        sections = tuple(
            replace(
                section,
                pages=tuple(
                    replace(page, items=tuple(map(changed, page.items))) for page in section.pages
                ),
            )
            for section in pack.questionnaire.sections
        )
        other = replace(pack, questionnaire=replace(pack.questionnaire, sections=sections))
        return asked(other)["keloid_kind"][1]

    return when


def form_of(page):
    """The words that are printed."""
    return page.root.one("main").text


def asks_of(page):
    return [ask.text for ask in page.root.all("p", class_="ask")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_asks_every_question_with_every_answer(ada, pack, language):
    page = ada.get(f"/desk/paper/{language}")
    words = form_of(page)

    for item in in_language(pack, language).questionnaire.items.values():
        if item.from_record is None:
            assert item.ask in words
            assert [o.text for o in item.options if o.text not in words] == []
            assert [text for text in item.words.values() if text not in words] == []


def test_it_says_why_each_page_is_asked(blank, pack):
    words = form_of(blank)

    assert [page.why for page in pack.questionnaire.pages if page.why not in words] == []
    lines = [line for page in pack.questionnaire.pages for line in page.says]
    assert [line for line in lines if line not in words] == []


def test_questions_are_counted_from_one_to_the_last(blank):
    numbers = [int(ask.split()[0]) for ask in asks_of(blank)]

    assert numbers == [*range(1, len(numbers) + 1)]


def test_not_knowing_and_not_saying_are_boxes_of_every_question_that_offers_them(blank, pack):
    offering = [
        item
        for item in pack.questionnaire.items.values()
        if item.offers_unknown and item.from_record is None
    ]
    ticks = [tick.text for tick in blank.root.all("span", class_="tick")]

    assert ticks.count("I'd rather tell my practitioner") == len(offering)
    assert ticks.count("Not sure") >= len(offering) - 1  # of medicines, it is said in other words


def test_a_question_that_follows_from_another_says_when_to_answer_it(asked):
    questions = asked()

    number = questions["keloid_ever"][0]
    assert questions["keloid_kind"][1] == f"Only if you ticked “Yes” in question {number}:"
    assert questions["keloid_ever"][1] == ""


def test_any_of_several_answers_is_named_with_its_question(asked):
    questions = asked()
    features, goals = questions["area_features"][0], questions["goals"][0]

    assert questions["scar_date"][1] == (
        f"Only if you ticked “A scar from surgery, a cut or a burn” in question {features}"
        f" or “Scars from surgery or an injury” in question {goals}:"
    )


def test_what_the_plan_decides_is_asked_of_everybody(asked):
    questions = asked()

    assert questions["rf_read"][1] == ""
    assert questions["steroid_site"][1].startswith("Only if you ticked “")


def test_a_condition_that_cannot_be_said_in_a_line_leaves_the_question_to_everybody(gated, pack):
    yes = pack.gates["keloid_kind"]
    ticked = pack.gates["spots_where"]
    unsayable = (
        Not(yes),
        replace(yes, negated=True),
        replace(ticked, quantifier=Quantifier.NONE),
        replace(ticked, quantifier=Quantifier.ALL),
        AnyOf((yes, Not(yes))),
        All((Not(yes), Not(yes))),
    )

    assert [gated(condition) for condition in unsayable] == [""] * len(unsayable)
    assert gated(All((Not(yes), yes))) == gated(yes) != ""


def test_a_condition_is_said_again_before_it_could_stand_on_another_sheet(app, pack):
    with app.test_request_context("/desk/paper/en"):
        blocks = [b for part in parts_of(pack) for topic in part.topics for b in topic.blocks]

    assert max(len(block.questions) for block in blocks) == 3
    assert all(len(block.questions) == 1 for block in blocks if not block.only_if)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_its_language_in_its_direction(ada, pack, language):
    page = ada.get(f"/desk/paper/{language}")

    html = page.root.one("html")
    assert html["lang"] == language
    assert html["dir"] == ("rtl" if language == "ar" else "ltr")
    assert in_language(pack, language).questionnaire.pages[1].title in form_of(page)


@pytest.mark.parametrize("language", ["es", "ar"])
def test_no_word_of_a_patient_is_left_in_english(ada, language):
    page = ada.get(f"/desk/paper/{language}")
    for staff in [e for e in page.root.one("main").walk() if e["lang"] == "en"]:
        staff.children.clear()

    left = set(re.findall(r"\b(?:the|your|not|tick|question|ago|Day|Year)\b", form_of(page)))

    assert left == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_never_reassures_and_shows_nothing_of_the_rules(ada, pack, language):
    words = form_of(ada.get(f"/desk/paper/{language}"))

    assert not {"en": FORBIDDEN, **FORBIDDEN_IN}[language].search(words)
    assert [rule.id for rule in pack.rules if rule.meaning in words or rule.action in words] == []


def test_the_desk_hears_that_a_translation_is_not_checked_and_the_paper_does_not_say_it(ada):
    page = ada.get("/desk/paper/es")

    note = "machine-prepared, not yet checked by a qualified translator"
    assert note in page.root.one("aside").text
    assert note not in form_of(page)
    assert note in ada.get("/desk/paper").words
    assert note not in ada.get("/desk/paper/en").words


def test_a_patient_s_own_form_carries_two_identifiers_on_every_sheet(ada, ids):
    page = ada.get(f"/desk/cases/{ids['begun']}/paper/es")

    head = page.root.all("thead")[0].text
    assert "Tomas Novak" in head
    assert re.search(r"Fecha de nacimiento \d+ de \w+ de \d{4}", head)
    assert "Novak" not in page.title


def test_a_patient_s_own_form_names_the_area_and_leaves_out_what_the_plan_rules_out(
    ada, ids, pack, blank
):
    page = ada.get(f"/desk/cases/{ids['begun']}/paper/en")

    asks = " ".join(asks_of(page))
    assert page.root.one("dl", class_="who").all("dd")[-1].text != ""
    assert pack.items["rf_read"].ask in " ".join(asks_of(blank))
    assert pack.items["rf_read"].ask not in asks
    assert pack.items["keloid_kind"].ask in asks


def test_answers_on_a_tablet_change_nothing_on_paper(ada, ids, pack):
    page = ada.get(f"/desk/cases/{ids['filled']}/paper/en")

    assert pack.items["keloid_kind"].ask in " ".join(asks_of(page))
    assert page.root.one("main").all("input") == []


def test_a_form_that_was_sent_is_not_printed_again(ada, ids):
    assert ada.get(f"/desk/cases/{ids['routine']}/paper").status == 409
    assert ada.get(f"/desk/cases/{ids['routine']}/paper/en").status == 409


def test_reading_a_patient_s_paper_is_in_the_audit_trail(ada, ids, contents):
    before = contents().count("case read")

    ada.get(f"/desk/cases/{ids['begun']}/paper/en")

    assert contents().count("case read") == before + 1


def test_it_has_a_style_of_its_own_and_no_other(blank):
    styles = [link["href"] for link in blank.root.all("link", rel="stylesheet")]

    assert [href.split("?")[0] for href in styles] == ["/static/paper.css"]
    assert blank.root.all("script") == []


def test_clinicians_find_it_where_they_need_it(ada, cleo, ids):
    for path in ("/desk/begin", "/desk/rules"):
        assert ada.get(path).root.one("a", href="/desk/paper")
    assert ada.get(f"/desk/hand-over/{ids['begun']}").root.one(
        "a", href=f"/desk/cases/{ids['begun']}/paper"
    )
    assert cleo.get("/desk/rules").root.all("a", href="/desk/paper") == []


def test_a_list_is_joined_as_the_language_does(app, pack):
    with app.test_request_context("/desk/paper/es"):
        said = in_language(pack, "es")
        parts = in_tongue("es", lambda: parts_of(said))

    lines = {block.only_if for part in parts for t in part.topics for block in t.blocks} - {""}
    assert all(line.startswith("Solo si marcó “") for line in lines)
    assert any(" o “" in line for line in lines)
