import pytest

from intake import packs
from intake.actions import rule_packs
from intake.actions.answer import next_page
from intake.core.errors import NotFoundError, PackError
from intake.storage import audit
from tests.actions.conftest import refused
from tests.conftest import NOW, TODAY


@pytest.fixture(scope="module")
def newer_files(shipped_files):
    """The shipped pack as another version."""
    first = shipped_files["pack.yaml"].replace("version: ", "version: 9.", 1)
    return {**shipped_files, "pack.yaml": first}


def _activate(desk, files):
    return rule_packs.activate(desk.store, files, actor="test", now=NOW)


def _broken(files, name, find, replace):
    assert find in files[name]
    return {**files, name: files[name].replace(find, replace, 1)}


def test_the_pack_in_force_is_the_last_one_activated(desk, newer_files):
    pack = _activate(desk, newer_files)

    assert rule_packs.hash_in_force(desk.store) == pack.hash == packs.hash_of(newer_files)
    event = audit.latest(desk.store)[0]
    assert (event.actor, event.action, event.subject) == ("test", "rules put in force", pack.hash)


def test_a_new_clinic_has_no_pack(empty_store):
    assert rule_packs.hash_in_force(empty_store) is None


def test_an_earlier_pack_can_be_put_in_force_again(desk, newer_files, shipped_files):
    _activate(desk, newer_files)

    _activate(desk, shipped_files)

    assert rule_packs.hash_in_force(desk.store) == desk.pack.hash
    assert desk.store.row("SELECT count(*) AS n FROM packs") == {"n": 2}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"pack.yaml": ""},
        {"pack.yaml": "name: [unclosed"},
        {"pack.yaml": "name: &a x\ntitle: *a\n"},
        {"pack.yaml": "name: !!python/object/apply:os.system [ls]"},
    ],
    ids=["no file", "empty", "not yaml", "alias", "tag"],
)
def test_a_broken_pack_leaves_the_old_one_in_force(desk, files):
    error = refused(desk.store, PackError, lambda: _activate(desk, files))

    assert error.problems
    assert rule_packs.hash_in_force(desk.store) == desk.pack.hash


def test_a_pack_that_lacks_a_file_is_refused(desk, shipped_files):
    files = {k: v for k, v in shipped_files.items() if k != "questionnaire.yaml"}

    refused(desk.store, PackError, lambda: _activate(desk, files))


def test_a_rule_about_a_question_that_does_not_exist_is_refused(desk, shipped_files):
    files = _broken(shipped_files, "questionnaire.yaml", "id: smoker", "id: smokes")

    error = refused(desk.store, PackError, lambda: _activate(desk, files))

    assert any("smoker" in problem for problem in error.problems)


def test_a_kept_pack_is_loaded_as_it_was(desk):
    kept = rule_packs.kept_pack(desk.store, desk.pack.hash)

    assert (kept.hash, kept.rules, kept.questionnaire) == (
        desk.pack.hash,
        desk.pack.rules,
        desk.pack.questionnaire,
    )


def test_an_unknown_pack_is_not_found(desk):
    with pytest.raises(NotFoundError):
        rule_packs.kept_pack(desk.store, "0" * 64)


def test_a_form_keeps_its_pack_when_another_is_activated(desk, newer_files):
    draft = desk.fill(desk.begin(), until="illness")
    newer = _activate(desk, newer_files)

    kept = rule_packs.kept_pack(desk.store, desk.case(draft.id).response.pack_hash)
    page = next_page(kept, draft, TODAY, after="other_infections")
    sent = desk.send(desk.fill(draft))

    assert page.id == "illness"
    assert sent.pack_hash == desk.pack.hash != newer.hash
    assert desk.case(sent.id).screening.screening.pack_hash == desk.pack.hash


def test_a_new_form_takes_the_new_pack(desk, newer_files):
    newer = _activate(desk, newer_files)

    assert desk.begin(pack=newer).pack_hash == newer.hash
