"""A clinic with two sites, as its administrator and those who work at one of them see it."""

from datetime import timedelta

import pytest

from intake.actions import sites, versions
from intake.core.records import FIRST_SITE
from intake.storage import responses
from tests.conftest import NOW, TODAY
from tests.web.test_begin import PLAN


@pytest.fixture
def harbour(store, people):
    return sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)


@pytest.fixture
def at_main_only(store, people, harbour):
    sites.works_at(store, account_id=people.ada.id, sites_=[FIRST_SITE], by=people.cleo, now=NOW)


@pytest.fixture
def at_harbour_only(store, people, harbour):
    sites.works_at(store, account_id=people.ada.id, sites_=[harbour.id], by=people.cleo, now=NOW)


def names(page):
    return [cell.one("a").text for cell in page.root.all("th", class_="cell-patient")]


class TestOneSite:
    @pytest.mark.parametrize("path", ["/desk/", "/desk/export"])
    def test_asks_nobody_where(self, ada, path):
        assert ada.get(path).root.all("select", name="site") == []

    def test_asks_nobody_where_a_form_begins(self, ada, ids):
        assert ada.get(f"/desk/begin/{ids['patient']}").root.all("select", name="site") == []


class TestTheAdministrator:
    def test_opens_a_site(self, cleo, store):
        cleo.post("/desk/sites", {"name": "Harbour"})

        assert [site.name for site in sites.every_site(store)] == ["Harbour", "Main site"]

    @pytest.mark.parametrize("name", ["", "main SITE", "x" * 61])
    def test_is_told_what_is_wrong_with_a_name(self, cleo, store, name):
        page = cleo.post("/desk/sites", {"name": name})

        assert page.status == 422
        assert len(sites.every_site(store)) == 1

    def test_renames_and_closes_a_site(self, cleo, store, harbour):
        cleo.post(f"/desk/sites/{harbour.id}/rename", {"name": "Port"})
        cleo.post(f"/desk/sites/{harbour.id}/close")

        assert [(s.name, s.closed_at is None) for s in sites.every_site(store)] == [
            ("Main site", True),
            ("Port", False),
        ]
        assert cleo.post(f"/desk/sites/{harbour.id}/reopen").location == "/desk/sites"

    def test_cannot_close_the_last_one(self, cleo, store):
        page = cleo.post(f"/desk/sites/{FIRST_SITE}/close")

        assert "is the only open site" in page.words
        assert sites.every_site(store)[0].closed_at is None

    def test_limits_an_account_to_a_site(self, cleo, people, store, harbour):
        path = f"/desk/accounts/{people.ada.id}/sites"

        refused = cleo.post(path, {})
        cleo.post(path, {"sites": harbour.id})

        assert refused.status == 422
        assert "Harbour" in cleo.get(f"/desk/accounts/{people.ada.id}").words
        assert cleo.post(path, {"sites": "made-up"}).status == 422

    def test_says_where_a_tablet_stands(self, cleo, harbour):
        nowhere = cleo.post("/desk/tablets", {"name": "Room 9", "site": ""})

        cleo.post("/desk/tablets", {"name": "Room 9", "site": harbour.id})

        assert nowhere.status == 422
        assert "Harbour" in cleo.get("/desk/tablets").root.one("table").text


class TestWhoWorksThere:
    def test_narrows_the_queue_in_the_address(self, ada, harbour):
        assert names(ada.get(f"/desk/?site={harbour.id}")) == []
        assert len(names(ada.get(f"/desk/?site={FIRST_SITE}"))) == len(names(ada.get("/desk/")))
        assert ada.get("/desk/?site=made-up").status == 422

    def test_says_where_a_form_begins(self, ada, store, ids, harbour):
        path = f"/desk/begin/{ids['patient']}"

        nowhere = ada.post(path, {**PLAN, "site": ""})
        there = ada.post(path, {**PLAN, "site": harbour.id})

        assert "Select the site." in nowhere.words
        begun = there.location.rpartition("/")[2]
        assert responses.response(store, begun).site == harbour.id

    def test_finds_no_case_of_another_site(self, ada, ids, at_harbour_only):
        assert names(ada.get("/desk/")) == []
        assert names(ada.post("/desk/find", {"text": "Samuel"})) == []
        assert f"site={FIRST_SITE}" not in ada.get("/desk/").words

    def test_learns_of_another_site_what_is_learnt_of_nothing(self, ada, ids, at_harbour_only):
        theirs, nobodys = (ada.get(f"/desk/cases/{id_}") for id_ in (ids["stop"], "0" * 32))

        assert (theirs.status, nobodys.status) == (404, 404)
        assert theirs.words == nobodys.words

    def test_learns_nothing_by_going_on_behind_a_case_of_another_site(
        self, ada, ids, maker, harbour, at_harbour_only, store, people
    ):
        here = maker.begun("Hanna Harbour", "healthy-woman", NOW - timedelta(hours=1))
        with store.write() as db:
            db.execute("UPDATE responses SET site = ? WHERE id = ?", [harbour.id, here.id])
            db.execute("UPDATE places SET site = ? WHERE response_id = ?", [harbour.id, here.id])

        after = [ids["begun"], ids["filled"], ids["stop"], "0" * 32]
        found = [names(ada.get(f"/desk/?status=all&after={one}")) for one in after]

        assert found == [["Hanna Harbour"]] * 4

    def test_reads_what_belongs_to_the_own_site(self, ada, ids, at_main_only):
        assert ada.get(f"/desk/cases/{ids['stop']}").status == 200

    def test_prints_no_case_of_another_site(self, ada, at_harbour_only):
        assert "Samuel Reyes" not in ada.get(f"/desk/day?day={TODAY}").words


def test_every_address_that_names_a_case_is_kept_from_other_sites(
    app, ada, ids, store, at_harbour_only, contents
):
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "response_id" in rule.arguments and rule.rule.startswith("/desk")
    ]
    before = contents()

    answers = []
    for rule in rules:
        path = rule.rule.replace("<response_id>", ids["stop"]).replace("<language>", "es")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            page = ada.get(path) if method == "GET" else ada.post(path, {})
            answers.append((rule.endpoint, method, page.status))

    assert len(rules) > 15
    assert [one for one in answers if one[2] != 404] == []
    assert contents().count("case refused") == before.count("case refused") + len(answers)


def test_an_amendment_begun_elsewhere_stays_where_it_was(store, people, ids, harbour):
    newer = versions.amend(store, response_id=ids["stop"], by=people.ada, now=NOW)

    assert newer.site == FIRST_SITE


def test_an_emergency_opens_the_cases_of_other_sites_to_be_read(ada, store, people, ids):
    elsewhere = sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)
    sites.works_at(store, account_id=people.ada.id, sites_=[elsewhere.id], by=people.cleo, now=NOW)
    path = f"/desk/cases/{ids['stop']}"
    before = ada.get(path).status

    ada.post("/desk/emergency", {"reason": "Reaction here, the other site does not answer"})

    page = ada.get(path)
    offered = {form["action"] for form in page.root.one("main").all("form")}
    assert before == 404
    assert "Samuel Reyes" in page.words
    assert "Samuel Reyes" in ada.get("/desk/").words
    assert offered == {"/desk/emergency/end", f"{path}/private#answers-title"}
    assert ada.post(f"{path}/take").status == 404
    assert "Samuel" not in ada.post("/desk/export", {"shape": "cases", "form": "csv"}).html
    ada.post("/desk/emergency/end")
    assert ada.get(path).status == 404
