"""A pack's form as a FHIR Questionnaire: codes, gates, translations, and what receivers reject."""

import re

import pytest

from intake.core.questionnaire import Kind
from intake.core.reading import case_of, read_all
from intake.core.truth import Truth
from intake.exports.fhir.form import one_language, questionnaire
from intake.exports.fhir.gates import gate_of
from intake.exports.fhir.naming import STRUCTURE
from tests.exports.fhir.checks import DISPLAYS, EXTENSIONS, codings, empties, items, parts

UNKNOWN = {"asked-unknown", "asked-declined"}


def say(language, words):
    return words if language == "en" else f"{language}: {words}"


@pytest.fixture(scope="module")
def form(shipped_pack):
    return questionnaire(shipped_pack, say)


@pytest.fixture(scope="module")
def by_id(form):
    return {one["linkId"]: one for one in items(form)}


def test_every_question_of_the_pack_is_asked_once(form, shipped_pack):
    names = [one["linkId"] for one in items(form)]

    assert len(set(names)) == len(names)
    assert [name for name in names if name in shipped_pack.items] == list(shipped_pack.items)
    assert max(map(len, names)) <= 255


def test_it_is_a_questionnaire_of_r4_with_a_version_of_its_own(form, shipped_pack):
    assert form["url"].endswith(f"/Questionnaire/{shipped_pack.name}")
    assert form["version"] == f"{shipped_pack.version}+{shipped_pack.hash[:12]}"
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", form["name"])
    assert form["subjectType"] == ["Patient"]
    types = {one["type"] for one in items(form)}
    assert types <= {
        "group", "display", "choice", "date", "decimal", "integer", "string", "text",
    }  # fmt: skip


def test_nothing_in_it_is_empty_and_every_item_has_words(form):
    assert empties(form) == []
    assert [one["linkId"] for one in items(form) if not one.get("text")] == []


def test_a_display_asks_nothing(form):
    for one in items(form):
        if one["type"] == "display":
            assert not one.keys() & {"required", "code", "item", "answerOption"}


def test_yes_no_and_not_sure_are_answers_with_the_codes_and_words_of_hl7(by_id):
    options = [one["valueCoding"] for one in by_id["keloid_ever"]["answerOption"]]

    assert [one["code"] for one in options] == ["Y", "N", "asked-unknown", "asked-declined"]
    for one in options:
        assert one["display"] == DISPLAYS[one["system"], one["code"]]


def test_every_code_has_a_system_and_words(form):
    for one in codings(form):
        assert one["display"]
        wanted = DISPLAYS.get((one["system"], one["code"]))
        assert wanted in (None, one["display"])
    assert not [p for p, v in parts(form) if p.endswith("valueCoding") and "system" not in v]


def test_none_of_these_stands_alone(by_id):
    options = by_id["skin_today"]["answerOption"]

    alone = {o["valueCoding"]["code"] for o in options if "extension" in o}

    assert alone == {"skin_today.none", "asked-declined"}


def test_extensions_are_those_of_hl7_for_forms(form):
    found = {
        one["url"].removeprefix(f"{STRUCTURE}/")
        for path, value in parts(form)
        if path.endswith("extension") and isinstance(value, list)
        for one in value
    } - {"lang", "content"}

    assert found <= set(EXTENSIONS)


def test_tests_joined_by_nothing_are_joined_by_a_word(form):
    for one in items(form):
        tests = one.get("enableWhen", [])
        assert ("enableBehavior" in one) == (len(tests) > 1)
        assert all(t["operator"] in ("=", "exists") for t in tests)
        for t in tests:
            assert ("answerCoding" in t) != ("answerBoolean" in t)


def test_what_a_question_hangs_on_is_there(form, by_id):
    for one in items(form):
        for test in one.get("enableWhen", []):
            offered = [o["valueCoding"]["code"] for o in by_id[test["question"]]["answerOption"]]
            assert test["operator"] == "exists" or test["answerCoding"]["code"] in offered


def test_a_question_is_shown_as_long_as_nothing_rules_it_out(shipped_pack):
    gate = gate_of("spots_count", shipped_pack)

    assert [{test.code for test in part} for part in gate] == [
        {"spots", "not_sure", "withheld", None}
    ]


def test_a_question_under_another_hangs_on_both(shipped_pack):
    gate = gate_of("inr", shipped_pack)

    assert {test.question for part in gate for test in part} == {"inr_tested", "blood_thinner"}
    assert len(gate) == 2


def test_what_no_code_can_say_is_always_shown(shipped_pack):
    ungated = [name for name in shipped_pack.items if not gate_of(name, shipped_pack)]

    assert set(ungated) == set(shipped_pack.items) - set(shipped_pack.gates)


def test_a_date_that_may_be_unknown_is_asked_in_two(by_id):
    choice, value = by_id["skin_broken_since"], by_id["skin_broken_since.value"]

    assert [o["valueCoding"]["code"] for o in choice["answerOption"]] == [
        "skin_broken_since.known", "asked-unknown", "asked-declined",
    ]  # fmt: skip
    assert value["type"] == "date"
    assert [t["answerCoding"]["code"] for t in value["enableWhen"]] == ["skin_broken_since.known"]


def test_a_date_that_everybody_knows_is_asked_in_one(by_id):
    assert by_id["birth_date"]["type"] == "date"
    assert "birth_date.value" not in by_id


def test_numbers_keep_to_their_bounds(by_id):
    bounds = {e["url"].rpartition("/")[2]: e for e in by_id["inr.value"]["extension"]}

    assert (bounds["minValue"]["valueDecimal"], bounds["maxValue"]["valueDecimal"]) == (0, 15)
    assert bounds["maxDecimalPlaces"]["valueInteger"] == 1
    assert by_id["spots_count.value"]["type"] == "integer"


def test_translations_stand_beside_the_words(form, by_id, shipped_pack):
    said = {
        part["extension"][0]["valueCode"]: part["extension"][1]["valueString"]
        for part in by_id["keloid_ever"]["_text"]["extension"]
    }

    assert set(said) == set(shipped_pack.translations)
    options = by_id["keloid_ever"]["answerOption"]
    unsure = options[2]["valueCoding"]["_display"]["extension"]
    assert next(e["extension"][1]["valueString"] for e in unsure) == "Not sure"


def test_its_name_is_translated_like_its_questions(form, shipped_pack):
    said = {
        part["extension"][0]["valueCode"]: part["extension"][1]["valueString"]
        for part in form["_title"]["extension"]
    }

    copies = {tag: one_language(shipped_pack, say, tag) for tag in shipped_pack.translations}

    assert {tag: copy["title"] for tag, copy in copies.items()} == said
    assert len({form["title"], *said.values()}) == len(said) + 1


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_copy_in_one_language_has_the_same_bones(form, shipped_pack, language):
    copy = one_language(shipped_pack, say, language)

    def bones(one):
        return [
            (i["linkId"], i["type"], [o["valueCoding"]["code"] for o in i.get("answerOption", [])])
            for i in items(one)
        ]

    assert bones(copy) == bones(form)
    assert (copy["url"], copy["version"], copy["language"]) == (
        form["url"], form["version"], language,
    )  # fmt: skip


def test_the_gates_agree_with_ours_on_every_vignette(shipped_pack, by_id):
    """The tests of a form are followed by hand here; a browser follows them elsewhere."""
    for vignette in shipped_pack.vignettes[::10]:
        reading = read_all(shipped_pack, vignette.answers, vignette.plan, vignette.on)
        case = case_of(shipped_pack, reading.answers, vignette.on)
        for link_id in shipped_pack.items:
            shown = all(
                any(_holds(test, case, shipped_pack) for test in part)
                for part in gate_of(link_id, shipped_pack)
            )
            assert shown == (case.asked(link_id) is not Truth.NOT_MET), (vignette.id, link_id)


def _holds(test, case, pack):
    from intake.exports.fhir.values import answered  # noqa: PLC0415

    item = pack.items[test.question]
    if case.asked(test.question) is Truth.NOT_MET:
        return test.code is None
    given = answered(item, case.answer(test.question), pack).values.get(test.question, [])
    if test.code is None:
        return not given
    from intake.exports.fhir.options import option  # noqa: PLC0415

    return {"valueCoding": option(item, test.code, pack)} in given


def test_medicines_repeat_with_what_they_count_as_hidden(by_id, shipped_pack):
    (link_id,) = [k for k, i in shipped_pack.items.items() if i.kind is Kind.MEDICINES]
    entry = by_id[f"{link_id}.entry"]

    assert entry["repeats"]
    hidden = by_id[f"{link_id}.entry.class"]
    assert hidden["readOnly"]
    assert any(e["url"].endswith("questionnaire-hidden") for e in hidden["extension"])
