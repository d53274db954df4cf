"""Another pack over the patients of a clinic: who would change, which way, and by what."""

from datetime import timedelta

import pytest

from intake.actions import impact as action
from intake.actions.impact import Assessor, assess, pieces
from intake.actions.rescreen import bring_back
from intake.core.course import Reply
from intake.core.decisions import Decision, Disposition
from intake.core.impact import Group, Impact
from intake.core.narrowing import Narrowed
from intake.core.replay import Direction
from intake.core.rules import Triage
from intake.exports.impact import COLUMNS, as_dict, row_of
from intake.packs import load_texts
from tests.actions.test_treat import Chair
from tests.conftest import NOW, TODAY
from tests.storage.builders import by_hand, everything

RULES, QUESTIONS = "rules/blood.yaml", "questionnaire.yaml"
ASPIRIN = "  - id: aspirin-alone\n    title: Daily aspirin\n    level: caution\n"
LABEL = "level: {}\n        because: The manual names aspirin beside anticoagulants.\n"
KELOID = "          - id: keloid_ever\n            ask: Have you ever had a keloid?\n"
NEW = "          - id: moon\n            ask: Were you on the moon?\n            type: yes_no\n"
NEW_RULE = """
  - id: moon-dust
    title: Moon dust
    level: review
    when: moon is yes
    meaning: Dust.
    action: Ask.
    basis: [general knowledge]
    reviewer: practitioner
    review_by: 2027-11-21
"""


@pytest.fixture
def under(shipped_files):
    """Assess the cases of a desk under the shipped pack with some edits."""

    def act(desk, *edits, sample=None):
        files = changed(shipped_files, *edits)
        impact, told = Impact(), []
        assessor = Assessor.of_files(files, TODAY, desk.store)
        found = list(
            assess(
                lambda cases: map(assessor, cases),
                pieces(desk.store, sample),
                impact,
                told.append,
            )
        )
        return impact, {one.response_id: one for one in found}, told

    return act


def changed(files, *edits):
    files = dict(files)
    for name, old, new in edits:
        assert old in files[name], old
        files[name] = files[name].replace(old, new)
    return files


def gone(files, begin):
    """Return the edit that takes out a rule of this beginning."""
    start = files[RULES].index(begin)
    end = files[RULES].index("  - id: ", start + len(begin))
    return RULES, files[RULES][start:end], ""


STRICTER = (
    (RULES, ASPIRIN, ASPIRIN.replace("level: caution", "level: review")),
    (RULES, LABEL.format("review"), LABEL.format("stop")),
)
"""Daily aspirin is for review, where it was a caution."""


def named(desk, name):
    """Return the form of a patient that counts."""
    row = desk.store.row(
        "SELECT r.id FROM responses r JOIN patients p ON p.id = r.patient_id WHERE p.name = ?",
        [name],
    )
    return row["id"]


def test_the_same_pack_does_nothing(busy, under):
    impact, found, _ = under(busy)

    assert found == {}
    assert impact.all.cases == impact.all.ways[Direction.SAME] == 11
    assert {group: impact.of(group).cases for group in Group} == {
        Group.WAITING: 9, Group.DEFERRED: 1, Group.BOOKED: 1, Group.DECIDED: 0
    }  # fmt: skip


def test_a_stricter_rule_raises_whoever_it_is_met_by(busy, under):
    impact, found, _ = under(busy, *STRICTER)

    case = found[named(busy, "Carl Caution")]
    assert (case.then, case.now, case.group) == (Triage.CAUTION, Triage.REVIEW, Group.WAITING)
    (moved,) = case.moved
    assert (moved.rule_id, moved.then, moved.now) == (
        "aspirin-alone",
        Triage.CAUTION,
        Triage.REVIEW,
    )
    assert list(found) == [case.response_id]
    assert impact.of(Group.WAITING).ways[Direction.HIGHER] == 1


def test_a_rule_that_is_gone_lowers_whoever_it_was_met_by(busy, under, shipped_files):
    _, found, _ = under(busy, gone(shipped_files, ASPIRIN))

    case = found[named(busy, "Carl Caution")]
    assert (case.then, case.now, case.direction) == (
        Triage.CAUTION, Triage.ROUTINE, Direction.LOWER
    )  # fmt: skip


def test_who_goes_ahead_is_apart_from_who_waits(busy, under):
    sent = busy.sent("aspirin", name="Gina Going-Ahead")
    busy.decide(sent.id, Decision(Disposition.PROCEED, acknowledged=frozenset({"aspirin-alone"})))

    impact, found, _ = under(busy, *STRICTER)

    assert found[sent.id].group is Group.BOOKED
    assert impact.of(Group.BOOKED).ways[Direction.HIGHER] == 1


def test_a_question_that_nobody_was_asked_raises_all_and_says_why(busy, under, shipped_files):
    added = shipped_files[RULES].rstrip("\n") + NEW_RULE

    impact, found, _ = under(
        busy, (QUESTIONS, KELOID, NEW + KELOID), (RULES, shipped_files[RULES], added)
    )

    rosa = found[named(busy, "Rosa Routine")]
    assert (rosa.then, rosa.now, rosa.is_unasked) == (Triage.ROUTINE, Triage.REVIEW, True)
    assert impact.all.unasked == impact.all.ways[Direction.HIGHER] > 1
    stella = found[named(busy, "Stella Stop")]
    assert (stella.direction, stella.is_unasked) == (Direction.SAME, False)


def test_an_answer_counts_under_the_name_its_question_has_now(busy, under, shipped_files):
    renamed = {
        name: text.replace("keloid_ever", "ever_keloid") for name, text in shipped_files.items()
    }
    was = KELOID.replace("keloid_ever", "ever_keloid") + "            was: [keloid_ever]\n"
    renamed[QUESTIONS] = renamed[QUESTIONS].replace(
        KELOID.replace("keloid_ever", "ever_keloid"), was
    )
    every = [(name, shipped_files[name], text) for name, text in renamed.items() if text]

    _, found, _ = under(busy, *every)

    assert found == {}


def test_only_those_are_looked_at_to_whom_it_matters(busy, under):
    impact, _, told = under(busy)

    forms = busy.store.row("SELECT count(*) AS n FROM responses")["n"]
    assert told[-1] == forms > impact.all.cases
    assert impact.others == forms - impact.all.cases


class TestByTheRulesThatDiffer:
    """A case is screened again whole only where the rules in which packs differ cannot tell."""

    @pytest.fixture
    def whole(self, monkeypatch):
        """Screen every case again, whatever differs."""

        def act():
            monkeypatch.setattr(action, "differing", lambda *_: None)

        return act

    @pytest.fixture
    def again(self, monkeypatch):
        """Note the forms that are screened again."""
        seen = []
        case_for = action.case_for
        monkeypatch.setattr(
            action,
            "case_for",
            lambda pack, form, on: seen.append(form.id) or case_for(pack, form, on),
        )
        return seen

    EDITS = (
        STRICTER,
        ((RULES, ASPIRIN, ASPIRIN.replace("Daily aspirin", "Aspirin on each day")),),
        ((RULES, ASPIRIN, NEW_RULE.replace("moon is yes", "keloid_ever is yes") + ASPIRIN),),
        ((RULES, ASPIRIN, NEW_RULE.replace("moon is yes", "age is at least 18 years") + ASPIRIN),),
        ((RULES, ASPIRIN, NEW_RULE + ASPIRIN), (QUESTIONS, KELOID, NEW + KELOID)),
    )

    @pytest.mark.parametrize("edits", EDITS, ids=str)
    def test_the_same_comes_out_as_where_every_case_is_screened_again(
        self, busy, under, edits, whole
    ):
        impact, found, _ = under(busy, *edits)
        whole()
        wholly, found_wholly, _ = under(busy, *edits)

        assert found == found_wholly
        assert list(found) == list(found_wholly)
        assert impact.counts == wholly.counts

    def test_nobody_is_screened_again_where_they_are_stricter(self, busy, under, again):
        impact, found, _ = under(busy, *STRICTER)

        assert again == []
        assert found
        assert impact.all.cases == 11

    def test_whoever_would_be_less_serious_is_screened_again(
        self, busy, under, again, shipped_files
    ):
        _, found, _ = under(busy, gone(shipped_files, ASPIRIN))

        assert [one.direction for one in found.values()] == [Direction.LOWER]
        assert again == list(found)

    def test_nobody_is_where_only_words_beside_the_rules_differ(self, busy, under, again):
        version = ("pack.yaml", "version: 0.1.0", "version: 0.1.1")

        impact, _, _ = under(busy, version)

        assert again == []
        assert impact.all.ways[Direction.SAME] == 11

    def test_everybody_is_where_questions_differ(self, busy, under, again):
        under(busy, (QUESTIONS, KELOID, NEW + KELOID))

        assert len(again) == 11

    def test_what_another_engine_made_is_screened_again(self, busy, under, again, monkeypatch):
        monkeypatch.setattr(action, "ENGINE_VERSION", "another")

        under(busy, *STRICTER)

        assert len(again) == 11

    def test_what_was_told_beside_the_form_is_screened_again(self, desk, under, again):
        chair = Chair(desk)
        chair.treated()
        told = chair.going_ahead("Nora Blau")
        chair.confirm(told.id, new_medicine=Reply.YES, words={"new_medicine": "Warfarin"})

        under(desk, *STRICTER)

        assert told.id in again

    def test_a_fault_in_looking_at_few_answers_leaves_the_case_to_be_screened_again(
        self, busy, under, again, monkeypatch
    ):
        def broken(*_):
            raise ZeroDivisionError

        monkeypatch.setattr(Narrowed, "find", broken)

        impact, _, _ = under(busy, *STRICTER)

        assert len(again) == impact.all.cases == 11


def test_every_case_comes_once_whether_it_was_screened_again_or_never(desk, monkeypatch):
    monkeypatch.setattr(action, "FEW", 2)
    deferred = desk.sent("needling-27")
    desk.decide(deferred.id, Decision(Disposition.DEFER, until=TODAY + timedelta(days=15)))
    others = [desk.sent(name=f"Nora Nummer-{n}").id for n in range(3)]
    later = NOW + timedelta(days=20)
    bring_back(desk.store, lambda _: desk.pack, now=later, today=TODAY + timedelta(days=20))
    begun = [desk.begin(name=f"Berta Begun-{n}").id for n in range(3)]

    found = [id_ for few in pieces(desk.store) for id_ in few]

    assert found == [*others, deferred.id, *sorted(begun)]


def test_a_sample_takes_no_more_than_it_is_asked_to(busy, under, monkeypatch):
    monkeypatch.setattr(action, "FEW", 3)

    _, _, told = under(busy, sample=5)

    assert told == [3, 5]


def test_a_form_that_was_never_screened_is_counted_apart(busy, under):
    carl = named(busy, "Carl Caution")
    by_hand(busy.store.connection, f"DELETE FROM screenings WHERE response_id = '{carl}'")  # noqa: S608

    impact, _, _ = under(busy, *STRICTER)

    assert (impact.unscreened, impact.all.cases) == (1, 10)


def test_where_the_old_pack_cannot_be_read_the_case_is_looked_at_all_the_same(
    busy, under, monkeypatch
):
    def kept_pack(*_):
        raise action.PackError(["pack.yaml:1: no"])

    monkeypatch.setattr(action, "kept_pack", kept_pack)

    _, found, _ = under(busy, *STRICTER)

    assert found[named(busy, "Carl Caution")].now is Triage.REVIEW


def test_nothing_of_it_is_stored(busy, under):
    before = everything(busy.store)

    under(busy, *STRICTER)

    assert everything(busy.store) == before


def test_rows_and_counts_tell_of_nobody_by_name(busy, under, shipped_files):
    impact, found, _ = under(busy, *STRICTER)

    (row,) = map(row_of, found.values())
    pack = load_texts(changed(shipped_files, *STRICTER), TODAY)
    said = as_dict(impact, pack, {"cases": 14})

    assert tuple(row) == COLUMNS
    assert row["rules"] == "aspirin-alone: caution > review"
    assert (row["group"], row["direction"], row["only_unasked"]) == ("waiting", "higher", "no")
    assert said["moves"] == [{"group": "waiting", "then": "caution", "now": "review", "cases": 1}]
    assert said["groups"]["waiting"]["higher"] == said["all"]["higher"] == 1
    assert said["groups"]["waiting"]["called_back"] == said["all"]["called_back"] == 1
    assert said["all"]["lower"] == 0
    assert any("where it stood when it was looked at" in note for note in said["notes"])
    assert "Carl" not in str(said) + str(row)
