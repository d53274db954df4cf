"""Parquet: typed columns, groups of rows, and one clear sentence where the library is missing."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from intake.core.errors import AnswerError
from intake.exports import parquet as ours
from intake.exports.parquet import write_parquet
from intake.exports.tables import ColumnType, Table

COLUMNS = {of.value: of for of in ColumnType}
AT = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
ROW = {
    "text": "=1+1",
    "day": date(2026, 6, 15),
    "instant": AT.isoformat(),
    "count": 3,
    "number": Decimal("1.25"),
    "truth": True,
}


def test_every_type_is_read_back_as_itself(tmp_path):
    file = tmp_path / "table.parquet"

    assert write_parquet(file, Table(COLUMNS, [ROW])) == 1

    (row,) = parquet.read_table(file).to_pylist()
    assert row == {**ROW, "instant": AT, "number": 1.25}
    types = [str(field.type) for field in parquet.read_schema(file)]
    assert types == ["string", "date32[day]", "timestamp[us, tz=UTC]", "int64", "double", "bool"]


def test_what_is_not_said_is_null_in_every_column(tmp_path):
    file = tmp_path / "table.parquet"

    write_parquet(file, Table(COLUMNS, [{}, dict.fromkeys(COLUMNS)]))

    assert parquet.read_table(file).to_pylist() == [dict.fromkeys(COLUMNS)] * 2


def test_a_table_without_rows_has_its_columns(tmp_path):
    file = tmp_path / "table.parquet"

    assert write_parquet(file, Table(COLUMNS, [])) == 0

    assert parquet.read_schema(file).names == list(COLUMNS)


def test_rows_are_read_a_group_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(ours, "ROWS_AT_ONCE", 3)
    file = tmp_path / "table.parquet"

    write_parquet(file, Table(COLUMNS, ({**ROW, "count": n} for n in range(8))))

    read = parquet.ParquetFile(file)
    assert read.num_row_groups == 3
    assert [row["count"] for row in read.read().to_pylist()] == list(range(8))
    read.close()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_every_text_comes_back(tmp_path_factory, texts):
    file = tmp_path_factory.mktemp("parquet") / "table.parquet"

    write_parquet(file, Table({"text": ColumnType.TEXT}, [{"text": one} for one in texts]))

    found = parquet.read_table(file).column("text").to_pylist()
    assert found == [one or None for one in texts]  # an empty text is what was not said


def test_without_the_library_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(AnswerError, match=r"pip install 'intake\[parquet\]'"):
        write_parquet(tmp_path / "table.parquet", Table(COLUMNS, []))

    assert list(tmp_path.iterdir()) == []
