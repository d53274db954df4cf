"""One patient is erased while the server runs: no byte of them is left anywhere in the clear.

The clinic is one that is not encrypted, or nothing could be found in it at all.
"""

from contextlib import closing

from intake.keys import read_keys
from intake.storage import audit
from intake.storage.copies import copied_under
from tests.faults.tablets import send_all, show_all


def test_no_byte_of_an_erased_patient_is_left_and_the_line_about_it_stays(new_clinic):
    clinic = _plain(new_clinic(INTAKE_ALLOW="plain"))
    clinic.serve()
    tablets = clinic.forms(4)
    erased, marker = tablets[1], tablets[1].name.lower().encode()
    show_all(tablets)
    send_all(tablets)
    assert _holding(clinic, marker) >= {"clinic.db-wal"}
    with closing(clinic.open()) as store:
        who = store.row(
            "SELECT p.* FROM patients p JOIN responses r ON r.patient_id = p.id WHERE r.id = ?",
            [erased.response_id],
        )

    given = ["erase", who["record_number"], "--born", who["birth_date"], "--reason", "Asked."]
    result = clinic.run(*given, "--yes")
    exported = clinic.run("export", "jsonl")
    clinic.desk().get("/desk/?status=all")
    clinic.stop()

    assert result.exit_code == exported.exit_code == 0, result.output + exported.output
    assert tablets[0].name in exported.stdout
    assert erased.name not in exported.stdout
    assert _holding(clinic, marker) == set()
    assert clinic.log.stat().st_size
    with closing(clinic.open()) as store:
        lines = audit.latest(store, 30)
        assert "record erased" in {line.action for line in lines}
        assert not any(erased.name in str(line) for line in lines)
    assert "audit trail: sound" in clinic.run("verify").stdout


def _plain(clinic):
    """Take the encryption off a clinic that nobody has open."""
    path, keys = clinic.settings.database, read_keys(clinic.settings)
    copied_under(path, keys.database, path.with_name("plain.db"), None)
    path.with_name("plain.db").replace(path)
    return clinic


def _holding(clinic, marker):
    """Name every file of the clinic, its server's log too, that has the marker in it."""
    files = (path for path in clinic.data.parent.rglob("*") if path.is_file())
    return {path.name for path in files if marker in path.read_bytes().lower()}
