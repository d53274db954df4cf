"""What a clinic chooses: what is offered, what a floor forbids, who is named."""

from datetime import date

import pytest

from intake.actions import choices, rule_packs
from intake.actions.choices import Proposal
from intake.actions.permission import COMMAND_LINE
from intake.core.errors import NotAllowedError, NotFoundError, PackError, StateError
from intake.core.rules import Level, Reviewer
from intake.packs.choosing import KINDS
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY

NEXT_YEAR = date(2027, 6, 15)


def _about(desk, kind="settings", name="sore_healed"):
    return choices.choosable(desk.pack, kind, name)


def _propose(desk, about=None, *, value="20 days", by=None, until=NEXT_YEAR, **changed):
    said = {"lead": "Dr Ada Lead", "why": "Our own series", **changed}
    proposal = Proposal(about or _about(desk), value, said["lead"], said["why"], until)
    return choices.propose(desk.store, proposal, by=by or desk.people.cleo, today=TODAY, now=NOW)


def _put(desk, pack):
    rule_packs.put_in_force(
        desk.store,
        hash_=pack.hash,
        seen=rule_packs.hash_in_force(desk.store),
        reason="x",
        by=desk.people.cleo,
        today=TODAY,
        now=NOW,
        despite_problems=True,
    )


def test_a_choice_names_the_medical_lead_and_who_entered_it(tiny):
    pack = _propose(tiny).pack

    assert str(pack.settings["sore_healed"]) == "20 days"
    assert pack.choices[0].who == "Dr Ada Lead; entered by Cleo Administrator, administrator"
    assert (pack.choices[0].when, pack.choices[0].until) == (TODAY, NEXT_YEAR)


def test_a_choice_is_kept_and_counts_only_once_it_is_in_force(tiny):
    pack = _propose(tiny).pack
    before = rule_packs.hash_in_force(tiny.store)

    _put(tiny, pack)

    assert before == tiny.pack.hash
    assert rule_packs.hash_in_force(tiny.store) == pack.hash


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"value": "400 days"}, "outside the range"),
        ({"value": "20"}, "written like its default"),
        ({"value": "x: [y"}, "neither a window"),
        ({"until": TODAY}, "is not after when"),
        ({"until": date(2020, 1, 1)}, "is not after when"),
        ({"why": "  "}, "why"),
        ({"why": "\u2800."}, "why"),
        ({"lead": "\u2800"}, "who"),
    ],
)
def test_what_the_pack_does_not_allow_is_refused_in_its_words(tiny, changed, says):
    error = refused(tiny.store, PackError, lambda: _propose(tiny, **changed))

    assert any(says in problem for problem in error.problems), error.problems


def test_every_kind_offers_only_what_the_pack_takes(tiny, pack):
    """Of each kind the first is tried: what is offered must be accepted."""
    for kind in KINDS:
        about = next(iter(choices.choosables(tiny.pack, kind)), None)
        assert about or any(choices.choosables(pack, kind))
        if about:
            value = about.offers[0] if about.offers else about.says
            assert choices.propose(
                tiny.store,
                Proposal(about, value, "Dr Lead", "Ours", NEXT_YEAR),
                by=COMMAND_LINE,
                today=TODAY,
                now=NOW,
            ).pack.choices


def test_no_floor_is_offered_anything_milder(pack):
    floors = {rule.id: rule for rule in pack.rules if rule.floor}
    assert floors

    for kind in ("levels", "reviewers", "switched_off"):
        for about in choices.choosables(pack, kind):
            if about.name in floors:
                rule = floors[about.name]
                assert kind != "switched_off"
                assert Reviewer.PRACTITIONER.value not in about.offers
                for offer in about.offers:
                    if kind == "levels":
                        assert Level(offer).triage.rank < rule.level.triage.rank


def test_no_stop_is_offered_to_a_practitioner_under_whatever_label(pack):
    stops = {rule.id for rule in pack.rules if any(one.level is Level.STOP for one in rule.claims)}
    labelled = {name for name in stops if pack.rules_by_id[name].level is not Level.STOP}
    assert labelled

    offered = {
        about.name
        for about in choices.choosables(pack, "reviewers")
        if Reviewer.PRACTITIONER.value in about.offers
    }

    assert offered
    assert not offered & stops


@pytest.mark.parametrize(
    ("kind", "name"), [("settings", "no_such"), ("no_kind", "x"), ("switched_off", "under-age")]
)
def test_what_cannot_be_chosen_is_not_found(tiny, kind, name):
    with pytest.raises(NotFoundError):
        choices.choosable(tiny.pack, kind, name)


def test_a_choice_is_taken_back(tiny):
    _put(tiny, _propose(tiny).pack)

    found = choices.take_back(
        tiny.store,
        kind="settings",
        name="sore_healed",
        by=tiny.people.cleo,
        today=TODAY,
        now=NOW,
    )

    assert found.pack.hash == tiny.pack.hash


def test_what_was_not_chosen_is_not_taken_back(tiny):
    refused(
        tiny.store,
        StateError,
        lambda: choices.take_back(
            tiny.store,
            kind="settings",
            name="sore_healed",
            by=tiny.people.cleo,
            today=TODAY,
            now=NOW,
        ),
    )


def test_only_administrators_choose(tiny):
    for by in (tiny.people.ada, tiny.people.ben):
        refused(tiny.store, NotAllowedError, lambda by=by: _propose(tiny, by=by))


def test_what_was_chosen_is_read_with_what_the_pack_says(tiny):
    _put(tiny, _propose(tiny).pack)

    (one,) = choices.chosen_in(rule_packs.files_in_force(tiny.store), tiny.pack)

    assert (one.kind, one.name, one.value) == ("settings", "sore_healed", "20 days")
    assert one.about.says == "14 days"
    assert one.entry.counts_on(TODAY)
    assert not one.entry.counts_on(NEXT_YEAR)
