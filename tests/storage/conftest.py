"""Small clinics with a few rows, made once and copied; the rules in them are a stand-in."""

from contextlib import closing

import pytest

from intake.storage import database, open_store
from tests.conftest import KEYS, raw
from tests.storage.builders import clinic_at
from tests.storage.test_migrations import OLDEST


@pytest.fixture(scope="session")
def filled_bytes(tmp_path_factory):
    """The bytes of a small clinic, nothing left in its log."""
    return clinic_at(tmp_path_factory.mktemp("filled") / "clinic.db").read_bytes()


@pytest.fixture
def path(tmp_path, filled_bytes):
    """Where a small clinic lies."""
    place = tmp_path / "clinic.db"
    place.write_bytes(filled_bytes)
    return place


@pytest.fixture
def clinic(path):
    """The small clinic, open."""
    store = open_store(path, KEYS)
    yield store
    store.close()


@pytest.fixture
def empty(tmp_path):
    """A clinic without a single row, open."""
    place = tmp_path / "empty.db"
    database.create(place, KEYS)
    store = open_store(place, KEYS)
    yield store
    store.close()


@pytest.fixture
def migrated(tmp_path):
    """The oldest clinic there is, brought up to date, open."""
    path = tmp_path / "clinic.db"
    with closing(raw(path)) as connection:
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        connection.executescript(OLDEST)
    database.bring_up_to_date(path, KEYS)
    store = open_store(path, KEYS)
    yield store
    store.close()
