"""Backups while tablets send: each, restored elsewhere, holds what was acknowledged before it."""

from contextlib import closing
from threading import Thread

from intake.storage.connections import is_plain
from tests.faults.conftest import rounds, told
from tests.faults.tablets import show_all

TABLETS = 6
MOST_BACKUPS = 10


def test_a_backup_made_under_load_holds_all_that_was_acknowledged_before(clinic, new_clinic):
    clinic.serve()
    tablets = clinic.forms(rounds(2, 10) * TABLETS)
    show_all(tablets)
    acknowledged, backups = {}, []

    def send():
        for tablet in tablets:
            acknowledged[tablet.response_id] = tablet.send().receipt

    sending = Thread(target=send)
    sending.start()
    while sending.is_alive() and len(backups) < MOST_BACKUPS:
        file = clinic.data.with_name(f"backup-{len(backups)}.db")
        held = dict(acknowledged)
        result = clinic.run("backup", file)
        assert result.exit_code == 0, result.output
        backups.append((file, held, len(acknowledged)))
    sending.join()

    assert any(later > len(held) for _, held, later in backups), "nothing was sent meanwhile"
    for file, held, _ in backups:
        elsewhere = new_clinic()
        _restored(elsewhere, file)
        elsewhere.require_nothing_lost(held, list(held))
        elsewhere.require_sound()
        assert not is_plain(file)
        assert not any(tablet.name.encode() in file.read_bytes() for tablet in tablets)
    told(
        f"C10: {len(backups)} backups while {len(tablets)} forms were sent; restored elsewhere they"
        f" hold all of {[len(held) for _, held, _ in backups]} acknowledged before"
    )


def test_a_backup_opens_only_with_its_key(clinic, new_clinic):
    clinic.run("backup", file := clinic.data.with_name("backup.db"))
    elsewhere = new_clinic(INTAKE_DATABASE_KEY="07" * 32)
    before = (elsewhere.data / "clinic.db").read_bytes()

    result = elsewhere.run("restore", file, "--replace")

    assert result.exit_code == 2
    assert "no key of this clinic opens it" in result.stderr
    assert (elsewhere.data / "clinic.db").read_bytes() == before


def _restored(elsewhere, file):
    """Restore into a place where there is no database, under the same keys."""
    for path in elsewhere.data.iterdir():
        path.unlink()
    result = elsewhere.run("restore", file)
    assert result.exit_code == 0, result.output
    with closing(elsewhere.open()) as store:
        assert store.row("SELECT count(*) AS n FROM responses")["n"] > 0
