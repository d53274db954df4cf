"""Lists of appointments as people and programs write them, sloppy and hostile ones among them."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.appointments import (
    MOST_BYTES,
    MOST_ROWS,
    ListUnreadableError,
    Offered,
    Sheet,
    language_offered,
)
from intake.exports.appointments import SEPARATORS, letter_of, read_list, text_of
from tests.conftest import TODAY

HEADER = ["name", "birth_date", "language", "area", "depth_mm"]
MARIA = ["Maria Duarte", "1988-03-12", "es", "face", "1.5"]


@pytest.fixture(scope="session")
def offered(shipped_pack):
    return Offered(shipped_pack, ("en", "ar", "es"), TODAY)


def table(*rows, separator=",", end="\r\n"):
    """Write rows as a spreadsheet does."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return text.getvalue()


def cells_of(sheet):
    return [(one.row, dict(one.cells)) for one in sheet.rows]


def places(sheet):
    return [(one.row, one.column) for one in sheet.faults]


MARIAS = (2, dict(zip(HEADER, MARIA, strict=True)))


@pytest.mark.parametrize("separator", SEPARATORS, ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_however_a_spreadsheet_writes_it(offered, separator, end, encoding):
    content = table(HEADER, MARIA, separator=separator, end=end).encode(encoding)

    sheet = read_list(text_of(content), offered)

    assert cells_of(sheet) == [MARIAS]
    assert sheet.faults == ()


def test_big_endian_is_told_by_its_mark(offered):
    content = b"\xfe\xff" + table(HEADER, MARIA).encode("utf-16-be")

    assert cells_of(read_list(text_of(content), offered)) == [MARIAS]


def test_names_of_columns_may_be_written_as_people_do(offered):
    header = ["NAME", " Birth date ", "Language", "plan.area", "Depth-mm"]

    assert cells_of(read_list(table(header, MARIA), offered)) == [MARIAS]


def test_rows_are_counted_as_a_spreadsheet_does(offered):
    text = table([], HEADER, [], ["", " ", "", "", ""], MARIA, ['Ann\n"Bo" Cole', *MARIA[1:]])

    sheet = read_list(text, offered)

    assert [(one.row, one.cell("name")) for one in sheet.rows] == [
        (5, "Maria Duarte"),
        (6, 'Ann\n"Bo" Cole'),
    ]


@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(A1)", "+49 1", "-cmd|' /C calc'!A0", "<b>x</b>", "{{7*7}}"]
)
def test_what_looks_like_a_formula_is_only_text(offered, cell):
    sheet = read_list(table(HEADER, [cell, *MARIA[1:]]), offered)

    assert sheet.rows[0].cell("name") == cell


def test_a_column_that_is_not_known_is_named_without_its_words(offered):
    sheet = read_list(table([*HEADER, "Anna Secret"], [*MARIA, "x"]), offered)

    assert places(sheet) == [(1, "column F")]
    assert "Secret" not in sheet.faults[0].says
    assert "birth_date" in sheet.faults[0].says


def test_columns_that_are_missing_or_twice_are_named(offered):
    sheet = read_list(table(["name", "Name", "area"], ["a", "b", "c"]), offered)

    assert places(sheet) == [(1, "column B"), (1, "birth_date"), (1, "language")]
    assert sheet.rows == ()


def test_more_columns_than_anybody_means_are_one_fault(offered):
    sheet = read_list("name," * 60_000, offered)

    assert places(sheet) == [(1, "")]


def test_columns_for_other_readers_are_passed_over(offered):
    sheet = read_list(table([*HEADER, "time", "patient number"], [*MARIA, "9:30", "A7"]), offered)

    assert sheet.faults == ()


def test_a_cell_under_no_column_is_a_fault(offered):
    sheet = read_list(table([*HEADER, ""], [*MARIA, "", "", "more"], [*MARIA, "x", "y"]), offered)

    assert places(sheet) == [(2, "column H"), (3, "column F")]


@pytest.mark.parametrize("row", ['"Maria,1988-03-12,es\n', '"Maria" Duarte,1988-03-12,es\n'])
def test_quotes_that_do_not_close_are_a_fault_of_their_row(offered, row):
    sheet = read_list(table(HEADER, MARIA) + row, offered)

    assert places(sheet) == [(3, "")]
    assert "quotes" in sheet.faults[0].says


def test_a_list_of_more_patients_than_are_read_is_refused(offered):
    most = read_list(table(HEADER, *[MARIA] * MOST_ROWS), offered)
    more = read_list(table(HEADER, *[MARIA] * (MOST_ROWS + 1)), offered)

    assert (len(most.rows), most.faults) == (MOST_ROWS, ())
    assert "Divide" in more.faults[0].says


def test_a_header_alone_holds_no_patient(offered):
    assert places(read_list(table(HEADER), offered)) == [(0, "")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" * (MOST_BYTES + 1), "too large"),
        ("Zoë".encode("latin-1"), "UTF-8"),
        (b"\xff\xfea", "UTF-8"),
        (b"name\0", "no text"),
        ("name".encode("utf-16-le"), "no text"),
        (b"\xff\xfe\0\0" + "name".encode("utf-32-le"), "no text"),
        (b"PK\x03\x04\x14\x00", "no text"),
    ],
    ids=["large", "latin", "half", "nul", "unmarked", "utf-32", "xlsx"],
)
def test_what_is_no_text_says_what_to_save_it_as(content, says):
    with pytest.raises(ListUnreadableError, match=says):
        text_of(content)


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"], ids=["empty", "blank", "mark"])
def test_an_empty_list_is_refused(offered, text):
    with pytest.raises(ListUnreadableError):
        read_list(text_of(text.encode()), offered)


def test_a_text_that_a_form_carries_has_the_same_limit(offered):
    with pytest.raises(ListUnreadableError, match="too large"):
        read_list("name\n" + "é" * (MOST_BYTES // 2), offered)


@pytest.mark.parametrize(("at", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_columns_have_the_letters_of_a_spreadsheet(at, letter):
    assert letter_of(at) == f"column {letter}"


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("es", "es"),
        ("es-MX", "es"),
        ("ES_mx", "es"),
        ("zh-Hant-TW", ""),
        ("", ""),
        ("e", ""),
        ("es" + "-x" * 99_999, ""),
    ],
)
def test_a_language_of_a_country_is_that_language(tag, found):
    assert language_offered(tag, ("en", "es")) == found


CELLS = st.text(
    st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=20
).map(str.strip)
ROWS = st.lists(st.tuples(*[CELLS] * len(HEADER)).filter(any), min_size=1, max_size=8)


@given(ROWS, st.sampled_from(SEPARATORS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_table_of_any_cells_comes_back_the_same(offered, rows, separator, encoding):
    content = table(HEADER, *rows, separator=separator).encode(encoding)

    sheet = read_list(text_of(content), offered)

    assert sheet.faults == ()
    assert [one.cells for one in sheet.rows] == [
        {column: cell for column, cell in zip(HEADER, row, strict=True) if cell} for row in rows
    ]


def read_or_refused(content, offered):
    try:
        return read_list(text_of(content), offered)
    except ListUnreadableError:
        return Sheet()


PIECES = st.sampled_from(
    [
        *("name", "birth_date", "language", ",", ";", "\t", '"', '""', "\n", "\r"),
        *("{", "}", "[", "]", '"resourceType":', '"Patient"', '"Bundle"', '"entry":'),
        *("null", "1e999", "\ud7ff", "\ufeff"),
    ]
)


@given(st.one_of(st.binary(), st.lists(PIECES).map(lambda parts: "".join(parts).encode())))
def test_junk_is_never_more_than_a_fault_with_its_place(offered, content):
    sheet = read_or_refused(content, offered)

    assert all(fault.says and fault.place for fault in sheet.faults)
    assert all(fault.row or not sheet.rows or "Divide" in fault.says for fault in sheet.faults)


@given(ROWS, st.sampled_from(SEPARATORS))
def test_a_list_reads_the_same_out_of_the_form_that_carried_it(offered, rows, separator):
    text = text_of(table(HEADER, *rows, separator=separator).encode())

    carried = text.replace("\n", "\r\n")  # as browsers send it

    assert read_list(carried, offered) == read_list(text, offered)


def test_patients_as_fhir_are_told_from_a_table(offered):
    patient = {"resourceType": "Patient", "name": [{"text": "Ann"}], "birthDate": "1990-04-23"}

    sheet = read_list(f"\n {json.dumps(patient)}", offered)

    assert cells_of(sheet) == [(1, {"name": "Ann", "birth_date": "1990-04-23"})]
