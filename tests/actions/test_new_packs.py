"""Checking a pack, keeping it, putting it in force with a reason, going back."""

import pytest

from intake import packs
from intake.actions import pack_checks, rule_packs
from intake.actions.permission import COMMAND_LINE
from intake.core.errors import (
    AnswerError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    PackError,
    StateError,
)
from intake.packs.choosing import with_entry
from intake.storage import audit
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY
from tests.packs.builders import TINY, edited

NEWER = edited(("pack.yaml", "version: 1.0.0", "version: 2.0.0"))
WRONG = edited(("vignettes/all.yaml", "triage: stop", "triage: review"))
CHOSEN = with_entry(
    TINY,
    "settings",
    "sore_healed",
    {
        "value": "20 days",
        "who": "Dr Lead",
        "why": "Ours",
        "when": "2026-06-01",
        "until": "2027-06-01",
    },
)


def _check(desk, files=NEWER, by=None):
    return rule_packs.check_and_keep(
        desk.store, files, by=by or desk.people.cleo, today=TODAY, now=NOW
    )


def _put(desk, hash_, *, reason="Asked for by the medical lead", by=None, **changed):
    return rule_packs.put_in_force(
        desk.store,
        **{
            "hash_": hash_,
            "seen": rule_packs.hash_in_force(desk.store),
            "reason": reason,
            "by": by or desk.people.cleo,
            "today": TODAY,
            "now": NOW,
            **changed,
        },
    )


def test_a_checked_pack_is_kept_and_not_in_force(tiny):
    found = _check(tiny)

    assert rule_packs.hash_in_force(tiny.store) == tiny.pack.hash
    assert rule_packs.files_of(tiny.store, found.pack.hash) == NEWER
    event = audit.latest(tiny.store)[0]
    assert (event.actor, event.action, event.subject) == (
        tiny.people.cleo.id,
        "rules checked",
        packs.hash_of(NEWER),
    )


def test_what_is_not_run_is_said(tiny):
    found = _check(tiny)

    assert {one.name for one in found.not_run} == set(pack_checks.LEFT_TO_THE_COMMAND_LINE)
    names = {one.check.name for one in found.results}
    assert {"not sure never fails open", "vignettes hold", "every rule can be met"} <= names


def test_what_the_command_line_would_find_is_found(tiny):
    found = _check(tiny, WRONG)

    assert any("triage is stop, expected review" in str(problem) for problem in found.problems)


def test_of_the_clinics_choices_only_what_they_can_change_is_checked(tiny):
    found = _check(tiny, CHOSEN)

    assert {one.name for one in found.not_run} == {
        *pack_checks.LEFT_TO_THE_COMMAND_LINE,
        *pack_checks.ABOUT_THE_PACK_AS_WRITTEN,
    }


def test_a_check_that_takes_too_long_leaves_the_rest_out(tiny):
    minutes = iter(range(0, 10_000, 20))

    found = pack_checks.check(NEWER, TODAY, timer=lambda: float(next(minutes)))

    assert len(found.results) == 3
    assert len(found.results) + len(found.not_run) == len(pack_checks.CHECKS)


def test_a_pack_that_cannot_be_loaded_is_not_kept(tiny):
    spoilt = edited(("rules/all.yaml", "level: defer", "level: allow"))

    error = refused(tiny.store, PackError, lambda: _check(tiny, spoilt))

    assert "allow" in error.problems[0]


def test_a_checked_pack_is_put_in_force_with_a_reason(tiny):
    pack = _check(tiny).pack

    _put(tiny, pack.hash)

    event = audit.latest(tiny.store)[0]
    assert rule_packs.hash_in_force(tiny.store) == pack.hash
    assert event.detail["reason"] == "Asked for by the medical lead"
    history = rule_packs.history_of(tiny.store, hash_=pack.hash, by=tiny.people.cleo)
    assert [one.reason for one in history.activations] == ["Asked for by the medical lead"]
    assert history.is_in_force


def test_going_back_needs_no_check(tiny):
    pack = _check(tiny).pack
    _put(tiny, pack.hash)

    _put(tiny, tiny.pack.hash, reason="The new one asks too much")

    assert rule_packs.hash_in_force(tiny.store) == tiny.pack.hash


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_without_a_reason_nothing_is_put_in_force(tiny, reason):
    pack = _check(tiny).pack

    refused(tiny.store, AnswerError, lambda: _put(tiny, pack.hash, reason=reason))


def test_problems_must_have_been_read(tiny):
    pack = _check(tiny, WRONG).pack

    refused(tiny.store, AnswerError, lambda: _put(tiny, pack.hash))

    _put(tiny, pack.hash, despite_problems=True)
    assert audit.latest(tiny.store)[0].detail["problems"] == 1


def test_what_was_never_checked_here_is_not_put_in_force(tiny):
    with tiny.store.write() as db:
        hash_ = packs.hash_of(NEWER)
        rule_packs.packs_kept.keep_pack(
            db, hash_=hash_, name="tiny", version="2.0.0", files=NEWER, now=NOW
        )

    error = refused(tiny.store, StateError, lambda: _put(tiny, hash_))

    assert str(error) == "Check this pack first."


def test_whoever_compared_with_another_pack_is_told(tiny):
    pack = _check(tiny).pack
    other = _check(tiny, CHOSEN).pack
    seen = rule_packs.hash_in_force(tiny.store)
    _put(tiny, other.hash)

    refused(tiny.store, ConflictError, lambda: _put(tiny, pack.hash, seen=seen))


def test_the_pack_in_force_is_not_put_in_force_again(tiny):
    refused(tiny.store, StateError, lambda: _put(tiny, tiny.pack.hash))


def test_an_unknown_pack_is_not_found(tiny):
    refused(tiny.store, NotFoundError, lambda: _put(tiny, "0" * 64))


def test_a_kept_pack_that_cannot_be_loaded_any_more_never_gets_in_force(tiny):
    broken = edited(("rules/all.yaml", "level: defer", "level: allow"))
    with tiny.store.write() as db:
        rule_packs.packs_kept.keep_pack(
            db, hash_="b" * 64, name="tiny", version="0.9", files=broken, now=NOW
        )
        rule_packs.packs_kept.put_in_force(db, "b" * 64, by="test", now=NOW)
        rule_packs.packs_kept.put_in_force(db, tiny.pack.hash, by="test", now=NOW)

    refused(tiny.store, PackError, lambda: _put(tiny, "b" * 64))


def test_only_administrators_and_the_command_line_may(tiny):
    pack = _check(tiny).pack

    for by in (tiny.people.ada, tiny.people.ben):
        refused(tiny.store, NotAllowedError, lambda by=by: _check(tiny, WRONG, by))
        refused(tiny.store, NotAllowedError, lambda by=by: _put(tiny, pack.hash, by=by))
        with pytest.raises(NotAllowedError):
            rule_packs.list_packs(tiny.store, by=by)

    assert _put(tiny, pack.hash, by=COMMAND_LINE).hash == pack.hash


def test_a_form_under_way_keeps_its_pack(tiny):
    begun = tiny.begin("thirteen-days")
    pack = _check(tiny).pack

    _put(tiny, pack.hash)

    assert tiny.case(begun.id).response.pack_hash == tiny.pack.hash
