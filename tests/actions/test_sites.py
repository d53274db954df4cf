"""Several sites: where a form begins, and whose cases somebody may read."""

from dataclasses import replace

import pytest

from intake.actions import begin, queue, sites, tablets, versions
from intake.actions.export import ExportFilters, export_table
from intake.actions.queue import QueueFilters, list_cases
from intake.core.errors import AnswerError, ConflictError, NotFoundError, StateError
from intake.core.records import FIRST_SITE
from intake.core.review import CaseStatus
from intake.storage import people as accounts
from intake.storage import places, responses
from intake.storage.visits import bound
from tests.actions.conftest import actions_on, refused
from tests.conftest import NOW, TODAY


@pytest.fixture
def harbour(store, people):
    return sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)


@pytest.fixture
def at_harbour(desk, harbour):
    """Send a form that was begun at the second site."""

    def send(name="Hilda Harbour", vignette="healthy-woman"):
        return desk.sent(vignette, name=name, site=harbour.id)

    return send


@pytest.fixture
def only_harbour(store, people, harbour):
    """Ada, who works at the second site alone."""
    sites.works_at(store, account_id=people.ada.id, sites_=[harbour.id], by=people.cleo, now=NOW)
    return accounts.practitioner(store, people.ada.id)


def _names(store, by, **filters):
    page = list_cases(store, filters=QueueFilters(**filters), today=TODAY, by=by, now=NOW)
    return {row.patient.name for row in page.rows}


class TestASite:
    def test_is_there_from_the_beginning(self, store):
        assert [site.id for site in sites.every_site(store)] == [FIRST_SITE]

    def test_is_opened_renamed_and_closed(self, store, people, harbour):
        by = {"by": people.cleo, "now": NOW}

        sites.rename(store, site_id=harbour.id, name="Old harbour", **by)
        sites.close(store, site_id=harbour.id, **by)
        sites.reopen(store, site_id=harbour.id, **by)

        assert [site.name for site in sites.every_site(store)] == ["Main site", "Old harbour"]
        assert actions_on(store, harbour.id) == [
            "site opened",
            "site renamed",
            "site closed",
            "site opened again",
        ]

    @pytest.mark.parametrize("name", ["harbour", " HARBOUR ", "Main site"])
    def test_has_a_name_of_its_own(self, store, people, harbour, name):
        refused(
            store,
            ConflictError,
            lambda: sites.open_site(store, name=name, by=people.cleo, now=NOW),
        )

    @pytest.mark.parametrize("name", ["", "  ", "x" * 61, "\x00"])
    def test_needs_a_name_that_can_be_read(self, store, people, name):
        refused(
            store,
            AnswerError,
            lambda: sites.open_site(store, name=name, by=people.cleo, now=NOW),
        )

    def test_is_not_closed_while_a_tablet_stands_there(self, store, people, harbour):
        by = {"by": people.cleo, "now": NOW}
        tablets.enrolment_link(store, name="Room 1", site=harbour.id, **by)

        error = refused(store, StateError, lambda: sites.close(store, site_id=harbour.id, **by))
        [there] = tablets.list_tablets(store, by=people.cleo)
        tablets.revoke(store, tablet_id=there.id, **by)
        sites.close(store, site_id=harbour.id, **by)

        assert "Room 1" in str(error)

    def test_is_called_by_one_line(self, store, people):
        made = sites.open_site(store, name=" Old \n harbour ", by=people.cleo, now=NOW)

        assert made.name == "Old harbour"

    def test_that_is_the_last_open_one_stays_open(self, store, people):
        refused(
            store,
            StateError,
            lambda: sites.close(store, site_id=FIRST_SITE, by=people.cleo, now=NOW),
        )


class TestAForm:
    def test_belongs_to_the_site_it_was_begun_at(self, store, at_harbour, harbour):
        sent = at_harbour()

        assert responses.response(store, sent.id).site == harbour.id

    def test_stays_there_when_it_is_amended(self, store, people, at_harbour, harbour):
        newer = versions.amend(store, response_id=at_harbour().id, by=people.ada, now=NOW)

        assert newer.site == harbour.id

    def test_begun_on_a_tablet_belongs_where_the_tablet_stands(self, store, pack, people, harbour):
        code = tablets.enrolment_link(
            store, name="Room 9", site=harbour.id, by=people.cleo, now=NOW
        )
        token = tablets.enrol(store, code=code, now=NOW)

        visit = begin.begin_on_tablet(
            store, pack, tablet_token=token, name="Tilda", birth_date=TODAY.replace(1990), now=NOW
        )

        assert begin.open_visit(store, token=bound(visit, token)).site == harbour.id

    @pytest.mark.parametrize("where", ["closed", "unknown", ""])
    def test_begins_at_no_site_that_is_closed_or_unknown(self, desk, harbour, where):
        sites.close(desk.store, site_id=harbour.id, by=desk.people.cleo, now=NOW)
        site = harbour.id if where == "closed" else where

        with pytest.raises(AnswerError):
            desk.begin("healthy-woman", name="Nobody", site=site)

    def test_begins_at_no_site_where_one_does_not_work(self, desk, only_harbour):
        with pytest.raises(AnswerError):
            desk.begin("healthy-woman", name="Nobody", site=FIRST_SITE, by=only_harbour)


class TestWhoWorksAtOneSite:
    def test_sees_no_case_of_another_in_the_queue(self, desk, at_harbour, only_harbour):
        desk.sent(name="Mona Main")
        at_harbour("Hilda Harbour")

        assert _names(desk.store, only_harbour, status="all") == {"Hilda Harbour"}

    def test_finds_none_by_name(self, desk, at_harbour, only_harbour):
        desk.sent(name="Mona Main")
        at_harbour("Mona Harbour")

        assert _names(desk.store, only_harbour, status="all", text="Mona") == {"Mona Harbour"}

    def test_narrowing_to_another_site_shows_nothing(self, desk, at_harbour, only_harbour):
        desk.sent(name="Mona Main")
        at_harbour()

        assert _names(desk.store, only_harbour, status="all", site=FIRST_SITE) == set()

    def test_takes_out_no_case_of_another(self, desk, at_harbour, only_harbour):
        desk.sent(name="Mona Main")
        at_harbour("Hilda Harbour")

        def lines(**filters):
            return list(
                export_table(
                    desk.store, shape="cases", form="csv", filters=ExportFilters(**filters),
                    by=only_harbour, now=NOW, today=TODAY,
                )
            )  # fmt: skip

        assert "Hilda Harbour" in lines()[-1]
        assert not any("Mona Main" in line for line in lines())
        assert not any("Mona" in line or "Hilda" in line for line in lines(site=FIRST_SITE))

    def test_passes_to_a_case_of_theirs_alone(self, desk, at_harbour, only_harbour):
        main, ours = desk.sent(name="Mona Main"), at_harbour()

        sites.require_reach(desk.store, only_harbour, ours.id, NOW)
        with pytest.raises(NotFoundError) as refusal:
            sites.require_reach(desk.store, only_harbour, main.id, NOW)
        with pytest.raises(NotFoundError) as unknown:
            sites.require_reach(desk.store, only_harbour, "unknown", NOW)

        assert str(refusal.value) == str(unknown.value)
        assert actions_on(desk.store, main.id)[-1] == "case refused"

    def test_needs_at_least_one_site(self, store, people):
        for chosen in ([], ["unknown"]):
            refused(
                store,
                AnswerError,
                lambda chosen=chosen: sites.works_at(
                    store, account_id=people.ada.id, sites_=chosen, by=people.cleo, now=NOW
                ),
            )


def test_the_queue_of_two_sites_is_in_the_order_of_one(desk, at_harbour, harbour):
    made = [
        desk.sent("pregnant", name="One"),
        at_harbour("Two", "pregnant"),
        desk.sent(name="Three"),
    ]
    wanted = places.Wanted(frozenset(CaseStatus), TODAY)
    both = replace(wanted, sites=frozenset({harbour.id, FIRST_SITE}))

    in_order = list(places.in_order(desk.store, wanted))

    assert set(in_order) == {one.id for one in made}
    assert list(places.in_order(desk.store, both)) == in_order
    assert list(places.in_order(desk.store, both, after=in_order[0])) == in_order[1:]


def test_the_usual_site_is_the_only_one_or_the_last_one(desk, harbour):
    assert sites.usual_site(desk.store, desk.people.ada) == ""

    desk.begin("healthy-woman", name="Hilda", site=harbour.id)

    assert sites.usual_site(desk.store, desk.people.ada) == harbour.id
    sites.close(desk.store, site_id=harbour.id, by=desk.people.cleo, now=NOW)
    assert sites.usual_site(desk.store, desk.people.ada) == FIRST_SITE


def test_the_command_line_reaches_every_site():
    assert queue.reached(None) is None
    assert queue.reached(None, "x") == frozenset({"x"})
