"""`intake replay`: what is said, how it ends, and that several processes say the same."""

import json
import os
import re
from contextlib import closing

import pytest

from intake.actions import made_again, replay
from intake.cli import progress, replaying, workers
from intake.exports.ndjson import MANIFEST
from intake.exports.replay import DIFFERENCES
from tests import engines
from tests.cli.conftest import invoke, opened
from tests.storage.builders import by_hand


@pytest.fixture
def few(monkeypatch):
    for module in (replay, replaying):
        monkeypatch.setattr(module, "FEW", 3)


@pytest.fixture
def forgetful(monkeypatch):
    monkeypatch.setattr(made_again, "screen_told", engines.forgetful(made_again.screen_told))


def test_where_nothing_changed_it_says_so(demo):
    done = invoke(demo, "replay")

    assert done.exit_code == 0, done.output
    assert "screenings made again with version 0.1.0." in done.output
    assert "Every one came out as it was stored." in done.output


def test_several_processes_find_what_one_finds(demo, few):
    alone = invoke(demo, "replay", "--jobs", 1)
    together = invoke(demo, "replay", "--jobs", 2)

    assert together.exit_code == 0, together.output
    assert together.output == alone.output


def test_what_came_out_otherwise_is_said_and_fails(demo, forgetful):
    done = invoke(demo, "replay")

    assert done.exit_code == 1
    assert "with a less serious triage" in done.output
    assert "stop then, " in done.output
    assert "(stop) then, nothing now" in done.output


def test_a_folder_takes_all_of_it(demo, forgetful, monkeypatch, tmp_path):
    monkeypatch.setattr(replay, "SHOWN", 2)
    out = tmp_path / "out"

    done = invoke(demo, "replay", "--out", out)

    assert done.exit_code == 1
    assert f"All of them: {out / DIFFERENCES}" in done.output
    lines = (out / DIFFERENCES).read_text().splitlines()
    assert len(lines) == json.loads((out / MANIFEST).read_text())["different"] > 2
    assert done.output.count("screened for") == 2


def test_without_a_folder_it_says_that_there_are_more(demo, forgetful, monkeypatch):
    for module in (replay, replaying):
        monkeypatch.setattr(module, "SHOWN", 2)

    done = invoke(demo, "replay")

    assert "the first 2; run it with --out DIR" in done.output


def test_stopped_it_says_that_it_goes_on_and_does(demo, few, monkeypatch, tmp_path):
    def told(_, done, of):
        if done >= 6:
            raise KeyboardInterrupt

    command = ("replay", "--jobs", 1, "--out", tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(progress.Progress, "__call__", told)
        stopped = invoke(demo, *command)

    done = invoke(demo, *command)

    assert "Run the same command again to go on from here." in stopped.output
    assert done.exit_code == 0, done.output
    assert "Every one came out as it was stored." in done.output


def test_stopped_without_a_folder_it_says_that_nothing_was_kept(demo, few, monkeypatch):
    def told(_, done, of):
        raise KeyboardInterrupt

    monkeypatch.setattr(progress.Progress, "__call__", told)

    assert "Stopped. Nothing was kept." in invoke(demo, "replay").output


def _die(span):
    os._exit(9)


def test_a_process_that_is_ended_from_outside_fails_the_replay(demo, few, monkeypatch):
    monkeypatch.setattr(workers, "_do", _die)

    done = invoke(demo, "replay", "--jobs", 2)

    assert done.exit_code == 2
    assert "A process of this command was ended from outside" in done.output
    assert "came out as it was stored" not in done.output


def test_without_a_clinic_it_says_what_is_missing(data):
    assert invoke(data, "replay").exit_code == 2


def test_a_folder_that_is_done_with_is_called_what_it_is(demo, tmp_path):
    command = ("replay", "--out", tmp_path / "out")
    invoke(demo, *command)

    again = invoke(demo, *command)

    assert again.exit_code != 0
    assert "holds a finished replay" in again.output
    assert "Remove that folder" in again.output


def spoilt(demo, statement):
    """Change rows of the demo clinic behind the program's back."""
    with closing(opened(demo)) as store:
        by_hand(store.connection, statement)


ONE = "(SELECT response_id FROM screenings WHERE sequence = 5)"


def test_a_case_that_cannot_be_made_again_is_named_and_the_others_are_made(demo, tmp_path):
    whole = invoke(demo, "replay")
    spoilt(demo, f"UPDATE answers SET value = 'Zyzzyva' WHERE response_id = {ONE}")  # noqa: S608

    done = invoke(demo, "replay", "--out", tmp_path / "out")
    alone = invoke(demo, "replay", "--jobs", 2)

    assert done.exit_code == alone.exit_code == 1
    assert done.output.splitlines()[0] == whole.output.splitlines()[0]
    assert re.search(
        r"^\d came out otherwise: \d could not be screened again\.$", done.output, re.MULTILINE
    )
    assert "then, Its form cannot be read as it is stored (JSONDecodeError): see" in done.output
    assert "Zyzzyva" not in done.output + done.stderr + alone.output
    assert (tmp_path / "out" / MANIFEST).exists()


def test_a_screening_without_its_form_is_counted_and_named(demo):
    whole = invoke(demo, "replay")
    spoilt(demo, f"DELETE FROM responses WHERE id = {ONE}")  # noqa: S608

    done = invoke(demo, "replay")

    assert done.exit_code == 1
    assert done.output.splitlines()[0] == whole.output.splitlines()[0]
    assert "Its form is not there any more" in done.output


def test_what_the_queue_is_sorted_by_is_held_against_the_screening(demo):
    spoilt(demo, "UPDATE screenings SET triage_rank = 3 WHERE triage = 'stop'")

    done = invoke(demo, "replay")

    assert done.exit_code == 1
    assert "    other than stored: column triage_rank" in done.output


def test_fewer_than_there_were_is_no_proof(demo, few, monkeypatch):
    whole = replay.replaying.next_few
    monkeypatch.setattr(
        replay.replaying,
        "next_few",
        lambda store, span, limit: whole(store, span, limit) if span.behind < 6 else None,
    )

    done = invoke(demo, "replay")

    assert done.exit_code == 1
    assert "could not be found any more" in done.output
    assert "came out as it was stored" not in done.output


def test_what_another_engine_made_is_counted(demo):
    spoilt(
        demo,
        "UPDATE screenings SET content ="
        """ replace(content, '"engine_version":"1"', '"engine_version":"0"') WHERE sequence < 4""",
    )

    done = invoke(demo, "replay")

    assert done.exit_code == 0, done.output
    assert "were made by another version of the engine than this one, which is 1: 3 by 0." in (
        done.output
    )


def test_a_clinic_without_screenings_says_so(settle, data):
    settle()

    done = invoke(data, "replay")

    assert done.exit_code == 0, done.output
    assert done.output == "There are no screenings here yet: nothing was made again.\n"


@pytest.mark.parametrize("fault", [ValueError, MemoryError, OSError])
def test_a_replay_that_fails_itself_ends_otherwise_than_with_differences(demo, monkeypatch, fault):
    def with_(*_):
        msg = "Zyzzyva"
        raise fault(msg)

    monkeypatch.setattr(replay.Standing, "with_", with_)

    done = invoke(demo, "replay")

    assert done.exit_code == 2
    assert f"The replay failed ({fault.__name__})" in done.stderr
    assert "Zyzzyva" not in done.output + done.stderr
