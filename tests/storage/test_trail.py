# ruff: noqa: S608 - the statements are those of somebody who tampers
"""Whoever writes to the file by hand is found out: the trail is keyed, and the file has no key."""

import tracemalloc
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.core.chain import head_of, line_mac
from intake.storage import Keys, audit, database, open_store, structure, trail
from intake.storage import responses as stored
from intake.storage.database import SqliteStore
from intake.storage.driver import sqlite3
from intake.storage.heads import KeptHead
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.migrations import MIGRATIONS
from intake.storage.trail_check import lines_of, verdict_of
from intake.storage.trail_records import record_faults
from tests.conftest import KEYS
from tests.storage.builders import ADA, DRAFT, NOW, add_patients, by_hand, everything, put_aside
from tests.storage.test_migrations import OLDEST

ANOTHER = Keys(database=KEYS.database, trail=bytes(32))
LINES = 9


@pytest.fixture
def clinic(place):
    """The small clinic with a few more lines in its trail, one transaction each.

    The first line tells of the site that every clinic begins with, the second of the small clinic.
    """
    store = open_store(place, KEYS)
    for number in range(1, LINES - 1):
        with store.write() as db:
            stored.add_response(db, replace(DRAFT, id=f"form-{number}", begun_at=_at(number)))
            _line(db, f"form-{number}", minutes=number)
    yield store
    store.close()


def _at(minutes):
    return NOW + timedelta(minutes=minutes)


def _line(db, subject, *, action="intake begun", minutes=0):
    audit.append(db, at=_at(minutes), actor=ADA.id, action=action, subject=subject)


def tamper(store, *statements):
    by_hand(store.connection, *statements)


@contextmanager
def erasing(store):
    """Put the triggers aside that keep records for ever, as an erasure has to."""

    def keeps(name, table):
        return "_no_" in name and not table.startswith("audit_")

    with put_aside(store.connection, keeps):
        yield


def drop_triggers(store, which="TRUE"):
    found = f"SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND {which}"
    on = "" if isinstance(store, SqliteStore) else " ON {tbl_name}"
    for row in store.rows(found):
        store.connection.execute(f"DROP TRIGGER {row['name']}{on.format(**row)}")


def faults(store, **wanted):
    return verdict_of(store, **wanted).faults


def only(store, **wanted):
    """Return the one fault there is."""
    (fault,) = faults(store, **wanted)
    return fault


def test_a_trail_that_nobody_touched_has_no_fault(clinic):
    found = verdict_of(clinic)

    assert found.faults == ()
    assert found.head.count == LINES
    assert len(found.head.mac) == 64


def test_the_key_is_in_no_table(clinic):
    contents = str(everything(clinic))

    assert KEYS.trail.hex() not in contents
    assert repr(KEYS.trail) not in contents


EDITS = {
    "an actor": "UPDATE audit_events SET actor = 'eve' WHERE sequence = 4",
    "an act": "UPDATE audit_events SET action = 'case read' WHERE sequence = 4",
    "a subject": "UPDATE audit_events SET subject = 'form-7' WHERE sequence = 4",
    "a moment": "UPDATE audit_events SET at = replace(at, '09:32', '09:33') WHERE sequence = 4",
    "a fact": "UPDATE audit_events SET detail = '{\"a\":1}' WHERE sequence = 4",
    "a seal": "UPDATE audit_events SET mac = replace(mac, substr(mac, 9, 1), 'x')"
    " WHERE sequence = 4",
    "the records": "UPDATE audit_events SET records = '' WHERE sequence = 4",
}


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS)
def test_an_edited_line_is_named(clinic, statement):
    tamper(clinic, statement)

    first = faults(clinic)[0]

    assert first.startswith("Line 4 of 2026-06-15 09:3")
    assert first.endswith("was edited.")


def test_a_line_without_its_seal_is_named(clinic):
    tamper(clinic, "UPDATE audit_events SET mac = '' WHERE sequence = 4")

    assert faults(clinic)[0] == (
        "Line 4 of 2026-06-15 09:32 was never sealed: it was put in outside the program."
    )


def test_a_missing_line_is_named(clinic):
    tamper(clinic, "DELETE FROM audit_events WHERE sequence = 4")

    assert faults(clinic)[0] == "Line 4 is missing: behind line 3 comes line 5."


def test_missing_lines_are_named(clinic):
    tamper(clinic, "DELETE FROM audit_events WHERE sequence BETWEEN 1 AND 3")

    assert faults(clinic)[0] == "Lines 1 to 3 are missing: behind the beginning comes line 4."


def test_a_missing_line_is_found_though_the_others_moved_up(clinic):
    tamper(
        clinic,
        "DELETE FROM audit_events WHERE sequence = 4",
        "UPDATE audit_events SET sequence = sequence - 1 WHERE sequence > 4",
    )

    assert faults(clinic)[0] == (
        "Line 4 of 2026-06-15 09:33 is one too early: a line before it was taken out, and the"
        " others moved up."
    )


def test_an_inserted_line_is_named(clinic):
    tamper(
        clinic,
        "UPDATE audit_events SET sequence = -sequence - 1 WHERE sequence >= 4",
        "UPDATE audit_events SET sequence = -sequence WHERE sequence < 0",
        "INSERT INTO audit_events SELECT 4, at, actor, action, subject, detail, records, mac"
        " FROM audit_events WHERE sequence = 3",
    )

    assert faults(clinic)[0] == (
        "Line 4 of 2026-06-15 09:31 was put in outside the program, and those behind it moved on."
    )


def test_a_line_put_in_at_the_end_is_named(clinic):
    tamper(
        clinic,
        "INSERT INTO audit_events (at, actor, action, subject, detail)"
        " VALUES ('2026-06-15T10:00:00.000000Z', 'eve', 'decided', 'sent', '{}')",
    )

    assert faults(clinic)[0] == (
        "Line 10 of 2026-06-15 10:00 was never sealed: it was put in outside the program."
    )


@pytest.mark.parametrize(("one", "other"), [(4, 5), (3, 7)])
def test_lines_in_another_order_are_named(clinic, one, other):
    tamper(
        clinic,
        f"UPDATE audit_events SET sequence = 99 WHERE sequence = {one}",
        f"UPDATE audit_events SET sequence = {one} WHERE sequence = {other}",
        f"UPDATE audit_events SET sequence = {other} WHERE sequence = 99",
    )

    first = faults(clinic)[0]

    assert first.startswith(f"Line {one} of ")
    assert first.endswith(f"is line {other} in another place: lines were put in another order.")


def test_a_trail_under_another_key_is_said_to_be_so(clinic, place):
    with closing(open_store(place, ANOTHER)) as stranger:
        assert faults(stranger)[0].startswith("No line fits its seal: this is not the key")


def test_a_whole_trail_made_anew_under_another_key_fits_no_seal(clinic, place):
    with closing(open_store(place, ANOTHER)) as forger:
        rows = forger.rows("SELECT * FROM audit_events ORDER BY sequence")
        tamper(forger, "DELETE FROM audit_records", "DELETE FROM audit_events")
        for row in rows:
            with forger.write() as db:
                db.table("audit_events").insert({**row, "records": "", "mac": ""})

    assert faults(clinic)[0].startswith("No line fits its seal")


RECORDS = {
    "an answer": (
        (
            "UPDATE answers SET value = replace(value, 'no', 'na')"
            " WHERE response_id = 'sent' AND link_id = 'smoker'"
        ),
        "an answer of the form sent",
    ),
    "a draft's answer": (
        "UPDATE answers SET value = '\"yes\"' WHERE response_id = 'draft' AND link_id = 'smoker'",
        "an answer of the form draft",
    ),
    "a form": ("UPDATE responses SET receipt = '1' WHERE id = 'sent'", "the form sent"),
    "a finding": (
        "UPDATE screenings SET content = replace(content, 'defer', 'dafer')",
        "the screening s1",
    ),
    "a triage": ("UPDATE screenings SET triage = 'routine'", "the screening s1"),
    "a decision": ("UPDATE reviews SET by_name = 'Eve'", "the decision r1"),
    "an addendum": ("UPDATE addenda SET text = 'Nothing.'", "the addendum a1"),
    "a patient": ("UPDATE patients SET birth_date = '1988-03-13'", "the patient maria-id"),
    "an account": ("UPDATE practitioners SET role = 'administrator'", "the account ada-id"),
    "a pack": ("UPDATE packs SET files = '{}'", "the rule pack pack-hash"),
    "a tablet": ("UPDATE tablets SET name = 'x'", "the tablet t1"),
    "an activation": ("UPDATE activations SET by = 'eve'", "the activation 1"),
}


@pytest.mark.parametrize(("statement", "named"), RECORDS.values(), ids=RECORDS)
def test_a_record_changed_by_hand_is_named_with_the_line_that_knew_it(clinic, statement, named):
    tamper(clinic, statement)

    assert only(clinic) == (
        f"Line 2 of 2026-06-15 09:30 says that {named} read otherwise: it was changed outside the"
        " program."
    )


def test_a_record_taken_out_by_hand_is_named(clinic):
    tamper(clinic, "DELETE FROM addenda")

    assert only(clinic) == (
        "The addendum a1 is gone, and no line says so; line 2 of 2026-06-15 09:30 still speaks of"
        " it."
    )


def test_an_answer_taken_out_by_hand_is_named(clinic):
    tamper(clinic, "DELETE FROM answers WHERE response_id = 'sent' AND link_id = 'smoker'")

    assert faults(clinic)[0].startswith("An answer of the form sent is gone")


def test_a_record_put_in_by_hand_is_named(clinic):
    tamper(
        clinic,
        "INSERT INTO reviews SELECT 'r2', response_id, screening_id, 2, disposition,"
        " until, decision, by, by_name, by_role, at FROM reviews",
    )

    assert only(clinic) == (
        "No line speaks of the decision r2: it was put in outside the program, or the lines about"
        " it were cut."
    )


def test_two_records_that_changed_places_are_both_named(clinic):
    tamper(
        clinic,
        "UPDATE answers SET response_id = 'x' WHERE response_id = 'form-1'",
        "UPDATE answers SET response_id = 'form-1' WHERE response_id = 'form-2'",
        "UPDATE answers SET response_id = 'form-2' WHERE response_id = 'x'",
        "UPDATE responses SET id = 'x' WHERE id = 'form-1'",
        "UPDATE responses SET id = 'form-1' WHERE id = 'form-2'",
        "UPDATE responses SET id = 'form-2' WHERE id = 'x'",
    )

    found = faults(clinic)

    assert {one.split(" says that ")[1].split(" read ")[0] for one in found} == {
        "an answer of the form form-1",
        "an answer of the form form-2",
        "the form form-1",
        "the form form-2",
    }


def test_an_edit_is_not_made_good_by_the_next_honest_line(clinic):
    tamper(
        clinic,
        "UPDATE answers SET value = '\"yes\"' WHERE response_id = 'draft' AND link_id = 'smoker'",
    )

    with clinic.write() as db:
        stored.put_answers(db, "draft", {"birth_date": "1988-03-13"}, NOW, language="en")
        _line(db, "draft", action="page saved")

    assert [one for one in faults(clinic) if "an answer of the form draft" in one]


def test_an_edit_with_the_triggers_in_place_is_nobodys_act(clinic):
    clinic.connection.execute("UPDATE patients SET name = 'Eve'")

    with clinic.write() as db:
        _line(db, "sent", action="case read")

    assert "the patient maria-id read otherwise" in faults(clinic)[0]


def test_an_older_version_of_a_record_cannot_be_put_back(clinic):
    old = clinic.row("SELECT value FROM answers WHERE response_id = 'draft' AND link_id = 'smoker'")
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"smoker": "yes"}, NOW, language="en")
        _line(db, "draft", action="page saved")
    said = clinic.rows("SELECT * FROM audit_records WHERE record LIKE 'answers/draft/%'")
    name = next(row["record"] for row in said if row["sequence"] == LINES + 1)
    tamper(
        clinic,
        f"UPDATE answers SET value = '{old['value']}' WHERE link_id = 'smoker'",
        "UPDATE audit_records SET digest = (SELECT digest FROM audit_records AS first WHERE"
        f" first.record = '{name}' AND sequence = 2) WHERE record = '{name}'",
    )

    assert faults(clinic)[0] == (
        "Line 10 of 2026-06-15 09:30: what it says of records was changed outside the program."
    )


def test_what_is_said_of_records_behind_the_last_line_is_found(clinic):
    tamper(clinic, "INSERT INTO audit_records VALUES ('reviews/r1', 99, 'x')")

    assert faults(clinic)[0].startswith("Something is said of records that belongs to no line")


def test_a_tail_cut_by_hand_shows_in_the_counter_and_in_the_records(clinic):
    tamper(
        clinic,
        "DELETE FROM audit_records WHERE sequence > 6",
        "DELETE FROM audit_events WHERE sequence > 6",
    )

    found = faults(clinic)

    assert found[0] == (
        "The trail ends with line 6, but lines 7 to 9 were written: its end was cut."
    )
    assert any("No line speaks of the form form-7" in one for one in found)


LAST_LINE_CUT = (
    "DELETE FROM audit_records WHERE sequence = 9",
    "DELETE FROM audit_events WHERE sequence = 9",
    "DELETE FROM answers WHERE response_id = 'form-7'",
    "DELETE FROM responses WHERE id = 'form-7'",
    "UPDATE sqlite_sequence SET seq = 8 WHERE name = 'audit_events'",
)
"""The last line and all it was about, as if neither had been written."""


def test_a_tail_cut_with_all_it_was_about_is_found_by_a_head_kept_elsewhere(clinic):
    head = verdict_of(clinic).head
    tamper(clinic, *LAST_LINE_CUT)
    assert faults(clinic) == ()

    kept = [KeptHead(head_of(head.short), "the backup of Monday")]

    assert only(clinic, kept=kept) == (
        "The trail ends with line 8, but the backup of Monday was made when it had 9: its end"
        " was cut, or this is an older copy."
    )


def test_a_tail_written_anew_after_a_cut_is_found_by_a_head_kept_elsewhere(clinic):
    kept = [KeptHead(verdict_of(clinic).head, "the list of Monday")]
    tamper(clinic, *LAST_LINE_CUT)
    with clinic.write() as db:
        _line(db, "sent", action="case read", minutes=20)

    assert faults(clinic) == ()
    assert faults(clinic, kept=kept)[0].startswith(
        "Line 9 of 2026-06-15 09:50 is not the one that the list of Monday was made with"
    )


def test_only_the_newest_lines_and_their_records_are_looked_at_when_asked(clinic):
    tamper(
        clinic,
        "UPDATE audit_events SET actor = 'eve' WHERE sequence = 4",
        "UPDATE patients SET name = 'Eve'",
    )

    assert verdict_of(clinic, newest=3).faults == ()
    assert verdict_of(clinic, newest=3).since == 7
    assert len(faults(clinic)) == 2


def test_a_record_that_was_erased_may_be_gone(clinic):
    with erasing(clinic), clinic.write() as db:
        for table in ("places", "answers", "reviews", "addenda", "screenings"):
            db.execute(f"DELETE FROM {table} WHERE response_id = 'sent'")
        db.execute("DELETE FROM responses WHERE id = 'sent'")
        _line(db, "sent", action=trail.ERASED)

    assert faults(clinic) == ()
    assert verdict_of(clinic).erased == 1


def test_each_record_goes_with_its_own_erasure(clinic):
    with erasing(clinic), clinic.write() as db:
        for form in ("form-1", "form-2"):
            for table in ("places", "answers"):
                db.execute(f"DELETE FROM {table} WHERE response_id = ?", [form])
            db.execute("DELETE FROM responses WHERE id = ?", [form])
            _line(db, form, action="documents forgotten")
            _line(db, form, action=trail.ERASED)
            _line(db, form, action="told to the desk")

    said = clinic.rows("SELECT record, sequence FROM audit_records WHERE digest = ''")
    assert {row["record"].split("/")[1]: row["sequence"] for row in said} == {
        "form-1": LINES + 2,
        "form-2": LINES + 5,
    }
    assert faults(clinic) == ()


def test_an_erasure_that_is_made_up_explains_no_missing_record(clinic):
    tamper(
        clinic,
        "DELETE FROM addenda",
        "INSERT INTO audit_events (at, actor, action, subject, detail) VALUES"
        " ('2026-06-15T10:00:00.000000Z', 'ada-id', 'record erased', 'sent', '{}')",
    )

    found = faults(clinic)

    assert found[0].startswith("Line 10 of 2026-06-15 10:00 was never sealed")
    assert found[1].startswith("The addendum a1 is gone, and no line says so")


def test_an_honest_erasure_of_one_record_explains_no_other(clinic):
    tamper(clinic, "DELETE FROM reviews")
    with erasing(clinic), clinic.write() as db:
        db.execute("DELETE FROM addenda")
        _line(db, "sent", action=trail.ERASED)

    assert only(clinic).startswith("The decision r1 is gone, and no line says so")


def test_a_record_that_is_gone_in_any_other_act_is_named(clinic):
    with erasing(clinic), clinic.write() as db:
        db.execute("DELETE FROM addenda")
        _line(db, "sent", action="case read")

    assert only(clinic) == (
        "The addendum a1 is gone, and line 10 of 2026-06-15 09:30 is no erasure."
    )


def test_an_erased_record_that_is_back_is_named(clinic):
    kept = clinic.row("SELECT * FROM addenda")
    with erasing(clinic), clinic.write() as db:
        db.execute("DELETE FROM addenda")
        _line(db, "sent", action=trail.ERASED)

    tamper(clinic)
    clinic.db.table("addenda").insert(kept)  # from another program: noted, and nobody's act

    assert only(clinic) == (
        "The addendum a1 is there, although line 10 of 2026-06-15 09:30 says that it was taken out."
    )


def test_a_draft_may_lose_answers(clinic):
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"smoker": None}, NOW, language="en")
        _line(db, "draft", action="page saved")

    assert faults(clinic) == ()


def _write_half(clinic):
    with clinic.write() as db:
        stored.add_response(db, replace(DRAFT, id="half"))
        _line(db, "half")
        raise ZeroDivisionError


def test_lines_and_records_are_kept_together_or_not_at_all(clinic):
    with pytest.raises(ZeroDivisionError):
        _write_half(clinic)

    assert faults(clinic) == ()
    assert verdict_of(clinic).head.count == LINES


def test_what_nobody_wrote_a_line_about_gets_one_of_the_program(clinic):
    add_patients(clinic, "Nora")

    event = audit.latest(clinic, 1)[0]

    assert (event.actor, event.action) == (trail.PROGRAM, trail.KEPT)
    assert faults(clinic) == ()


@pytest.mark.of_files
def test_no_column_of_any_record_can_be_changed_unseen(clinic):
    tamper(clinic)
    drop_triggers(clinic)
    clinic.connection.execute("PRAGMA ignore_check_constraints = ON")
    unseen = []

    for table, how in trail.GUARDED.items():
        for row in clinic.rows(f"SELECT * FROM {table} LIMIT 1"):
            for column, value in row.items():
                clinic.connection.execute("BEGIN")
                clinic.connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {how.key} = ?"
                    + (f" AND {how.part} = '{row[how.part]}'" if how.part else ""),
                    [value + 1 if isinstance(value, int) else f"{value}~", row[how.key]],
                )
                if not any(record_faults(clinic.connection, KEYS.trail)):
                    unseen.append(f"{table}.{column}")
                clinic.connection.execute("ROLLBACK")

    assert unseen == []


def test_lines_chained_anew_by_somebody_without_the_key_are_named(clinic):
    tamper(clinic, "UPDATE audit_events SET actor = 'eve' WHERE sequence = 5")
    drop_triggers(clinic)
    previous = clinic.row("SELECT mac FROM audit_events WHERE sequence = 4")["mac"]
    for line in list(lines_of(clinic.connection, 4)):
        previous = line_mac(ANOTHER.trail, previous, line)
        clinic.connection.execute(
            "UPDATE audit_events SET mac = ? WHERE sequence = ?", [previous, line.sequence]
        )

    assert faults(clinic)[0] == "Line 5 of 2026-06-15 09:33 was edited."


def test_an_answer_in_place_of_another_one_is_named(clinic):
    tamper(
        clinic,
        "UPDATE answers SET link_id = 'put_in' WHERE response_id = 'sent' AND link_id = 'smoker'",
    )

    assert faults(clinic)[0].startswith("An answer of the form sent is gone")


def test_the_names_of_answers_tell_no_question(clinic):
    said = clinic.rows("SELECT record FROM audit_records WHERE record LIKE 'answers/%'")

    assert said
    assert not [row for row in said if "smoker" in row["record"] or "birth" in row["record"]]


def test_a_sealed_line_cannot_be_sealed_again(clinic):
    with pytest.raises(Exception, match="audit_events are kept as they were written"):
        clinic.connection.execute("UPDATE audit_events SET mac = 'x' WHERE sequence = 2")


def test_every_table_is_guarded_or_has_a_reason_why_not(clinic):
    tables = {
        row["name"] for row in clinic.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    }

    assert tables == trail.GUARDED.keys() | trail.UNGUARDED.keys()
    noted = {
        row["tbl_name"]
        for row in clinic.rows(
            "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_noted_%'"
        )
    }
    assert noted == trail.GUARDED.keys()


def test_a_copy_older_than_the_chain_has_a_head_that_counts(tmp_path, migrated):
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript(OLDEST)

        head = trail.head_of_copy(old)

    assert (head.count, head.mac) == (1, "")
    assert faults(migrated, kept=[KeptHead(head_of(str(head)), "the old copy")]) == ()
    assert trail.head_of_copy(migrated.connection) == trail.head(migrated.connection)


def test_a_long_trail_is_checked_without_being_held_in_memory(clinic):
    with clinic.write() as db:
        for number in range(1500):
            _line(db, f"form-{number}", action="case read")
    tracemalloc.start()

    found = verdict_of(clinic)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.faults, found.head.count) == ((), LINES + 1500)
    assert peak < 400_000


def test_an_old_clinic_is_sealed_in_one_go_and_marked_so(migrated):
    found = verdict_of(migrated)

    newest, oldest = audit.latest(migrated)
    assert found.faults == ()
    assert found.sealed_later == 1
    assert (newest.actor, newest.action) == (trail.PROGRAM, trail.RESTATED)
    assert newest.detail["lines"] == 1
    assert oldest.action == "decided"


def test_a_change_of_the_tables_does_not_make_an_edit_good(clinic, path, a_change_to_come):
    tamper(clinic, "UPDATE patients SET name = 'Eve'")

    database.bring_up_to_date(path, KEYS)

    assert "the patient maria-id read otherwise" in only(clinic)
    assert audit.latest(clinic, 1)[0].detail["records"] == 9


def test_a_change_of_the_tables_does_not_make_a_record_good_that_was_put_in(
    clinic, path, a_change_to_come
):
    tamper(clinic, "INSERT INTO sites (id, name) VALUES ('x', 'Eve')")

    database.bring_up_to_date(path, KEYS)

    assert only(clinic).startswith("No line speaks of the site x: it was put in outside")


@pytest.fixture
def a_change_to_come(monkeypatch):
    """A migration of a later version that gives two tables another column."""
    later = MIGRATIONS._Migration("m099_mood", _add_a_column)
    monkeypatch.setattr(MIGRATIONS, "_migrations", [*MIGRATIONS._migrations, later])
    for module in (database, structure):
        monkeypatch.setattr(module, "MIGRATION_NAMES", MIGRATION_NAMES | {later.name})


def _add_a_column(db):
    for table in ("responses", "patients"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")
