"""The columns of figures are told to whoever opens the file."""

import re

import pytest

from intake.exports.figure_tables import TABLES
from tests.conftest import ROOT


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_documented_in_its_order(table):
    text = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    (own,) = [part for part in section if part.startswith(f"`{table}`")]

    documented = re.findall(r"^\| `(\w+)`", own, flags=re.MULTILINE)

    assert tuple(documented) == TABLES[table][0]
