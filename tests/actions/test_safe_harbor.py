"""What is said about Safe Harbor: all eighteen identifiers, and the truth about dates."""

import string

import pytest

from intake.actions.safe_harbor import COLUMNS, about, safe_harbor
from intake.core.bare_answers import Dates
from tests.conftest import ROOT


def told(dates):
    return {row["identifier"]: row for row in safe_harbor(dates)}


@pytest.mark.parametrize("dates", Dates)
def test_all_eighteen_identifiers_are_told_of(dates):
    rows = told(dates)

    assert list(rows) == list(string.ascii_uppercase[:18])
    assert all(row.keys() == set(COLUMNS) and all(row.values()) for row in rows.values())


@pytest.mark.parametrize(
    ("dates", "removed"), [(Dates.YEAR, "yes"), (Dates.SHIFTED, "no"), (Dates.NONE, "yes")]
)
def test_moved_days_are_not_what_safe_harbor_asks_for(dates, removed):
    row = told(dates)["C"]

    assert row["removed"] == removed
    assert ("Safe Harbor is not met" in row["what_is_done"]) == (removed == "no")


def test_whatever_else_is_unique_is_removed_in_part():
    assert [k for k, row in told(Dates.YEAR).items() if row["removed"] != "yes"] == ["R"]


def test_it_says_what_it_does_not_promise_and_the_number():
    words = " ".join(about(Dates.YEAR, 7))

    assert "no determination by a statistician" in words
    assert "no actual knowledge" in words
    assert "fewer than 7 patients" in words


def test_the_table_of_the_documentation_is_that_of_the_program():
    page = (ROOT / "docs" / "exchange.md").read_text("utf-8")

    for row in safe_harbor(Dates.YEAR):
        assert f"| {' | '.join(str(row[column]) for column in COLUMNS)} |" in page, row
    assert told(Dates.SHIFTED)["C"]["what_is_done"] in page
