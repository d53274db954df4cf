"""History made again: it comes out as it was stored, and whatever does not is named."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import made_again, replay, rule_packs
from intake.actions.made_again import Replayer
from intake.actions.replay import NOT_AGAIN, replay_history
from intake.actions.rescreen import bring_back
from intake.core.course import Reply
from intake.core.decisions import Decision, Disposition
from intake.core.errors import PackError, StateError
from intake.core.replay import Direction
from intake.core.rules import Triage
from intake.exports.ndjson import CHECKPOINT, MANIFEST, Lines
from intake.exports.replay import DIFFERENCES
from intake.storage import audit
from tests import engines
from tests.actions.conftest import refused
from tests.actions.test_treat import Chair
from tests.conftest import NOW, TODAY

LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def again():
    """Replay the history of a desk; returns how it ended."""

    def act(desk, folder=None, over=None, told=None, program="1"):
        return replay_history(
            desk.store,
            Lines(folder) if folder else None,
            over=over or (lambda spans: map(Replayer(desk.store), spans)),
            program=program,
            now=LATER,
            told=told or (lambda *_: None),
        )

    return act


@pytest.fixture
def few(monkeypatch):
    """A few screenings at a time are very few."""
    monkeypatch.setattr(replay, "FEW", 2)


@pytest.fixture
def forgetful(monkeypatch):
    monkeypatch.setattr(made_again, "screen_told", engines.forgetful(made_again.screen_told))


def stored(desk):
    return desk.store.row("SELECT count(*) AS n FROM screenings")["n"]


def lines_of(folder):
    return [json.loads(line) for line in (folder / DIFFERENCES).read_text().splitlines()]


class TestWhatIsTheSame:
    def test_is_every_case_of_a_clinic_in_which_nothing_changed(self, busy, again):
        ended = again(busy)

        assert ended.done == ended.screenings == stored(busy) > 10
        assert ended.different == 0

    def test_is_what_was_told_at_the_chair_and_how_sessions_went(self, desk, again):
        chair = Chair(desk)
        chair.treated()
        sent = chair.going_ahead("Nora Blau")
        chair.confirm(sent.id, new_medicine=Reply.YES, words={"new_medicine": "Warfarin"})
        told = desk.store.row("SELECT count(*) AS n FROM screenings WHERE told <> '[]'")["n"]

        assert again(desk).different == 0
        assert told > 0

    def test_is_what_came_back_on_a_later_day(self, desk, again):
        sent = desk.sent("needling-27")
        desk.decide(sent.id, Decision(Disposition.DEFER, until=TODAY + 15 * DAY))
        bring_back(desk.store, lambda _: desk.pack, now=NOW + 20 * DAY, today=TODAY + 20 * DAY)
        of_days = desk.store.row("SELECT count(DISTINCT on_date) AS n FROM screenings")["n"]

        assert again(desk).different == 0
        assert of_days == 2

    def test_is_what_was_screened_with_rules_that_are_in_force_no_more(
        self, busy, again, shipped_files
    ):
        text = shipped_files["pack.yaml"].replace("version: 0.1.0", "version: 0.1.1")
        newer = {**shipped_files, "pack.yaml": text}
        pack = rule_packs.activate(busy.store, newer, actor="test", now=NOW)
        replace(busy, pack=pack).sent("pregnant", name="Nell")

        ended = again(busy)

        packs = busy.store.row("SELECT count(DISTINCT pack_hash) AS n FROM screenings")["n"]
        assert (ended.different, packs) == (0, 2)

    def test_is_a_form_that_was_amended_or_withdrawn(self, busy, again):
        forms = {row["id"] for row in busy.store.rows("SELECT id FROM responses")}
        seen = set()

        again(busy, over=lambda spans: map(_noting(Replayer(busy.store), seen), spans))

        ended = {"entered-in-error", "completed"}
        statuses = {r["status"] for r in busy.store.rows("SELECT status FROM responses")}
        assert statuses > ended
        assert seen < forms


def _noting(replayer, seen):
    whole = replayer._again

    def again(made, engines):
        seen.add(made.response_id)
        return whole(made, engines)

    replayer._again = again
    return replayer


class TestWhatIsOtherwise:
    def test_is_named_with_its_rule_and_which_way_it_went(self, busy, again, forgetful):
        ended = again(busy)

        stop = next(one for one in ended.first if one.then is Triage.STOP)
        assert stop.direction is Direction.LOWER
        assert stop.rules[0].then.effect is Triage.STOP
        assert stop.rules[0].now is None
        assert ended.ways[Direction.LOWER] > 1
        assert 0 < ended.different < ended.done  # of "no rule matched" nothing can be forgotten

    def test_is_a_citation_as_much_as_a_triage(self, busy, again, monkeypatch):
        whole = made_again.screen_told

        def screen_told(*given):
            found = whole(*given)
            return replace(found, findings=tuple(replace(one, cited=()) for one in found.findings))

        monkeypatch.setattr(made_again, "screen_told", screen_told)

        ended = again(busy)

        assert set(ended.ways) == {Direction.SAME}

    def test_is_a_date_and_what_is_unknown(self, busy, again, monkeypatch):
        whole = made_again.screen_told
        monkeypatch.setattr(
            made_again,
            "screen_told",
            lambda *given: replace(
                whole(*given), unknown_count=99, earliest_safe_date=TODAY + 99 * DAY
            ),
        )

        ended = again(busy)

        assert ended.different == ended.done
        assert {one.other for one in ended.first} == {("earliest_safe_date", "unknown_count")}

    def test_is_that_the_rules_cannot_be_read(self, busy, again, monkeypatch):
        def kept_pack(*_):
            raise PackError(["pack.yaml:1: no"])

        monkeypatch.setattr(made_again, "kept_pack", kept_pack)

        ended = again(busy)

        assert ended.ways == {NOT_AGAIN: ended.done}
        assert all("intake verify" in one.fault for one in ended.first)

    def test_is_in_the_file_without_a_word_of_a_patient(self, busy, again, tmp_path, forgetful):
        ended = again(busy, tmp_path / "out")

        lines = lines_of(tmp_path / "out")
        assert len(lines) == ended.different
        assert {one["direction"] for one in lines} == {"lower"}
        text = (tmp_path / "out" / DIFFERENCES).read_text()
        names = [row["name"] for row in busy.store.rows("SELECT name FROM patients")]
        assert not any(part in text for name in names for part in name.split())
        assert "said" not in text

    def test_of_many_only_the_first_are_kept_in_mind(
        self, busy, again, tmp_path, forgetful, few, monkeypatch
    ):
        monkeypatch.setattr(replay, "SHOWN", 3)

        ended = again(busy, tmp_path / "out")

        assert len(ended.first) == 3
        assert len(lines_of(tmp_path / "out")) == ended.different > 3


class Killed(BaseException):
    """The process is gone."""


def test_cut_off_at_any_moment_it_goes_on_and_finds_the_same(busy, again, few, tmp_path, forgetful):
    whole = again(busy, tmp_path / "whole")
    at = 0
    while True:
        folder = tmp_path / f"cut-{at}"

        def stop(done, _, at=at):
            if done >= at:
                raise Killed

        with suppress(Killed):
            again(busy, folder, told=stop)
        if (folder / MANIFEST).exists():
            break
        ended = again(busy, folder)
        assert (ended.done, ended.ways) == (whole.done, whole.ways), at
        assert (folder / DIFFERENCES).read_bytes() == (
            tmp_path / "whole" / DIFFERENCES
        ).read_bytes()
        at += 1
        if at > whole.done:
            break

    assert at > 10


def test_each_replay_is_noted_with_what_came_of_it(busy, again, forgetful):
    ended = again(busy)

    (event,) = [e for e in audit.latest(busy.store) if e.action == "history replayed"]
    assert event.actor == "command line"
    assert event.detail == {
        "number": ended.done,
        "different": ended.different,
        "engine": "1",
        "program": "1",
    }


def test_what_was_screened_meanwhile_is_left_to_the_next(busy, again, few):
    before = stored(busy)
    names = iter(["Una", "Dua"])

    def meanwhile(done, _):
        if done in (2, 4):
            busy.sent("pregnant", name=next(names))

    ended = again(busy, told=meanwhile)

    assert (ended.done, stored(busy)) == (before, before + 2)
    assert again(busy).done == before + 2


@pytest.mark.parametrize(
    "changed", [{"program": "2"}, {"engine": "0"}, {"clinic": "another"}, {"head": [1, "00"]}]
)
def test_what_was_begun_otherwise_is_not_gone_on_with(busy, again, few, tmp_path, changed):
    def stop(done, _):
        if done:
            raise Killed

    with pytest.raises(Killed):
        again(busy, tmp_path / "out", told=stop)
    kept = json.loads((tmp_path / "out" / CHECKPOINT).read_text())
    kept |= {k: v for k, v in changed.items() if k == "head"}
    kept["asked"] |= {k: v for k, v in changed.items() if k != "head"}
    (tmp_path / "out" / CHECKPOINT).write_text(json.dumps(kept))

    error = refused(busy.store, StateError, lambda: again(busy, tmp_path / "out"))

    assert "cannot be gone on with. Remove that folder" in str(error)


def test_the_folder_says_how_it_ended(busy, again, tmp_path):
    ended = again(busy, tmp_path / "out")

    said = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert (said["done"], said["different"]) == (ended.done, 0)
    assert lines_of(tmp_path / "out") == []
    refused(busy.store, StateError, lambda: again(busy, tmp_path / "out"))


def test_a_clinic_without_screenings_has_nothing_to_replay(empty_store, again):
    class Empty:
        store = empty_store

    assert again(Empty).done == 0
