"""The database under another key: at once, proven, and never while somebody works."""

from contextlib import closing

import pytest

from intake.core.errors import StorageError
from intake.storage import Keys, database, open_store
from intake.storage.checks import opens
from intake.storage.connections import is_plain
from intake.storage.rekeying import put_under
from tests.conftest import KEYS
from tests.storage.builders import everything, read_all

NEW = Keys(database=b"\x09" * 32, trail=KEYS.trail)
PLAIN = Keys(database=None, trail=KEYS.trail)


def _nothing():
    pass


@pytest.fixture
def before(path):
    return read_all(path)


def test_the_new_key_opens_the_same_and_the_old_one_nothing(path, before):
    put_under(path, KEYS, NEW.database, _nothing)

    with closing(open_store(path, NEW)) as store:
        assert everything(store) == before
    assert not opens(path, KEYS.database)


def test_it_leaves_one_file(path):
    put_under(path, KEYS, NEW.database, _nothing)

    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_new_file_is_for_its_owner_alone(path):
    put_under(path, KEYS, NEW.database, _nothing)

    assert path.stat().st_mode & 0o077 == 0


def test_a_plain_database_is_encrypted(tmp_path):
    path = tmp_path / "clinic.db"
    database.create(path, PLAIN)

    put_under(path, PLAIN, KEYS.database, _nothing)

    assert not is_plain(path)
    with closing(open_store(path, KEYS)) as store:
        assert store.row("PRAGMA user_version") is not None


def test_what_was_only_in_the_log_of_a_plain_database_is_not_lost(tmp_path):
    path, copied = tmp_path / "clinic.db", tmp_path / "crashed" / "clinic.db"
    database.create(path, PLAIN)
    copied.parent.mkdir()
    with closing(open_store(path, PLAIN)) as store:
        store.connection.execute("INSERT INTO sites (id, name) VALUES ('north', 'North')")
        for suffix in ("", "-wal"):
            copied.with_name(copied.name + suffix).write_bytes(
                path.with_name(path.name + suffix).read_bytes()
            )

    put_under(copied, PLAIN, KEYS.database, _nothing)

    with closing(open_store(copied, KEYS)) as store:
        assert store.row("SELECT name FROM sites WHERE id = 'north'") == {"name": "North"}


def test_it_is_refused_while_somebody_works(path):
    with closing(open_store(path, KEYS)) as store:
        store.rows("SELECT 1 FROM patients")

        with pytest.raises(StorageError, match=r"in use\. Stop the server"):
            put_under(path, KEYS, NEW.database, _nothing)

    assert opens(path, KEYS.database)


def test_what_cannot_be_proven_changes_nothing(path, before, monkeypatch):
    monkeypatch.setattr("intake.storage.rekeying.faults_of", lambda *_: ["a page is missing"])
    called = []

    with pytest.raises(StorageError, match=r"left as it is: .*a page is missing"):
        put_under(path, KEYS, NEW.database, lambda: called.append(1))

    assert read_all(path) == before
    assert called == []
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_copy_that_lacks_a_row_is_refused(path, before, monkeypatch):
    counted = iter([{"patients": 2}, {"patients": 1}])
    monkeypatch.setattr("intake.storage.rekeying._rows", lambda *_: next(counted))

    with pytest.raises(StorageError, match="does not hold what the database holds"):
        put_under(path, KEYS, NEW.database, _nothing)

    assert read_all(path) == before


def test_a_damaged_database_is_left_as_it_is(path):
    content = bytearray(path.read_bytes())
    content[5 * 4096 + 100] ^= 1
    path.write_bytes(content)

    with pytest.raises(StorageError):
        put_under(path, KEYS, NEW.database, _nothing)

    assert opens(path, KEYS.database)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
