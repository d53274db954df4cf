"""The record inside a document: whatever is in it comes out as it went in."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.exports.record import (
    SCHEMA,
    SCHEMA_VERSION,
    RecordError,
    embedded,
    plain,
    record_in,
)

HEAD = {"schema": {"name": SCHEMA, "version": SCHEMA_VERSION}}
TEXT = st.text(st.characters(exclude_categories=()))  # halves of pairs as well
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES)
@example("</script><script>alert(1)</script>")
@example("<!-- <script> -->")
@example("]]>\u2028\u2029&lt;/script&gt;")
def test_whatever_is_put_into_a_page_comes_out_as_it_was(value):
    record = {**HEAD, "value": value}

    page = f"<!DOCTYPE html><body><p>before</p>{embedded(record)}<p>after</p></body>"

    assert record_in(page) == record


@given(TEXT)
def test_no_text_ends_the_element_or_opens_another(text):
    inside = embedded({**HEAD, "value": text}).split(">", 1)[1].rsplit("</script>", 1)[0]

    assert "<" not in inside
    assert "&" not in inside


def test_values_are_written_as_json_has_them():
    at = datetime(2026, 6, 15, 14, tzinfo=UTC)

    assert plain({"at": at, "on": date(2026, 6, 15), "mm": Decimal("1.50"), "who": {"b", "a"}}) == {
        "at": "2026-06-15T14:00:00.000000Z",
        "on": "2026-06-15",
        "mm": "1.50",
        "who": ["a", "b"],
    }


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>nothing</p>",
        embedded(HEAD)[:-9],
        embedded(HEAD).replace("{", "[", 1),
        embedded({}),
        embedded({"schema": 3}),
        embedded({"schema": {"name": SCHEMA, "version": 99}}),
        embedded(HEAD).replace("{", "[" * 100_000, 1),
    ],
)
def test_a_page_without_a_record_we_know_is_refused_in_words(page):
    with pytest.raises(RecordError, match=r"record"):
        record_in(page)


def test_the_schema_is_json_with_its_keys_in_order():
    text = embedded({"b": 1, "a": {"d": 1, "c": 2}}).splitlines()[1:-1]

    assert list(json.loads("\n".join(text))) == ["a", "b"]
