import pytest

from intake import packs
from intake.actions import rule_packs
from intake.actions.answer import next_screen
from intake.core.errors import NotFoundError, PackError
from intake.storage import audit
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY
from tests.packs.builders import TINY, edited

NEWER = edited(
    ("pack.yaml", "version: 1.0.0", "version: 2.0.0"),
    ("questionnaire.yaml", "Have you ever had", "Did you ever have"),
)


def _activate(desk, files):
    return rule_packs.activate(desk.store, files, actor="test", now=NOW)


def test_the_pack_in_force_is_the_last_one_activated(tiny):
    pack = _activate(tiny, NEWER)

    assert rule_packs.hash_in_force(tiny.store) == pack.hash == packs.hash_of(NEWER)
    event = audit.latest(tiny.store)[0]
    assert (event.actor, event.action, event.subject) == ("test", "rules put in force", pack.hash)


def test_a_new_clinic_has_no_pack(empty_store):
    assert rule_packs.hash_in_force(empty_store) is None


def test_an_earlier_pack_can_be_put_in_force_again(tiny):
    kept = tiny.store.row("SELECT count(*) AS n FROM packs")
    _activate(tiny, NEWER)
    _activate(tiny, TINY)

    assert rule_packs.hash_in_force(tiny.store) == tiny.pack.hash
    assert tiny.store.row("SELECT count(*) AS n FROM packs") == {"n": kept["n"] + 1}


BROKEN = {
    "no file": {},
    "an empty file": {"pack.yaml": ""},
    "not yaml": {**TINY, "pack.yaml": "name: [unclosed"},
    "an alias": {**TINY, "extra.yaml": "name: &a x\ntitle: *a\n"},
    "a tag": {**TINY, "extra.yaml": "name: !!python/object/apply:os.system [ls]"},
    "a file missing": {k: v for k, v in TINY.items() if k != "questionnaire.yaml"},
    "an unknown question": edited(("rules/all.yaml", "cold_sore_healed within", "sore_on within")),
    "an unknown level": edited(("rules/all.yaml", "level: defer", "level: allow")),
}


@pytest.mark.parametrize("files", BROKEN.values(), ids=BROKEN)
def test_a_broken_pack_leaves_the_old_one_in_force(tiny, files):
    error = refused(tiny.store, PackError, lambda: _activate(tiny, files))

    assert error.problems
    assert rule_packs.hash_in_force(tiny.store) == tiny.pack.hash


def test_a_kept_pack_is_loaded_as_it_was(tiny):
    assert rule_packs.kept_pack(tiny.store, tiny.pack.hash, TODAY) == tiny.pack


def test_an_unknown_pack_is_not_found(tiny):
    with pytest.raises(NotFoundError):
        rule_packs.kept_pack(tiny.store, "0" * 64, TODAY)


def test_a_form_keeps_its_pack_when_another_is_activated(tiny):
    draft = tiny.begin("thirteen-days")
    newer = _activate(tiny, NEWER)

    kept = rule_packs.kept_pack(tiny.store, tiny.case(draft.id).response.pack_hash, TODAY)
    page = next_screen(kept, draft, TODAY, after=None)
    sent = tiny.send(tiny.fill(draft, "thirteen-days"))

    assert page.items[0].ask.startswith("Have you ever had")
    assert sent.pack_hash == tiny.pack.hash != newer.hash
    assert tiny.case(sent.id).screening.screening.pack_hash == tiny.pack.hash


def test_a_new_form_takes_the_new_pack(tiny):
    newer = _activate(tiny, NEWER)

    assert tiny.begin("healthy", pack=newer).pack_hash == newer.hash


def test_each_form_is_screened_under_the_pack_it_was_begun_with(tiny):
    before = tiny.sent("healthy")
    newer = _activate(tiny, NEWER)
    after = tiny.begin("healthy", name="Somebody Else", pack=newer)

    hashes = [tiny.case(r.id).response.pack_hash for r in (before, after)]

    assert hashes == [tiny.pack.hash, newer.hash]
