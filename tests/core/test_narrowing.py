"""The rules in which two packs differ, judged by themselves: they find what they find among all."""

import json
from dataclasses import replace
from random import Random

import pytest

from intake.core.narrowing import CannotNarrowError, Narrowed, differing
from intake.core.questionnaire import Kind
from intake.core.replay import Direction, direction
from intake.core.rules import Level, Triage
from intake.core.screening import screen
from intake.core.truth import Truth
from tests.answering import some_answers
from tests.conftest import TODAY
from tests.core.builders import AREA, DEVICE, breaks, is_, item, pack, rule

SKIN, BLOOD, DRUG = item("skin"), item("blood"), item("drug", enable_when=is_("blood", "yes"))
SORE = rule("sore", Level.STOP, is_("skin", "yes"))
THIN = rule("thin", Level.CAUTION, is_("drug", "yes"))
BEFORE = pack([SKIN, BLOOD, DRUG], [SORE, THIN])


def texts(answers):
    return [(link_id, json.dumps(value)) for link_id, value in answers.items()]


def patients(a_pack):
    """Return what vignettes answer and plan, and others draw by lot."""
    yield from ((one.answers, one.plan, one.on) for one in a_pack.vignettes[::11])
    for seed in range(25):
        yield *some_answers(a_pack, Random(seed)), TODAY  # noqa: S311 - the same each time


def test_each_rule_of_the_shipped_pack_finds_alone_what_it_finds_among_all(shipped_pack):
    rule_ids = [one.id for one in shipped_pack.rules]
    narrowed = [Narrowed(shipped_pack, frozenset({id_})) for id_ in rule_ids]
    found = set()

    for answers, plan, on in patients(shipped_pack):
        given = json.dumps(dict(plan)), texts(answers)
        among_all = screen(shipped_pack, shipped_pack.reader.read(*given, on), on)
        ids = {finding.rule_id for finding in among_all.findings}
        found |= ids
        alone = set()
        for one in narrowed:
            few = [(k, text) for k, text in given[1] if k in one.questions]
            alone |= {finding.rule_id for finding in one.find(given[0], few, on)}
        assert alone == ids

    assert len(found) > 0.9 * len(rule_ids)


def test_few_questions_decide_a_rule_and_those_that_gate_them_are_among_them():
    narrowed = Narrowed(BEFORE, frozenset({"thin"}))

    assert narrowed.questions == {"drug", "blood"}
    assert narrowed.find("{}", texts({"drug": "yes", "blood": "yes"}), TODAY)
    assert not narrowed.find("{}", texts({"drug": "yes", "blood": "no"}), TODAY)


def test_what_decides_whether_the_device_of_a_label_is_asked_is_among_them():
    device = replace(DEVICE, enable_when=is_("blood", "yes"))
    labelled = rule("labelled", Level.CAUTION, is_("skin", "yes"), stricter=[("skinpen", "stop")])
    planned = pack([SKIN, BLOOD], [labelled], plan=(AREA, device))

    assert Narrowed(planned, frozenset({"labelled"})).questions == {"skin", "blood"}


@pytest.mark.parametrize("said", [{}, {"drug": "not_sure", "blood": "yes"}, {"drug": "yes"}])
def test_what_cannot_be_ruled_out_is_found(said):
    (finding,) = Narrowed(BEFORE, frozenset({"thin"})).find("{}", texts(said), TODAY)

    assert (finding.truth, finding.effect) == (Truth.UNKNOWN, Triage.CAUTION)


def test_a_rule_that_asks_for_more_than_was_read_cannot_be_judged_alone():
    class Nosy(type(is_("skin", "yes"))):
        """Looks at another question than it says."""

        def judge(self, answer, case):
            return super().judge(case.answer("blood"), case)

    nosy = Nosy("skin is yes", "skin", (), frozenset({"yes"}))
    narrowed = Narrowed(pack([SKIN, BLOOD], [rule("nosy", Level.STOP, nosy)]), frozenset({"nosy"}))

    assert narrowed.questions == {"skin"}
    with pytest.raises(LookupError):
        narrowed.find("{}", texts({"skin": "no"}), TODAY)


def test_nor_can_one_that_asks_for_more_only_to_tell_why():
    class Talkative(type(is_("skin", "yes"))):
        """Looks at another question than it says, once it is met."""

        def decided(self, case):
            case.answer("blood")
            return super().decided(case)

    talkative = Talkative("skin is yes", "skin", (), frozenset({"yes"}))
    asks = pack([SKIN, BLOOD], [rule("talks", Level.STOP, talkative)])

    with pytest.raises(CannotNarrowError):
        Narrowed(asks, frozenset({"talks"})).find("{}", texts({"skin": "yes"}), TODAY)


def test_nor_can_one_that_breaks():
    narrowed = Narrowed(pack([SKIN], [rule("broken", Level.STOP, breaks("skin"))]), {"broken"})

    with pytest.raises(RuntimeError):
        narrowed.find("{}", texts({"skin": "no"}), TODAY)


def test_a_rule_that_is_gone_finds_nothing():
    assert Narrowed(BEFORE, frozenset({"gone"})).find("{}", [], TODAY) == []


def another(one, draw):
    """Draw what a rule may be in another pack: of other words, conditions, levels, or gone."""
    levels = [replace(one, level=level) for level in Level if level is not one.level]
    other = replace(one, title="Another"), replace(one, when=is_("keloid_ever", "yes"))
    return draw.choice([*levels, *other, None])


def test_put_beside_what_was_found_they_make_the_screening_of_the_other_pack(shipped_pack):
    draw = Random(8)  # noqa: S311 - the same each time
    ways = set()
    for answers, plan, on in patients(shipped_pack):
        given = json.dumps(dict(plan)), texts(answers)
        read = shipped_pack.reader.read(*given, on)
        then = screen(shipped_pack, read, on)
        some = [draw.choice(shipped_pack.rules).id, *(one.rule_id for one in then.findings[:2])]
        rules = (another(one, draw) if one.id in some else one for one in shipped_pack.rules)
        after = replace(shipped_pack, rules=tuple(one for one in rules if one), hash="other")
        narrowed = Narrowed(after, differing(shipped_pack, after))
        few = [(k, text) for k, text in given[1] if k in narrowed.questions]
        now = screen(after, read, on)
        ways.add(direction(then.triage, now.triage))
        try:
            beside = narrowed.put_beside(then, narrowed.find(given[0], few, on))
        except CannotNarrowError:
            assert direction(then.triage, now.triage) is Direction.LOWER
        else:
            assert beside == now

    assert ways == set(Direction)


class TestWhatDiffers:
    def test_is_nothing_between_a_pack_and_itself(self, shipped_pack):
        assert differing(shipped_pack, replace(shipped_pack, hash="other")) == frozenset()

    @pytest.mark.parametrize(
        "changed",
        [
            replace(THIN, level=Level.STOP),
            replace(THIN, when=is_("drug", "no")),
            replace(THIN, title="Another"),
            replace(THIN, meaning="Another"),
        ],
    )
    def test_is_a_rule_of_which_anything_is_otherwise(self, changed):
        assert differing(BEFORE, replace(BEFORE, rules=(SORE, changed))) == {"thin"}

    def test_is_a_rule_that_is_new_and_one_that_is_gone(self):
        new = rule("new", Level.REVIEW, is_("blood", "yes"))

        assert differing(BEFORE, replace(BEFORE, rules=(SORE, new))) == {"thin", "new"}

    def test_is_not_where_a_rule_stands_in_its_file(self):
        moved = replace(THIN, where="rules/blood.yaml:12"), SORE

        assert differing(BEFORE, replace(BEFORE, rules=moved)) == frozenset()

    def test_is_everything_where_a_question_is_asked_otherwise(self):
        asked = replace(SKIN, ask="And your skin?")

        assert differing(BEFORE, pack([asked, BLOOD, DRUG], [SORE, THIN])) is None

    def test_is_everything_where_a_question_hangs_on_something_else(self):
        asked = replace(DRUG, enable_when=None)

        assert differing(BEFORE, pack([SKIN, BLOOD, asked], [SORE, THIN])) is None

    def test_is_everything_where_a_medicine_is_known_otherwise(self, shipped_pack):
        known = shipped_pack.vocabulary
        fewer = replace(known, medicines=known.medicines[1:])

        assert differing(shipped_pack, replace(shipped_pack, vocabulary=fewer)) is None

    def test_is_everything_where_a_plan_has_another_field(self):
        planned = (*BEFORE.plan, item("plan.depth", Kind.NUMBER))

        assert differing(BEFORE, replace(BEFORE, plan=planned)) is None
