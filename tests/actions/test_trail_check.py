"""Checking the trail, and keeping its heads."""

import os
from datetime import timedelta

import pytest

from intake.actions import trail_check
from intake.core.chain import Head
from intake.core.errors import NotAllowedError
from intake.storage.heads import RESTORED, HeadsKept, keep_head, kept_heads, that_still_count
from tests.conftest import NOW

NONE = HeadsKept(())


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys" / "heads.log"


def test_that_it_was_checked_is_a_line_with_what_was_found(tiny):
    found = trail_check.check_trail(tiny.store, kept=NONE, by=tiny.people.cleo, now=NOW)

    last = trail_check.last_check(tiny.store, by=tiny.people.cleo)
    assert found.faults == ()
    assert (last.actor, last.detail["faults"], last.detail["first"]) == (
        tiny.people.cleo.id, 0, None,
    )  # fmt: skip
    assert last.detail["until"] == found.head.count


def test_a_fault_is_told_in_the_line_of_the_check(tiny):
    tiny.store.connection.execute("UPDATE practitioners SET name = 'Eve'")

    trail_check.check_trail(tiny.store, kept=NONE, by=tiny.people.cleo, now=NOW)

    last = trail_check.last_check(tiny.store, by=tiny.people.cleo)
    assert last.detail["faults"] > 0
    assert "the account" in last.detail["first"]


def test_what_could_not_be_read_of_the_heads_is_a_fault(tiny):
    kept = HeadsKept((), ("Line 1 of heads.log is not a head that the program kept.",))

    found = trail_check.check_trail(tiny.store, kept=kept, by=tiny.people.cleo, now=NOW)

    assert found.faults == kept.faults


def test_a_practitioner_cannot_check_it(tiny):
    with pytest.raises(NotAllowedError):
        trail_check.check_trail(tiny.store, kept=NONE, by=tiny.people.ada, now=NOW)


def test_a_head_is_kept_once_a_day(tiny, file):
    for hours in (0, 1, 24, 25):
        trail_check.keep_head_of_day(tiny.store, file, now=NOW + timedelta(hours=hours))

    assert [one.at for one in kept_heads(file).heads] == [NOW, NOW + timedelta(hours=24)]


def test_a_clock_that_was_years_ahead_keeps_no_head_away(tiny, file):
    for days in (0, 3650, 1):
        trail_check.keep_head_of_day(tiny.store, file, now=NOW + timedelta(days=days))

    assert len(kept_heads(file).heads) == 3


def test_the_file_of_heads_is_only_added_to(tiny, file):
    trail_check.keep_head_of(tiny.store, file, now=NOW, occasion="backup")
    before = file.read_text()

    trail_check.keep_head_of(tiny.store, file, now=NOW, occasion="export")

    assert file.read_text().startswith(before)
    assert len(file.read_text().splitlines()) == 2


def test_a_head_and_the_name_of_a_new_file_are_put_on_the_disk(file, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number)))

    keep_head(file, Head(9, "ab" * 32), at=NOW, occasion="day")
    keep_head(file, Head(10, "cd" * 32), at=NOW, occasion="day")

    lines, folder = file.stat(), file.parent.stat()
    assert [one.st_ino for one in synced] == [lines.st_ino, folder.st_ino, lines.st_ino]
    assert synced[2].st_size == lines.st_size


def test_half_a_line_that_a_power_cut_left_spoils_no_other(file):
    file.parent.mkdir()
    file.write_text("2026-06-15T09:30:00.0")

    keep_head(file, Head(9, "ab" * 32), at=NOW, occasion="day")

    kept = kept_heads(file)
    assert [one.head.count for one in kept.heads] == [9]
    assert kept.faults == ("Line 1 of heads.log is not a head that the program kept.",)


def test_longer_heads_from_before_a_restored_copy_do_not_count(file):
    for count, occasion in ((5, "day"), (9, "day"), (6, RESTORED), (7, "day")):
        keep_head(file, Head(count, "ab" * 32), at=NOW, occasion=occasion)

    counting = that_still_count(kept_heads(file).heads, ())

    assert [one.head.count for one in counting] == [5, 6, 7]
