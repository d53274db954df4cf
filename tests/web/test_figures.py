"""The page of figures, its charts, and its tables as files."""

import csv
import io
import re
from datetime import timedelta

import pytest

from intake.actions import decide, rule_packs
from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.records import ResponseStatus
from intake.core.review import needs_reason
from intake.storage import audit, cases, responses
from tests.conftest import NOW, TODAY
from tests.packs.builders import TINY

RULE = "needling-interval"


@pytest.fixture
def against(store, pack, people, maker):
    """Send a form with a rule that defers, and go ahead in spite of it."""

    def make(name="Nina Needled", at=NOW):
        sent = maker.sent(name, "needling-27", at)
        found = cases.case(store, sent.id).screening.screening.findings
        decision = Decision(
            Disposition.PROCEED,
            overrides=tuple(
                Override(f.rule_id, OverrideReason.EXAMINED, "I looked.")
                for f in found
                if needs_reason(f)
            ),
            acknowledged=frozenset(f.rule_id for f in found),
        )
        decide.decide(
            store, pack, response_id=sent.id, decision=decision, seen=0, by=people.ben,
            now=at + timedelta(minutes=30), today=TODAY,
        )  # fmt: skip

    return make


@pytest.fixture
def emptied(store):
    """A clinic whose forms were all entered in error."""
    with store.write() as db:
        for row in store.rows("SELECT id FROM responses WHERE status = 'completed'"):
            responses.set_status(db, row["id"], ResponseStatus.ENTERED_IN_ERROR)


def row_of(page, code):
    return next(tr for tr in page.root.all("tr") if code in [c.text for c in tr.all("code")])


def cell(page, code, label):
    return row_of(page, code).one("td", **{"data-label": label}).text


def charts(page):
    return page.root.all("svg", role="img")


@pytest.mark.parametrize("who", ["ada", "ben", "cleo"])
def test_everybody_at_the_desk_finds_it_in_the_navigation(at_desk, who):
    page = at_desk(who).get("/desk/figures")

    link = page.root.one("nav", class_="bar-nav").one("a", href="/desk/figures")
    assert (page.status, link["aria-current"]) == (200, "page")


def test_few_cases_are_counts_without_a_rate(ben, against):
    against()

    page = ben.get("/desk/figures")

    assert cell(page, RULE, "Cases") == "1"
    assert cell(page, RULE, "Went ahead") == "1 of 1 too few for a rate"
    assert cell(page, RULE, "Reasons") == "examined the patient: 1"
    assert cell(page, RULE, "First decision") == "1 decided, the longest after 30 min"
    assert "No rule has 10 decided cases" in page.words


def test_enough_cases_have_a_rate_with_its_interval_and_a_chart(ben, against):
    for number in range(10):
        against(f"Nina {chr(97 + number)}")

    page = ben.get("/desk/figures")

    assert cell(page, RULE, "Went ahead") == "10 of 10 100 % (72 to 100 %)"
    assert cell(page, RULE, "First decision") == "half within 30 min 9 in 10 within 30 min"
    chart = page.root.one("svg", **{"aria-labelledby": "chart-against-wide-title"})
    assert "10 of 10 · 100 % (72 to 100 %)" in [text.text for text in chart.all("text")]


def test_a_caution_is_never_decided_against(ben, ids):
    page = ben.get("/desk/figures")

    cautions = [
        td.text
        for td in page.root.all("td", **{"data-label": "Went ahead"})
        if "read and" in td.text
    ]
    assert set(cautions) == {"read and ticked, needs no reason"}


def test_every_chart_has_a_name_a_description_and_ids_of_its_own(ben, against):
    for number in range(10):
        against(f"Nina {chr(97 + number)}")

    page = ben.get("/desk/figures")

    ids = [element["id"] for element in page.root.walk() if element["id"]]
    assert len(charts(page)) == 4  # two charts, each at two widths
    assert len(ids) == len(set(ids))
    for chart in charts(page):
        assert chart.one("title").text
        assert chart.one("desc").text
        assert {chart["aria-labelledby"], chart["aria-describedby"]} <= set(ids)
    used = re.findall(r'fill="url\(#([^)]+)\)"', page.html)
    assert used
    assert set(used) <= set(ids)


def test_nobody_is_named_and_nothing_is_styled_inline(ben, against):
    against("Nina Needled")

    page = ben.get("/desk/figures")

    for name in ("Nina", "Samuel", "Reyes", "Duarte", "I looked", "Ada Practitioner"):
        assert name not in page.html
    assert " style=" not in page.html


def test_a_span_lives_in_the_address_and_narrows(ben, against):
    against(at=NOW - timedelta(days=10))

    before = ben.get("/desk/figures?since=2026-06-01&until=2026-06-10")
    usual = ben.get("/desk/figures")

    assert "From 1 June 2026 to 10 June 2026" in before.words
    assert before.root.one("input", id="since")["value"] == "2026-06-01"
    assert before.root.one("dl", class_="pack-facts").all("dd")[0].text == "1"
    assert usual.root.one("input", id="since")["value"] == "2026-03-18"


@pytest.mark.parametrize(
    "query",
    ["since=soon", "until=31", "since=2026-06-15&until=2026-06-14", "pack=nothing"],
)
def test_what_cannot_be_counted_is_asked_again(ben, query):
    page = ben.get(f"/desk/figures?{query}")

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.faults()


@pytest.mark.parametrize("query", ["since=0001-01-01", "until=9999-12-31", "since=9999-12-31"])
def test_the_ends_of_time_are_no_fault(ben, query):
    assert ben.get(f"/desk/figures?{query}").status == 200


def test_a_clinic_without_forms_is_told_what_it_will_see(ben, emptied):
    page = ben.get("/desk/figures")

    assert "No form was sent in these days" in page.words
    assert "How this is counted" in page.words
    assert charts(page) == []


def test_an_administrator_is_told_why_rules_are_missing(cleo, emptied, maker):
    maker.sent("One Alone", "transplant-patient")

    page = cleo.get("/desk/figures")

    assert "Rules and questions are not shown." in page.words
    assert "immune-medicine" not in page.html


def test_versions_are_offered_once_there_are_several(ben, store, pack):
    alone = ben.get("/desk/figures")
    other = rule_packs.activate(store, TINY, actor="test", now=NOW)

    page = ben.get(f"/desk/figures?pack={other.hash}")

    assert alone.root.all("select", id="pack") == []
    offered = [option["value"] for option in page.root.one("select", id="pack").all("option")]
    assert offered[0] == ""
    assert set(offered[1:]) == {other.hash, pack.hash}
    assert "No form was sent in these days" in page.words


def rows_of(page):
    return list(csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"))))


@pytest.mark.parametrize("table", ["rules", "questions", "days", "waits"])
def test_each_table_is_a_file(ben, store, people, table):
    page = ben.post("/desk/figures", {"table": table, "since": "2026-06-01", "until": "2026-06-15"})

    assert page.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        rf'attachment; filename="intake-figures-{table}-2026-06-15-\d+-[0-9a-f]{{16}}\.csv"',
        page.answer.headers["Content-Disposition"],
    )
    assert rows_of(page)
    last = audit.latest(store)[0]
    assert (last.action, last.actor, last.detail) == (
        "figures exported", people.ben.id, {"table": table},
    )  # fmt: skip


def test_the_buttons_send_the_span_that_is_shown(ben, against):
    against(at=NOW - timedelta(days=10))
    page = ben.get("/desk/figures?since=2026-06-01&until=2026-06-10")

    form = page.root.all("form", action="/desk/figures", method="post")[0].controls()
    sent = {k: v for k, (v,) in form.items() if k != "csrf_token"}

    assert sent == {"since": "2026-06-01", "until": "2026-06-10", "pack": ""}
    days = rows_of(ben.post("/desk/figures", {**sent, "table": "days"}))
    assert [row["sent_defer"] for row in days] == ["1"]


@pytest.mark.parametrize("table", ["", "patients", "rules,days"])
def test_a_table_that_is_not_offered_does_not_leave(ben, store, table):
    page = ben.post("/desk/figures", {"table": table})

    assert page.status == 422
    assert "figures exported" not in [event.action for event in audit.latest(store)]
