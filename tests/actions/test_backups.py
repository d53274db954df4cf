"""Backups: for administrators, and none of which the trail does not know; made when due."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.actions import backups, retention
from intake.actions.backups import Plan
from intake.actions.permission import SERVER
from intake.core.errors import NotAllowedError, StorageError
from intake.storage import audit
from intake.storage.driver import sqlite3
from tests.conftest import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


ACTS = {
    "into the folder": lambda store, folder, by: backups.make_backup(store, folder, by=by, now=NOW),
    "to a file": lambda store, folder, by: backups.back_up_to(
        store, folder.parent / "mine.db", by=by, now=NOW
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_administrators_make_one(store, people, folder, act):
    for by in (people.ada, people.ben):
        with pytest.raises(NotAllowedError):
            ACTS[act](store, folder, by)

    assert not folder.exists()
    assert not (folder.parent / "mine.db").exists()


@pytest.mark.parametrize("act", ACTS)
def test_one_that_cannot_be_written_down_is_removed(store, people, folder, act, monkeypatch):
    def refuse(*_args, **_kwargs):
        msg = "the audit trail is full"
        raise sqlite3.IntegrityError(msg)

    monkeypatch.setattr("intake.actions.backups.audit.append", refuse)

    with pytest.raises(sqlite3.IntegrityError, match="audit trail is full"):
        ACTS[act](store, folder, people.cleo)

    assert not (folder.parent / "mine.db").exists()
    assert not folder.exists() or not list(folder.iterdir())


def test_only_administrators_list_them(people, folder):
    for by in (people.ada, people.ben):
        with pytest.raises(NotAllowedError):
            backups.list_backups(folder, by=by)

    assert backups.list_backups(folder, by=people.cleo) == []


class TestAtOnce:
    """Two who remove at the same moment; what one lists, the other has removed already."""

    @pytest.fixture
    def made(self, store, folder):
        backups.make_backup(store, folder, by=SERVER, now=NOW)
        return backups.list_backups(folder, by=SERVER)

    def test_what_somebody_else_removed_already_is_removed(self, made):
        made[0].path.unlink()

        backups.backups.remove(made)

        assert not made[0].path.exists()

    def test_thinning_out_goes_on_over_what_is_gone(self, made, folder, monkeypatch):
        made[0].path.unlink()
        monkeypatch.setattr(backups.backups, "listed", lambda _: made)
        partial = folder / "clinic-20260101T000000Z.arriving"
        monkeypatch.setattr(Path, "glob", lambda *_: iter([partial]))

        gone = backups.backups.thin_out(folder, keep=0, days=0, now=NOW)

        assert gone == made

    def test_the_others_are_listed_while_one_goes(self, made, store, folder, monkeypatch):
        going = made[0].path
        backups.make_backup(store, folder, by=SERVER, now=NOW + timedelta(hours=1))
        is_file = Path.is_file

        def gone_after(path):
            found = is_file(path)
            if path == going:
                path.unlink(missing_ok=True)
            return found

        monkeypatch.setattr(Path, "is_file", gone_after)

        listed = backups.list_backups(folder, by=SERVER)

        assert [one.made_at for one in listed] == [NOW + timedelta(hours=1)]


class TestWhatHoldsTheErased:
    """Told by the lines of the trail, whatever the clock was."""

    @pytest.fixture
    def make(self, store, folder):
        return lambda at: backups.make_backup(store, folder, by=SERVER, now=at)

    @pytest.fixture
    def erase(self, desk, store, people):
        """Erase Maria."""

        def erase(at=NOW):
            who = store.row("SELECT record_number AS number, birth_date AS born FROM patients")
            retention.erase_patient(
                store, record_number=who["number"], born=date.fromisoformat(who["born"]),
                reason="She wrote to us.", by=people.cleo, now=at,
            )  # fmt: skip

        desk.sent()
        return erase

    @pytest.fixture
    def holding(self, store, folder):
        def holding(now=NOW + HOUR):
            return backups.holding_what_was_erased(store, folder, by=SERVER, now=now)

        return holding

    @pytest.mark.parametrize("at", [NOW + timedelta(days=400), NOW + timedelta(seconds=2)])
    def test_one_stamped_after_the_erasure_that_was_begun_before_it(
        self, make, erase, holding, store, folder, at
    ):
        before = make(at)
        erase()

        assert [one.path for one in holding()] == [before.path]
        backups.forget(store, folder, by=SERVER, now=NOW + HOUR)
        assert holding() == []
        assert not before.path.exists()

    def test_not_one_of_after_the_erasure_made_while_the_clock_was_behind(
        self, make, erase, holding
    ):
        erase()
        make(NOW - HOUR)

        assert holding() == []

    @pytest.mark.parametrize(
        ("name", "may_hold"),
        [
            ("20260615T092959Z", True),
            ("20260615T094000Z", False),
            ("20990101T000000Z", True),
            ("20260615T092959Z-999999-00000000000000ab", True),
            ("20260615T094000Z-999999-00000000000000ab", False),
            ("20990101T000000Z-999999-00000000000000ab", True),
        ],
    )
    def test_of_one_without_a_head_of_this_trail_only_the_clock_tells(
        self, erase, holding, folder, name, may_hold
    ):
        folder.mkdir()
        (folder / f"clinic-{name}.db").touch()

        erase()

        assert bool(holding()) == may_hold


class TestPlan:
    HOURLY = Plan(hours=1, keep=3, days=2)

    @pytest.fixture
    def due(self, store, folder):
        """Make a backup if one is due at an instant; returns whether one was."""

        def due(at, *, is_last=False, plan=self.HOURLY):
            made = backups.make_due(store, folder, plan, by=SERVER, now=at, is_last=is_last)
            return made is not None

        return due

    @pytest.fixture
    def act(self, store):
        """Let something happen in the clinic."""

        def act(at=NOW):
            with store.write() as db:
                audit.append(db, at=at, actor="t", action="t", subject="t")

        return act

    def test_the_first_is_due_at_once(self, due, folder):
        assert due(NOW)
        assert len(list(folder.iterdir())) == 1

    def test_the_next_is_due_when_the_newest_is_old_enough(self, due, act):
        due(NOW)
        act()

        found = [due(NOW + timedelta(minutes=minutes)) for minutes in (1, 59, 60)]

        assert found == [False, False, True]

    def test_none_is_due_as_long_as_nothing_happened(self, due, act):
        due(NOW)

        assert not due(NOW + timedelta(days=3))
        act()
        assert due(NOW + timedelta(days=3, seconds=1))

    def test_what_happened_while_one_was_made_is_not_taken_for_held(
        self, due, act, store, monkeypatch
    ):
        make = backups.backups.make
        monkeypatch.setattr(backups.backups, "make", lambda *given: (make(*given), act())[0])
        due(NOW)
        monkeypatch.undo()

        assert due(NOW + timedelta(hours=1))

    def test_one_made_by_hand_counts(self, due, act, store, folder, people):
        backups.make_backup(store, folder, by=people.cleo, now=NOW)
        act()

        assert not due(NOW + timedelta(minutes=30))

    def test_one_that_was_removed_does_not(self, due, folder):
        due(NOW)
        (file,) = folder.iterdir()
        file.unlink()

        assert due(NOW + timedelta(minutes=1))

    def test_the_last_is_made_however_young_the_newest(self, due, act):
        due(NOW)

        assert not due(NOW + timedelta(minutes=1), is_last=True)
        act()
        assert due(NOW + timedelta(minutes=2), is_last=True)

    def test_a_clock_that_was_wrong_stops_none(self, due, act, folder):
        due(NOW + timedelta(days=3650))
        act()

        assert due(NOW)
        act()
        assert not due(NOW + timedelta(minutes=1))
        assert len(list(folder.iterdir())) == 2

    def test_old_ones_are_thinned_out_by_number_and_by_day(self, due, act, folder):
        for hours in range(0, 24 * 5, 8):
            act()
            due(NOW + timedelta(hours=hours))

        left = sorted(path.name[7:18] for path in folder.iterdir())

        # begun on the 15th at 9:30: the three newest are of the 19th and 20th, besides which the
        # last of each of the two newest days is kept
        assert left == ["20260619T09", "20260619T17", "20260620T01"]

    def test_the_last_one_of_a_day_is_kept(self, due, act, folder):
        for hours in (0, 1, 24, 25, 26, 27):
            act()
            due(NOW + timedelta(hours=hours))

        left = sorted(path.name[7:18] for path in folder.iterdir())

        assert left == ["20260615T10", "20260616T10", "20260616T11", "20260616T12"]

    def test_what_a_kill_left_of_one_goes_after_a_day(self, due, folder):
        folder.mkdir()
        for stamp in ("20260614T092959Z", "20260614T093001Z"):
            (folder / f"clinic-{stamp}.arriving").touch()

        due(NOW)

        assert [file.name for file in folder.glob("*.arriving")] == [
            "clinic-20260614T093001Z.arriving"
        ]

    def test_one_that_fails_removes_none(self, due, act, folder, monkeypatch):
        for hours in range(3):
            act()
            due(NOW + timedelta(hours=hours))
        before = sorted(folder.iterdir())
        monkeypatch.setattr("intake.storage.copies.faults_of", lambda *_: ["a page is missing"])

        act()
        with pytest.raises(StorageError, match="a page is missing"):
            due(NOW + timedelta(hours=9), plan=Plan(hours=1, keep=1, days=0))

        assert sorted(folder.iterdir()) == before

    def test_it_is_written_down_as_the_servers(self, due, store):
        due(NOW)

        event = audit.latest(store)[0]
        assert (event.actor, event.action) == ("server", "backup made")
