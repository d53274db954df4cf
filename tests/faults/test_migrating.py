"""Killed while the oldest database is brought up to date: the next start finishes it."""

import random
import time
from contextlib import closing

import pytest

from intake.cli.surroundings import prepare
from intake.keys import read_keys
from intake.storage import cases, database, people
from tests.conftest import raw
from tests.faults.conftest import rounds, told
from tests.faults.disk import changes_in
from tests.storage.builders import ADA, DECISION, MARIA, SCREENING, SIGNED
from tests.storage.test_migrations import OLDEST

KEPT = ["patients", "responses", "answers", "screenings", "reviews", "addenda", "packs"]


@pytest.fixture
def oldest(clinic):
    """A clinic whose database is the oldest there is; returns what puts it there anew."""

    def put():
        for path in clinic.data.glob("clinic.db*"):
            path.unlink()
        with closing(raw(clinic.settings.database, read_keys(clinic.settings))) as connection:
            connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
            connection.executescript(OLDEST)

    put()
    return put


def _records(clinic):
    with closing(clinic.open()) as store:
        case = cases.case(store, "sent")
        assert (case.patient, case.screening.screening) == (MARIA, SCREENING)
        assert (case.reviews[0].decision, case.response.signature) == (DECISION, SIGNED)
        assert people.practitioners(store) == [ADA]
        return {name: store.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in KEPT}  # noqa: S608


def test_the_next_start_finishes_a_migration_that_was_killed(clinic, oldest, tmp_path):
    rng = random.Random(9)  # noqa: S311 - the same ones each time
    number, finished = rounds(6, 50), 0
    record = tmp_path / "record"
    began = time.monotonic()
    clinic.forked("prepare", layered=True, INTAKE_FAULT_RECORD=str(record)).wait(60)
    seconds = time.monotonic() - began
    changes = len(list(changes_in(record.read_bytes())))
    expected = _records(clinic)

    for one in range(number):
        oldest()
        if one % 2:
            at = str(rng.randint(1, changes // 2))
            clinic.forked("prepare", layered=True, INTAKE_FAULT_KILL_AT=at).wait(60)
        else:
            process = clinic.forked("prepare")
            time.sleep(rng.uniform(0, seconds / 2))
            process.kill()
        finished += _is_new(clinic)
        prepare(clinic.settings)
        assert _records(clinic) == expected
        assert "audit trail: sound" in clinic.run("verify").stdout

    assert finished < number
    told(
        f"C9: {number} migrations killed, {number - finished} of them before they were done; each"
        " finished by the next start, same records"
    )


def _is_new(clinic):
    """Tell whether all of it was done before the kill came."""
    with closing(raw(clinic.settings.database, read_keys(clinic.settings))) as connection:
        found = "SELECT count(*) FROM sqlite_master WHERE name = 'audit_touched'"
        return bool(connection.execute(found).fetchone()[0])
