"""What a line seals, and heads as they are printed."""

from dataclasses import fields, replace

import pytest

from intake.core.chain import (
    Head,
    Line,
    head_of,
    hidden_name,
    line_mac,
    record_digest,
    records_digest,
)
from intake.core.errors import TrailError

KEY, OTHER = b"k" * 32, b"o" * 32
LINE = Line(7, "2026-06-15T09:30:00.000000Z", "ada", "decided", "c1", "{}", "", "")
MAC = "3f9a6c01d2e4b577" * 4


@pytest.mark.parametrize(
    "name", [f.name for f in fields(Line) if f.name not in ("sequence", "mac")]
)
def test_every_column_of_a_line_is_sealed(name):
    changed = replace(LINE, **{name: f"{getattr(LINE, name)}x"})

    assert line_mac(KEY, "", changed) != line_mac(KEY, "", LINE)


@pytest.mark.parametrize(
    "changed",
    [
        line_mac(OTHER, "", LINE),
        line_mac(KEY, MAC, LINE),
        line_mac(KEY, "", replace(LINE, sequence=8)),
        line_mac(KEY, "", LINE, sequence=8),
    ],
    ids=["key", "line before", "number", "place"],
)
def test_a_seal_hangs_on_the_key_the_line_before_and_the_number(changed):
    assert changed != line_mac(KEY, "", LINE)


def test_no_text_can_move_from_one_column_to_the_next():
    moved = replace(LINE, actor='ada","decided', action="")

    assert line_mac(KEY, "", moved) != line_mac(KEY, "", LINE)


def test_a_seal_is_the_same_on_every_day():
    """So that a trail of today can be checked by every later version."""
    assert line_mac(KEY, "", LINE) == (
        "6b0563c8ed72a5f540828eed2f294c8d4242817ea6af0da70b35252ecfd9054f"
    )
    assert record_digest(KEY, "answers", {"value": "é", "link_id": "a", "n": 1, "x": None}) == (
        "211f6e0692cbc5425a11fac8024cea1a7d9286b7cd68bc41b81444dbfe185019"
    )


@pytest.mark.parametrize(
    "other",
    [{"a": "1", "b": 2}, {"a": 1, "b": None}, {"a": 1}, {"a": 1, "b": b"\x02"}, {"a": 2, "b": 1}],
)
def test_two_rows_that_differ_have_two_digests(other):
    assert record_digest(KEY, "t", {"a": 1, "b": 2}) != record_digest(KEY, "t", other)


def test_a_row_has_one_digest_in_whatever_order_its_columns_stand():
    assert record_digest(KEY, "t", {"a": 1, "b": 2}) == record_digest(KEY, "t", {"b": 2, "a": 1})


def test_a_row_of_another_table_has_another_digest():
    assert record_digest(KEY, "t", {"a": 1}) != record_digest(KEY, "u", {"a": 1})


def test_what_a_line_says_of_records_cannot_be_regrouped():
    assert records_digest(KEY, [("a", "b"), ("c", "d")]) != records_digest(KEY, [("a", "b")])
    assert records_digest(KEY, [("a", "bc")]) != records_digest(KEY, [("ab", "c")])
    assert records_digest(KEY, []) == ""


def test_a_hidden_name_is_known_to_those_with_the_key_alone():
    assert hidden_name(KEY, "answers", ["c1", "smoker"]) == hidden_name(
        KEY, "answers", ["c1", "smoker"]
    )
    assert hidden_name(KEY, "answers", ["c1", "smoker"]) != hidden_name(
        OTHER, "answers", ["c1", "smoker"]
    )


@pytest.mark.parametrize("written", [f"812:{MAC}", f"812:{MAC[:16]}", f" 812:{MAC.upper()}\n"])
def test_a_head_is_read_as_it_is_printed(written):
    assert head_of(written).is_of(replace(LINE, sequence=812, mac=MAC))


def test_a_head_is_of_one_line_alone():
    head = Head(812, MAC)

    assert head_of(str(head)) == head
    assert not head.is_of(replace(LINE, sequence=813, mac=MAC))
    assert not head.is_of(replace(LINE, sequence=812, mac=MAC[::-1]))
    assert not head.is_of(replace(LINE, sequence=812, mac=""))


def test_the_head_of_a_trail_without_seals_only_counts():
    head = head_of(str(Head(3, "")))

    assert head.is_of(replace(LINE, sequence=3, mac=MAC))
    assert not head.is_of(replace(LINE, sequence=4, mac=MAC))


def test_a_head_in_the_name_of_a_file_has_no_colon():
    assert Head(812, MAC).in_names == "812-3f9a6c01d2e4b577"


@pytest.mark.parametrize(
    "written", ["", "812", "812:", f"-1:{MAC}", f"812:{MAC[:15]}", f"812:{MAC}0"]
)
def test_what_is_no_head_is_refused(written):
    with pytest.raises(TrailError, match="write it as it is printed"):
        head_of(written)
