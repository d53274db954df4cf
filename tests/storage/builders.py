"""Rows to put into an empty clinic, all of them made up.

`python -m tests.storage.builders` prints such a clinic as SQL. `oldest.sql` is what it printed
when the first version was released, and is not printed anew after that.
"""

import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from intake.core.decisions import Addendum, Decision, Disposition, Review
from intake.core.explanations import Cited
from intake.core.records import (
    FIRST_SITE,
    Patient,
    Practitioner,
    Response,
    ResponseStatus,
    Role,
    Signature,
    SignatureKind,
)
from intake.core.rules import Level, Triage
from intake.core.screening import Finding, Screening
from intake.core.truth import Truth
from intake.storage import (
    audit,
    cases,
    database,
    open_store,
    packs_kept,
    patients,
    people,
    tablets,
    tries,
    visits,
)
from intake.storage import responses as stored
from intake.storage.driver import sqlite3
from intake.storage.tries import Bucket
from tests.conftest import KEYS, dumped
from tests.postgres import server

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
ADA = Practitioner("ada-id", "ada", "Ada", Role.PRACTITIONER, False, NOW)
MARIA = Patient("maria-id", "P-1000001", "María Duarte", date(1988, 3, 12), NOW)
SIGNED = Signature(SignatureKind.TYPED, "I have answered.", "María Duarte")
PACK = "pack-hash"
DRAFT = Response(
    id="draft",
    patient_id=MARIA.id,
    status=ResponseStatus.IN_PROGRESS,
    pack_hash=PACK,
    plan={"area": ["face"]},
    answers={"birth_date": "1988-03-12", "smoker": "no"},
    visited=frozenset({"today"}),
    begun_at=NOW,
    begun_by=ADA.id,
)
SCREENING = Screening(
    on=NOW.date(),
    pack_hash=PACK,
    pack_version="1",
    engine_version="1",
    triage=Triage.DEFER,
    findings=(
        Finding(
            "wax-recent",
            "Wax in the last 3 days",
            Level.DEFER,
            Triage.DEFER,
            Truth.UNKNOWN,
            (Cited("wax_date", "When?", "last week", "wax_date within wax", Truth.UNKNOWN),),
            date(2026, 6, 20),
            only_dates=True,
            label="exceed",
        ),
    ),
    earliest_safe_date=date(2026, 6, 20),
    set_aside=("wax_kind",),
    unknown_count=2,
)
DECISION = Decision(Disposition.DEFER, "Wait.", date(2026, 6, 20))


def stock(store):
    """Fill a clinic: one account, one patient, a draft, a sent form with a decision, words."""
    with store.write() as db:
        people.add_practitioner(db, ADA, "hash")
        people.add_session(db, "session-token", ADA.id, NOW)
        tries.add(db, [Bucket("account ada", "ada", 5, timedelta(minutes=5))], NOW)
        tablets.add_tablet(
            db,
            tablet_id="t1",
            name="Room 2",
            site=FIRST_SITE,
            code="code",
            until=NOW,
            by=ADA.id,
            now=NOW,
        )
        packs_kept.keep_pack(
            db, hash_=PACK, name="tiny", version="1", files={"pack.yaml": "name: tiny"}, now=NOW
        )
        packs_kept.put_in_force(db, PACK, by="test", now=NOW)
        patients.add_patient(db, MARIA)
        stored.add_response(db, DRAFT)
        visits.open_visit(db, DRAFT.id, "visit-token", NOW)
        stored.add_response(db, replace(DRAFT, id="sent"))
        stored.complete(db, "sent", signature=SIGNED, receipt="12345678", now=NOW)
        cases.add_screening(
            db,
            screening_id="s1",
            response_id="sent",
            screening=SCREENING,
            needs_dermatologist=True,
            now=NOW,
        )
        cases.add_review(
            db, Review("r1", "sent", "s1", 1, DECISION, ADA.id, ADA.name, ADA.role, NOW)
        )
        cases.add_addendum(db, Addendum("a1", "sent", "Called her.", ADA.id, ADA.name, NOW))
        audit.append(db, at=NOW, actor=ADA.id, action="decided", subject="sent")
    return store


def many(store, number):
    """Add sent forms of every severity, three of them at each moment."""
    severities = list(Triage)
    with store.write() as db:
        for n in range(number):
            at = NOW - timedelta(minutes=n // 3)
            one, triage = f"case-{n:06}", severities[n % 5]
            stored.add_response(db, replace(DRAFT, id=one, begun_at=at))
            stored.complete(db, one, signature=SIGNED, receipt=f"{20_000_000 + n}", now=at)
            cases.add_screening(
                db,
                screening_id=f"screening-{n}",
                response_id=one,
                screening=replace(SCREENING, triage=triage),
                needs_dermatologist=triage is Triage.STOP,
                now=at,
            )


def add_patients(store, *names, start=0):
    """Add a patient of each name."""
    with store.write() as db:
        for number, name in enumerate(names, start):
            born = date(1990, 1, 1) + timedelta(number)
            patients.add_patient(
                db, Patient(f"id-{number}", f"P-{2000000 + number}", name, born, NOW)
            )


def everything(store):
    """Return every row of every table."""
    return {
        table: sorted(store.rows(f"SELECT * FROM {table}"), key=repr)  # noqa: S608
        for table in store.tables()
    }


def by_hand(connection, *statements):
    """Do what somebody does who has the clinic open in another program, its triggers put aside."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys = OFF")
        with put_aside(connection, lambda name, table: True):
            for statement in statements:
                assert connection.execute(statement).rowcount != 0, statement
        return
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    counted = connection.execute("SELECT name FROM sqlite_sequence").fetchall()
    database = connection._raw.info.dbname
    for (table,) in tables:
        server().run(f"ALTER TABLE intake.{table} DISABLE TRIGGER ALL", database)
    for (table,) in counted:
        connection.run(f"ALTER TABLE {table} ENABLE TRIGGER {table}_counted")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    for (table,) in tables:
        server().run(f"ALTER TABLE intake.{table} ENABLE TRIGGER ALL", database)


@contextmanager
def put_aside(connection, which):
    """Put triggers aside for a block, chosen by their names and tables."""
    is_file = isinstance(connection, sqlite3.Connection)
    made = "sql" if is_file else "NULL"
    found = connection.execute(
        f"SELECT name, tbl_name, {made} FROM sqlite_master WHERE type = 'trigger'"  # noqa: S608
    )
    aside = [row for row in found.fetchall() if which(row[0], row[1])]
    for name, table, _ in aside:
        away = f"DROP TRIGGER {name}" if is_file else f"ALTER TABLE {table} DISABLE TRIGGER {name}"
        connection.execute(away)
    yield
    for name, table, sql in aside:
        connection.execute(sql if is_file else f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def lay(store, sql):
    """Lay a trigger as SQLite's statement says it, on either engine."""
    (getattr(store.connection, "lay", None) or store.connection.execute)(sql)


def clinic_at(path):
    """Make a filled clinic database at *path*."""
    database.create(path, KEYS)
    with closing(open_store(path, KEYS)) as store:
        stock(store)
    return path


def read_all(path):
    """Return every row of the clinic database at *path*."""
    with closing(open_store(path, KEYS)) as store:
        return everything(store)


def as_sql():
    """Return the statements that make a filled clinic."""
    with TemporaryDirectory() as folder:
        path = clinic_at(Path(folder) / "clinic.db")
        with closing(open_store(path, KEYS)) as store:
            return dumped(store) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_sql())
