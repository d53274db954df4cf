"""The oldest schema, with rows, is kept in `oldest.sql` and must open for ever."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.core.errors import StorageError
from intake.storage import audit, cases, database, open_store, packs_kept, people, visits
from tests.conftest import KEYS, raw
from tests.storage.builders import ADA, DECISION, MARIA, PACK, SCREENING, SIGNED, everything

OLDEST = (Path(__file__).parent / "oldest.sql").read_text(encoding="utf-8")


@pytest.fixture
def oldest(tmp_path):
    path = tmp_path / "clinic.db"
    with closing(raw(path)) as connection:
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        connection.executescript(OLDEST)
    return path


def _schema(path):
    with closing(open_store(path, KEYS)) as store:
        return sorted(
            row["sql"] for row in store.rows("SELECT sql FROM sqlite_master") if row["sql"]
        )


def test_the_oldest_database_gets_the_schema_of_a_new_one(oldest, tmp_path):
    new = tmp_path / "new.db"
    database.create(new, KEYS)

    database.bring_up_to_date(oldest, KEYS)

    assert _schema(oldest) == _schema(new)


def test_the_oldest_database_keeps_its_rows_readable(oldest):
    database.bring_up_to_date(oldest, KEYS)

    with closing(open_store(oldest, KEYS)) as store:
        case = cases.case(store, "sent")
        assert case.patient == MARIA
        assert case.screening.screening == SCREENING
        assert case.reviews[0].decision == DECISION
        assert case.response.signature == SIGNED
        assert case.addenda[0].text == "Called her."
        assert visits.visit(store, "visit-token").response_id == "draft"
        assert people.practitioners(store) == [ADA]
        assert packs_kept.in_force(store) == PACK
        assert [event.action for event in audit.latest(store)] == ["trail sealed", "decided"]


def test_a_session_of_before_can_be_ended_by_name_and_is_not_fresh(oldest):
    database.bring_up_to_date(oldest, KEYS)

    with closing(open_store(oldest, KEYS)) as store:
        (session,) = people.sessions_of(store, ADA.id)
        assert len(session.id) == 32
        assert session.confirmed_at is None
        with store.write() as db:
            assert people.end_session_of(db, ADA.id, session.id, session.seen_at)


def test_a_one_time_password_of_before_lapses_as_others_do(oldest):
    with closing(raw(oldest)) as connection:
        connection.execute("UPDATE practitioners SET must_change_password = 1")
        connection.commit()
    before = datetime.now(UTC)

    database.bring_up_to_date(oldest, KEYS)

    with closing(open_store(oldest, KEYS)) as store:
        (ada,) = people.practitioners(store)
        assert timedelta(hours=71) < ada.one_time_until - before < timedelta(hours=73)


def test_migrations_are_applied_once(oldest):
    database.bring_up_to_date(oldest, KEYS)

    assert database.bring_up_to_date(oldest, KEYS) == []


def test_a_new_database_lacks_no_migration(empty):
    assert empty._pending() == []


def test_bringing_up_to_date_names_what_was_missing(tmp_path):
    path = tmp_path / "clinic.db"
    with closing(raw(path)) as connection:
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 0")

    applied = database.bring_up_to_date(path, KEYS)

    assert applied[0] == "m001_first_tables"
    with closing(open_store(path, KEYS)) as store:
        assert everything(store)["patients"] == []


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path):
    path = tmp_path / "clinic.db"
    with closing(raw(path)) as connection:
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        connection.execute("CREATE TABLE audit_events (in_the_way TEXT)")

    with pytest.raises(StorageError):
        database.bring_up_to_date(path, KEYS)

    with closing(raw(path)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "practitioners" not in tables


def test_a_migration_that_failed_is_finished_by_the_next_start(tmp_path):
    path = tmp_path / "clinic.db"
    with closing(raw(path)) as connection:
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        connection.execute("CREATE TABLE audit_events (in_the_way TEXT)")
    with pytest.raises(StorageError):
        database.bring_up_to_date(path, KEYS)
    with closing(raw(path)) as connection:
        connection.execute("DROP TABLE audit_events")

    assert database.bring_up_to_date(path, KEYS)[0] == "m001_first_tables"
