"""The database defends itself against whoever opens it with another program."""

from dataclasses import replace

import pytest

from intake.storage import responses as stored
from intake.storage import retention
from intake.storage.driver import sqlite3
from tests.storage.builders import DRAFT, NOW, SIGNED, everything


def _refused(store, sql):
    """Run a statement that must be refused, and see that it changed nothing."""
    before = everything(store)

    with pytest.raises(sqlite3.IntegrityError) as refusal, store.write() as db:
        db.execute(sql)

    assert everything(store) == before
    return str(refusal.value)


KEPT = ("packs", "activations", "screenings", "reviews", "addenda", "audit_events")


@pytest.mark.parametrize("table", KEPT)
def test_what_was_written_cannot_be_updated(clinic, table):
    column = {"packs": "name", "screenings": "content"}.get(table, "at")

    message = _refused(clinic, f"UPDATE {table} SET {column} = 'x'")  # noqa: S608

    assert message == f"{table} are kept as they were written"


@pytest.mark.parametrize("table", KEPT)
def test_what_was_written_cannot_be_deleted(clinic, table):
    message = _refused(clinic, f"DELETE FROM {table}")  # noqa: S608

    assert message == f"{table} are kept as they were written"


@pytest.mark.of_files
@pytest.mark.parametrize("table", KEPT)
def test_what_was_written_cannot_be_replaced(clinic, table):
    message = _refused(clinic, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608

    assert message == f"{table} are kept as they were written"


ANSWER = (
    "INSERT INTO answers (response_id, link_id, value, answered_at, language, confirmed_at)"
    " VALUES ('{}', 'pregnant_now', '\"no\"', '2026', 'en', '2026')"
)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE answers SET value = 'x' WHERE response_id = 'sent'",
        "DELETE FROM answers WHERE response_id = 'sent' AND link_id = 'smoker'",
        ANSWER.format("sent"),
        (
            ANSWER.format("sent").replace("pregnant_now", "smoker")
            + " ON CONFLICT (response_id, link_id) DO UPDATE SET value = excluded.value"
        ),
        (
            "UPDATE answers SET response_id = 'draft', link_id = 'moved'"
            " WHERE response_id = 'sent' AND link_id = 'smoker'"
        ),
        (
            "UPDATE answers SET response_id = 'sent', link_id = 'moved'"
            " WHERE response_id = 'draft' AND link_id = 'smoker'"
        ),
    ],
    ids=["change", "delete", "add", "replace", "move away", "move in"],
)
def test_answers_of_a_sent_form_are_kept(clinic, sql):
    assert _refused(clinic, sql) == "answers are kept as they were submitted"


@pytest.mark.parametrize(
    "status", ["entered-in-error", "stopped"], ids=["entered in error", "stopped"]
)
def test_answers_of_a_withdrawn_form_are_kept(clinic, status):
    which = "sent" if status == "entered-in-error" else "draft"
    with clinic.write() as db:
        db.execute("UPDATE responses SET status = ? WHERE id = ?", [status, which])

    message = _refused(clinic, ANSWER.format(which))

    assert message == "answers are kept as they were submitted"


def test_answers_of_a_draft_can_change(clinic):
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"smoker": "yes", "goals": ["lines"]}, NOW, language="en")

    found = stored.response(clinic, "draft")
    assert found.answers == {**DRAFT.answers, "smoker": "yes", "goals": ["lines"]}


SENT = "UPDATE responses SET {} WHERE id = 'sent'"
COLUMNS = {
    "id": "'other'",
    "patient_id": "'other'",
    "pack_hash": "'other'",
    "plan": "'{}'",
    "visited": "'[]'",
    "begun_at": "'2020'",
    "begun_by": "'somebody'",
    "submitted_at": "'2020'",
    "receipt": "'87654321'",
    "replaces": "'draft'",
    "signature": "'{}'",
    "language": "'es'",
    "help": "'[\"smoker\"]'",
    "helper": "'carer'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_sent_form_cannot_be_edited(clinic, column):
    _refused(clinic, SENT.format(f"{column} = {COLUMNS[column]}"))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_sent_form_cannot_be_edited_while_it_is_withdrawn(clinic, column):
    _refused(clinic, SENT.format(f"status = 'entered-in-error', {column} = {COLUMNS[column]}"))


@pytest.mark.parametrize("status", ["in-progress", "stopped"])
def test_a_sent_form_cannot_go_back(clinic, status):
    _refused(clinic, SENT.format(f"status = '{status}'"))


@pytest.mark.parametrize("status", ["in-progress", "completed", "stopped"])
def test_a_withdrawn_form_cannot_come_back(clinic, status):
    with clinic.write() as db:
        db.execute(SENT.format("status = 'entered-in-error'"))

    _refused(clinic, SENT.format(f"status = '{status}'"))


def test_a_sent_form_cannot_be_deleted(clinic):
    _refused(clinic, "DELETE FROM responses WHERE id = 'sent'")


@pytest.mark.of_files
def test_a_sent_form_cannot_be_replaced(clinic):
    _refused(
        clinic,
        "INSERT OR REPLACE INTO responses SELECT id, patient_id, status, pack_hash, '{}', visited,"
        " begun_at, begun_by, submitted_at, receipt, replaces, signature, language, help, helper,"
        " entered_by, entered_from, entered_at, follows, carried, site FROM responses"
        " WHERE id = 'sent'",
    )


@pytest.mark.parametrize(
    "changes",
    [
        "status = 'completed'",
        "status = 'finished'",
        "submitted_at = '2026'",
        "receipt = '1'",
        "signature = '{}'",
        "submitted_at = '2026', receipt = '1'",
    ],
)
def test_a_form_is_sent_with_its_day_receipt_and_signature_or_not_at_all(clinic, changes):
    message = _refused(clinic, f"UPDATE responses SET {changes} WHERE id = 'draft'")  # noqa: S608

    assert message.startswith("CHECK constraint failed")


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("practitioners", "role = 'owner'"),
        ("practitioners", "must_change_password = 2"),
        ("tries", "succeeded = 2"),
        ("tablets", "revoked_at = '2026'"),
        ("tablets", "revoked_by = 'cleo'"),
    ],
)
def test_values_outside_their_range_are_refused(clinic, table, changes):
    message = _refused(clinic, f"UPDATE {table} SET {changes}")  # noqa: S608

    assert message.startswith("CHECK constraint failed")


def test_a_triage_that_does_not_exist_is_refused(clinic):
    message = _refused(
        clinic,
        "INSERT INTO screenings VALUES"
        " ('s2', 2, 'sent', 'pack-hash', '2026-06-15', 'fine', 0, 0, '{}', '2026', 1, '[]', 0)",
    )

    assert message.startswith("CHECK constraint failed")


@pytest.mark.parametrize(
    "sql",
    [
        (
            "INSERT INTO responses (id, patient_id, status, pack_hash, plan, visited, begun_at)"
            " SELECT 'new', 'nobody', status, pack_hash, plan, visited, begun_at FROM responses"
            " WHERE id = 'draft'"
        ),
        ANSWER.format("nothing"),
        "INSERT INTO addenda VALUES ('a2', 'nothing', 'words', 'ada-id', 'Ada', '2026')",
        "INSERT INTO sessions VALUES ('t', 'nobody', '2026', '2026', NULL, '', '', NULL)",
        "DELETE FROM practitioners",
    ],
    ids=["response", "answer", "addendum", "session", "practitioner"],
)
def test_nothing_refers_to_what_is_not_there(clinic, sql):
    assert _refused(clinic, sql) == "FOREIGN KEY constraint failed"


@pytest.mark.parametrize(
    "sql",
    [
        (
            "INSERT INTO reviews SELECT 'r2', response_id, screening_id, sequence, disposition,"
            " until, decision, by, by_name, by_role, at FROM reviews"
        ),
        (
            "INSERT INTO practitioners SELECT 'id', 'ADA', name, role, 'x', 0, 'x', NULL,"
            " sites, NULL FROM practitioners"
        ),
    ],
    ids=["two decisions of one number", "two user names that differ by case"],
)
def test_what_may_be_there_once_is_there_once(clinic, sql):
    assert _refused(clinic, sql).startswith("UNIQUE constraint failed")


def test_a_form_has_one_amendment_at_a_time(clinic):
    with clinic.write() as db:
        stored.add_response(db, replace(DRAFT, id="first", replaces="sent"))

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), clinic.write() as db:
        stored.add_response(db, replace(DRAFT, id="second", replaces="sent"))


def test_after_a_stopped_amendment_there_can_be_another(clinic):
    with clinic.write() as db:
        stored.add_response(db, replace(DRAFT, id="first", replaces="sent"))
        db.execute("UPDATE responses SET status = 'stopped' WHERE id = 'first'")
        stored.add_response(db, replace(DRAFT, id="second", replaces="sent"))

    assert stored.amendment_in_progress(clinic, "sent").id == "second"


def test_completing_twice_keeps_the_first_receipt(clinic):
    with clinic.write() as db:
        stored.complete(db, "sent", signature=SIGNED, receipt="99999999", now=NOW)

    assert stored.response(clinic, "sent").receipt == "12345678"


def test_a_number_is_never_stored_as_text_of_another_kind(clinic):
    _refused(clinic, "UPDATE tries SET succeeded = 'yes'")


HELD = "INSERT INTO holds (id, patient_id, reason, by, at) VALUES ('h', 'maria-id', 'x', 'y', '2')"
ERASURE = "INSERT INTO erasures (id, why, reason, by, at) VALUES ('e', 'x', '', 'y', '2026')"
ERASED = "INSERT INTO erased VALUES ('{}', '{}', 'e')"


def test_a_patient_is_never_deleted(clinic):
    assert _refused(clinic, "DELETE FROM patients") == "a patient is never deleted"


@pytest.mark.parametrize(
    ("kind", "id_"), [("patient", "maria-id"), ("form", "sent"), ("form", "draft")]
)
def test_a_record_on_hold_cannot_be_written_down_as_erased(clinic, kind, id_):
    with clinic.write() as db:
        db.execute(HELD)
        db.execute(ERASURE)

    assert _refused(clinic, ERASED.format(id_, kind)) == "the record is on hold"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE holds SET reason = 'z'",
        "UPDATE holds SET patient_id = 'other'",
        "UPDATE holds SET lifted_at = NULL, lifted_by = NULL",
    ],
)
def test_a_hold_can_only_be_lifted(clinic, sql):
    with clinic.write() as db:
        db.execute(HELD)
        db.execute("UPDATE holds SET lifted_at = '3', lifted_by = 'y'")

    assert _refused(clinic, sql) == "a hold can only be lifted"
    assert _refused(clinic, "DELETE FROM holds") == "holds are kept"


@pytest.mark.parametrize("table", ["erasures", "erased"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "UPDATE {} SET {} = 'another'"])
def test_that_something_was_erased_stays_written(clinic, table, sql):
    column = "reason" if table == "erasures" else "record_id"
    with clinic.write() as db:
        db.execute(ERASURE)
        db.execute(ERASED.format("gone", "form"))

    assert _refused(clinic, sql.format(table, column)) == f"{table} are kept as they were written"


def test_only_what_is_written_down_as_erased_can_be_deleted(clinic):
    with clinic.write() as db:
        db.execute(ERASURE)
        retention.erase(db, "e", patients=[], forms=["draft"])

    message = _refused(clinic, "DELETE FROM answers WHERE response_id = 'sent'")
    back = replace(DRAFT, answers={})
    with pytest.raises(sqlite3.IntegrityError, match="does not come back"), clinic.write() as db:
        stored.add_response(db, back)

    assert message == "answers are kept as they were submitted"
