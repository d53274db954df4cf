"""What only a server has: its words, its errors, its schema beside others."""

import re
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from intake.core.errors import StorageError
from intake.storage import audit, open_store, opening
from intake.storage.driver import is_of_the_disk, sqlite3
from intake.storage.postgres.dialect import definition, statement
from intake.storage.trail_check import verdict_of
from tests.conftest import KEYS, NOW
from tests.postgres import CLINICS, Place, server
from tests.storage.builders import add_patients

pytestmark = pytest.mark.of_servers


def _database(place):
    return place.url.rpartition("/")[2]


@pytest.mark.parametrize(
    ("sqlite", "postgres"),
    [
        ("SELECT ? WHERE a = :b", "SELECT %s WHERE a = %(b)s"),
        ("SELECT ':b ? it''s 5 %' , 5 % 2", "SELECT ':b ? it''s 5 %%' , 5 %% 2"),
        ("SELECT a::text, :a", "SELECT a::text, %(a)s"),
        ("a NOT IN ()", "a NOT IN (SELECT NULL WHERE FALSE)"),
        ("FROM a CROSS JOIN b c ON c.d = a.d", "FROM a JOIN b c ON c.d = a.d"),
        ("FROM a CROSS JOIN json_each(a.b) c", "FROM a CROSS JOIN json_each(a.b) c"),
        ("json_group_array(json_array(1))", "json_agg(json_build_array(1))"),
        ("PRAGMA defer_foreign_keys = ON", "SET CONSTRAINTS ALL DEFERRED"),
    ],
)
def test_a_statement_is_said_in_the_other_words(sqlite, postgres):
    assert statement(sqlite) == postgres


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE loose (a TEXT)",
        "CREATE VIRTUAL TABLE words USING fts5 (a)",
        "CREATE TRIGGER a BEFORE INSERT ON b BEGIN UPDATE c SET d = 1; SELECT 1; END SELECT",
    ],
)
def test_what_nobody_has_translated_yet_is_not_guessed_at(sql):
    with pytest.raises(ValueError, match="not"):
        definition(sql)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("NEW.a IS OLD.a", 'NEW."a" IS NOT DISTINCT FROM OLD."a"'),
        ("NEW.a IS NOT OLD.a", 'NEW."a" IS DISTINCT FROM OLD."a"'),
        ("OLD.a IS NOT NULL", 'OLD."a" IS NOT NULL'),
        ("OLD.a IS NULL", 'OLD."a" IS NULL'),
    ],
)
def test_a_trigger_compares_what_may_be_null(condition, said):
    function, _ = definition(
        f"CREATE TRIGGER t BEFORE UPDATE ON u WHEN {condition} BEGIN SELECT RAISE(ABORT, 'no'); END"
    )

    assert f"IF {said} THEN RAISE" in function


def test_a_clinic_leaves_everything_else_in_the_database_alone():
    database = server().new_database()
    server().run("CREATE TABLE patients (theirs text); INSERT INTO patients VALUES ('x')", database)
    place = Place(server().url(database))

    opening.create(place, KEYS)
    opening.discard(place)

    assert server().run("SELECT * FROM patients", database) == [("x",)]
    server().drop(database)


def test_none_is_opened_where_there_is_none_and_none_is_made(place):
    database = server().new_database()
    elsewhere = Place(server().url(database))

    with pytest.raises(StorageError, match="holds no clinic"):
        open_store(elsewhere, KEYS)

    assert not opening.is_there(elsewhere)
    server().drop(database)


def test_one_of_a_newer_version_is_left_as_it_is(place):
    server().run(
        "INSERT INTO intake._sqlite_migrations VALUES (99, 'intake', 'm099_more', '2030')",
        _database(place),
    )

    with pytest.raises(StorageError, match=r"newer version \(m099_more\)"):
        open_store(place, KEYS)


def test_a_database_that_cannot_hold_every_letter_is_refused():
    server().run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")

    with pytest.raises(StorageError, match="is in LATIN1; make one in UTF8"):
        opening.create(Place(server().url("latin")), KEYS)

    server().drop("latin")


def test_lines_are_numbered_without_gaps_whatever_was_taken_back(clinic):
    before = verdict_of(clinic).head.count

    def taken_back():
        with clinic.write() as db:
            audit.append(db, at=NOW, actor="a", action="b", subject="c")
            db.execute("DELETE FROM screenings")

    with pytest.raises(sqlite3.IntegrityError):
        taken_back()

    with clinic.write() as db:
        audit.append(db, at=NOW, actor="a", action="b", subject="c")

    assert verdict_of(clinic).head.count == before + 1
    assert verdict_of(clinic).faults == ()


CHANGES = {
    "a trigger": "CREATE TRIGGER x AFTER INSERT ON intake.answers EXECUTE FUNCTION intake.x()",
    "a trigger at rest": "ALTER TABLE intake.reviews DISABLE TRIGGER reviews_no_delete",
    "a column": "ALTER TABLE intake.patients ADD COLUMN spare text",
    "a key taken out": "ALTER TABLE intake.visits DROP CONSTRAINT visits_pkey",
    "a rule": "CREATE RULE r AS ON INSERT TO intake.cards DO INSTEAD NOTHING",
    "a wall taken down": "ALTER TABLE intake.answers DISABLE ROW LEVEL SECURITY",
    "a door in a wall": "CREATE POLICY p ON intake.answers USING (TRUE)",
    "a view": "CREATE VIEW intake.v AS SELECT 1",
    "a function": "CREATE OR REPLACE FUNCTION intake.instr(words text, part text) RETURNS integer"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1 $$",
}


@pytest.mark.parametrize("sql", CHANGES.values(), ids=CHANGES)
def test_what_another_program_builds_in_is_found(place, sql):
    before = "CREATE FUNCTION intake.x() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'"
    if "intake.x()" in sql:
        server().run(before, _database(place))
    server().run(sql, _database(place))

    with closing(open_store(place, KEYS)) as store:
        assert list(store.structure_faults()) != []
        with pytest.raises(StorageError, match="is not as this program builds it"):
            store.require_sound()


def test_what_no_server_can_keep_is_looked_for_and_not_found(clinic):
    assert clinic.rows("SELECT * FROM responses WHERE id = ?", ["se\0nt"]) == []
    assert clinic.rows("SELECT * FROM responses WHERE id = :id", {"id": "\0"}) == []


def test_an_error_repeats_no_value_of_a_row(clinic):
    with pytest.raises(sqlite3.IntegrityError) as refused, clinic.write() as db:
        db.execute(
            "INSERT INTO patients (id, record_number, name, name_key, birth_date, created_at)"
            " SELECT id, record_number, 'Secret Name', name_key, birth_date, created_at"
            " FROM patients"
        )
    with pytest.raises(sqlite3.Error) as unreadable:
        clinic.db.execute("SELECT sequence FROM screenings WHERE sequence = 'Secret Name'")

    for error in (refused, unreadable):
        said = f"{error.value!r} {error.value.__cause__!r}"
        assert "Secret" not in said
        assert "maria" not in said


def test_what_failed_in_a_block_is_never_taken_for_kept(clinic):
    """A server says nothing when a transaction ends in which a statement failed."""

    def go_on_all_the_same():
        with clinic.write() as db:
            audit.append(db, at=NOW, actor="a", action="lost", subject="c")
            with suppress(sqlite3.OperationalError):
                db.execute("SELECT nonsense")

    with pytest.raises((StorageError, sqlite3.Error)):
        go_on_all_the_same()

    assert clinic.rows("SELECT 1 FROM audit_events WHERE action = 'lost'") == []


def test_a_connection_that_is_cut_is_told_as_a_disk_that_failed(clinic, place):
    server().close_to(_database(place))

    with pytest.raises(sqlite3.OperationalError) as cut:
        clinic.rows("SELECT 1 AS one")

    assert is_of_the_disk(cut.value)


def test_a_block_whose_connection_is_cut_leaves_nothing_and_the_next_one_works(clinic, place):
    def cut_off():
        with clinic.write():
            add_patients(clinic, "Nina")
            server().close_to(_database(place))

    with pytest.raises((StorageError, sqlite3.Error)):
        cut_off()

    with closing(open_store(place, KEYS)) as again:
        assert again.row("SELECT count(*) AS n FROM patients WHERE name = 'Nina'") == {"n": 0}
        add_patients(again, "Olga")
        assert verdict_of(again).faults == ()


def test_what_is_kept_is_on_the_servers_disk_whatever_it_was_set_up_with(place):
    server().run(f"ALTER DATABASE {_database(place)} SET synchronous_commit TO off")

    with closing(open_store(place, KEYS)) as store:
        assert store.row("SHOW synchronous_commit") == {"synchronous_commit": "on"}


def test_a_long_query_is_read_a_few_rows_at_a_time_while_others_write(clinic, place):
    with clinic.write() as db:
        for number in range(450):
            audit.append(db, at=NOW, actor="a", action="b", subject=str(number))
    rows = clinic.each("SELECT subject FROM audit_events WHERE action = 'b' ORDER BY sequence")
    first = next(rows)

    with clinic.write() as db:
        audit.append(db, at=NOW, actor="a", action="b", subject="later")

    assert [first, *rows] == [{"subject": str(number)} for number in range(450)]


def test_a_query_that_is_left_half_read_harms_no_later_block(clinic):
    with clinic.write() as db:
        for number in range(450):
            audit.append(db, at=NOW, actor="a", action="b", subject=str(number))
    everything = "SELECT subject FROM audit_events ORDER BY sequence"
    outside = clinic.each(everything)
    next(outside)
    with clinic.reading():
        inside = clinic.each(everything)
        next(inside)

    with clinic.write() as db:
        audit.append(db, at=NOW, actor="a", action="kept", subject="c")
        inside.close()
        outside.close()

    assert clinic.rows("SELECT subject FROM audit_events WHERE action = 'kept'") == [
        {"subject": "c"}
    ]


def test_those_who_write_at_once_wait_for_each_other(place):
    def write(number):
        with closing(open_store(place, KEYS)) as store, store.write() as db:
            audit.append(db, at=NOW, actor="a", action="b", subject=str(number))

    threads = [Thread(target=write, args=[number]) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)

    with closing(open_store(place, KEYS)) as store:
        assert verdict_of(store).faults == ()
        assert store.row("SELECT count(*) AS n FROM audit_events WHERE action = 'b'") == {"n": 8}


WALLED = ("responses", "answers", "screenings", "reviews", "addenda")


@pytest.mark.parametrize("table", WALLED)
def test_who_sees_some_sites_alone_is_shown_rows_of_no_other(clinic, table):
    rows = f"SELECT count(*) AS n FROM {table}"  # noqa: S608 - of this test
    (everything,) = clinic.rows(rows)

    clinic.see_only({"harbour"})
    (elsewhere,) = clinic.rows(rows)
    clinic.see_only({"harbour", "first"})
    (here,) = clinic.rows(rows)
    clinic.see_only(None)

    assert (elsewhere["n"], here, clinic.rows(rows)) == (0, everything, [everything])
    assert everything["n"] > 0


def test_who_writes_sees_every_site_and_afterwards_only_their_own_again(clinic):
    clinic.see_only({"harbour"})

    with clinic.write():
        seen = clinic.row("SELECT count(*) AS n FROM screenings")
    add_patients(clinic, "Nina")

    assert seen == {"n": 1}
    assert clinic.row("SELECT count(*) AS n FROM screenings") == {"n": 0}
    clinic.see_only(None)
    assert verdict_of(clinic).faults == ()


def test_a_program_that_does_not_say_whose_rows_it_wants_is_shown_none(clinic):
    with closing(psycopg.connect(clinic.url)) as other:
        seen = {
            table: other.execute(f"SELECT count(*) FROM intake.{table}").fetchone()[0]  # noqa: S608
            for table in WALLED
        }

    assert seen == dict.fromkeys(WALLED, 0)


UNDOING = {
    "an account above it": ("ALTER ROLE clinic BYPASSRLS", "wall between sites counts for nothing"),
    "errors": ("ALTER ROLE clinic SET log_min_error_statement TO error", "into its log"),
    "statements": ("ALTER ROLE clinic SET log_statement TO ddl", "into its log"),
    "rows": ("ALTER ROLE clinic SET log_error_verbosity TO verbose", "into its log"),
    "slow ones": ("ALTER ROLE clinic SET log_min_duration_statement TO 500", "into its log"),
}


@pytest.mark.parametrize(("setting", "said"), UNDOING.values(), ids=UNDOING)
def test_a_setting_of_the_server_that_undoes_a_promise_is_told_of(place, setting, said):
    with closing(open_store(place, KEYS)) as store:
        before = store.notes()
    server().run(setting)

    with closing(open_store(place, KEYS)) as store:
        (note,) = store.notes()

    server().run("ALTER ROLE clinic NOBYPASSRLS; ALTER ROLE clinic RESET ALL")
    assert before == []
    assert said in note


def test_what_the_paper_sets_of_the_log_is_all_that_the_start_asks_for(place):
    paper = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
    database = _database(place)
    lines = re.findall(r"ALTER DATABASE clinic SET (\w+) = (.+);", paper)
    for (name, _), worse in zip(lines, ("all", "0", "error", "verbose"), strict=True):
        server().run(f"ALTER DATABASE {database} SET {name} = '{worse}'")
    with closing(open_store(place, KEYS)) as store:
        before = store.notes()
    for name, value in lines:
        server().run(f"ALTER DATABASE {database} SET {name} = {value}")

    with closing(open_store(place, KEYS)) as store:
        after = store.notes()

    assert len(before) == 1
    assert after == []


def test_an_empty_clinic_is_the_same_wherever_it_is_made(empty, tmp_path):
    opening.create(tmp_path / "new.db", KEYS)

    with closing(open_store(tmp_path / "new.db", KEYS)) as file:
        assert empty.columns() == file.columns()
        assert empty.tables() == file.tables()
        assert empty.counters().keys() == file.counters().keys() | empty.counters().keys()


def test_clinics_of_tests_do_not_see_each_other(empty_bytes):
    one, other = CLINICS.new(empty_bytes, KEYS), CLINICS.new(empty_bytes, KEYS)
    with closing(open_store(one, KEYS)) as store:
        add_patients(store, "Nina")

    with closing(open_store(other, KEYS)) as store:
        assert store.rows("SELECT * FROM patients") == []
    for place in (one, other):
        CLINICS.drop(place)
