"""History made again where rows were changed by hand: each is named, and none hides the others."""

import json

import pytest

from intake.actions import made_again, replay
from intake.actions.made_again import Replayer
from intake.actions.replay import NOT_AGAIN, replay_history
from intake.core.errors import StorageError
from intake.core.rules import Triage
from intake.exports.ndjson import Lines
from intake.exports.replay import DIFFERENCES
from tests.conftest import NOW
from tests.storage.builders import by_hand

SECRET = "Zyzzyva"
"""A word that stands in what was spoilt and may be said nowhere."""


@pytest.fixture
def again(busy):
    """Replay the history of the busy clinic."""

    def act(folder=None, over=None):
        return replay_history(
            busy.store,
            Lines(folder) if folder else None,
            over=over or (lambda spans: map(Replayer(busy.store), spans)),
            program="1",
            now=NOW,
            told=lambda *_: None,
        )

    return act


def put(busy, table, column, value, where="TRUE"):
    """Write into rows that are kept for ever."""
    said = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else value
    by_hand(busy.store.connection, f"UPDATE {table} SET {column} = {said} WHERE {where}")  # noqa: S608


def of(busy, triage="stop"):
    """A screening with its content."""
    row = busy.store.row(
        "SELECT id, response_id, content FROM screenings WHERE triage = ?"
        " ORDER BY length(content) DESC",
        [triage],
    )
    return row["id"], row["response_id"], json.loads(row["content"])


def write(busy, screening_id, content):
    text = content
    if not isinstance(content, str):
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    put(busy, "screenings", "content", text, f"id = '{screening_id}'")


def without_findings(content):
    del content["findings"]


def with_another_triage_word(content):
    content["triage"] = SECRET


def with_a_strange_finding(content):
    content["findings"][0]["rule_id"] = [SECRET]


def with_a_strange_hash(content):
    content["pack_hash"] = {SECRET: 1}


CONTENTS = (without_findings, with_another_triage_word, with_a_strange_finding, with_a_strange_hash)


class TestWhatCannotBeMadeAgain:
    def see(self, busy, ended, response_id, word):
        (one,) = ended.first
        assert ended.ways == {NOT_AGAIN: 1}
        assert ended.done == ended.screenings
        assert (one.response_id, one.now) == (response_id, None)
        assert word in one.fault
        assert SECRET not in repr(one)
        return one

    def test_is_named_where_an_answer_is_no_json(self, busy, again, tmp_path):
        _, response_id, _ = of(busy)
        put(busy, "answers", "value", SECRET, f"response_id = '{response_id}'")

        ended = again(tmp_path / "out")

        assert self.see(busy, ended, response_id, "Its form cannot be read").then is Triage.STOP
        assert SECRET not in (tmp_path / "out" / DIFFERENCES).read_text()

    def test_is_named_where_the_plan_is_none(self, busy, again):
        _, response_id, _ = of(busy)
        put(busy, "responses", "plan", SECRET, f"id = '{response_id}'")

        self.see(busy, again(), response_id, "Its form cannot be read")

    def test_is_named_where_the_content_is_no_json_by_its_columns(self, busy, again):
        screening_id, response_id, content = of(busy)
        write(busy, screening_id, SECRET)

        one = self.see(busy, again(), response_id, "What was found cannot be read")

        assert (one.then, one.on.isoformat()) == (Triage.STOP, content["on"])
        assert one.pack.endswith(content["pack_hash"][:12])

    @pytest.mark.parametrize("spoil", CONTENTS)
    def test_is_named_where_the_content_is_another_thing(self, busy, again, spoil, tmp_path):
        screening_id, response_id, content = of(busy)
        spoil(content)
        write(busy, screening_id, content)

        self.see(busy, again(tmp_path / "out"), response_id, "read")

    def test_is_named_where_what_was_told_cannot_be_read(self, busy, again):
        screening_id, response_id, _ = of(busy)
        put(busy, "screenings", "told", "[1]", f"id = '{screening_id}'")

        self.see(busy, again(), response_id, "What was told beside the form cannot be read")

    def test_is_named_where_its_form_is_gone(self, busy, again):
        _, response_id, _ = of(busy)
        by_hand(busy.store.connection, f"DELETE FROM responses WHERE id = '{response_id}'")  # noqa: S608

        self.see(busy, again(), response_id, "Its form is not there any more")

    def test_is_named_where_the_program_fails_on_it(self, busy, again, monkeypatch):
        whole, failed = made_again.screen_told, []

        def screen_told(*given):
            if not failed:
                failed.append(given)
                raise KeyError(SECRET)
            return whole(*given)

        monkeypatch.setattr(made_again, "screen_told", screen_told)

        ended = again()

        assert "report this" in ended.first[0].fault
        assert (ended.different, SECRET in repr(ended.first)) == (1, False)

    def test_is_not_said_where_nobody_can_go_on(self, busy, again, monkeypatch):
        def kept_pack(*_):
            raise StorageError

        monkeypatch.setattr(made_again, "kept_pack", kept_pack)

        with pytest.raises(StorageError):
            again()


def reversed_findings(content):
    content["findings"].reverse()


def a_doubled_finding(content):
    content["findings"].append(content["findings"][0])


def a_bogus_finding_in_front(content):
    content["findings"].insert(0, {**content["findings"][0], "title": "Another"})


def another_version(content):
    content["pack_version"] = "9.9.9"


def an_unknown_key(content):
    content["cleared_by"] = "nobody"


def an_unknown_key_of_a_finding(content):
    content["findings"][0]["cleared_by"] = "nobody"


WORDS = {
    reversed_findings: "order of findings",
    a_doubled_finding: None,
    a_bogus_finding_in_front: None,
    another_version: "pack_version",
    an_unknown_key: "wording of what is stored",
    an_unknown_key_of_a_finding: "wording of what is stored",
}


@pytest.mark.parametrize("change", WORDS)
def test_what_stands_otherwise_to_the_word_is_otherwise(busy, again, change):
    busy.sent("vitamin-c-planned", name="Stina Several")
    screening_id, response_id, content = of(busy)
    change(content)
    write(busy, screening_id, content)

    ended = again()

    (one,) = ended.first
    assert (one.response_id, one.then, one.now) == (response_id, Triage.STOP, Triage.STOP)
    if WORDS[change]:
        assert one.other == (WORDS[change],)
    else:
        assert one.rules
        assert {rule.rule_id for rule in one.rules} == {content["findings"][0]["rule_id"]}


def test_what_findings_had_not_yet_is_no_difference(busy, again):
    screening_id, _, content = of(busy)
    for finding in content["findings"]:
        del finding["teller"], finding["is_label_open"]
    write(busy, screening_id, content)

    assert again().different == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("triage", "routine"),
        ("triage_rank", 4),
        ("on_date", "2020-01-01"),
        ("unknown_count", 77),
        ("needs_dermatologist", 0),
    ],
)
def test_a_column_that_says_something_else_is_otherwise(busy, again, column, value):
    screening_id, response_id, _ = of(busy)
    put(busy, "screenings", column, value, f"id = '{screening_id}'")

    (one,) = again().first

    assert (one.response_id, one.other) == (response_id, (f"column {column}",))


def test_the_hash_beside_a_screening_is_looked_at_too(busy, again):
    screening_id, _, _ = of(busy)
    put(busy, "screenings", "pack_hash", "x", f"id = '{screening_id}'")

    assert again().first[0].other == ("column pack_hash",)


def test_a_case_for_a_dermatologist_for_another_reason_is_no_difference(busy, again):
    put(busy, "screenings", "needs_dermatologist", 1)

    assert again().different == 0


def test_screenings_that_are_gone_meanwhile_are_missing(busy, again, monkeypatch):
    monkeypatch.setattr(replay, "FEW", 2)

    def over(spans):
        replayer, (first, *others) = Replayer(busy.store), list(spans)
        return map(replayer, [first, *others[1:]])

    ended = again(over=over)

    assert (ended.missing, ended.different, ended.is_sound) == (2, 0, False)


def test_by_which_engine_they_were_made_is_counted(busy, again):
    screening_id, _, content = of(busy)
    write(busy, screening_id, content | {"engine_version": "0"})

    ended = again()

    assert ended.different == 0
    assert ended.engines == {"0": 1, "1": ended.done - 1}


def test_numbers_that_lie_far_apart_take_no_longer(busy, again, monkeypatch):
    monkeypatch.setattr(replay, "FEW", 2)
    by_hand(busy.store.connection, "UPDATE screenings SET sequence = sequence * 1000000")
    spans = []

    def over(given):
        replayer = Replayer(busy.store)
        for span in given:
            spans.append(span)
            yield replayer(span)

    ended = again(over=over)

    assert ended.done == ended.screenings
    assert len(spans) == (ended.done + 1) // 2
