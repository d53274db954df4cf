"""The queue: who waits, in which order, and how it is narrowed."""

from datetime import timedelta

import pytest

from intake.actions import decide
from intake.core.decisions import Decision, Disposition
from intake.core.records import ResponseStatus
from intake.storage import responses
from tests.conftest import NOW, TODAY
from tests.web.conftest import OWN_PASSWORDS, sign_in

EVERYBODY = [
    "Samuel Reyes",
    "Lina Farouk",
    "Walter Brandt",
    "Nadia Haddad",
    "Elif Kaya",
    "Maria Duarte",
]


def names(page):
    return [cell.one("a").text for cell in page.root.all("th", class_="cell-patient")]


def row_of(page, name):
    return next(tr for tr in page.root.all("tr") if tr.all("bdi") and tr.one("bdi").text == name)


def cell(page, name, kind):
    return row_of(page, name).one("td", class_=f"cell-{kind}").text


@pytest.fixture
def decided(store, pack, people, ids):
    """Record a decision on a case."""

    def record(key, decision):
        decide.decide(
            store,
            pack,
            response_id=ids[key],
            decision=decision,
            seen=0,
            by=people.ada,
            now=NOW,
            today=TODAY,
        )

    return record


def test_the_most_serious_come_first(ada):
    page = ada.get("/desk/")

    assert set(names(page)) == set(EVERYBODY)
    severities = [td.text for td in page.root.all("td", class_="cell-severity")]
    assert severities == ["Stop", "Review", "Review", "Defer", "Caution", "Routine"]


def test_within_a_severity_whoever_waited_longest_comes_first(ada, maker):
    for name, minutes in (("Zoe Early", 90), ("Adam Middle", 60), ("Beth Late", 30)):
        maker.sent(name, "teenager", NOW - timedelta(minutes=minutes))

    page = ada.get("/desk/?triage=stop")

    assert names(page) == ["Zoe Early", "Adam Middle", "Beth Late", "Samuel Reyes"]


def test_a_row_says_what_it_is_about(ada):
    page = ada.get("/desk/")

    assert "12 Mar 1988" in row_of(page, "Nadia Haddad").text
    assert "Earliest safe date 22 June 2026" in cell(page, "Nadia Haddad", "reason")
    assert cell(page, "Nadia Haddad", "area") == "Face"
    assert cell(page, "Maria Duarte", "reason") == "No rule matched. Review is still required."
    assert cell(page, "Maria Duarte", "status") == "Waiting for a decision"


def test_waiting_is_said_in_words(ada, maker):
    for name, wait in (
        ("Five Minutes", timedelta(minutes=5)),
        ("Two Hours", timedelta(hours=2, minutes=3)),
        ("Three Days", timedelta(days=3)),
    ):
        maker.sent(name, "teenager", NOW - wait)

    page = ada.get("/desk/")

    assert cell(page, "Five Minutes", "waiting").startswith("5 min ")
    assert cell(page, "Two Hours", "waiting").startswith("2 h 03 min ")
    assert cell(page, "Three Days", "waiting").startswith("3 days ")


def test_a_private_reason_stays_off_the_list(ada, maker):
    maker.sent("Ruth Adeyemi", "everything-withheld-private")

    page = ada.get("/desk/")

    assert cell(page, "Ruth Adeyemi", "reason") == "Open the case to see why"
    assert cell(page, "Ruth Adeyemi", "unknown") == "11 11 withheld"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("triage=stop", ["Samuel Reyes"]),
        ("status=all&triage=defer&triage=routine", ["Nadia Haddad", "Maria Duarte"]),
        ("status=filling", ["Hannah Cole", "Tomas Novak"]),
        ("status=decided", ["Elif Kaya"]),
        ("status=deferred", ["Nadia Haddad"]),
        ("status=with_dermatologist", ["Walter Brandt"]),
        ("status=information_needed", ["Lina Farouk"]),
        ("status=waiting", ["Samuel Reyes", "Maria Duarte"]),
        ("status=superseded", []),
        ("status=withdrawn", []),
        ("since=2026-06-16", []),
        ("until=2026-06-14", []),
        ("since=2026-06-15&until=2026-06-15&triage=stop", ["Samuel Reyes"]),
    ],
)
def test_it_is_narrowed(ada, decided, query, found):
    decided("caution", Decision(Disposition.DO_NOT_TREAT, "asked to wait"))
    decided("defer", Decision(Disposition.DEFER, until=TODAY + timedelta(days=7)))
    decided("review", Decision(Disposition.REFER, "go ahead?"))
    decided("unknown", Decision(Disposition.NEED_INFORMATION, "which cream?"))

    page = ada.get(f"/desk/?{query}")

    assert sorted(names(page)) == sorted(found)
    assert page.status == 200


def test_what_is_open_leaves_out_what_is_done(ada, decided):
    decided("caution", Decision(Disposition.DO_NOT_TREAT, "asked to wait"))
    decided("defer", Decision(Disposition.DEFER, until=TODAY + timedelta(days=7)))
    decided("review", Decision(Disposition.REFER, "go ahead?"))

    shown = names(ada.get("/desk/"))
    everything = names(ada.get("/desk/?status=all"))

    assert sorted(shown) == sorted(set(EVERYBODY) - {"Elif Kaya", "Nadia Haddad"})
    assert sorted(everything) == sorted([*EVERYBODY, "Hannah Cole", "Tomas Novak"])


def test_a_deferred_case_comes_back_on_its_day(ada, decided, clock, at_desk):
    decided("defer", Decision(Disposition.DEFER, until=TODAY + timedelta(days=1)))
    before = names(ada.get("/desk/"))

    clock.at = NOW + timedelta(minutes=9)
    same_day = names(ada.get("/desk/"))
    clock.at = NOW + timedelta(days=1)
    ada.post("/desk/sign-in", {"username": "ada", "password": "four words in a row"})
    next_day = names(ada.get("/desk/"))

    assert "Nadia Haddad" not in before + same_day
    assert "Nadia Haddad" in next_day


@pytest.mark.parametrize(
    "query",
    [
        "status=nothing",
        "triage=mild",
        "since=soon",
        "until=31",
        "since=2026-06-15&until=2026-06-14",
    ],
)
def test_a_filter_that_is_not_offered_is_refused(ada, query):
    page = ada.get(f"/desk/?{query}")

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert names(page) == names(ada.get("/desk/"))


@pytest.mark.parametrize("text", ["duarte", "MARIA", "  maria   duarte ", "record number"])
def test_a_case_is_found_by_name_or_number(ada, ids, store, text):
    row = store.row("SELECT * FROM patients WHERE name = ?", ["Maria Duarte"])

    page = ada.post("/desk/find", {"text": text.replace("record number", row["record_number"])})

    assert names(page) == ["Maria Duarte"]
    assert "Duarte" not in page.answer.request.path


@pytest.mark.parametrize("text", ["%", "_", "'", "Duarte%", "\\", "nobody of this name"])
def test_signs_of_the_database_are_plain_signs(ada, text):
    page = ada.post("/desk/find", {"text": text})

    assert names(page) == []
    assert "No case found" in page.words


def test_an_empty_search_leads_back_to_the_queue(ada):
    assert ada.post("/desk/find", {"text": " "}).location == "/desk/"


def test_an_empty_queue_says_what_to_do(ada, store):
    with store.write() as db:
        for row in store.rows("SELECT id FROM responses WHERE status = 'completed'"):
            responses.set_status(db, row["id"], ResponseStatus.ENTERED_IN_ERROR)

    page = ada.get("/desk/")

    assert "Nobody is waiting" in page.words
    assert "Review is still required" in page.words


def test_the_administrator_reads_no_queue(cleo):
    assert cleo.get("/desk/").location == "/desk/accounts"


def test_severity_is_a_word_and_a_shape(ada):
    page = ada.get("/desk/")

    for td in page.root.all("td", class_="cell-severity"):
        assert td.text
        assert len(td.all("svg", class_="shape")) == 1


@pytest.mark.parametrize("word", ["safe to treat", "approved", "cleared", "no contraindication"])
def test_the_desk_never_says_that_a_treatment_may_go_ahead(walked, word):
    said = [page.title for side in ("ada", "ben") for page in walked[side] if word in page.words]

    assert said == []


def test_a_case_is_taken_from_the_list_and_given_back_on_its_page(ada, ben, ids):
    take = f"/desk/cases/{ids['review']}/take"
    assert ada.get("/desk/").root.all("form", action=take)

    taken = ada.post(take)

    assert taken.location == f"/desk/cases/{ids['review']}"
    assert cell(ada.get("/desk/"), "Walter Brandt", "owner").startswith("You")
    assert cell(ben.get("/desk/"), "Walter Brandt", "owner").startswith("Ada Practitioner")
    page = ada.get(taken.location)
    assert ada.post(f"{taken.location}/give-back").location == "/desk/"
    assert "Taken by you" in page.words
    assert "Nobody has taken it" in ada.get(taken.location).words


def test_the_second_who_takes_a_case_is_told_and_may_take_it_over(ada, ben, ids):
    path = f"/desk/cases/{ids['review']}"
    ada.post(f"{path}/take")

    refused = ben.post(f"{path}/take")
    form = ben.get(path).form_to(f"{path}/take").controls()
    ben.post(f"{path}/take", {"owner": form["owner"][0]})

    assert refused.status == 409
    assert "Ada Practitioner took this case" in refused.words
    assert "Taken by you" in ben.get(path).words


def test_a_deferred_case_is_screened_again_before_it_is_shown(ada, maker, decided, clock):
    sent = maker.sent("Vera Later", "needling-27")
    until = TODAY + timedelta(days=1)
    record = Decision(Disposition.DEFER, until=until)
    decide.decide(
        maker.store, maker.pack, response_id=sent.id, decision=record, seen=0,
        by=maker.by, now=NOW, today=TODAY,
    )  # fmt: skip
    assert "Vera Later" not in names(ada.get("/desk/"))

    clock.at += timedelta(days=1)
    sign_in(ada, "ada", OWN_PASSWORDS["ada"])

    page = ada.get("/desk/")
    assert cell(page, "Vera Later", "severity") == "Routine"
    assert cell(page, "Vera Later", "status") == "Waiting for a decision by Ada Practitioner"
    assert "screened the answers" in ada.get(f"/desk/cases/{sent.id}").words


def test_the_filters_live_in_the_address(ada, ids):
    ada.post(f"/desk/cases/{ids['caution']}/take")

    page = ada.get("/desk/?mine=y")

    assert names(page) == ["Elif Kaya"]
    assert page.root.one("input", id="mine")["checked"] is not None
    assert "checked" in page.root.one("input", id="mine")


def test_who_looks_for_what_needs_a_dermatologist(ada):
    found = names(ada.get("/desk/?dermatologist=y"))

    assert "Samuel Reyes" in found
    assert "Maria Duarte" not in found


def test_the_table_comes_alone_for_a_page_that_looks_by_itself(ada):
    whole, alone = ada.get("/desk/?triage=stop"), ada.get("/desk/queue?triage=stop")

    assert names(alone) == names(whole) == ["Samuel Reyes"]
    assert alone.root.all("html") == []
    assert whole.root.one("div", class_="fresh")["data-live"] == "/desk/queue?triage=stop"


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(ada, clock):
    for _ in range(40):
        clock.at += timedelta(minutes=1)
        ada.get("/desk/queue")

    assert ada.get("/desk/").location == "/desk/sign-in"


def test_a_long_queue_has_pages(ada, maker):
    for number in range(60):
        maker.begun(f"Patient {chr(97 + number // 26)}{chr(97 + number % 26)}", "healthy-woman")

    first = ada.get("/desk/?status=filling")
    further = first.root.one("a", rel="next")["href"]
    second = ada.get(further)

    assert "62 cases, 50 on this page" in first.words
    assert len(names(first)) == 50
    assert set(names(first)).isdisjoint(names(second))
    assert second.root.all("a", rel="next") == []
    assert [a["href"] for a in second.root.one("nav", class_="pages").all("a")] == [
        "/desk/?status=filling"
    ]
