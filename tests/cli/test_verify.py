"""What is lost or broken is said in words, by `intake verify` and at the start; never a trace."""

import re
import shutil
import subprocess
import sys
from contextlib import closing

import pytest

from intake.cli.founding import MARK
from intake.core.errors import IntakeError
from intake.storage import Keys, audit, database
from intake.storage.connections import BESIDE, is_plain
from tests.cli.conftest import keys_beside, opened
from tests.storage.builders import by_hand, stock

PAGE = 4096


@pytest.fixture
def clinic(data, run, settle):
    settle()
    run("backup")
    return data


def _page(number):
    def overwrite(clinic):
        content = bytearray((clinic / "clinic.db").read_bytes())
        content[number * PAGE : (number + 1) * PAGE] = b"\xa5" * PAGE
        (clinic / "clinic.db").write_bytes(content)

    return overwrite


def _bit(clinic):
    content = bytearray((clinic / "clinic.db").read_bytes())
    content[len(content) // 2] ^= 1
    (clinic / "clinic.db").write_bytes(content)


def _bit_of_the_trail(clinic):
    with closing(opened(clinic)) as store:
        lines = store.row("SELECT rootpage FROM sqlite_master WHERE name = 'audit_events'")
    content = bytearray((clinic / "clinic.db").read_bytes())
    content[(lines["rootpage"] - 1) * PAGE + 100] ^= 1
    (clinic / "clinic.db").write_bytes(content)


def _cut(clinic):
    content = (clinic / "clinic.db").read_bytes()
    (clinic / "clinic.db").write_bytes(content[: len(content) // 2 + 7])


def _empty(clinic):
    (clinic / "clinic.db").write_bytes(b"")


def _text(clinic):
    (clinic / "clinic.db").write_text("name,date\n" * 500)


def _missing(clinic):
    (clinic / "clinic.db").unlink()


def _folder_missing(clinic):
    shutil.rmtree(clinic)


def _all_but_backups_missing(clinic):
    shutil.rmtree(clinic)
    shutil.rmtree(keys_beside(clinic))


def _keys_missing(clinic):
    shutil.rmtree(keys_beside(clinic))


def _key(name, content):
    def change(clinic):
        (clinic.with_name(f"{clinic.name}-keys") / name).write_text(content)

    return change


def _plain(clinic):
    (clinic / "clinic.db").unlink()
    database.create(clinic / "clinic.db", Keys(None, bytes(32)))


def _another_clinic(clinic):
    (clinic / "clinic.db").unlink()
    database.create(clinic / "clinic.db", Keys(b"\x01" * 32, bytes(32)))


HARMS = {
    "first page overwritten": (_page(0), "no key of this clinic opens it"),
    "a page overwritten": (_page(7), "changed or damaged"),
    "one bit": (_bit, "changed or damaged"),
    "one bit of the trail": (_bit_of_the_trail, "audit trail: The database is damaged"),
    "cut short": (_cut, "database"),
    "empty": (_empty, "it is empty"),
    "a text file": (_text, "no key of this clinic opens it"),
    "database missing": (_missing, "There is no database"),
    "data folder missing": (_folder_missing, "There is no database"),
    "only backups left": (_all_but_backups_missing, "There is no key"),
    "keys missing": (_keys_missing, "There is no key"),
    "another key": (_key("database.key", "ab" * 32), "no key of this clinic opens it"),
    "no key at all": (_key("database.key", "hunter2"), "is not a key"),
    "not encrypted": (_plain, "not encrypted"),
    "of another clinic": (_another_clinic, "no key of this clinic opens it"),
}
EVERY_HARM = pytest.mark.parametrize("harm", HARMS)


def _files(clinic):
    """Return every file of the clinic with its content."""
    parts = (clinic, clinic.with_name(f"{clinic.name}-keys"))
    found = (p for part in parts for p in part.rglob("*") if p.is_file())
    return {p: p.read_bytes() for p in found if not p.name.endswith(BESIDE)}


def test_a_clinic_that_is_whole_is_sound(run, clinic):
    result = run("verify")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "protection: sound",
        "database: sound",
        "audit trail: sound",
        "rules: sound",
        "newest backup: sound",
    ]


@EVERY_HARM
def test_verify_says_what_is_wrong(run, clinic, harm):
    do, words = HARMS[harm]
    do(clinic)

    result = run("verify")

    assert result.exit_code == 1
    assert words in result.stdout
    assert "Traceback" not in result.output
    assert "hunter2" not in result.output


@EVERY_HARM
def test_a_start_is_refused_and_nothing_made_in_the_place_of_what_is_lost(clinic, settle, harm):
    HARMS[harm][0](clinic)
    before = _files(clinic)

    with pytest.raises(IntakeError):
        settle()

    assert _files(clinic) == before


@EVERY_HARM
def test_every_command_says_it_and_goes(run, clinic, harm):
    HARMS[harm][0](clinic)

    result = run("accounts", "list")

    assert "Traceback" not in result.output
    if harm not in ("a page overwritten", "one bit", "one bit of the trail"):
        assert result.exit_code == 2
        assert len(result.stderr.strip().splitlines()) == 1


def test_a_line_of_the_trail_that_was_edited_is_named(run, clinic):
    with closing(opened(clinic)) as store:
        by_hand(store.connection, "UPDATE audit_events SET actor = 'eve' WHERE sequence = 1")

    result = run("verify")

    assert result.exit_code == 1
    assert re.search(
        r"^audit trail: Line 1 of [-\d]+ [:\d]+ was edited\.", result.stdout, re.MULTILINE
    )


def test_a_broken_backup_is_named(run, clinic):
    (file,) = clinic.with_name(f"{clinic.name}-backups").iterdir()
    file.write_bytes(file.read_bytes()[:-PAGE])

    result = run("verify")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[:4] == [
        "protection: sound",
        "database: sound",
        "audit trail: sound",
        "rules: sound",
    ]


def test_that_there_is_no_backup_yet_is_said_and_is_no_fault(run, settle):
    settle()

    result = run("verify")

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "newest backup: none yet")


def test_backups_that_cannot_be_looked_at_are_a_fault(run, data, settle):
    settle()
    data.with_name(f"{data.name}-backups").write_text("a file")

    result = run("verify")

    assert result.exit_code == 1
    assert "newest backup: The folder" in result.stdout


def test_a_weakness_that_was_allowed_is_said_and_is_no_fault(run, data, settle):
    allowed = {"INTAKE_ALLOW": "keys-beside-data", "INTAKE_KEYS": str(data / "keys")}
    notes = settle(**allowed)

    result = run("verify", **allowed)

    assert result.exit_code == 0
    assert notes[0] in result.stdout
    assert notes[0].startswith("Allowed by INTAKE_ALLOW=keys-beside-data")


def test_keys_in_the_data_folder_are_refused_before_anything_is_made(run, data):
    result = run("serve", INTAKE_KEYS=str(data / "keys"))

    assert result.exit_code == 2
    assert "share a folder" in result.stderr
    assert not data.exists()


@pytest.mark.parametrize("cut_off_at", ["keys", "database", "mark"])
def test_a_first_start_that_was_killed_is_begun_anew(data, settle, monkeypatch, cut_off_at):
    """A kill clears nothing away, so that the next start has to."""
    calls = {"keys": "read_keys", "database": "opening.create", "mark": "mark_made"}
    monkeypatch.setattr("intake.cli.founding._clear_away", lambda *_: None)
    monkeypatch.setattr(f"intake.cli.founding.{calls[cut_off_at]}", _killed)
    with pytest.raises(KeyboardInterrupt):
        settle()
    monkeypatch.undo()

    notes = settle()

    assert notes[0].startswith("A new, empty clinic was made")
    assert {file.name for file in data.iterdir()} == {"clinic.db", MARK}
    opened(data).close()


def _killed(*_args, **_kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "harm", ["DELETE FROM places WHERE response_id = 'sent'", "UPDATE places SET rank = 4"]
)
def test_a_case_taken_out_of_the_queue_is_told_and_put_back(run, clinic, settle, harm):
    with closing(opened(clinic)) as store:
        stock(store)
        before = store.rows("SELECT * FROM places ORDER BY response_id")
        store.connection.execute(harm)

    told = run("verify")
    notes = settle()

    assert told.exit_code == 1
    assert "right; a start mends it" in told.stdout
    assert [note for note in notes if note.startswith("The queue did not show")]
    with closing(opened(clinic)) as store:
        assert store.rows("SELECT * FROM places ORDER BY response_id") == before
        assert audit.latest(store, 1)[0].action == "queue made anew"
    assert "database: sound" in run("verify").stdout


def test_a_clinic_that_lost_its_mark_alone_goes_on(run, clinic, settle):
    (clinic / MARK).unlink()

    settle()

    assert run("verify").exit_code == 0
    assert (clinic / MARK).exists()


def test_a_plain_clinic_gets_no_new_keys_when_its_own_are_lost(data, settle):
    settle(INTAKE_ALLOW="plain")
    shutil.rmtree(keys_beside(data))

    for allow in ("plain", ""):
        with pytest.raises(IntakeError, match="There is no key"):
            settle(INTAKE_ALLOW=allow)

    assert is_plain(data / "clinic.db")


def test_a_lost_database_comes_back_from_its_backup(run, clinic):
    before = _packs(clinic)
    (file,) = clinic.with_name(f"{clinic.name}-backups").iterdir()
    shutil.rmtree(clinic)

    result = run("restore", file)

    assert result.exit_code == 0
    assert _packs(clinic) == before != []
    assert run("verify").exit_code == 0


def _packs(clinic):
    with closing(opened(clinic)) as store:
        return store.rows("SELECT * FROM packs")


def test_what_is_kept_when_one_is_restored_is_told_and_stays_encrypted(run, clinic):
    (file,) = clinic.with_name(f"{clinic.name}-backups").iterdir()

    result = run("restore", file, "--replace")

    (kept,) = clinic.glob("clinic-until-*.db")
    assert kept.name in result.stdout
    assert not is_plain(kept)


WITHOUT_SQLCIPHER = """
import sys
sys.modules["sqlcipher3"] = None
from intake.cli.surroundings import prepare
from intake.core.errors import IntakeError
from intake.settings import read_settings
settings = read_settings({"INTAKE_DATA": sys.argv[1], "INTAKE_RULES": sys.argv[2],
    "INTAKE_ALLOW": sys.argv[3]})
try:
    print("\\n".join(prepare(settings)))
except IntakeError as error:
    sys.exit(str(error))
"""


def test_without_sqlcipher_a_clinic_is_plain_only_where_that_was_allowed(data, tiny):
    def start(allow):
        command = [sys.executable, "-c", WITHOUT_SQLCIPHER, str(data), str(tiny), allow]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = start("old-sqlite")
    was_made = data.exists()
    taken = start("plain,old-sqlite")

    assert (refused.returncode, was_made) == (1, False)
    assert "pip install sqlcipher3" in refused.stderr
    assert taken.returncode == 0
    assert "Allowed by INTAKE_ALLOW=plain" in taken.stdout
    assert is_plain(data / "clinic.db")
