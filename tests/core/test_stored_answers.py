"""Answers as they were stored, read for many forms: the same as reading each anew."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import stored_answers
from intake.core.answers import Missing, read_stored
from intake.core.questionnaire import PLAN_PREFIX, Kind
from intake.core.stored_answers import StoredReader
from tests.core.builders import TODAY, pack
from tests.strategies import question_of

DAYS = [TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=400)]
RAW = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.sampled_from(
        ["yes", "no", "a", "b", "none", "not_sure", "withheld", "never", "2025", "12,5", "12.5", ""]
    ) | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "status", "region", "said", "earliest", "latest"]), part
    ),
    max_leaves=4,
)  # fmt: skip
ITEMS = {
    name: question_of(name, kind)
    for kind in Kind
    for name in (kind.value, PLAN_PREFIX + kind.value)
}


def anew(plan, given_, today):
    """Type each answer by itself, as a form that was just sent is."""
    raw = {PLAN_PREFIX + name: value for name, value in plan.items()} | given_
    return [(k, read_stored(ITEMS[k], value, today)) for k, value in raw.items() if k in ITEMS]


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from([*Kind, "unheard_of"]), RAW),
            st.dictionaries(st.sampled_from([*Kind, "unheard_of"]), RAW),
            st.sampled_from(DAYS),
        ),
        max_size=4,
    )
)
def test_many_forms_read_by_one_reader_are_each_read_as_by_themselves(forms):
    reader = StoredReader(ITEMS)

    for plan, given_, today in forms:
        texts = [(link_id, json.dumps(value)) for link_id, value in given_.items()]
        assert list(reader.read(json.dumps(plan), texts, today).items()) == anew(
            plan, given_, today
        )


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.MEDICINES])
def test_what_depends_on_the_day_is_read_for_each(kind):
    reader = StoredReader(ITEMS)
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    said = {
        Kind.DATE: tomorrow,
        Kind.MEDICINES: [{"name": "warfarin", "status": "stopped", "stopped": tomorrow}],
    }[kind]

    for name, where in ((kind.value, "answers"), (PLAN_PREFIX + kind.value, "plan")):
        plan = json.dumps({kind.value: said} if where == "plan" else {})
        texts = [] if where == "plan" else [(kind.value, json.dumps(said))]
        read = [reader.read(plan, texts, day)[name] for day in DAYS]
        assert read[0] is Missing.UNREADABLE
        assert read[1] is not Missing.UNREADABLE


def test_what_a_patient_wrote_is_not_kept(monkeypatch):
    parsed = []
    loads = json.loads
    monkeypatch.setattr(
        stored_answers.json, "loads", lambda text: parsed.append(text) or loads(text)
    )
    reader = StoredReader(ITEMS)
    answers = [("yes_no", '"yes"'), ("text", '"words"'), ("number", "12"), ("date", '"2025"')]

    for _ in range(2):
        reader.read("{}", answers, TODAY)

    assert parsed.count('"yes"') == 1
    assert [parsed.count(text) for text in ('"words"', "12", '"2025"')] == [2, 2, 2]


def test_a_pack_keeps_its_reader():
    some_pack = pack()

    assert some_pack.reader is some_pack.reader
