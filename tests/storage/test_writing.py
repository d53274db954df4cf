from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from time import monotonic

import pytest

from intake.core.errors import StorageError
from intake.storage import audit, open_store
from intake.storage.database import SqliteStore
from intake.storage.driver import sqlite3
from tests.conftest import KEYS
from tests.storage.builders import NOW, everything

THREADS = 8
ROUNDS = 20


class OddError(Exception):
    pass


def _note(db, action):
    audit.append(db, at=NOW, actor="test", action=action, subject="writing")


def _note_all(store, *actions, then=None):
    """Note several actions in one block, and end it with an error if one is given."""
    with store.write() as db:
        for action in actions:
            _note(db, action)
        if then is not None:
            raise then


def _noted(store):
    return [event.action for event in audit.of_subject(store, "writing")]


def test_a_block_that_ends_well_is_kept(clinic, place):
    _note_all(clinic, "one", "two")

    with closing(open_store(place, KEYS)) as other:
        assert _noted(other) == ["one", "two"]


@pytest.mark.parametrize("error", [OddError, sqlite3.IntegrityError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_nothing(clinic, error):
    before = everything(clinic)

    with pytest.raises(error):
        _note_all(clinic, "one", "two", then=error())

    assert everything(clinic) == before


def test_a_block_is_invisible_to_others_until_it_ends(clinic, place):
    with closing(open_store(place, KEYS)) as other, clinic.write() as db:
        _note(db, "one")

        assert _noted(other) == []


def test_a_block_inside_another_belongs_to_it(clinic, place):
    with clinic.write() as outer:
        _note(outer, "outer")
        with clinic.write() as inner:
            _note(inner, "inner")
        with closing(open_store(place, KEYS)) as other:
            assert _noted(other) == []

    assert _noted(clinic) == ["outer", "inner"]


def test_a_failing_outer_block_takes_the_inner_one_back(clinic):
    def outer():
        with clinic.write():
            _note_all(clinic, "inner")
            raise OddError

    with pytest.raises(OddError):
        outer()

    assert _noted(clinic) == []


def test_after_a_failure_the_next_block_is_kept(clinic, place):
    with pytest.raises(OddError):
        _note_all(clinic, "before", then=OddError())

    with clinic.write() as db:
        _note(db, "after")

    with closing(open_store(place, KEYS)) as other:
        assert _noted(other) == ["after"]


def test_reading_before_and_inside_a_block_does_not_end_it(clinic):
    def write():
        with clinic.write() as db:
            _note(db, "one")
            clinic.row("SELECT * FROM patients")
            clinic.rows("SELECT * FROM patients")
            raise OddError

    with pytest.raises(OddError):
        write()

    assert _noted(clinic) == []


def test_reading_then_writing_never_fails_for_anybody(place):
    """The whole reason for taking the lock first: a deferred transaction would fail here."""
    together = Barrier(THREADS, timeout=60)

    def count_up(_):
        with closing(open_store(place, KEYS)) as store:
            together.wait()
            for _ in range(ROUNDS):
                with store.write() as db:
                    seen = len(_noted(store))
                    _note(db, str(seen))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count_up, range(THREADS)))

    with closing(open_store(place, KEYS)) as store:
        assert _noted(store) == [str(n) for n in range(THREADS * ROUNDS)]


@pytest.fixture
def held(place):
    """Somebody else, who holds the write lock."""
    with closing(open_store(place, KEYS)) as other:
        if isinstance(other, SqliteStore):
            other.connection.execute("BEGIN IMMEDIATE")
        else:
            other.connection.run("BEGIN; SELECT * FROM sqlite_sequence FOR UPDATE")
        yield other


@pytest.fixture
def impatient(clinic):
    patience = "PRAGMA busy_timeout = 20"
    if not isinstance(clinic, SqliteStore):
        patience = "SET lock_timeout TO '20ms'"
    clinic.connection.execute(patience)
    return clinic


def test_a_locked_database_is_a_storage_error(impatient, held):
    with pytest.raises(StorageError, match="Nothing was saved"), impatient.write():
        pytest.fail("the block was entered without the lock")


def test_a_locked_database_can_still_be_read(impatient, held):
    assert impatient.row("SELECT count(*) AS n FROM patients") == {"n": 1}


def test_writing_works_again_once_the_lock_is_free(impatient, held):
    with pytest.raises(StorageError), impatient.write():
        pass
    held.connection.rollback()

    with impatient.write() as db:
        _note(db, "after")

    assert _noted(impatient) == ["after"]


@pytest.mark.of_files
def test_who_waits_for_others_of_the_program_waits_no_longer_in_all(place, held):
    """Each would otherwise wait for those before it, and then as long once more."""

    def refused_after(_):
        with closing(open_store(place, KEYS)) as store:
            store.connection.execute("PRAGMA busy_timeout = 1000")
            begun = monotonic()
            with pytest.raises(StorageError, match="Nothing was saved"), store.write():
                pass
            return monotonic() - begun

    with ThreadPoolExecutor(THREADS) as pool:
        waits = list(pool.map(refused_after, range(THREADS)))

    assert max(waits) < THREADS / 2


def _note_in_another_thread(store):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_note_all, store, "after").result()


def test_a_block_that_failed_leaves_the_turn_to_other_threads(clinic):
    with pytest.raises(OddError):
        _note_all(clinic, "before", then=OddError())

    _note_in_another_thread(clinic)

    assert _noted(clinic) == ["after"]


def test_a_lock_that_could_not_be_had_leaves_the_turn_to_other_threads(impatient, held):
    with pytest.raises(StorageError), impatient.write():
        pass
    held.connection.rollback()

    _note_in_another_thread(impatient)

    assert _noted(impatient) == ["after"]


@pytest.fixture
def full(clinic):
    """A clinic whose disk takes nothing more."""
    pages = clinic.connection.execute("PRAGMA page_count").fetchone()[0]
    clinic.connection.execute(f"PRAGMA max_page_count = {pages}")
    return clinic


@pytest.mark.of_files
def test_a_full_disk_is_a_storage_error_and_saves_nothing(full):
    before = everything(full)

    with pytest.raises(StorageError, match="Nothing was saved"):
        _note_all(full, "one", "long " * 10_000)

    assert everything(full) == before


@pytest.mark.of_files
def test_writing_works_again_once_the_disk_has_room(full, place):
    with pytest.raises(StorageError):
        _note_all(full, "long " * 10_000)
    full.connection.execute("PRAGMA max_page_count = 100000")

    with full.write() as db:
        _note(db, "after")

    with closing(open_store(place, KEYS)) as other:
        assert _noted(other) == ["after"]


def test_a_commit_that_is_refused_leaves_nothing_half_done(clinic):
    """A reference that is checked at the end only is refused by the commit itself."""

    def write():
        with clinic.write() as db:
            db.execute("PRAGMA defer_foreign_keys = ON")
            db.execute(
                "INSERT INTO visits (token_hash, response_id, opened_at)"
                " VALUES ('t', 'no such response', '')"
            )

    with pytest.raises(sqlite3.IntegrityError):
        write()

    with clinic.write() as db:
        _note(db, "after")

    assert not clinic.connection.in_transaction
    assert _noted(clinic) == ["after"]
