"""Each shape of a sentence is understood, and its misuse is refused in plain words."""

import re
from decimal import Decimal

import pytest

from intake import packs
from intake.core.conditions import All, AnyOf, AtLeast, Named, Not
from intake.core.dates import Window
from intake.core.errors import PackError
from intake.core.evidence import Setting
from intake.core.medicines import Route, Status, Wanted
from intake.core.questionnaire import Kind
from intake.core.sentences import (
    Age,
    Compares,
    Comparison,
    Includes,
    Is,
    Overlaps,
    Quantifier,
    TakesMedicine,
    Within,
)
from intake.packs.names import Names, SentenceError
from intake.packs.reading import parse
from intake.packs.sentences import condition_of, named, read_sentence
from tests.conftest import TODAY
from tests.core.builders import NEVER, SPOTS, STILL, codes, item, window
from tests.packs.builders import TINY


def setting(name: str, value: Window | Decimal, unit: str = "") -> Setting:
    return Setting(name, name, value, value, unit, value, value, (), "")


ITEMS = (
    item("plan.area", Kind.CHOICES, options=("face", "neck", "not_decided")),
    item("plan.depth", Kind.NUMBER, unit="mm", decimals=2),
    item("birth_date", Kind.DATE),
    item("sore", Kind.YES_NO, options=("yes", "no")),
    item("tone", Kind.CHOICE, options=("type_1", "type_2", "type_3")),
    item("illness", Kind.CHOICES, options=("eczema", "lupus", "none")),
    item("sugar", Kind.NUMBER, unit="%", decimals=1),
    item("children", Kind.NUMBER),
    item("healed", Kind.DATE, words={STILL: "Not yet", NEVER: "Never"}),
    item("burnt", Kind.DATE),
    item("pills", Kind.MEDICINES),
    item("remarks", Kind.TEXT),
    item("spots", Kind.BODY_MAP, options=SPOTS),
)
NAMES = Names(
    items={i.link_id: i for i in ITEMS},
    settings={
        "sore_window": setting("sore_window", window("14 days")),
        "adult": setting("adult", window("18 years")),
        "sugar_high": setting("sugar_high", Decimal("8.5"), "%"),
        "few": setting("few", Decimal(2)),
    },
    conditions={"face_planned": named("face_planned", "Face", Is("x", "sore", (), codes("yes")))},
    classes={"retinoid": "Retinoids", "blood_thinner": "Blood thinners"},
)

D = Decimal
SHAPES = {
    "sore is yes": (Is, {"subject": "sore", "codes": codes("yes"), "negated": False}),
    "sore is not yes": (Is, {"codes": codes("yes"), "negated": True}),
    "tone is one of type_1, type_2": (Is, {"codes": codes("type_1", "type_2"), "negated": False}),
    "tone is none of type_1,type_2": (Is, {"codes": codes("type_1", "type_2"), "negated": True}),
    "healed is still": (Is, {"codes": codes("still")}),
    "healed is never": (Is, {"codes": codes("never")}),
    "illness includes lupus": (
        Includes,
        {"codes": codes("lupus"), "quantifier": Quantifier("any of")},
    ),
    "illness includes any of eczema, lupus": (
        Includes,
        {"codes": codes("eczema", "lupus"), "quantifier": Quantifier("any of")},
    ),
    "illness includes all of eczema, lupus": (Includes, {"quantifier": Quantifier("all of")}),
    "illness includes none of eczema, lupus": (Includes, {"quantifier": Quantifier("none of")}),
    "spots includes cheek": (Includes, {"subject": "spots", "codes": codes("cheek")}),
    "plan.area includes face": (Includes, {"subject": "plan.area"}),
    "plan.depth is below 1.5 mm": (
        Compares,
        {"comparison": Comparison.BELOW, "limit": D("1.5"), "upper": None},
    ),
    "plan.depth is at most 1 mm": (Compares, {"comparison": Comparison("at most")}),
    "plan.depth is at least 1 mm": (Compares, {"comparison": Comparison("at least")}),
    "plan.depth is above 1 mm": (Compares, {"comparison": Comparison("above")}),
    "sugar is at least sugar_high": (Compares, {"limit": D("8.5"), "settings": ("sugar_high",)}),
    "sugar is at least 8.5 %": (Compares, {"limit": D("8.5"), "settings": ()}),
    "children is above 012": (Compares, {"limit": D(12)}),
    "children is above few": (Compares, {"limit": D(2), "settings": ("few",)}),
    "plan.depth is between 0.5 and 2 mm": (
        Compares,
        {"comparison": Comparison.BETWEEN, "limit": D("0.5"), "upper": D(2)},
    ),
    "plan.depth is between 0.5 mm and 2 mm": (Compares, {"limit": D("0.5"), "upper": D(2)}),
    "sugar is between 2 % and sugar_high": (
        Compares,
        {"upper": D("8.5"), "settings": ("sugar_high",)},
    ),
    "healed within sore_window": (
        Within,
        {"window": window("14 days"), "ago": False, "settings": ("sore_window",)},
    ),
    "burnt within 6 months": (Within, {"window": window("6 months"), "settings": ()}),
    "healed at least sore_window ago": (Within, {"window": window("14 days"), "ago": True}),
    "burnt at least 1 week ago": (Within, {"window": window("1 week"), "ago": True}),
    "age is below 18 years": (
        Age,
        {"subject": "birth_date", "comparison": Comparison.BELOW, "years": 18},
    ),
    "age is below adult": (Age, {"years": 18, "settings": ("adult",)}),
    "age is at least 65 years": (Age, {"comparison": Comparison("at least"), "years": 65}),
    "age is between 18 and 21 years": (Age, {"years": 18, "upper": 21}),
    "age is between adult and 21 years": (Age, {"years": 18, "upper": 21, "settings": ("adult",)}),
    "medicine of class retinoid": (
        TakesMedicine,
        {"subject": "pills", "wanted": Wanted("retinoid")},
    ),
    "medicine of class retinoid, status current": (
        TakesMedicine,
        {"wanted": Wanted("retinoid", Status.CURRENT)},
    ),
    "medicine of class retinoid, status stopped": (
        TakesMedicine,
        {"wanted": Wanted("retinoid", Status.STOPPED)},
    ),
    "medicine of class retinoid, route mouth": (
        TakesMedicine,
        {"wanted": Wanted("retinoid", route=Route.MOUTH)},
    ),
    "medicine of class retinoid, within sore_window": (
        TakesMedicine,
        {"wanted": Wanted("retinoid", within=window("14 days")), "settings": ("sore_window",)},
    ),
    "medicine of class retinoid, route skin, within 6 months": (
        TakesMedicine,
        {"wanted": Wanted("retinoid", route=Route.SKIN, within=window("6 months"))},
    ),
    "spots overlaps the treatment area": (Overlaps, {"subject": "spots"}),
    "face_planned": (Named, {"name": "face_planned", "title": "Face"}),
}

NOT_A_SENTENCE = "is not a sentence of the rule language; the shapes are"
MISUSE = {
    # names
    "soar is yes": "there is no question 'soar' up to here",
    "plan.are includes face": "there is no question 'plan.are'",
    "face_plan": "there is no condition named 'face_plan'; similar: face_planned",
    "sore": "'sore' is a question, not a condition; write 'sore is yes'",
    "healed within soar_window": "the name of a setting; similar: sore_window",
    "children is above several": "neither a number nor a setting",
    "medicine of class retinoids": "there is no medicine class 'retinoids'",
    # answers
    "sore is maybe": "'maybe' is not an answer to 'sore'; its answers are yes, no",
    "tone is one of type_1, type_9": "'type_9' is not an answer to 'tone'",
    "illness includes gout": "its answers are eczema, lupus, none",
    "burnt is still": "'still' is not an answer to 'burnt'",
    "sore is not_sure": "'not_sure' is always unknown and cannot be compared with",
    "sore is not withheld": "'withheld' is always unknown",
    "tone is one of type_1, not_sure": "'not_sure' is always unknown",
    "plan.area includes not_decided": "'not_decided' is always unknown",
    "tone is type_1, type_2": "write 'is one of A, B'",
    "illness includes eczema, lupus": "write 'includes any of A, B'",
    # types
    "illness is eczema": "'is' does not fit 'illness', which is choices",
    "sugar is high": "'is' does not fit 'sugar', which is number",
    "remarks is yes": "which is text",
    "sore includes yes": "'includes' does not fit 'sore', which is yes_no",
    "tone includes type_1": "it fits choices, body_map",
    "sore is below 3": "'is below' does not fit 'sore'",
    "healed is above 3 days": "'is above' does not fit 'healed'",
    "tone is between 1 and 2": "'is between' does not fit 'tone'",
    "sore within 3 days": "'within' does not fit 'sore'",
    "sugar at least 3 days ago": "'at least … ago' does not fit 'sugar'",
    "illness overlaps the treatment area": "does not fit 'illness'",
    # units
    "plan.depth is below 3": "with the unit of the question: '3 mm'",
    "plan.depth is below 3 cm": "with the unit of the question: '3 mm'",
    "children is above 3 kg": "with the unit of the question: '3",
    "plan.depth is below sugar_high": "the setting 'sugar_high' is 8.5 %, but this question is in",
    "sugar is below sore_window": "the setting 'sore_window' is 14 days",
    "plan.depth is between 1 cm and 2 mm": "unit of the question: '1 mm'",
    "healed within few": "in settings.yaml, not a length of time",
    "healed within 14": "is not a length of time; write for example '14 days'",
    "healed within 14 moons": "is not a length of time",
    "healed within 1.5 months": "is not a length of time",
    "age is below 18": "'18 years'",
    "age is below 18 months": "'18 years'",
    "age is below 6570 days": "'6570 years'",
    "age is below 17.5 years": "is not a whole number of years",
    "age is below sore_window": "the setting 'sore_window' is 14 days",
    # numbers
    "plan.depth is between 2 and 1 mm": "write the smaller number first",
    "age is between 21 and 18 years": "write the smaller number first",
    "plan.depth is below nan mm": "number",
    "plan.depth is between nan and 2 mm": "number",
    "plan.depth is above infinity mm": "number",
    "age is below nan years": "number",
    "age is below infinity years": "number",
    "age is below 1e400 years": "number",
    "children is above 1e3": "number",
    # medicines
    "medicine of class retinoid, status past": "'status past' cannot follow a medicine class",
    "medicine of class retinoid, route ear": "'route ear' cannot follow",
    "medicine of class retinoid, often": "'often' cannot follow",
    "medicine of class retinoid, within ages": "is not a length of time",
    "medicine of class retinoid, status current, status stopped": "status",
    # no shape
    "": NOT_A_SENTENCE,
    "sore is": NOT_A_SENTENCE,
    "sore = yes": NOT_A_SENTENCE,
    "sore is yes and tone is type_1": NOT_A_SENTENCE,
    "sore is yes or no": NOT_A_SENTENCE,
    "not sore is yes": NOT_A_SENTENCE,
    "sore is Yes": NOT_A_SENTENCE,
    "Sore is yes": NOT_A_SENTENCE,
    "sore is one of": NOT_A_SENTENCE,
    "sore is yes,": NOT_A_SENTENCE,
    "plan.depth > 3 mm": NOT_A_SENTENCE,
    "plan.depth is below -1 mm": NOT_A_SENTENCE,
    "medicine of class retinoid status current": NOT_A_SENTENCE,
    "__import__('os').system('ls')": NOT_A_SENTENCE,
    "{{ sore }}": NOT_A_SENTENCE,
}


class TestShapes:
    @pytest.mark.parametrize(("text", "expected"), SHAPES.items(), ids=SHAPES)
    def test_are_understood(self, text, expected):
        kind, values = expected

        found = read_sentence(text, NAMES)

        assert type(found) is kind
        assert {name: getattr(found, name) for name in values} == values

    def test_spread_over_lines_are_the_same(self):
        assert read_sentence("sore\n  is   yes ", NAMES) == read_sentence("sore is yes", NAMES)

    @pytest.mark.parametrize(("text", "words"), MISUSE.items(), ids=lambda text: text[:60])
    def test_misused_are_refused_in_plain_words(self, text, words):
        with pytest.raises(SentenceError) as caught:
            read_sentence(text, NAMES)

        assert words in str(caught.value)

    def test_about_medicines_need_a_list_of_them(self):
        with pytest.raises(SentenceError, match="no question of type medicines up to here"):
            read_sentence("medicine of class retinoid", Names(classes=NAMES.classes))

    def test_about_age_need_a_birth_date(self):
        with pytest.raises(SentenceError, match="no question 'birth_date'"):
            read_sentence("age is below 18 years", Names())


def read(text: str):
    node, problems = parse("r.yaml", text)
    assert not problems
    return condition_of(node, NAMES, problems), problems


class TestGroups:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("all: [sore is yes, face_planned]", All),
            ("any:\n  - sore is yes\n  - healed is still", AnyOf),
            ("not: sore is yes", Not),
            ("not: {any: [sore is yes, face_planned]}", Not),
            ("at_least: 2\nof: [sore is yes, face_planned, healed is still]", AtLeast),
            ("of: [sore is yes]\nat_least: 1", AtLeast),
        ],
    )
    def test_are_understood(self, text, kind):
        found, problems = read(text)

        assert not problems
        assert type(found) is kind

    def test_at_least_keeps_its_number(self):
        found, _ = read("at_least: 2\nof: [sore is yes, face_planned, healed is still]")

        assert (found.number, len(found.parts)) == (2, 3)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("all: []", "this group is empty"),
            ("any:", "this group is empty"),
            ("any: sore is yes", "list its parts below it"),
            ("any: {sore: yes}", "list its parts below it"),
            ("at_least: 1\nof: []", "this group is empty"),
            ("not:", "a condition is a sentence, or a group"),
            ("not: [sore is yes]", "a condition is a sentence, or a group"),
            ("[sore is yes]", "a condition is a sentence, or a group"),
            ("~", "a condition is a sentence, or a group"),
            ("{}", "here stand none"),
            ("all: [sore is yes]\nany: [face_planned]", "here stand all, any"),
            ("all: [sore is yes]\nnot: face_planned", "here stand all, not"),
            ("at_least: 2", "here stand at_least"),
            ("of: [sore is yes]", "here stand of"),
            ("at_least: 2\nall: [sore is yes]", "here stand all, at_least"),
            ("none: [sore is yes]", "here stand none"),
            ("sore: yes", "here stand sore"),
            *(
                (f"at_least: {number}\nof: [sore is yes, face_planned]", "number from 1 to 2")
                for number in ("0", "3", "-1", "1.5", "two", "", "[1]", "²", "9" * 5000)
            ),
        ],
        ids=lambda text: text[:40],
    )
    def test_misused_are_refused_in_plain_words(self, text, words):
        found, problems = read(text)

        assert found is None
        assert len(problems) == 1
        assert re.match("r.yaml:[12]: ", problems[0])
        assert words in problems[0]

    def test_every_fault_inside_is_said_on_its_line(self):
        found, problems = read(
            "all:\n  - soar is yes\n  - any:\n      - sore is maybe\n      - sore is yes\n"
            "  - not:\n      all: []\n  - at_least: 1\n    of:\n      - sugar is high\n"
        )

        assert found is None
        assert [problem.split(": ")[0] for problem in problems] == [
            f"r.yaml:{line}" for line in (2, 4, 7, 10)
        ]


def test_conditions_that_double_each_other_are_refused_before_they_are_judged():
    """Forty lines of "this one twice" would come to a million million sentences."""
    texts = dict(TINY)
    doubled = ["  c0:\n    title: First\n    when: cold_sore_ever is yes\n"]
    doubled += [
        f"  c{n}:\n    title: Twice\n    when:\n      all: [c{n - 1}, c{n - 1}]\n"
        for n in range(1, 40)
    ]
    texts["conditions.yaml"] += "".join(doubled)

    with pytest.raises(PackError) as caught:
        packs.load_texts(texts, TODAY)

    assert "sentences with its named conditions written out" in str(caught.value)
