from contextlib import closing

import pytest

from intake.core.errors import StorageError
from intake.storage import database, open_store
from intake.storage.checks import faults_of
from intake.storage.driver import sqlite3
from tests.conftest import KEYS, raw


def _foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE shopping (item TEXT)")
        connection.execute("INSERT INTO shopping VALUES ('milk')")
        connection.commit()


def _nothing(path):
    path.touch()


def _text(path):
    path.write_text("name,date\n" * 500)


NOT_OURS = pytest.mark.parametrize(
    "make", [_foreign, _nothing, _text], ids=lambda make: make.__name__[1:]
)


def test_a_missing_database_is_refused_and_not_made_anew(tmp_path):
    with pytest.raises(StorageError, match="There is no database"):
        open_store(tmp_path / "clinic.db", KEYS)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path):
    with pytest.raises(StorageError):
        open_store(tmp_path, KEYS)


@NOT_OURS
def test_a_file_that_is_not_ours_is_refused(tmp_path, make):
    path = tmp_path / "other.db"
    make(path)

    with pytest.raises(StorageError):
        open_store(path, KEYS)


@NOT_OURS
def test_a_file_that_is_not_ours_is_left_as_it_was(tmp_path, make):
    path = tmp_path / "other.db"
    make(path)
    before = path.read_bytes()

    with pytest.raises(StorageError):
        open_store(path, KEYS)

    assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_refused(path):
    with closing(raw(path)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('intake', 'm999_of_tomorrow', '2099-01-01')"
        )
        connection.commit()

    with pytest.raises(StorageError):
        open_store(path, KEYS)


def test_create_leaves_an_existing_file_alone(path):
    before = path.read_bytes()

    with pytest.raises(StorageError, match="already exists"):
        database.create(path, KEYS)

    assert path.read_bytes() == before


def test_create_makes_the_folders_above(tmp_path):
    path = tmp_path / "a" / "b" / "clinic.db"

    database.create(path, KEYS)

    assert faults_of(path, KEYS) == []


def test_only_its_owner_can_read_a_new_database(tmp_path):
    path = tmp_path / "data" / "clinic.db"

    database.create(path, KEYS)

    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.of_files
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
    ],
)
def test_every_connection_puts_durability_first(clinic, pragma, value):
    assert clinic.connection.execute(f"PRAGMA {pragma}").fetchone()[0] == value


def test_ids_and_tokens_are_long_and_never_the_same(clinic):
    made = {clinic.new_id() for _ in range(100)} | {clinic.new_token() for _ in range(100)}

    assert len(made) == 200
    assert min(map(len, made)) >= 32


@pytest.mark.parametrize("digits", [1, 7, 8])
def test_a_number_to_read_out_has_its_digits_and_no_leading_zero(clinic, digits):
    numbers = {clinic.new_number(digits, lambda _: False) for _ in range(200)}

    assert {len(n) for n in numbers} == {digits}
    assert not any(n.startswith("0") for n in numbers)


def test_a_number_that_somebody_has_is_drawn_again_and_longer_once_all_are_taken(clinic):
    taken = set()
    for _ in range(40):
        taken.add(clinic.new_number(1, taken.__contains__))

    assert len(taken) == 40
    assert {len(number) for number in taken} == {1, 2}
