import csv
import io
import json
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.exports.tables import csv_lines, guarded, json_lines
from tests.web.every_form import NASTY

COLUMNS = ("name", "words")
RISKY = "=+-@\t\r\n＝＋－＠"
CELLS = st.text(max_size=20) | st.text(RISKY + "\0'\",;1a \u00a0", max_size=8)
ROWS = st.lists(st.fixed_dictionaries({"name": CELLS, "words": CELLS | st.integers()}), max_size=5)


def _read(columns, rows):
    """Read a table back as a spreadsheet would."""
    text = "".join(csv_lines(columns, rows))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%"])
@pytest.mark.parametrize("before", ["", " ", "   ", "\u00a0", "\u3000", "\0", "\0 "], ids=repr)
def test_what_a_spreadsheet_might_run_gets_a_quote_in_front(before, start):
    cell = guarded(f"{before}{start}1+1")

    assert cell == "'" + f"{before}{start}1+1".replace("\0", "")


@pytest.mark.parametrize("start", ["\t", "\r", "\n"], ids=repr)
def test_a_cell_that_begins_with_a_tab_or_a_line_end_gets_a_quote_in_front(start):
    assert guarded(f"{start}words") == f"'{start}words"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=cmd|"/c calc"!A1',
        '=HYPERLINK("http://x")',
        "@SUM(A1)",
        "-1+1",
        "--1",
        "-5 mg",
        "-5\n",
        "+44 20 7946 0000",
        "-1e5",
        "-",
        "-.5",
    ],
)
def test_known_attacks_and_near_numbers_are_guarded(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "%"])
@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (";", ";'"), (",", ",'"), ("\t", "\t'"), ("|", "|'"), ("\n", "\n'"), ("\r\n", "\r\n'"),
        ("\u2028", "\u2028'"), ("; ", ";' "), (";\u00a0", ";'\u00a0"), (';"', ";'\""),
        ('| " ', "|' \" "),
    ],
    ids=repr,
)  # fmt: skip
def test_what_another_separator_would_begin_a_cell_with_gets_a_quote_too(before, kept, start):
    assert guarded(f"Ann{before}{start}1+1") == f"Ann{kept}{start}1+1"
    assert guarded(f"{before}{start}1+1").endswith(f"{kept}{start}1+1")


SEPARATORS = [";", "\t", "|", ","]
HOSTILE = [
    "Ann;=1+1", "Bob;=cmd|' /C calc'!A0", "Cy\t@SUM(A1)", "Di|+1", "Ed\n-1+1", "Flo;;; =1",
    'Gus;"=1"', "Hal\r＝1", "Ida,=1;=2\t=3|=4\n=5", 'Jo;"""=1', "Kim;|=1", '";=1', "\n;=1",
]  # fmt: skip


@pytest.mark.parametrize("separator", SEPARATORS, ids=repr)
@pytest.mark.parametrize("text", [*HOSTILE, *(nasty.decode("latin-1") for nasty in NASTY)])
def test_no_separator_makes_a_formula_of_a_part(separator, text):
    columns, row = ("number", *COLUMNS), {"number": "P-1234567", "name": text, "words": text}

    lines = "".join(csv_lines(columns, [row, {"number": "P-7654321"}]))

    assert _formulas(lines[1:], separator) == []


def _formulas(text, separator):
    """What a spreadsheet that separates otherwise would run."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    cells = [cell.lstrip() for row in rows for cell in row]
    risky = [one for one in cells if one.startswith(tuple("=+-@＝＋－＠"))]
    return [one for one in risky if not one.removeprefix("-").isdigit()]


def test_a_long_text_without_words_is_guarded_at_once():
    text = "\t;" * 100_000

    started = time.perf_counter()
    guarded(text)

    assert time.perf_counter() - started < 1


@given(st.lists(st.text("=+-@＝;,|\t\r\n\"' a1", max_size=9), min_size=1, max_size=4))
def test_no_separator_makes_a_formula_of_any_part(texts):
    rows = [{"name": "x", "words": text} for text in texts]
    lines = "".join(csv_lines(COLUMNS, [*rows, {"name": "x"}]))

    for separator in SEPARATORS[:3]:
        assert _formulas(lines[1:], separator) == []


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("-5", "-5"),
        ("-0.5", "-0.5"),
        (-5, "-5"),
        (-2.5, "-2.5"),
        (7, "7"),
        ("2.5", "2.5"),
        (None, ""),
        ("", ""),
        (False, "False"),
        (date(2026, 6, 15), "2026-06-15"),
        ("María", "María"),
        ("a=b", "a=b"),
        ("a; b, c | d - e", "a; b, c | d - e"),
        ("2026-06-15, 2026-06-16", "2026-06-15, 2026-06-16"),
        ('{"a": ["b", "c"]}', '{"a": ["b", "c"]}'),
        ("me@example.org", "me@example.org"),
        ("'quoted'", "'quoted'"),
        ("a\0b", "ab"),
    ],
)
def test_harmless_cells_stay_as_they_are(value, cell):
    assert guarded(value) == cell


@given(CELLS)
def test_no_cell_begins_as_a_formula_does(text):
    cell = guarded(text)

    number = cell.removeprefix("-").replace(".", "", 1).isdigit()
    assert number or not cell.lstrip().startswith(tuple(RISKY))
    assert "\0" not in cell


@given(ROWS)
def test_every_row_has_a_cell_for_every_column(rows):
    table = _read(COLUMNS, rows)

    assert table[0] == list(COLUMNS)
    assert len(table) == len(rows) + 1
    assert {len(cells) for cells in table} == {2}


@given(ROWS)
def test_words_survive_csv_but_for_the_guard(rows):
    table = _read(COLUMNS, rows)

    assert table[1:] == [[guarded(row["name"]), guarded(row["words"])] for row in rows]


@pytest.mark.parametrize(
    "words", ['She said "no"', "one\ntwo", "one\r\ntwo", "a,b;c", '"', "ends with ,", "ü 李 😀"]
)
def test_quotes_commas_and_lines_survive_csv(words):
    assert _read(COLUMNS, [{"name": "Maria", "words": words}])[1] == ["Maria", words]


def test_a_missing_value_is_an_empty_cell_and_more_is_left_out():
    table = _read(COLUMNS, [{"words": "x", "secret": "y"}])

    assert table == [["name", "words"], ["", "x"]]


def test_no_rows_are_a_header_only():
    assert _read(COLUMNS, []) == [["name", "words"]]


def test_rows_are_written_as_they_come():
    def rows():
        yield {"name": "first"}
        pytest.fail("the second row was read before the first was written")

    lines = csv_lines(COLUMNS, rows())

    assert [next(lines), next(lines), next(lines)] == ["\ufeff", "name,words\r\n", "first,\r\n"]


@given(ROWS)
def test_json_lines_carry_values_unguarded(rows):
    text = "".join(json_lines(COLUMNS, rows))

    assert [json.loads(line) for line in text.split("\n")[:-1]] == rows


def test_json_lines_have_every_column_and_no_other():
    (line,) = json_lines(COLUMNS, [{"words": date(2026, 6, 15), "secret": "x"}])

    assert json.loads(line) == {"name": None, "words": "2026-06-15"}
