"""Backups, restores, and finding out that a file is broken."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from intake.core.errors import StorageError
from intake.storage import audit, connections, copies, database, open_store
from intake.storage.checks import faults_of
from intake.storage.connections import connect_bare, held
from intake.storage.driver import sqlite3
from tests.conftest import KEYS, raw
from tests.storage.builders import NOW, clinic_at, everything, read_all

PAGE = 4096


@pytest.fixture
def backup(tmp_path):
    """A backup of a clinic other than the one at `path`: it has no rows."""
    source, target = tmp_path / "source.db", tmp_path / "backup.db"
    database.create(source, KEYS)
    with closing(open_store(source, KEYS)) as store:
        copies.copy_to(store, target)
    return target


def _damage(path, page):
    """Write over a whole page, counted from 0."""
    data = bytearray(path.read_bytes())
    data[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
    path.write_bytes(data)


def test_a_backup_holds_everything(clinic, tmp_path):
    copies.copy_to(clinic, tmp_path / "backup.db")

    assert read_all(tmp_path / "backup.db") == everything(clinic)


def test_a_backup_is_one_file(clinic, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()

    copies.copy_to(clinic, folder / "backup.db")

    assert [p.name for p in folder.iterdir()] == ["backup.db"]


def test_only_its_owner_can_read_a_backup(clinic, tmp_path):
    copies.copy_to(clinic, tmp_path / "backup.db")

    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0


def test_a_backup_never_replaces_a_file(clinic, tmp_path):
    target = tmp_path / "backup.db"
    target.write_text("precious")

    with pytest.raises(StorageError, match="name a new file"):
        copies.copy_to(clinic, target)

    assert target.read_text() == "precious"


def test_a_backup_into_a_folder_that_does_not_exist_is_refused(clinic, tmp_path):
    with pytest.raises(StorageError, match="folder that exists"):
        copies.copy_to(clinic, tmp_path / "none" / "backup.db")


def test_a_backup_under_writes_is_whole(path, tmp_path):
    """Each write adds two events; a backup has both of a pair or neither.

    What was acknowledged before a backup was begun is in it.
    """
    enough, acknowledged, before = Event(), [], []

    def write_on():
        with closing(open_store(path, KEYS)) as store:
            pairs = 0
            while not enough.is_set() or pairs < 10:
                with store.write() as db:
                    for half in ("first", "second"):
                        audit.append(
                            db, at=NOW, actor="t", action=half, subject="pair", big="x" * 500
                        )
                pairs += 1
                acknowledged.append(pairs)

    with ThreadPoolExecutor(1) as pool, closing(open_store(path, KEYS)) as store:
        writing = pool.submit(write_on)
        for number in range(10):
            before.append(len(acknowledged))
            copies.copy_to(store, tmp_path / f"backup-{number}.db")
        enough.set()
        writing.result()

    for number in range(10):
        target = tmp_path / str(number) / "clinic.db"
        backup = tmp_path / f"backup-{number}.db"
        copies.restore(backup, target, KEYS, replacing=False, now=NOW)
        with closing(open_store(target, KEYS)) as copy:
            halves = [event.action for event in audit.of_subject(copy, "pair")]
        assert halves == ["first", "second"] * (len(halves) // 2)
        assert len(halves) // 2 >= before[number]


def test_a_backup_of_a_damaged_clinic_is_refused_and_removed(path, tmp_path):
    _damage(path, 5)

    with closing(open_store(path, KEYS)) as store, pytest.raises(StorageError, match="not sound"):
        copies.copy_to(store, tmp_path / "backup.db")

    assert not (tmp_path / "backup.db").exists()


def test_a_sound_database_has_no_faults(path):
    assert faults_of(path, KEYS) == []


def test_an_open_database_has_no_faults(clinic, path):
    with clinic.write() as db:
        audit.append(db, at=NOW, actor="t", action="t", subject="t")

    assert faults_of(path, KEYS) == []


@pytest.mark.parametrize("page", [0, 2, 5, 9])
def test_a_damaged_page_is_a_fault(path, page):
    _damage(path, page)

    assert faults_of(path, KEYS) != []


@pytest.mark.parametrize("size", [0, 100, PAGE, 3 * PAGE + 7])
def test_a_database_cut_short_is_a_fault(path, size):
    path.write_bytes(path.read_bytes()[:size])

    assert faults_of(path, KEYS) != []


def test_garbage_is_a_fault(path):
    path.write_bytes(b"not a database " * 1000)

    assert faults_of(path, KEYS)[0].startswith("no key of this clinic opens it")


def test_a_missing_file_is_a_fault_and_is_not_made(tmp_path):
    assert faults_of(tmp_path / "none.db", KEYS) != []
    assert not (tmp_path / "none.db").exists()


def test_another_programs_database_is_a_fault(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t (a)")

    assert faults_of(tmp_path / "other.db", KEYS) == ["it is not a database of this program"]


def test_a_file_that_only_bears_our_mark_is_a_fault(tmp_path):
    with closing(raw(tmp_path / "marked.db")) as connection:
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        connection.execute("CREATE TABLE t (a)")

    assert faults_of(tmp_path / "marked.db", KEYS) != []


def test_a_record_that_refers_to_nothing_is_a_fault(path):
    with closing(raw(path)) as connection:
        connection.execute("DELETE FROM practitioners")
        connection.commit()

    assert faults_of(path, KEYS) == ["a record refers to one that is not there"]


@pytest.mark.parametrize("folder", ["Clinic #1", "Where?", "50%20off", "Praxis Müller", "a;b&c=d"])
def test_a_folder_of_any_name_will_do(tmp_path, folder):
    path = tmp_path / folder / "clinic.db"
    database.create(path, KEYS)

    assert faults_of(path, KEYS) == []
    assert [p.name for p in tmp_path.iterdir()] == [folder]


def test_restoring_brings_the_backup_back(tmp_path, path):
    target = tmp_path / "elsewhere" / "clinic.db"

    kept = copies.restore(path, target, KEYS, replacing=False, now=NOW)

    assert kept is None
    assert read_all(target) == read_all(path)


def test_only_its_owner_can_read_a_restored_database(tmp_path, path):
    target = tmp_path / "elsewhere" / "clinic.db"

    copies.restore(path, target, KEYS, replacing=False, now=NOW)

    assert target.stat().st_mode & 0o077 == 0


def test_restoring_over_a_database_needs_the_word(backup, path):
    before = read_all(path)

    with pytest.raises(StorageError, match="--replace"):
        copies.restore(backup, path, KEYS, replacing=False, now=NOW)

    assert read_all(path) == before


def test_restoring_keeps_the_old_database(backup, path):
    before = read_all(path)

    kept = copies.restore(backup, path, KEYS, replacing=True, now=NOW)

    assert read_all(kept) == before
    assert read_all(path) == read_all(backup)


def test_restoring_keeps_what_was_only_in_the_log(backup, path, tmp_path):
    """As after a power cut: the file and its log as they lay on the disk."""
    with closing(open_store(path, KEYS)) as store:
        with store.write() as db:
            audit.append(db, at=NOW, actor="t", action="last", subject="t")
        crashed = tmp_path / "crashed" / "clinic.db"
        crashed.parent.mkdir()
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", f"{crashed}{suffix}")

    kept = copies.restore(backup, crashed, KEYS, replacing=True, now=NOW)

    with closing(open_store(kept, KEYS)) as store:
        assert audit.latest(store)[0].action == "last"


def test_restoring_while_somebody_reads_loses_nothing_of_the_old_one(backup, path):
    with closing(open_store(path, KEYS)) as reader, closing(open_store(path, KEYS)) as writer:
        reader.connection.execute("BEGIN")
        reader.row("SELECT * FROM patients")
        with writer.write() as db:
            audit.append(db, at=NOW, actor="t", action="last", subject="t")
        try:
            kept = copies.restore(backup, path, KEYS, replacing=True, now=NOW)
        except StorageError:
            kept = path

        with closing(open_store(kept, KEYS)) as store:
            assert audit.latest(store)[0].action == "last"


def test_restoring_from_a_database_with_a_log_brings_the_log_too(tmp_path, path):
    target = tmp_path / "elsewhere" / "clinic.db"
    with closing(open_store(path, KEYS)) as store:
        with store.write() as db:
            audit.append(db, at=NOW, actor="t", action="last", subject="t")

        copies.restore(path, target, KEYS, replacing=False, now=NOW)

    with closing(open_store(target, KEYS)) as restored:
        assert audit.latest(restored)[0].action == "last"


@pytest.mark.parametrize("damage", ["garbage", "page", "empty"])
def test_a_broken_database_can_be_replaced_by_its_backup(tmp_path, backup, damage):
    broken = clinic_at(tmp_path / "data" / "clinic.db")
    match damage:
        case "garbage":
            broken.write_bytes(b"not a database " * 1000)
        case "page":
            _damage(broken, 0)
        case "empty":
            broken.write_bytes(b"")
    remains = broken.read_bytes()

    kept = copies.restore(backup, broken, KEYS, replacing=True, now=NOW)

    assert read_all(broken) == read_all(backup)
    assert kept.read_bytes() == remains


@pytest.fixture
def cut_off(tmp_path):
    """A clinic as a kill left it in the middle of a write that has no log: with its journal."""
    whole, path = clinic_at(tmp_path / "whole" / "clinic.db"), tmp_path / "data" / "clinic.db"
    path.parent.mkdir()
    with closing(connect_bare(whole, KEYS.database)) as writing:
        for sql in ("journal_mode = DELETE", "cache_size = 1", "cache_spill = 1"):
            writing.execute(f"PRAGMA {sql}")
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE patients SET name = ''")
        writing.execute("CREATE TABLE more AS SELECT zeroblob(900000) AS bytes")
        for suffix in ("", "-journal"):
            shutil.copyfile(f"{whole}{suffix}", f"{path}{suffix}")
    return path


@pytest.mark.parametrize("harm", ["gone", "text"])
def test_no_journal_of_a_broken_database_is_played_into_its_backup(cut_off, backup, harm):
    cut_off.unlink()
    if harm == "text":
        cut_off.write_bytes(b"text" * 2000)

    copies.restore(backup, cut_off, KEYS, replacing=True, now=NOW)

    open_store(cut_off, KEYS).close()
    assert read_all(cut_off) == read_all(backup)


def test_a_database_that_was_cut_off_is_read_as_it_was_before(cut_off):
    faults = faults_of(cut_off, KEYS)

    assert faults == []
    with closing(open_store(cut_off, KEYS)) as store:
        assert store.rows("SELECT * FROM patients WHERE name = ''") == []


def test_a_database_keeps_its_journal_when_it_is_set_aside(cut_off):
    journal = Path(f"{cut_off}-journal").read_bytes()

    kept = copies.set_aside(cut_off, NOW)

    assert Path(f"{kept}-journal").read_bytes() == journal
    assert not Path(f"{cut_off}-journal").exists()


def test_restoring_twice_keeps_both(backup, path):
    before = read_all(path)

    first = copies.restore(backup, path, KEYS, replacing=True, now=NOW)
    second = copies.restore(backup, path, KEYS, replacing=True, now=NOW + timedelta(seconds=1))

    assert read_all(first) == before
    assert read_all(second) == read_all(backup)


@pytest.mark.parametrize("damage", ["missing", "garbage", "page"])
def test_a_broken_backup_changes_nothing(tmp_path, path, backup, damage):
    match damage:
        case "missing":
            backup.unlink()
        case "garbage":
            backup.write_bytes(b"not a database " * 1000)
        case "page":
            _damage(backup, 3)
    before = read_all(path)

    with pytest.raises(StorageError, match="Nothing was changed"):
        copies.restore(backup, path, KEYS, replacing=True, now=NOW)

    assert read_all(path) == before
    assert not list(tmp_path.glob("*until*"))


def test_who_waits_while_a_file_is_held_writes_to_the_one_that_takes_its_name(path, backup):
    def write():
        with closing(open_store(path, KEYS)) as store, store.write() as db:
            audit.append(db, at=NOW, actor="t", action="waited", subject="t")

    with ThreadPoolExecutor(1) as pool:
        with held(path, KEYS.database):
            writing = pool.submit(write)
            with pytest.raises(TimeoutError):
                writing.result(timeout=0.3)
            kept = copies.set_aside(path, NOW)
            copies.put_in_place(backup, path)
        writing.result()

    actions = {}
    for file in (path, kept):
        with closing(open_store(file, KEYS)) as store:
            actions[file] = [event.action for event in audit.latest(store, 1)]
    assert actions[path] == ["waited"]
    assert actions[kept] != ["waited"]


@pytest.mark.parametrize("has_read", [False, True])
def test_who_opens_a_file_while_another_takes_its_name_gets_that_one(
    path, backup, monkeypatch, has_read
):
    unlock, kept = connections._unlock, []

    with ExitStack() as holding:

        def exchange(connection, key):
            monkeypatch.setattr(connections, "_unlock", unlock)
            unlock(connection, key)
            if has_read:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            kept.append(copies.set_aside(path, NOW))
            copies.put_in_place(backup, path)
            holding.close()

        holding.enter_context(held(path, KEYS.database))
        monkeypatch.setattr(connections, "_unlock", exchange)
        with closing(connections.connect(path, KEYS.database)) as opened:
            opened.execute("PRAGMA user_version = 77")

    versions = []
    for file in (path, *kept):
        with closing(raw(file)) as found:
            versions.append(found.execute("PRAGMA user_version").fetchone()[0])
    assert versions[0] == 77
    assert versions[1] != 77


def test_who_opens_a_file_between_two_of_its_name_waits(path, tmp_path, monkeypatch):
    away = path.rename(tmp_path / "away.db")
    monkeypatch.setattr(connections.time, "sleep", lambda _: away.exists() and away.rename(path))

    with closing(connections.connect(path, KEYS.database)) as opened:
        assert opened.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0


def test_a_log_that_cannot_be_brought_in_is_not_called_in_use(path, monkeypatch):
    class Full:
        def execute(self, sql):
            if "journal_mode" in sql:
                msg = "database or disk is full"
                raise sqlite3.OperationalError(msg)

        def close(self):
            pass

    monkeypatch.setattr("intake.storage.connections.connect_bare", lambda *_: Full())

    with pytest.raises(StorageError, match="disk is full") as raised, held(path, KEYS.database):
        pytest.fail("it was held")

    assert "in use" not in str(raised.value)
