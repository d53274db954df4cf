"""Sealed columns: opened by one key in one place, and noticed when changed."""

import pytest

from intake.core.errors import StorageError
from intake.storage.sealing import SealedColumn

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
COLUMN = SealedColumn("second_factors", "seed")
TEXT = "JBSWY3DPEHPK3PXP"


def test_what_is_sealed_opens_in_its_place():
    assert COLUMN.open(KEY, "ada", COLUMN.seal(KEY, "ada", TEXT)) == TEXT


def test_the_same_text_never_reads_the_same():
    assert COLUMN.seal(KEY, "ada", TEXT) != COLUMN.seal(KEY, "ada", TEXT)


@pytest.mark.parametrize(
    ("column", "key", "row"),
    [
        (COLUMN, OTHER_KEY, "ada"),
        (COLUMN, KEY, "ben"),
        (SealedColumn("second_factors", "other"), KEY, "ada"),
        (SealedColumn("other", "seed"), KEY, "ada"),
    ],
    ids=["key", "row", "column", "table"],
)
def test_it_opens_nowhere_else(column, key, row):
    sealed = COLUMN.seal(KEY, "ada", TEXT)

    with pytest.raises(StorageError) as refused:
        column.open(key, row, sealed)

    assert TEXT not in str(refused.value)


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_changed_letter_is_noticed(at):
    sealed = COLUMN.seal(KEY, "ada", TEXT)
    changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]

    with pytest.raises(StorageError):
        COLUMN.open(KEY, "ada", changed)


@pytest.mark.parametrize("stored", ["", "1:", "2:AAAA", "plain text", "1:é", "1:AAAA"])
def test_what_was_never_sealed_does_not_open(stored):
    with pytest.raises(StorageError):
        COLUMN.open(KEY, "ada", stored)
