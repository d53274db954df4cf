"""The second wall between sites: what the database shows where a statement forgot to name them."""

import pytest

from intake.actions import rule_packs, sites, treat
from intake.core.records import FIRST_SITE
from intake.core.treatment import Noticed
from intake.storage import listing, places, recalls
from tests.actions.test_impact import STRICTER, changed
from tests.conftest import NOW, TODAY

LISTS = {
    "the queue": ("GET", "/desk/?status=all", {}),
    "the next case": ("GET", "/desk/next", {}),
    "a search": ("POST", "/desk/find", {"text": "Samuel"}),
    "the day": ("GET", f"/desk/day?day={TODAY}", {}),
    "an export": ("POST", "/desk/export", {"shape": "cases", "form": "csv"}),
    "recalls": ("GET", "/desk/recalls", {}),
}
SHOWING = ("the queue", "a search", "the day", "an export")
"""Those in which a case of the main site stands that is not theirs."""


@pytest.fixture
def forgetful(monkeypatch):
    """Statements that ask for cases of every site, whoever asks."""
    for module in (places, listing, recalls):
        monkeypatch.setattr(module, "at_sites", lambda _column, _sites: ("TRUE", {}))
    monkeypatch.setattr(places, "_parts_of_sites", places._parts)


@pytest.fixture
def at(store, people, ada):
    """Let Ada work at one site alone, and ask for a list."""

    def at(site, what):
        harbour = sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)
        chosen = FIRST_SITE if site == "main" else harbour.id
        sites.works_at(store, account_id=people.ada.id, sites_=[chosen], by=people.cleo, now=NOW)
        method, path, form = LISTS[what]
        page = ada.get(path) if method == "GET" else ada.post(path, form)
        return page.html

    return at


@pytest.mark.of_servers
@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_forgets_its_sites_shows_none_of_the_others(at, forgetful, what):
    assert "Reyes" not in at("harbour", what)


@pytest.mark.of_servers
@pytest.mark.parametrize("what", SHOWING)
def test_a_list_shows_what_is_theirs(at, what):
    assert "Reyes" in at("main", what)


@pytest.mark.of_files
@pytest.mark.parametrize("what", SHOWING)
def test_in_a_file_the_statements_are_the_only_wall(at, forgetful, what):
    """Which shows that the tests above would see one that is missing."""
    assert "Reyes" in at("harbour", what)


class TestPatientOfEverySite:
    """The course of a patient is the whole clinic's: a session elsewhere matters to the skin."""

    @pytest.fixture
    def treated(self, maker, store, people):
        """A patient who was treated at the main site, while Ada works at another one now."""
        session = maker.treated("Tess Treated")
        harbour = sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)
        sites.works_at(
            store, account_id=people.ada.id, sites_=[harbour.id], by=people.cleo, now=NOW
        )
        return session.patient_id

    def test_their_course_shows_what_another_site_did(self, ada, treated):
        page = ada.get(f"/desk/patients/{treated}")

        assert "No session yet" not in page.words
        assert "Even redness." in page.words

    def test_whoever_begins_an_intake_is_told_that_they_were_here_before(self, ada, treated):
        page = ada.get(f"/desk/begin/{treated}")

        assert "This patient was here before" in page.words


@pytest.mark.of_servers
def test_what_happened_at_a_session_belongs_to_its_site(maker, store, pack, people):
    session = maker.treated("Tess Treated")
    treat.add_reaction(
        store, pack, lambda _: pack, session_id=session.id,
        noticed=Noticed("long_reaction", TODAY, settled=False, words="Both cheeks."),
        by=people.ada, now=NOW, today=TODAY,
    )  # fmt: skip
    counts = (
        "SELECT (SELECT count(*) FROM treatment_sessions) AS sessions,"
        " (SELECT count(*) FROM reactions) AS reactions"
    )
    everywhere = store.row(counts)

    store.see_only({"harbour"})

    assert everywhere == {"sessions": 1, "reactions": 1}
    assert store.row(counts) == {"sessions": 0, "reactions": 0}


def test_administrators_are_told_of_every_site_what_other_rules_would_do(
    cleo, store, people, shipped_files
):
    other = changed(shipped_files, *STRICTER)
    hash_ = rule_packs.check_and_keep(store, other, by=people.cleo, now=NOW, today=TODAY).pack.hash
    harbour = sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)
    everywhere = cleo.get(f"/desk/packs/{hash_}/impact").words

    sites.works_at(store, account_id=people.cleo.id, sites_=[harbour.id], by=people.cleo, now=NOW)

    assert "more serious" in everywhere
    assert cleo.get(f"/desk/packs/{hash_}/impact").words == everywhere
