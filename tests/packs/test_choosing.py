"""The clinic's file, written by the program and read by the same code as one written by hand."""

import pytest

from intake import packs
from intake.core.errors import PackError
from intake.packs.choosing import entries_in, with_choices_of, with_entry, without_entry
from tests.conftest import TODAY
from tests.packs.builders import TINY

ENTRY = {
    "value": "20 days",
    "who": "Dr Ada Lead, medical lead",
    "why": 'Our own "series": 12 patients # not many\n{x} \u00e9',
    "when": "2026-06-01",
    "until": "2027-06-01",
}


def test_what_is_written_counts_and_reads_back():
    files = with_entry(TINY, "settings", "sore_healed", ENTRY)

    pack = packs.load_texts(files, TODAY)

    assert str(pack.settings["sore_healed"]) == "20 days"
    assert pack.choices[0].why == ENTRY["why"]
    assert entries_in(files) == {"settings": {"sore_healed": ENTRY}}


def test_an_entry_takes_the_place_of_the_one_before():
    once = with_entry(TINY, "settings", "sore_healed", ENTRY)

    twice = with_entry(once, "settings", "sore_healed", {**ENTRY, "value": "21 days"})

    assert entries_in(twice)["settings"]["sore_healed"]["value"] == "21 days"


def test_a_clinic_works_under_one_label():
    bare = {key: ENTRY[key] for key in ("who", "why", "when", "until")}
    once = with_entry(TINY, "labels", "pen", bare)

    twice = with_entry(once, "labels", "another", bare)

    assert list(entries_in(twice)["labels"]) == ["another"]


def test_the_last_entry_taken_out_leaves_the_pack_as_it_was():
    files = with_entry(TINY, "settings", "sore_healed", ENTRY)

    assert without_entry(files, "settings", "sore_healed") == TINY
    assert packs.hash_of(without_entry(files, "settings", "sore_healed")) == packs.hash_of(TINY)


def test_choices_move_to_another_pack_and_nothing_else_does():
    chosen = with_entry(TINY, "settings", "sore_healed", ENTRY)
    newer = {**TINY, "pack.yaml": TINY["pack.yaml"].replace("1.0.0", "2.0.0")}

    moved = with_choices_of(newer, chosen)

    assert moved == {**newer, "clinic.yaml": chosen["clinic.yaml"]}
    assert with_choices_of(chosen, newer) == TINY


def test_a_file_that_cannot_be_read_is_refused():
    with pytest.raises(PackError):
        entries_in({**TINY, "clinic.yaml": "settings: [unclosed"})
