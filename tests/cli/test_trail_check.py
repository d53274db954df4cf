"""`intake audit verify` and `heads`, over a clinic somebody wrote to by hand."""

import csv
import hmac
import json
import re
from contextlib import closing
from io import StringIO

import pytest

from intake.cli.surroundings import prepare
from intake.settings import DATABASE_NAME, Settings
from tests.cli.conftest import opened
from tests.storage.builders import by_hand

HEAD = re.compile(r"Head: (\d+):([0-9a-f]{64})")


@pytest.fixture
def clinic(data, tiny, run):
    prepare(Settings(data, tiny, "Clinic", None, "127.0.0.1", 8000))
    run("accounts", "add", "ada", "--name", "Ada", "--role", "practitioner")
    return data


def tamper(data, *statements):
    """Write to the clinic's file with its triggers put aside."""
    with closing(opened(data)) as store:
        by_hand(store.connection, *statements)


CUT = (
    "DELETE FROM audit_records WHERE sequence > {0}",
    "DELETE FROM audit_events WHERE sequence > {0}",
    "UPDATE sqlite_sequence SET seq = {0} WHERE name = 'audit_events'",
)


def cut(data, after):
    """Cut the end off so that nothing inside the database tells."""
    tamper(data, *(statement.format(after) for statement in CUT))


def lines(data):
    with closing(opened(data)) as store:
        return store.row("SELECT count(*) AS n FROM audit_events")["n"]


def test_a_trail_as_it_was_written_is_said_to_be_so_with_its_head(run, clinic):
    found = run("audit", "verify")

    assert found.exit_code == 0
    assert "are as they were written" in found.stdout
    assert HEAD.search(found.stdout)


def test_the_first_bad_line_is_named_and_the_exit_is_one(run, clinic):
    tamper(clinic, "UPDATE audit_events SET actor = 'eve' WHERE sequence = 2")

    found = run("audit", "verify")

    assert found.exit_code == 1
    assert re.match(r"Line 2 of \d{4}-\d\d-\d\d \d\d:\d\d was edited\.", found.stdout)


def test_a_head_that_was_noted_is_compared(run, clinic):
    count, mac = HEAD.search(run("audit", "verify").stdout).groups()

    same = run("audit", "verify", "--head", f"{count}:{mac[:16]}")
    other = run("audit", "verify", "--head", f"{count}:{'ab' * 8}")
    longer = run("audit", "verify", "--head", f"900:{mac}")

    assert [one.exit_code for one in (same, other, longer)] == [0, 1, 1]
    assert f"is not the one that the head {count}:{'ab' * 8} was made with" in other.stdout
    assert "was made when it had 900: its end was cut" in longer.stdout


@pytest.mark.parametrize("head", ["", "12", "12:ab", "x:0123456789abcdef", "1:0123456789abcdeg"])
def test_what_is_no_head_is_refused_with_an_example(run, clinic, head):
    found = run("audit", "verify", "--head", head)

    assert found.exit_code == 2
    assert "write it as it is printed, such as 812:" in found.stderr


def test_a_cut_end_is_found_by_the_head_beside_the_keys(run, clinic):
    run("audit", "verify")
    cut(clinic, lines(clinic) - 2)

    found = run("audit", "verify")

    assert found.exit_code == 1
    assert "its end was cut" in found.stdout
    assert "heads.log (check)" in found.stdout


def test_a_cut_end_is_found_by_the_name_of_a_backup(run, clinic, data):
    run("backup")
    before = lines(clinic)
    data.with_name(f"{data.name}-keys").joinpath("heads.log").unlink()
    cut(clinic, before - 3)

    found = run("audit", "verify")

    assert found.exit_code == 1
    assert re.search(r"but the backup clinic-\S+\.db was made when it had", found.stdout)


def test_a_backup_elsewhere_can_be_named(run, clinic, data, tmp_path):
    run("backup", INTAKE_BACKUPS=str(tmp_path / "disk"))
    data.with_name(f"{data.name}-keys").joinpath("heads.log").unlink()
    (file,) = (tmp_path / "disk").iterdir()
    cut(clinic, 1)

    found = run("audit", "verify", "--backup", file)
    unnamed = run("audit", "verify", "--backup", "mine.db")

    assert "its end was cut" in found.stdout
    assert unnamed.exit_code == 2
    assert "holds no head" in unnamed.stderr


def test_a_line_put_into_the_file_of_heads_is_named(run, clinic, data):
    run("backup")
    heads = data.with_name(f"{data.name}-keys") / "heads.log"
    heads.write_text(f"{heads.read_text()}nothing\n")

    found = run("audit", "verify")

    assert found.exit_code == 1
    assert found.stdout == "Line 2 of heads.log is not a head that the program kept.\n"


def test_a_file_of_heads_is_for_its_owner_alone(run, clinic, data):
    run("backup")

    assert (data.with_name(f"{data.name}-keys") / "heads.log").stat().st_mode & 0o777 == 0o600


def test_heads_are_kept_with_backups_exports_and_checks_and_listed(run, clinic):
    run("backup")
    run("export", "csv")
    run("figures")
    run("audit", "export")
    run("audit", "verify")

    listed = run("audit", "heads").stdout.splitlines()

    occasions = re.findall(r"\((\w+)\)", "\n".join(listed))
    assert occasions == ["backup", "export", "export", "export", "check"]
    assert [line for line in listed if "the backup clinic-" in line]
    assert all(" fits " in line for line in listed[:-1])
    assert listed[-1].startswith("Now: ")


def test_a_head_that_the_trail_has_not_is_marked_in_the_list(run, clinic):
    run("backup")
    cut(clinic, 1)

    assert run("audit", "heads").stdout.count("does not fit") == 2


def test_an_export_says_the_head_it_was_made_at(run, clinic):
    said = run("export", "csv").stderr

    (count, mac) = re.search(r"kept with the file: (\d+):([0-9a-f]{16})", said).groups()
    assert int(count) == lines(clinic)
    assert run("audit", "verify", "--head", f"{count}:{mac}").exit_code == 0


def test_a_restored_copy_is_the_clinic_from_then_on(run, clinic, data):
    run("backup")
    (file,) = data.with_name(f"{data.name}-backups").iterdir()
    run("accounts", "add", "ben", "--name", "Ben", "--role", "practitioner")
    run("audit", "verify")

    restored = run("restore", file, "--replace")

    found = run("audit", "verify")
    assert restored.exit_code == 0
    assert (found.exit_code, "as they were written" in found.stdout) == (0, True)
    assert "backup restored" in run("audit", "list").stdout


def test_a_backup_put_in_place_by_hand_is_found(run, clinic, data):
    run("backup")
    (file,) = data.with_name(f"{data.name}-backups").iterdir()
    run("accounts", "add", "ben", "--name", "Ben", "--role", "practitioner")
    run("audit", "verify")

    (clinic / DATABASE_NAME).write_bytes(file.read_bytes())

    assert "its end was cut, or this is an older copy" in run("audit", "verify").stdout


def test_another_key_is_said_to_be_so(run, clinic):
    found = run("audit", "verify", INTAKE_TRAIL_KEY="ab" * 32)

    assert found.exit_code == 1
    assert found.stdout.startswith("No line fits its seal: this is not the key")


def test_only_the_newest_lines_are_looked_at_when_asked(run, clinic):
    tamper(clinic, "UPDATE audit_events SET actor = 'eve' WHERE sequence = 1")

    newest, every = run("audit", "verify", "--newest", "1"), run("audit", "verify")

    assert (newest.exit_code, every.exit_code) == (0, 1)
    assert newest.stdout.startswith("The lines ")


def test_the_seals_of_an_exported_trail_can_be_reckoned_without_this_program(run, clinic, data):
    text = run("audit", "export").stdout.removeprefix("\ufeff")
    key = bytes.fromhex((data.with_name(f"{data.name}-keys") / "trail.key").read_text())
    mac = ""

    for row in csv.DictReader(StringIO(text)):
        columns = [row["at"], row["actor"], row["action"], row["record"], row["facts"] or "{}"]
        line = ["line", mac, int(row["sequence"]), *columns, row["records"]]
        written = json.dumps(line, separators=(",", ":"), ensure_ascii=False)
        mac = hmac.digest(key, written.encode(), "sha256").hex()
        assert mac == row["mac"]
    assert mac


def test_a_key_in_the_environment_needs_no_folder(run, clinic, data, tmp_path):
    keys = {
        f"INTAKE_{name.upper()}_KEY": (
            data.with_name(f"{data.name}-keys") / f"{name}.key"
        ).read_text()
        for name in ("database", "trail")
    }

    found = run("audit", "verify", INTAKE_KEYS=str(tmp_path / "none"), **keys)

    assert found.exit_code == 0
    assert (tmp_path / "none" / "heads.log").exists()


def test_nothing_is_lost_where_heads_cannot_be_kept(run, clinic, data):
    (data.with_name(f"{data.name}-keys") / "heads.log").mkdir()

    assert run("backup").exit_code == 0
