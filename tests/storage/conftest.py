"""Small clinics with a few rows, made once and copied; the rules in them are a stand-in."""

import pytest

from intake.storage import database, open_store
from tests.storage.builders import clinic_at


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
    store = open_store(path)
    yield store
    store.close()


@pytest.fixture
def empty(tmp_path):
    """A clinic without a single row, open."""
    place = tmp_path / "empty.db"
    database.create(place)
    store = open_store(place)
    yield store
    store.close()
