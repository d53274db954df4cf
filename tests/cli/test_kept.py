"""`intake rules kept`, `roll-back`, `activate` with reasons and choices."""

import pytest

from intake import packs
from intake.actions import rule_packs
from intake.cli.surroundings import prepare
from intake.settings import Settings
from intake.storage import audit
from tests.cli.conftest import opened
from tests.cli.test_rules import in_force, spoil

CHOICES = """\
settings:
  sore_healed:
    value: 20 days
    who: Dr Ada Lead
    why: Our own series
    when: 2020-01-01
    until: 2099-01-01
"""


@pytest.fixture
def chosen(run, clinic, tmp_path):
    """A clinic that chose something for itself."""
    path = tmp_path / "choices.yaml"
    path.write_text(CHOICES, encoding="utf-8")
    assert run("rules", "activate", "--clinic", path).exit_code == 0
    return in_force(clinic)


def files_in_force(clinic):
    store = opened(clinic)
    try:
        return rule_packs.files_in_force(store)
    finally:
        store.close()


def latest(clinic):
    store = opened(clinic)
    try:
        return audit.latest(store)[0]
    finally:
        store.close()


def test_a_newer_pack_can_be_gone_back_from(run, clinic, tiny):
    before = in_force(clinic)
    spoil(tiny, "pack.yaml", "version: 1.0.0", "version: 2.0.0")
    run("rules", "activate", "--reason", "New season")

    listed = run("rules", "kept").stdout
    result = run("rules", "roll-back", before[:12], "--reason", "Too strict for us")

    assert "tiny 2.0.0" in listed
    assert "New season" in listed
    assert result.exit_code == 0
    assert in_force(clinic) == before
    assert latest(clinic).detail["reason"] == "Too strict for us"


@pytest.mark.parametrize("hash_", ["", "abc", "f" * 12])
def test_a_hash_that_tells_nothing_is_bad_input(run, clinic, hash_):
    before = in_force(clinic)

    result = run("rules", "roll-back", hash_, "--reason", "x")

    assert result.exit_code == 2
    assert "No kept pack is told by" in result.stderr
    assert in_force(clinic) == before


def test_a_reason_is_needed(run, clinic):
    before = in_force(clinic)

    assert run("rules", "roll-back", before).exit_code == 2
    assert run("rules", "roll-back", before, "--reason", " ").exit_code == 2


def test_a_new_pack_keeps_what_the_clinic_chose(run, clinic, chosen, tiny):
    spoil(tiny, "pack.yaml", "version: 1.0.0", "version: 2.0.0")

    result = run("rules", "activate")

    assert "setting sore_healed: 20 days instead of 14 days" in result.stdout
    assert files_in_force(clinic)["clinic.yaml"] == CHOICES


def test_choices_are_dropped_only_when_that_is_said(run, clinic, chosen, tiny):
    result = run("rules", "activate", "--without-choices")

    assert result.exit_code == 0
    assert files_in_force(clinic) == packs.texts_of(tiny)


def test_what_was_chosen_is_listed(run, clinic, chosen):
    result = run("rules", "choices")

    assert result.stdout == (
        "setting sore_healed: 20 days instead of 14 days (Dr Ada Lead, 2020-01-01 until"
        " 2099-01-01; counts): Our own series\n"
    )


def test_the_start_does_not_take_choices_for_other_rules(clinic, chosen, tiny):
    notes = prepare(Settings(clinic, tiny, "Clinic", None, "127.0.0.1", 8000))

    assert not any("change nothing until" in note for note in notes)


def test_the_book_of_a_kept_pack_is_written(run, clinic, tmp_path):
    result = run("rules", "book", "--kept", in_force(clinic)[:12], "--output", "-")

    assert result.exit_code == 0
    assert in_force(clinic)[:12] in result.stdout
