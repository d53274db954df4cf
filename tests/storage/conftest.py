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
def place(tmp_path, filled_bytes, put_clinic):
    """Where a small clinic is kept."""
    return put_clinic(tmp_path / "clinic.db", filled_bytes)


@pytest.fixture
def path(place):
    """The file of a small clinic; whoever looks at it is about files alone."""
    return place


@pytest.fixture
def clinic(place):
    """The small clinic, open."""
    store = open_store(place, KEYS)
    yield store
    store.close()


@pytest.fixture
def empty(tmp_path, put_clinic, empty_bytes):
    """A clinic without a single row, open."""
    store = open_store(put_clinic(tmp_path / "empty.db", empty_bytes), KEYS)
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
