"""The audit trail at the desk: pages, filters in the address, a record's history, a file."""

import csv
from io import StringIO

import pytest

from intake.actions.trail import PAGE_EVENTS
from intake.storage import audit
from tests.conftest import NOW


@pytest.fixture
def long(store):
    """Events enough for three pages."""
    with store.write() as db:
        for number in range(PAGE_EVENTS * 2 + 20):
            audit.append(db, at=NOW, actor="test", action="page saved", subject=f"r{number}")


def numbers(page):
    return [int(tr.all("td")[0].text) for tr in page.root.one("table").all("tr")[1:]]


def link(page, words):
    found = [a["href"] for a in page.root.one("nav", class_="pages").all("a") if a.text == words]
    return found[0] if found else None


def test_pages_go_on_behind_an_event_and_lose_none(cleo, store, long):
    page, seen = cleo.get("/desk/audit"), []
    seen += numbers(page)
    with store.write() as db:
        audit.append(db, at=NOW, actor="test", action="page saved", subject="meanwhile")
    while older := link(page, "Older"):
        page = cleo.get(older)
        seen += numbers(page)

    newest = audit.latest(store)[0].sequence
    assert seen == list(range(newest - 1, 0, -1))
    assert link(page, "Newest") == "/desk/audit"


def test_filters_stand_in_the_address_and_stay_on_the_next_page(cleo, long):
    page = cleo.get("/desk/audit?action=page+saved")

    older = link(page, "Older")

    assert "action=page+saved" in older
    assert len(numbers(cleo.get(older))) == PAGE_EVENTS
    assert page.root.one("select", id="action").one("option", value="page saved")["value"]


def test_an_actor_and_an_act_narrow_the_trail(cleo, ben, people, ids):
    ben.get(f"/desk/cases/{ids['stop']}")
    ben.get(f"/desk/cases/{ids['review']}")

    page = cleo.get(f"/desk/audit?actor={people.ben.id}&action=case+read")

    rows = [tr.text for tr in page.root.one("table").all("tr")[1:]]
    assert len(rows) == 2
    assert all("Ben Dermatologist read the case" in row for row in rows)


def test_a_record_tells_its_whole_history(cleo, ben, store, ids):
    ben.get(f"/desk/cases/{ids['stop']}")

    page = cleo.get(f"/desk/audit?record={ids['stop']}")

    assert len(numbers(page)) == len(audit.of_subject(store, ids["stop"]))
    assert "read the case" in page.words


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-06-16", "2026-06-17", ["there"]),
        ("2026-06-17", "2026-06-17", []),
        ("2026-06-18", "", ["after"]),
        ("", "9999-12-31", ["after", "there"]),
        ("0001-01-01", "", ["after", "there"]),
        ("9999-12-31", "", []),
        ("", "0001-01-01", []),
    ],
)
def test_a_span_of_days_is_by_the_clinics_clocks(cleo, store, since, until, found):
    zone = NOW.astimezone().tzinfo
    with store.write() as db:
        for day, subject in ((16, "there"), (18, "after")):
            at = NOW.replace(day=day, hour=0, minute=0, tzinfo=zone)
            audit.append(db, at=at, actor="test", action="probe", subject=subject)

    page = cleo.get(f"/desk/audit?since={since}&until={until}")

    cells = [cell.text for cell in page.root.all("td") if cell.all("a")]
    subjects = [words.partition(" :")[0] for words in cells]
    assert [one for one in subjects if one in ("there", "after")] == found


@pytest.mark.parametrize(
    "query",
    [
        "actor=nobody-known",
        "action=no+such+act",
        "since=x",
        "since=2026-06-17&until=2026-06-16",
        "record=" + "x" * 101,
    ],
)
def test_a_filter_that_is_not_offered_is_said(cleo, query):
    page = cleo.get(f"/desk/audit?{query}")

    assert page.status == 422
    assert page.faults()


@pytest.mark.parametrize("below", ["x", "-1", "9" * 30, "٣", "", "0", "%00"])
def test_a_page_that_is_not_there_fails_nowhere(cleo, below):
    assert cleo.get(f"/desk/audit?below={below}").status == 200


def test_no_event_like_that_is_said(cleo):
    assert "No event is like that" in cleo.get("/desk/audit?record=nothing").words


def test_the_trail_leaves_as_a_file_which_is_written_down(cleo, store, people):
    with store.write() as db:
        audit.append(db, at=NOW, actor="test", action="probe", subject="=1+1", note="a, b")

    answer = cleo.client.post("/desk/audit/export", data={"csrf_token": cleo.token()})

    with answer:
        rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    probe = next(row for row in rows if row["action"] == "probe")
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    assert [int(row["sequence"]) for row in rows] == sorted(int(row["sequence"]) for row in rows)
    assert probe["record"] == "'=1+1"
    assert (rows[-1]["action"], rows[-1]["actor"]) == ("trail exported", people.cleo.id)
    assert rows[-1]["name"] == "Cleo Administrator"


def test_the_file_holds_what_was_asked_for(cleo, ben, people, ids):
    ben.get(f"/desk/cases/{ids['stop']}")
    sent = {"csrf_token": cleo.token(), "action": "case read", "actor": people.ben.id}

    answer = cleo.client.post("/desk/audit/export", data=sent)

    with answer:
        rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["record"] for row in rows] == [ids["stop"]]


def test_the_form_of_the_file_carries_the_filters(cleo):
    page = cleo.get("/desk/audit?action=case+read&since=2026-06-01")

    sent = page.form_to("/desk/audit/export").controls()

    assert (sent["action"], sent["since"]) == (["case read"], ["2026-06-01"])


def test_the_reason_of_a_withdrawal_stays_with_its_case(cleo, store):
    with store.write() as db:
        audit.append(db, at=NOW, actor="test", action="withdrawn", subject="r", reason="Mr Smith")

    answer = cleo.client.post("/desk/audit/export", data={"csrf_token": cleo.token()})

    with answer:
        assert "withdrawn" in answer.text
        assert "Smith" not in answer.text
    assert "Smith" not in cleo.get("/desk/audit").html
