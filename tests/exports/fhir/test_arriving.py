"""Responses that other systems made: what fits comes in as it was said, the rest is named."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.core.answers import Missing
from intake.core.medicines import Status
from intake.core.reading import case_of, read_all
from intake.core.screening import screen
from intake.core.truth import Truth
from intake.core.vocabulary import Vocabulary
from intake.exports.fhir import arriving
from intake.exports.fhir.arriving import read_response
from intake.exports.fhir.arriving_items import Reader
from intake.exports.fhir.form import questionnaire
from intake.exports.fhir.naming import answered_version
from intake.exports.fhir.response import answers_in
from tests.conftest import TODAY
from tests.exports.fhir.checks import items

UNKNOWN = {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason"}


@pytest.fixture(scope="module")
def form(shipped_pack):
    return questionnaire(shipped_pack, lambda _, words: words)


def response_to(pack, form, answers, plan, on):
    case = case_of(pack, read_all(pack, answers, plan, on).answers, on)
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": answered_version(pack),
        "status": "completed",
        "item": answers_in(form, pack, case),
    }


@pytest.fixture
def healthy(shipped_pack, form):
    base = shipped_pack.base
    return response_to(shipped_pack, form, base.answers, base.plan, base.on)


def item_of(response, link_id):
    return next(one for one in items(response) if one["linkId"] == link_id)


def test_what_went_out_comes_back_the_same(shipped_pack, form):
    for vignette in shipped_pack.vignettes[::7]:
        on = vignette.on
        before = read_all(shipped_pack, vignette.answers, vignette.plan, on)
        case = case_of(shipped_pack, before.answers, on)
        sent = response_to(shipped_pack, form, vignette.answers, vignette.plan, on)

        arrived = read_response(json.loads(json.dumps(sent)), form, shipped_pack, on)

        after = read_all(shipped_pack, arrived.answers, arrived.plan, on)
        asked = {k for k in shipped_pack.items if case.asked(k) is not Truth.NOT_MET}
        told = {k: v for k, v in before.answers.items() if k in asked and v != "not_answered"}
        assert after.answers == told, vignette.id
        assert after.problems == ()


def test_a_whole_form_has_no_problems(shipped_pack, form, healthy):
    assert read_response(healthy, form, shipped_pack, TODAY).problems == []


def spoiled(response, link_id, answer):
    other = copy.deepcopy(response)
    item_of(other, link_id)["answer"] = answer
    return other


def test_nothing_that_arrives_changes_the_form_it_is_read_with(shipped_pack, form, healthy):
    """The form is made once of a pack, for every patient who comes after."""
    made, wrong = copy.deepcopy(form), [{"valueCoding": "Y"}]
    sent = [
        response_to(shipped_pack, form, one.answers, one.plan, one.on)
        for one in shipped_pack.vignettes
        if one.id in ("unknown-medicine", "healthy-woman", "isotretinoin-now")
    ]

    for response in (*sent, spoiled(healthy, "keloid_ever", wrong), {"item": [1]}):
        read_response(response, form, shipped_pack, TODAY)

    assert len(sent) == 3
    assert form == made


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([{"valueBoolean": True}], "has to be a valueCoding"),
        ([{"valueString": "yes"}], "has to be a valueCoding"),
        ([{"valueCoding": {"code": "Y"}}], "none of the answers that are offered"),
        ([{"valueCoding": {**UNKNOWN, "code": "unknown"}}], "none of the answers that are offered"),
        ([{"valueCoding": "Y"}], "cannot be read"),
        (["Y"], "has to be an object"),
        ({"valueCoding": {}}, "has to be a list"),
        ([{"valueCoding": {**UNKNOWN, "code": "asked-unknown"}}] * 2, "takes one answer"),
    ],
)
def test_an_answer_that_does_not_fit_is_named_and_counts_as_not_said(
    shipped_pack, form, healthy, answer, says
):
    arrived = read_response(spoiled(healthy, "keloid_ever", answer), form, shipped_pack, TODAY)

    assert any(p.where == "keloid_ever" and says in p.says for p in arrived.problems)
    assert "keloid_ever" not in arrived.answers


def test_an_item_that_the_form_does_not_have_is_named(shipped_pack, form, healthy):
    healthy["item"].append({"linkId": "invented", "answer": [{"valueString": "x"}]})

    (problem,) = read_response(healthy, form, shipped_pack, TODAY).problems

    assert (problem.where, problem.says) == (
        "invented", "There is no such item at this place of the form.",
    )  # fmt: skip


def test_an_item_in_the_wrong_place_is_named(shipped_pack, form, healthy):
    healthy["item"].append(copy.deepcopy(item_of(healthy, "keloid_ever")))

    arrived = read_response(healthy, form, shipped_pack, TODAY)

    first, *others = arrived.problems
    assert first.where == "keloid_ever"
    assert all("has to be answered" in one.says for one in others)
    assert "keloid_ever" not in arrived.answers


def test_an_answer_to_what_is_not_asked_is_named(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "keloid_ever": "yes", "keloid_kind": "not_sure"}
    response = response_to(shipped_pack, form, said, base.plan, base.on)
    no = {"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "N"}

    changed = spoiled(response, "keloid_ever", [{"valueCoding": no}])
    problems = read_response(changed, form, shipped_pack, TODAY).problems

    assert ("keloid_kind", "It is not asked, by what else was answered.") in [
        (p.where, p.says) for p in problems
    ]


def test_a_value_beside_an_answer_that_needs_none_is_named(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "skin_today": ["broken"], "skin_broken_since": "2026-05"}
    response = response_to(shipped_pack, form, said, base.plan, base.on)
    unsure = [{"valueCoding": {**UNKNOWN, "code": "asked-unknown"}}]

    changed = spoiled(response, "skin_broken_since", unsure)
    arrived = read_response(changed, form, shipped_pack, TODAY)

    assert "skin_broken_since.value" in [p.where for p in arrived.problems]
    assert "skin_broken_since" not in arrived.answers


def test_what_is_missing_is_named(shipped_pack, form, healthy):
    item_of(healthy, "keloid_ever").pop("answer")
    page = next(
        one
        for one in items(healthy)
        if any(i["linkId"] == "keloid_ever" for i in one.get("item", ()))
    )
    page["item"] = [one for one in page["item"] if one["linkId"] != "keloid_ever"]

    problems = read_response(healthy, form, shipped_pack, TODAY).problems

    assert "keloid_ever" in [p.where for p in problems]
    assert all("It has to be answered" in p.says for p in problems)


@pytest.fixture
def with_warfarin(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "takes_medicines": "yes", "medicines": [{"name": "warfarin"}]}
    return response_to(shipped_pack, form, said, base.plan, base.on)


def chosen(form, link_id, code):
    item = next(one for one in items(form) if one["linkId"] == link_id)
    return [one for one in item["answerOption"] if one["valueCoding"]["code"] == code]


def test_none_beside_a_medicine_is_not_none(shipped_pack, form, with_warfarin):
    none = chosen(form, "medicines", "medicines.none")

    changed = spoiled(with_warfarin, "medicines", none)
    arrived = read_response(changed, form, shipped_pack, TODAY)

    assert "medicines" in [p.where for p in arrived.problems]
    listed = typed(arrived, shipped_pack)["medicines"]
    assert ([one.name for one in listed.entries], listed.unsure) == (["warfarin"], True)


def entry(name, **parts):
    """A row of medicines, as the form has it."""
    items = [{"linkId": "medicines.entry.name", "answer": [{"valueString": name}]}] if name else []
    for part, value in parts.items():
        link_id = "medicines.entry." + part.replace("__", ".")
        items.append({"linkId": link_id, "answer": [value]})
    return {"linkId": "medicines.entry", "item": items}


def with_rows(response, *rows):
    """Put rows beside the medicine that is there."""
    around = next(
        one for one in items(response)
        if any(inner["linkId"] == "medicines.entry" for inner in one.get("item", ()))
    )  # fmt: skip
    around["item"] += rows
    return response


@pytest.mark.parametrize(
    ("row", "names", "where"),
    [
        (entry("isotretinoin", stopped={"valueDate": "2999-01-01"}), ["isotretinoin"], "medicines"),
        (entry("isotretinoin", stopped={"valueDate": "2026-02-31"}), ["isotretinoin"], "medicines"),
        (entry("", dose={"valueString": "20 mg"}), [], "medicines"),
        (entry(" "), [], "medicines"),
        (
            entry("isotretinoin", stopped__earliest={"valueDate": "2026-01-01"}),
            ["isotretinoin"],
            "medicines.entry.stopped",
        ),
        (
            entry("isotretinoin", stopped__said={"valueString": "in May"}),
            ["isotretinoin"],
            "medicines.entry.stopped",
        ),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_read_takes_nothing_from_the_others(
    shipped_pack, form, with_warfarin, row, names, where
):
    arrived = read_response(with_rows(with_warfarin, row), form, shipped_pack, TODAY)

    assert [p.where for p in arrived.problems] == [where]
    listed = typed(arrived, shipped_pack)["medicines"]
    assert [one.name for one in listed.entries] == ["warfarin", *names]
    assert listed.unsure


def test_a_list_that_is_too_long_is_read_as_far_as_it_may_be(shipped_pack, form, with_warfarin):
    rows = [entry(f"medicine {number}") for number in range(70)]

    arrived = read_response(with_rows(with_warfarin, *rows), form, shipped_pack, TODAY)

    (problem,) = arrived.problems
    assert "at most 60" in problem.says
    listed = typed(arrived, shipped_pack)["medicines"]
    assert (len(listed.entries), listed.unsure) == (60, True)


def test_words_are_looked_up_only_where_a_class_is_said(
    shipped_pack, form, with_warfarin, monkeypatch
):
    rows = [entry(f"medicine {number}") for number in range(150)]
    looked_up = []
    recognise = Vocabulary.recognise
    monkeypatch.setattr(
        Vocabulary,
        "recognise",
        lambda self, words: looked_up.append(words) or recognise(self, words),
    )

    arriving._look_at_medicines(shipped_pack, *reader_of(with_rows(with_warfarin, *rows), form))

    assert len(looked_up) == 1  # that of warfarin, with the classes that we gave it


def reader_of(response, form):
    reader = Reader()
    values, rows = reader.level(response["item"], form["item"])
    return values, rows, reader


def test_a_row_without_anything_is_none(shipped_pack, form, with_warfarin):
    rows = [{"linkId": "medicines.entry"}, {"linkId": "medicines.entry", "item": []}]

    arrived = read_response(with_rows(with_warfarin, *rows), form, shipped_pack, TODAY)

    assert arrived.problems == []
    assert not typed(arrived, shipped_pack)["medicines"].unsure


def test_rows_that_nobody_said_there_are_count_and_there_may_be_more(
    shipped_pack, form, with_warfarin
):
    item_of(with_warfarin, "medicines").pop("answer")

    arrived = read_response(with_warfarin, form, shipped_pack, TODAY)

    assert "there may be more" in {p.where: p.says for p in arrived.problems}["medicines"]
    listed = typed(arrived, shipped_pack)["medicines"]
    assert ([one.name for one in listed.entries], listed.unsure) == (["warfarin"], True)


def test_none_beside_a_choice_takes_nothing_from_it(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "skin_today": ["broken"]}
    response = response_to(shipped_pack, form, said, base.plan, base.on)
    both = [
        *item_of(response, "skin_today")["answer"],
        *chosen(form, "skin_today", "skin_today.none"),
    ]

    arrived = read_response(spoiled(response, "skin_today", both), form, shipped_pack, TODAY)

    assert "skin_today" in [p.where for p in arrived.problems]
    picked = typed(arrived, shipped_pack)["skin_today"]
    assert (picked.codes, picked.unsure) == ({"broken"}, True)


def value_of(response, link_id):
    return item_of(response, link_id)["answer"]


@pytest.mark.parametrize("how", ["alone", "beside not sure"])
def test_a_part_of_the_plan_that_belongs_to_no_answer_is_named(shipped_pack, form, how):
    base = shipped_pack.base
    response = response_to(shipped_pack, form, base.answers, base.plan, base.on)
    depth = item_of(response, "plan.depth_mm")
    if how == "alone":
        depth.pop("answer")
    else:
        depth["answer"] = [{"valueCoding": {**UNKNOWN, "code": "asked-unknown"}}]

    arrived = read_response(response, form, shipped_pack, TODAY)

    assert "plan.depth_mm.value" in [p.where for p in arrived.problems]
    assert "depth_mm" not in arrived.plan


def test_an_answer_by_which_what_was_answered_is_not_asked_counts_as_not_said(shipped_pack, form):
    base = shipped_pack.base
    isotretinoin = {"name": "isotretinoin", "status": "current"}
    said = {**base.answers, "takes_medicines": "yes", "medicines": [isotretinoin]}
    response = response_to(shipped_pack, form, said, base.plan, base.on)

    changed = spoiled(response, "takes_medicines", [{"valueCoding": NO}])
    arrived = read_response(changed, form, shipped_pack, base.on)

    says = {p.where: p.says for p in arrived.problems}
    assert says["medicines"] == "It is not asked, by what else was answered."
    assert "medicines is not asked" in says["takes_medicines"]
    answers = typed(arrived, shipped_pack)
    assert "takes_medicines" not in answers
    found = screen(shipped_pack, answers, base.on, is_unreadable=True)
    assert "isotretinoin-now" in {one.rule_id for one in found.findings}


def test_what_cannot_be_read_counts_against_an_answer_by_which_it_is_not_asked(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "keloid_ever": "yes", "keloid_kind": "not_sure"}
    response = response_to(shipped_pack, form, said, base.plan, base.on)

    changed = spoiled(response, "keloid_ever", [{"valueCoding": NO}])
    changed = spoiled(changed, "keloid_kind", [{"valueString": "a big one"}])
    arrived = read_response(changed, form, shipped_pack, base.on)

    assert "keloid_ever" not in arrived.answers


def test_a_response_that_names_no_version_is_read_and_says_so(shipped_pack, form, healthy):
    healthy["questionnaire"] = healthy["questionnaire"].partition("|")[0]

    arrived = read_response(healthy, form, shipped_pack, TODAY)

    (problem,) = arrived.problems
    assert "which version it answers" in problem.says
    assert arrived.answers["keloid_ever"] == "no"


def test_an_empty_list_of_answers_is_none(shipped_pack, form, healthy):
    for one in items(healthy):
        if "item" in one:
            one.setdefault("answer", [])

    assert read_response(healthy, form, shipped_pack, TODAY).problems == []


def test_extensions_within_extensions_do_not_end_it(shipped_pack, form, healthy):
    deep = {"url": "https://x.example", "valueCode": "x"}
    for _ in range(900):
        deep = {"url": "https://x.example", "extension": [deep]}
    item_of(healthy, "keloid_ever")["extension"] = [deep]
    item_of(healthy, "keloid_ever")["answer"][0]["extension"] = [deep]

    assert read_response(healthy, form, shipped_pack, TODAY).problems == []


ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "error"}


@pytest.mark.parametrize(
    "put",
    [
        lambda item: item["answer"][0].update(extension=[ABSENT]),
        lambda item: item["answer"][0].update(_valueCoding={"extension": [ABSENT]}),
        lambda item: item["answer"][0]["valueCoding"].update(extension=[ABSENT]),
        lambda item: item["answer"][0]["valueCoding"].update(_code={"extension": [ABSENT]}),
        lambda item: item.update(extension=[{"url": "https://x.example", "extension": [ABSENT]}]),
    ],
    ids=["answer", "value", "coding", "code", "item"],
)
def test_an_answer_that_is_said_to_be_absent_counts_as_not_said(shipped_pack, form, healthy, put):
    put(item_of(healthy, "keloid_ever"))

    arrived = read_response(healthy, form, shipped_pack, TODAY)

    assert "said to have no answer" in {p.where: p.says for p in arrived.problems}["keloid_ever"]
    assert "keloid_ever" not in arrived.answers


def test_a_word_beside_a_date_settles_nothing(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "goals": ["acne_scars"], "last_spot": "2026-06-10"}
    response = response_to(shipped_pack, form, said, base.plan, base.on)

    changed = spoiled(response, "last_spot", chosen(form, "last_spot", "last_spot.never"))
    arrived = read_response(changed, form, shipped_pack, TODAY)

    assert "last_spot.value" in [p.where for p in arrived.problems]
    assert "last_spot" not in arrived.answers


@pytest.mark.parametrize("part", ["medicines.entry", "skin_broken_since.value"])
def test_what_is_said_to_be_known_and_is_not_told_is_named(shipped_pack, form, part):
    base = shipped_pack.base
    said = {
        **base.answers, "skin_today": ["broken"], "skin_broken_since": "2026-05",
        "takes_medicines": "yes", "medicines": [{"name": "warfarin"}],
    }  # fmt: skip
    response = response_to(shipped_pack, form, said, base.plan, base.on)
    for one in items(response):
        one["item"] = [i for i in one.get("item", ()) if i["linkId"] != part]

    problems = read_response(without_empties(response), form, shipped_pack, TODAY).problems

    assert [p.where for p in problems] == [part.partition(".")[0]]


def without_empties(response):
    for one in items(response):
        if not one.get("item"):
            one.pop("item", None)
    return response


def test_what_stands_below_an_answer_is_not_passed_over(shipped_pack, form, healthy):
    item_of(healthy, "keloid_ever")["answer"][0]["item"] = [{"linkId": "keloid_kind"}]

    arrived = read_response(healthy, form, shipped_pack, TODAY)

    says = {p.where: p.says for p in arrived.problems}
    assert "Nothing stands below" in says["keloid_ever"]
    assert "keloid_ever" not in arrived.answers


NO = {"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "N"}


def typed(arrived, pack):
    return read_all(pack, arrived.answers, arrived.plan, TODAY).answers


def page_of(response, link_id):
    """Return the page an item stands on."""
    return next(
        (one for one in items(response) if link_id in [i["linkId"] for i in one.get("item", ())]),
        None,
    )


def section_of(response, link_id):
    return next(one for one in response["item"] if page_of(one, link_id) is not None)


class TestWhatStandsTwice:
    """Nobody knows which of the two counts, so neither does."""

    @pytest.fixture
    def pregnant(self, shipped_pack, form):
        base = shipped_pack.base
        return response_to(shipped_pack, form, {**base.answers, "pregnant_now": "yes"}, base.plan,
                           base.on)  # fmt: skip

    @pytest.mark.parametrize("whole", [page_of, section_of])
    def test_a_group_is_named_and_takes_nothing_back(self, shipped_pack, form, pregnant, whole):
        second = copy.deepcopy(whole(pregnant, "pregnant_now"))
        item_of({"item": [second]}, "pregnant_now")["answer"] = [{"valueCoding": NO}]
        where = pregnant if whole is section_of else section_of(pregnant, "pregnant_now")
        where["item"].append(second)

        arrived = read_response(pregnant, form, shipped_pack, TODAY)

        assert (second["linkId"], "stands twice") in [
            (p.where, p.says[11:23]) for p in arrived.problems
        ]
        assert "pregnant_now" not in arrived.answers

    def test_an_item_is(self, shipped_pack, form, pregnant):
        page = page_of(pregnant, "pregnant_now")
        page["item"].append({"linkId": "pregnant_now", "answer": [{"valueCoding": NO}]})

        arrived = read_response(pregnant, form, shipped_pack, TODAY)

        assert "pregnant_now" not in arrived.answers
        assert "pregnant_now" in [p.where for p in arrived.problems]

    def test_of_a_list_what_was_said_first_stays_and_there_may_be_more(
        self, shipped_pack, form, with_warfarin
    ):
        page = page_of(with_warfarin, "medicines")
        section_of(with_warfarin, "medicines")["item"].append(copy.deepcopy(page))

        arrived = read_response(with_warfarin, form, shipped_pack, TODAY)

        found = typed(arrived, shipped_pack)["medicines"]
        assert [one.name for one in found.entries] == ["warfarin"]
        assert found.unsure


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([{"valueCoding": NO, "modifierExtension": [{"url": "https://x.example"}]}], "may mean"),
        ([{"valueCoding": NO, "valueString": "yes, 12 weeks"}], "nothing besides"),
        ([{"valueCoding": NO, "valueBoolean": True}], "nothing besides"),
        ([{"valueCoding": NO, "note": "no"}], "nothing besides"),
    ],
)
def test_an_answer_that_says_two_things_says_nothing(shipped_pack, form, healthy, answer, says):
    changed = spoiled(healthy, "keloid_ever", answer)

    arrived = read_response(changed, form, shipped_pack, TODAY)

    assert any(p.where == "keloid_ever" and says in p.says for p in arrived.problems)
    assert "keloid_ever" not in arrived.answers


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ({"answer": [{"valueCoding": NO}]}, "A group has no answer"),
        ({"answers": []}, "FHIR does not know"),
        ({"modifierExtension": []}, "may mean something else"),
    ],
)
def test_a_group_that_says_more_than_its_items_says_nothing(
    shipped_pack, form, healthy, element, says
):
    page = page_of(healthy, "keloid_ever")
    page |= element

    arrived = read_response(healthy, form, shipped_pack, TODAY)

    assert any(p.where == page["linkId"] and says in p.says for p in arrived.problems)
    assert not {one["linkId"] for one in page["item"]} & arrived.answers.keys()


class TestOfWhichPartCannotBeRead:
    def test_a_list_keeps_the_rest_and_there_may_be_more(self, shipped_pack, form, healthy):
        answer = [*chosen(form, "health_a", "health_a.diabetes"), {"valueString": "pacemaker"}]

        arrived = read_response(spoiled(healthy, "health_a", answer), form, shipped_pack, TODAY)

        found = typed(arrived, shipped_pack)["health_a"]
        assert (found.codes, found.unsure) == ({"diabetes"}, True)

    def test_a_list_does_not_keep_that_there_is_none(self, shipped_pack, form, healthy):
        answer = [*chosen(form, "health_a", "health_a.none"), {"valueString": "pacemaker"}]

        arrived = read_response(spoiled(healthy, "health_a", answer), form, shipped_pack, TODAY)

        assert "health_a" not in arrived.answers

    def test_a_medicine_keeps_its_name_alone(self, shipped_pack, form, with_warfarin):
        entry = next(one for one in items(with_warfarin) if one["linkId"] == "medicines.entry")
        entry["item"] = [one for one in entry["item"] if one["linkId"] == "medicines.entry.name"]
        entry["item"] += [
            {"linkId": "medicines.entry.status", "answer": [{"valueString": "now"}]},
            {"linkId": "medicines.entry.stopped", "answer": [{"valueDate": "2010"}]},
        ]

        arrived = read_response(with_warfarin, form, shipped_pack, TODAY)

        found = typed(arrived, shipped_pack)["medicines"]
        assert [(one.name, one.status, one.stopped) for one in found.entries] == [
            ("warfarin", Status.UNKNOWN, None)
        ]
        assert found.unsure

    def test_a_medicine_of_a_class_that_it_has_not_here_may_be_another(
        self, shipped_pack, form, with_warfarin
    ):
        entry = next(one for one in items(with_warfarin) if one["linkId"] == "medicines.entry")
        item_of({"item": [entry]}, "medicines.entry.name")["answer"] = [
            {"valueString": "paracetamol"}
        ]

        arrived = read_response(with_warfarin, form, shipped_pack, TODAY)

        assert "medicines.entry.class" in [p.where for p in arrived.problems]
        assert typed(arrived, shipped_pack)["medicines"].unsure

    def test_a_class_that_belongs_to_another_way_of_taking_it_is_named(self, shipped_pack, form):
        base = shipped_pack.base
        taken = {"name": "isotretinoin", "status": "current", "route": "mouth"}
        said = {**base.answers, "takes_medicines": "yes", "medicines": [taken]}
        response = response_to(shipped_pack, form, said, base.plan, base.on)
        item_of(response, "medicines.entry.route")["answer"] = chosen(
            form, "medicines.entry.route", "medicines.entry.route.skin"
        )

        arrived = read_response(response, form, shipped_pack, TODAY)

        assert "medicines.entry.class" in [p.where for p in arrived.problems]
        (entry,) = typed(arrived, shipped_pack)["medicines"].entries
        assert (entry.name, entry.route) == ("isotretinoin", None)

    def test_a_name_longer_than_the_form_takes_is_named_at_once(
        self, shipped_pack, form, with_warfarin
    ):
        entry = next(one for one in items(with_warfarin) if one["linkId"] == "medicines.entry")
        item_of({"item": [entry]}, "medicines.entry.name")["answer"] = [
            {"valueString": "warfarin " * 20_000}
        ]

        arrived = read_response(with_warfarin, form, shipped_pack, TODAY)

        assert "medicines.entry.name" in [p.where for p in arrived.problems]
        assert "medicines" not in arrived.answers

    def test_none_and_another_one_is_not_none(self, shipped_pack, form, with_warfarin):
        none = chosen(form, "medicines", "medicines.none")
        changed = spoiled(with_warfarin, "medicines", none)
        page = page_of(changed, "medicines")
        page["item"] = [one for one in page["item"] if one["linkId"] != "medicines.entry"]
        yes = chosen(form, "medicines.another", "Y")
        page["item"].append({"linkId": "medicines.another", "answer": yes})

        arrived = read_response(changed, form, shipped_pack, TODAY)

        assert typed(arrived, shipped_pack)["medicines"] is Missing.NOT_SURE


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**400])
def test_a_number_that_is_none_is_named(shipped_pack, form, healthy, number):
    plan = next(one for one in items(form) if one.get("type") in ("decimal", "integer"))
    name = {"decimal": "valueDecimal", "integer": "valueInteger"}[plan["type"]]
    question = plan["linkId"].removesuffix(".value")
    for one in items(healthy):
        one["item"] = [
            i for i in one.get("item", ()) if i["linkId"] not in (plan["linkId"], question)
        ]
    page = next(one for one in items(form) if plan in one.get("item", ()))
    parent = next((one for one in items(healthy) if one["linkId"] == page["linkId"]), None)
    assert parent is not None
    parent["item"].append({"linkId": plan["linkId"], "answer": [{name: number}]})

    arrived = read_response(without_empties(healthy), form, shipped_pack, TODAY)

    assert arrived.problems


def test_a_date_between_other_days_than_it_says_cannot_be_read(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "goals": ["acne_scars"], "last_spot": "2010-01-01"}
    response = response_to(shipped_pack, form, said, base.plan, base.on)
    page = page_of(response, "last_spot")
    for part, day in (("earliest", "2026-06-01"), ("latest", "2026-06-14")):
        page["item"].append({"linkId": f"last_spot.{part}", "answer": [{"valueDate": day}]})

    arrived = read_response(response, form, shipped_pack, TODAY)

    assert typed(arrived, shipped_pack)["last_spot"] is Missing.UNREADABLE
    assert "last_spot" in [p.where for p in arrived.problems]


@pytest.mark.parametrize("element", [{"group": {}}, {"items": []}, {"note": "pregnant"}])
def test_an_element_that_no_response_has_refuses_all_of_it(shipped_pack, form, healthy, element):
    arrived = read_response({**healthy, **element}, form, shipped_pack, TODAY)

    assert [p.where for p in arrived.problems] == list(element)
    assert arrived.answers == {}


@pytest.mark.parametrize(
    "element",
    [{"id": "x"}, {"meta": {}}, {"authored": "2026-06-15T09:30:00Z"}, {"_status": {}},
     {"subject": {}}, {"text": {}}, {"contained": []}, {"identifier": {}}],
)  # fmt: skip
def test_what_a_response_may_have_besides_changes_nothing(shipped_pack, form, healthy, element):
    assert read_response({**healthy, **element}, form, shipped_pack, TODAY).problems == []


@pytest.mark.parametrize("element", [{"negated": True}, {"modifierExtension": []}])
def test_a_code_that_may_mean_something_else_is_none(shipped_pack, form, healthy, element):
    changed = spoiled(healthy, "keloid_ever", [{"valueCoding": {**NO, **element}}])

    arrived = read_response(changed, form, shipped_pack, TODAY)

    assert "keloid_ever" in [p.where for p in arrived.problems]
    assert "keloid_ever" not in arrived.answers


def test_an_item_without_an_answer_was_not_answered(shipped_pack, form, healthy):
    page = page_of(form, "keloid_kind")["linkId"]
    there = next((one for one in items(healthy) if one["linkId"] == page), None)
    if there is None:
        there = {"linkId": page, "item": []}
        section = page_of(form, page)["linkId"]
        next(one for one in items(healthy) if one["linkId"] == section)["item"].append(there)
    there["item"].append({"linkId": "keloid_kind", "text": "Which?"})

    assert read_response(healthy, form, shipped_pack, TODAY).problems == []


def test_digits_of_other_scripts_are_no_date(shipped_pack, form):
    base = shipped_pack.base
    said = {**base.answers, "goals": ["acne_scars"], "last_spot": "2026-06-10"}
    response = response_to(shipped_pack, form, said, base.plan, base.on)

    changed = spoiled(response, "last_spot.value", [{"valueDate": "٢٠٢٦-٠٦-١٠"}])

    assert "last_spot.value" in [
        p.where for p in read_response(changed, form, shipped_pack, TODAY).problems
    ]


def test_words_that_the_form_shows_below_a_question_may_come_along(shipped_pack, form, healthy):
    words = {
        inner["linkId"]: one["linkId"]
        for one in items(form)
        for inner in one.get("item", ())
        if inner["type"] == "display" and one["type"] != "group"
    }
    said = {one["linkId"] for one in items(healthy)}
    link_id, question = next((k, v) for k, v in words.items() if v in said)
    shown = {"linkId": link_id, "text": "Some words"}
    item_of(healthy, question)["item"] = [shown]
    changed = copy.deepcopy(healthy)
    item_of(changed, question)["item"] = [{**shown, "modifierExtension": [{"url": "x"}]}]
    valued = copy.deepcopy(healthy)
    item_of(valued, question)["item"] = [{**shown, "valueString": "not true"}]

    assert read_response(healthy, form, shipped_pack, TODAY).problems == []
    for other in (changed, valued):
        assert question in [
            p.where for p in read_response(other, form, shipped_pack, TODAY).problems
        ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resourceType", "Patient"),
        ("questionnaire", "https://elsewhere.example/Questionnaire/x|1"),
        ("questionnaire", None),
        ("status", "in-progress"),
        ("item", {}),
    ],
)
def test_a_response_to_something_else_is_refused(shipped_pack, form, healthy, name, value):
    arrived = read_response({**healthy, name: value}, form, shipped_pack, TODAY)

    assert name in [p.where for p in arrived.problems]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["linkId", "item", "answer", "valueCoding", "system", "code", "text"]),
            inner | st.sampled_from(["keloid_ever", "medicines", "section.about_you"]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=150)
@given(JSON)
def test_no_json_is_a_fault(shipped_pack, form, value):
    arrived = read_response({"resourceType": "QuestionnaireResponse", "item": value}, form,
                            shipped_pack, TODAY)  # fmt: skip

    assert arrived.problems
