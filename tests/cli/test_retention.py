"""`intake retention` and `intake erase`, as the one who looks after the machine runs them."""

from contextlib import closing
from datetime import timedelta

import pytest

from intake.cli import retention as commands
from intake.storage import audit
from tests.cli.conftest import opened
from tests.storage.builders import MARIA, NOW, stock

LATER = NOW + timedelta(days=730)


@pytest.fixture
def clinic(clinic, monkeypatch):
    """A clinic with one patient, two years after she was here, and never silent since then."""
    with closing(opened(clinic)) as store:
        stock(store)
        with store.write() as db:
            for weeks in range(0, 105, 4):
                at = NOW + timedelta(weeks=weeks)
                audit.append(db, at=at, actor="ada-id", action="signed in", subject="ada-id")
    _set_clock(monkeypatch, LATER)
    return clinic


def _set_clock(monkeypatch, now):
    monkeypatch.setattr(commands, "now", lambda: now)
    monkeypatch.setattr(commands, "today", now.date)


@pytest.fixture
def decided(run, clinic):
    return run("retention", "set", "untreated", "1 year", "--reason", "The law.")


@pytest.fixture
def erase(run, clinic):
    """Run `intake erase` for the one patient."""
    return lambda *more, **given: run(
        "erase", MARIA.record_number, "--born", MARIA.birth_date, "--reason", "Asked.",
        *more, **given,
    )  # fmt: skip


def count(data):
    with closing(opened(data)) as store:
        return len(store.rows("SELECT id FROM patients"))


def free_pages(data):
    with closing(opened(data)) as store:
        return store.row("PRAGMA freelist_count")["freelist_count"]


def test_nothing_is_due_until_the_clinic_decides(run, clinic):
    result = run("retention")

    assert (result.exit_code, result.stdout) == (0, "Nothing is due.\n")


def test_bytes_that_were_left_go_also_when_nothing_is_due(run, clinic):
    with closing(opened(clinic)) as store, store.write() as db:
        db.execute("CREATE TABLE left_over AS SELECT randomblob(100000) AS a")
        db.execute("DROP TABLE left_over")

    run("retention", "--dry-run")
    looked = free_pages(clinic)
    run("retention")

    assert looked > 0
    assert free_pages(clinic) == 0


def test_periods_are_decided_and_listed(run, decided):
    assert decided.stdout == "untreated: 1 year. 'intake retention' erases.\n"
    assert "untreated   1 year      The law.\n" in run("retention", "periods").stdout


@pytest.mark.parametrize("period", ["soon", "1 day", ""])
def test_a_period_that_cannot_be_is_refused(run, clinic, period):
    result = run("retention", "set", "untreated", period, "--reason", "Why.")

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_dry_run_lists_and_changes_nothing(run, clinic, decided):
    result = run("retention", "--dry-run")

    assert result.stdout == f"{MARIA.record_number}  untreated   last on 2026-06-20\n"
    assert count(clinic) == 1


def test_it_asks_before_it_erases(run, clinic, decided):
    refused = run("retention", given="n\n")
    agreed = run("retention", given="y\n")

    assert refused.exit_code == 1
    assert (agreed.exit_code, count(clinic)) == (0, 0)


def test_a_timer_erases_without_being_asked(run, clinic, decided):
    result = run("retention", "--yes")

    assert result.stdout.endswith("Erased.\n")
    assert count(clinic) == 0


def test_a_clock_that_jumped_erases_nothing_until_somebody_names_the_day(
    run, clinic, decided, monkeypatch
):
    _set_clock(monkeypatch, LATER + timedelta(days=3650))

    refused = run("retention", "--yes")
    wrong = run("retention", "--yes", "--today-is", LATER.date())
    left = count(clinic)
    named = run("retention", "--yes", "--today-is", LATER.date() + timedelta(days=3650))

    assert (refused.exit_code, wrong.exit_code, left) == (2, 2, 1)
    assert "so the clock may be wrong" in refused.stderr
    assert (named.exit_code, count(clinic)) == (0, 0)


def test_what_is_on_hold_stays_and_is_named(run, clinic, decided):
    run("retention", "hold", MARIA.record_number, "--reason", "A claim.")

    result = run("retention", "--yes")

    assert "stays, on hold: A claim." in result.stdout
    assert "A claim." in run("retention", "holds").stdout
    assert count(clinic) == 1


def test_a_hold_is_lifted(run, clinic, decided):
    run("retention", "hold", MARIA.record_number, "--reason", "A claim.")

    run("retention", "lift", MARIA.record_number)

    assert run("retention", "holds").stdout == ""


def test_one_patient_is_erased_on_request(run, clinic, erase):
    result = erase("--yes")

    assert result.exit_code == 0
    assert count(clinic) == 0
    with closing(opened(clinic)) as store:
        assert audit.of_subject(store, MARIA.id)[-1].action == "record erased"


def test_a_dry_run_of_that_says_what_there_is(clinic, erase):
    result = erase("--dry-run")

    assert result.stdout.startswith("P-1000001: 2 forms, 0 sessions, last on ")
    assert count(clinic) == 1


def test_the_wrong_birth_date_erases_nobody(run, clinic):
    result = run(
        "erase", MARIA.record_number, "--born", "1990-01-01", "--reason", "Asked.", "--yes"
    )

    assert result.exit_code == 2
    assert count(clinic) == 1


def test_backups_that_still_hold_it_are_named_and_removed(run, clinic, erase):
    folder = clinic.with_name(f"{clinic.name}-backups")
    folder.mkdir()
    (folder / "clinic-20260701T000000Z.db").write_text("old", encoding="ascii")

    told = erase("--yes").stderr
    gone = run("backups", "forget").stdout

    assert "clinic-20260701T000000Z.db still holds it" in told
    assert gone.endswith("clinic-20260701T000000Z.db: removed.\n")
    assert [path.name[:8] for path in folder.iterdir()] == ["clinic-2"]


def test_a_clinic_that_was_set_aside_is_named_while_it_may_hold_it(run, clinic, erase, tmp_path):
    run("backup", tmp_path / "before.db")
    run("restore", tmp_path / "before.db", "--replace")

    (old,) = [path.name for path in clinic.glob("*-until-*.db")]

    told = erase("--yes").stderr

    assert f"{old}, which a restore set aside, may hold it" in told


def test_what_was_erased_does_not_come_back_with_a_backup(run, clinic, erase, tmp_path):
    run("backup", tmp_path / "before.db")
    erase("--yes")

    result = run("restore", tmp_path / "before.db", "--replace")

    assert "Erased again, as before that backup was put back: 1 record.\n" in result.stdout
    assert count(clinic) == 0
