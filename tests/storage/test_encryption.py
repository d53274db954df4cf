"""Who takes the files and not the key has nothing; who changes a byte is found out."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from sqlite3.dump import _iterdump

import pytest

from intake.core.errors import StorageError
from intake.storage import Keys, audit, copies, database, open_store
from intake.storage.checks import faults_of
from intake.storage.connections import is_plain
from intake.storage.driver import sqlite3
from tests.conftest import KEYS, raw
from tests.storage.builders import NOW, clinic_at

MARKER = "Wilhelmina Q. Marker"
OTHER = Keys(database=b"\x07" * 32, trail=KEYS.trail)
PLAIN = Keys(database=None, trail=KEYS.trail)


def _marked(path, keys):
    """Open a clinic with a marker in it, so that it is in the log as well."""
    database.create(path, keys)
    store = open_store(path, keys)
    for _ in range(50):
        with store.write() as db:
            audit.append(db, at=NOW, actor="t", action="t", subject=MARKER)
    return store


def _holds_marker(folder):
    return any(MARKER.encode() in file.read_bytes() for file in folder.iterdir())


def test_nothing_on_the_disk_can_be_read_without_the_key(tmp_path):
    with closing(_marked(tmp_path / "clinic.db", KEYS)) as store:
        copies.copy_to(store, tmp_path / "backup.db")

        names = {file.name for file in tmp_path.iterdir()}
        assert names >= {"clinic.db", "clinic.db-wal", "backup.db"}
        assert not _holds_marker(tmp_path)


def test_without_a_key_everything_can_be_read(tmp_path):
    """So that the test above could fail."""
    with closing(_marked(tmp_path / "clinic.db", PLAIN)):
        assert _holds_marker(tmp_path)


@pytest.mark.parametrize("keys", [KEYS, PLAIN], ids=["encrypted", "plain"])
def test_what_was_deleted_is_overwritten(tmp_path, keys):
    with closing(_marked(tmp_path / "clinic.db", keys)) as store:
        store.connection.execute("CREATE TABLE shopping (item TEXT)")
        store.connection.execute("INSERT INTO shopping VALUES ('deleted words')")
        store.connection.execute("DELETE FROM shopping")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        assert b"deleted words" not in (tmp_path / "clinic.db").read_bytes()


def test_another_key_opens_nothing_and_changes_nothing(path):
    before = path.read_bytes()

    with pytest.raises(StorageError, match="made with another key, or it is damaged"):
        open_store(path, OTHER)

    assert path.read_bytes() == before
    assert faults_of(path, OTHER) == [
        "no key of this clinic opens it: it was made with another key, or it is damaged"
    ]


def test_a_clinic_that_chose_plain_does_not_open_an_encrypted_one(path):
    with pytest.raises(StorageError, match="is encrypted"):
        open_store(path, PLAIN)


def test_a_plain_database_is_not_taken_in_silence(tmp_path):
    database.create(tmp_path / "clinic.db", PLAIN)

    with pytest.raises(StorageError, match=r"is not encrypted\. Run 'intake keys encrypt'"):
        open_store(tmp_path / "clinic.db", KEYS)


@pytest.mark.parametrize("share", range(1, 20))
def test_one_changed_byte_anywhere_is_found(path, share):
    content = bytearray(path.read_bytes())
    content[len(content) * share // 20] ^= 1
    path.write_bytes(content)

    assert faults_of(path, KEYS) != []


@pytest.mark.parametrize("in_log", [True, False], ids=["in the log", "nowhere else"])
def test_a_torn_page_is_a_fault_only_where_the_log_has_no_whole_one(tmp_path, in_log):
    """As after a power cut, while the log was being brought into the file."""
    (tmp_path / "cut").mkdir()
    cut = tmp_path / "cut/clinic.db"
    with closing(_marked(tmp_path / "clinic.db", KEYS)) as store:
        if not in_log:
            store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = store.row("SELECT rootpage AS n FROM sqlite_master WHERE name = 'audit_events'")["n"]
        for end in ("", "-wal"):
            shutil.copy(tmp_path / f"clinic.db{end}", f"{cut}{end}")
    with cut.open("r+b") as file:
        file.seek((page - 1) * 4096 + 512)
        file.write(bytes(512))

    assert bool(faults_of(cut, KEYS)) is not in_log


def test_an_older_key_tells_that_a_backup_is_sound(path):
    assert faults_of(path, Keys(OTHER.database, KEYS.trail, older=(KEYS.database,))) == []


TAKE_SQLITES_LOCK = """
import fcntl, sys
FIRST, SIZE = 0x40000002, 510  # the bytes that every open connection holds for reading
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SIZE, FIRST)
"""


@pytest.mark.skipif(os.name != "posix", reason="locks are of POSIX")
def test_looking_at_a_file_lets_go_of_no_lock(path):
    """A process that closes a file loses its locks on it, and another then thinks it is alone."""
    with closing(open_store(path, KEYS)) as store:
        store.rows("SELECT 1 FROM patients")
        is_plain(path)
        faults_of(path, KEYS)
        open_store(path, KEYS).close()

        other = subprocess.run(
            [sys.executable, "-c", TAKE_SQLITES_LOCK, str(path)], capture_output=True, check=False
        )

    assert b"BlockingIOError" in other.stderr


def test_a_backup_can_be_restored_elsewhere_and_holds_the_same(path, tmp_path):
    folder = tmp_path / "elsewhere"
    with closing(open_store(path, KEYS)) as store:
        copies.copy_to(store, tmp_path / "backup.db")
    moved = shutil.move(tmp_path / "backup.db", tmp_path / "moved.db")

    copies.restore(moved, folder / "clinic.db", KEYS, replacing=False, now=NOW)

    dumps = []
    for file in (path, folder / "clinic.db"):
        with closing(raw(file)) as connection:
            dumps.append(list(_iterdump(connection)))
    assert dumps[0] == dumps[1]
    assert len(dumps[0]) > 50


@pytest.mark.parametrize("keys", [OTHER, PLAIN], ids=["another key", "no key"])
def test_a_backup_is_not_restored_without_its_key(path, tmp_path, keys):
    with pytest.raises(StorageError, match="no key of this clinic opens it"):
        copies.restore(path, tmp_path / "new/clinic.db", keys, replacing=False, now=NOW)

    assert not (tmp_path / "new").exists()


def test_a_backup_of_before_encryption_comes_in_encrypted(tmp_path):
    backup, target = tmp_path / "old.db", tmp_path / "new" / "clinic.db"
    _marked(backup, PLAIN).close()

    copies.restore(backup, target, KEYS, replacing=False, now=NOW)

    assert not is_plain(target)
    with closing(open_store(target, KEYS)) as store:
        assert audit.latest(store)[0].subject == MARKER


def test_a_backup_of_before_encryption_is_nowhere_written_plain_on_its_way(tmp_path, monkeypatch):
    backup, target = tmp_path / "old.db", tmp_path / "new" / "clinic.db"
    _marked(backup, PLAIN).close()
    copy, plain, seen = copies._rows_copied, [], []

    def look(*given):
        copy(*given)
        seen.extend(target.parent.iterdir())
        plain.extend(file.name for file in seen if MARKER.encode() in file.read_bytes())

    monkeypatch.setattr(copies, "_rows_copied", look)

    copies.restore(backup, target, KEYS, replacing=False, now=NOW)

    assert (bool(seen), plain) == (True, [])


def test_a_plain_database_of_another_program_does_not_get_our_mark(tmp_path):
    backup, target = tmp_path / "old.db", tmp_path / "new" / "clinic.db"
    with closing(_marked(backup, PLAIN)) as store:
        store.connection.execute("PRAGMA application_id = 1")

    with pytest.raises(StorageError, match="not a database of this program"):
        copies.restore(backup, target, KEYS, replacing=False, now=NOW)

    assert not list(target.parent.iterdir())


def test_a_driver_without_encryption_is_told_from_a_wrong_key(path, monkeypatch):
    monkeypatch.setattr("intake.storage.connections.IS_SQLCIPHER", False)

    with pytest.raises(StorageError, match="pip install sqlcipher3"):
        open_store(path, KEYS)


def test_the_whole_program_and_sqlite_utils_catch_what_the_driver_raises(tmp_path):
    with closing(open_store(clinic_at(tmp_path / "clinic.db"), KEYS)) as store:
        table = store.db.table("shopping").create({"item": str}, pk="item")
        table.insert({"item": "milk"})

        table.insert({"item": "milk"}, ignore=True)
        table.insert({"item": "milk", "number": 2}, replace=True, alter=True)

        with pytest.raises(sqlite3.IntegrityError):
            table.insert({"item": "milk"})


IMPORTED_BEFORE = """
import sqlite_utils
theirs = sqlite_utils.Database
from intake.storage.driver import Database, sqlite3
ours = Database(memory=True)
ours["t"].insert({"id": 1}, pk="id")
ours["t"].insert({"id": 1}, pk="id", ignore=True)
assert isinstance(ours.conn, sqlite3.Connection)
assert theirs(memory=True).execute("SELECT 1").fetchone() == (1,)
"""


def test_it_does_not_matter_who_imported_sqlite_utils_before():
    other = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTED_BEFORE], capture_output=True, check=False
    )

    assert (other.returncode, other.stderr) == (0, b"")
