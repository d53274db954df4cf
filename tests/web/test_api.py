"""The API: what other systems read, what they are refused, and what is written down of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event

import pytest

from intake.actions import clients, sites, versions
from intake.core.clients import ClientRole
from intake.storage import audit, responses
from intake.web.deliveries import DeliveryRounds
from tests.conftest import NOW
from tests.receiver import is_signed, receiving

ORIGINS = ("", "Bearer", "Bearer x", "Bearer intake_x", "Basic YTpi", "bearer é", "Bearer a b")


def acts(store, subject):
    return [(e.actor, e.action) for e in audit.of_subject(store, subject)]


def problem_of(answer):
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.json


def test_cases_are_listed_a_page_at_a_time_and_each_once(system, ids):
    reader, seen, on = system(), [], ""
    while on is not None:
        page = reader.get(f"/cases?limit=3{on}").json
        seen += [one["id"] for one in page["cases"]]
        on = f"&after={page['next']}" if "next" in page else None

    sent_and_begun = {one for name, one in ids.items() if name != "patient"}
    assert sorted(seen) == sorted(set(seen)) == sorted(sent_and_begun)


def test_a_case_says_what_was_found_and_never_that_somebody_is_cleared(system, ids):
    reader = system()

    stop = reader.get(f"/cases/{ids['stop']}").json
    begun = reader.get(f"/cases/{ids['begun']}").json

    assert stop["screening"]["triage"] == "stop"
    assert stop["screening"]["met"] > 0
    assert stop["patient"]["name"] == "Samuel Reyes"
    assert begun["status"] == "filling"
    assert "screening" not in begun
    assert "decision" not in stop


def test_findings_tell_what_could_not_be_ruled_out(system, ids):
    found = system().get(f"/cases/{ids['unknown']}/findings").json

    truths = {one["truth"] for one in found["findings"]}
    assert found["triage"] == "review"
    assert "unknown" in truths
    assert "not met" not in truths


def test_findings_say_where_their_case_stands(app, system, store, ids, people):
    reader, house = system(), app.extensions["intake"]

    versions.withdraw(
        store, response_id=ids["routine"], reason="Another patient.", by=people.ada,
        pack_of=house.pack_of, now=NOW, today=house.today(),
    )  # fmt: skip

    assert reader.get(f"/cases/{ids['stop']}/findings").json["status"] == "waiting"
    assert reader.get(f"/cases/{ids['routine']}/findings").json["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("fhir", "application/fhir+json; charset=utf-8", b"{"),
    ],
)
def test_a_document_is_made_in_the_systems_name(system, store, ids, form, kind, begins):
    reader = system()

    answer = reader.get(f"/cases/{ids['stop']}/documents/{form}")

    assert answer.content_type == kind
    assert answer.data.startswith(begins)
    theirs = {act for actor, act in acts(store, ids["stop"]) if actor == reader.id}
    assert theirs & {"document made", "case exported"}


def test_a_record_names_the_system_that_took_it(system, ids):
    page = system().get(f"/cases/{ids['stop']}/documents/html").text

    assert "by Appointment book, another system" in page


def test_what_a_system_reads_is_written_down_once_in_ten_minutes(system, store, clock, ids):
    reader = system()

    for _ in range(3):
        reader.get(f"/cases/{ids['stop']}")
        reader.get("/cases")
    clock.at = NOW + timedelta(minutes=11)
    reader.get(f"/cases/{ids['stop']}")

    assert acts(store, ids["stop"]).count((reader.id, "case read")) == 2
    assert acts(store, "cases") == [(reader.id, "list read")]


def test_the_trail_calls_a_system_by_its_name(system, cleo, ids):
    system(name="Billing").get(f"/cases/{ids['stop']}")

    assert "Billing read the case" in cleo.get("/desk/audit").words


@pytest.mark.parametrize("sent", ORIGINS)
def test_without_a_token_nothing_is_told(app, ids, sent):
    headers = {"Authorization": sent} if sent else {}

    answers = [
        app.test_client().get(f"/api/v1{path}", headers=headers)
        for path in ("/cases", f"/cases/{ids['stop']}", f"/cases/{'0' * 32}", "/openapi.json")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Bearer realm="intake"'}
    assert len({answer.text for answer in answers}) == 1


def test_a_session_of_the_desk_opens_nothing_of_the_api(app, clinic_template):
    client = app.test_client()
    client.set_cookie("intake_desk", clinic_template.sessions["ada"], path="/")

    assert client.get("/api/v1/cases").status_code == 401


def test_a_token_opens_nothing_at_the_desk(app, system):
    reader = system()

    answer = reader.client.get("/desk/", headers=reader.headers)

    assert answer.headers["Location"] == "/desk/sign-in"


def test_a_token_ends_with_its_day(system, clock):
    reader = system(days=2)

    clock.at = NOW + timedelta(days=2, seconds=-1)
    before = reader.get("/cases").status_code
    clock.at = NOW + timedelta(days=2)

    assert (before, reader.get("/cases").status_code) == (200, 401)


def test_a_system_that_is_shut_out_is_out_at_once(system, store, people):
    reader = system()

    clients.revoke(store, client_id=reader.id, by=people.cleo, now=NOW)

    assert reader.get("/cases").status_code == 401


def test_a_scheduler_reads_no_case_and_that_it_asked_is_written_down(system, store, ids):
    scheduler = system(ClientRole.SCHEDULER)

    said = problem_of(scheduler.get(f"/cases/{ids['stop']}"))

    assert said["status"] == 403
    assert "reader" in said["detail"]
    assert acts(store, ids["stop"])[-1] == (scheduler.id, "record refused")


def test_of_another_site_nothing_is_there(system, store, people, ids):
    elsewhere = sites.open_site(store, name="Second street", by=people.cleo, now=NOW)
    reader = system(site_ids=[elsewhere.id])

    theirs = reader.get(f"/cases/{ids['stop']}")
    nobodys = reader.get(f"/cases/{'0' * 32}")

    assert reader.get("/cases").json == {"cases": []}
    assert reader.get("/events").json["events"] == []
    assert theirs.status_code == 404
    assert theirs.data == nobodys.data
    assert (reader.id, "case refused") in acts(store, ids["stop"])


def test_what_happened_is_told_in_order_and_goes_on_where_it_ended(system, maker):
    reader = system()
    before = reader.get("/events?limit=200").json
    while before["events"]:
        before = reader.get(f"/events?limit=200&after={before['next']}").json
    sent = maker.sent("Nora New", "healthy-woman")

    after = reader.get(f"/events?after={before['next']}").json
    again = reader.get(f"/events?after={after['next']}").json

    assert [(e["type"], e["record"]) for e in after["events"]] == [
        ("intake.begun", sent.id),
        ("intake.sent", sent.id),
        ("case.screened", sent.id),
    ]
    assert again == {"events": [], "next": after["next"]}


def test_a_number_that_is_not_reached_is_told(system):
    reader = system()
    newest = reader.get("/events?limit=200").json
    while newest["events"]:
        newest = reader.get(f"/events?limit=200&after={newest['next']}").json

    said = problem_of(reader.get(f"/events?after={newest['next'] + 1}"))

    assert said["status"] == 409
    assert "put back from a backup" in said["detail"]


def test_events_say_nothing_of_a_patient(system, ids):
    said = system().get("/events?limit=200").json["events"]

    assert said
    assert {name for one in said for name in one} == {"number", "type", "at", "record"}


def test_events_can_be_asked_for_by_kind(system):
    said = system().get("/events?kind=intake.sent&kind=case.screened").json["events"]

    assert {one["type"] for one in said} == {"intake.sent", "case.screened"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=1&limit=2", "/limit"),
        ("triage=fine", "/triage/0"),
        ("since=yesterday", "/since"),
        ("after=x", "/after"),
        ("colour=red", "/colour"),
    ],
)
def test_a_query_that_cannot_be_taken_is_named(system, query, pointer):
    said = problem_of(system().get(f"/cases?{query}"))

    assert said["status"] == 422
    assert [one["pointer"] for one in said["errors"]] == [pointer]


def test_what_was_sent_is_not_said_again(system):
    answer = system().get("/cases?since=Maria-Duarte")

    assert "Maria" not in answer.text


@pytest.mark.parametrize("day", ["0", "1750000000", "2026-06-15T00:00", "20260615"])
def test_a_day_is_asked_for_as_a_day(system, day):
    assert problem_of(system().get(f"/cases?since={day}"))["status"] == 422


@pytest.mark.parametrize("path", ["/cases/x", "/nothing", "/cases/../cases", "/", ""])
def test_what_is_not_there_is_a_problem_and_no_page(system, path):
    assert problem_of(system().get(path))["status"] == 404


def test_another_method_is_a_problem_that_names_the_right_one(system):
    answer = system().post("/cases", json={})

    assert problem_of(answer)["status"] == 405
    assert "GET" in answer.headers["Allow"]


def test_an_answer_of_the_api_is_kept_nowhere_and_sets_no_cookie(system, ids):
    answer = system().get(f"/cases/{ids['stop']}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.fixture
def telling(app):
    """Let events go to this computer."""
    house = app.extensions["intake"]
    house.settings = replace(house.settings, webhook_hosts=("127.0.0.1",))


def test_a_system_subscribes_reads_what_was_sent_and_ends_it(telling, system, app, maker, clock):
    receiver, server = receiving()
    reader = system()

    made = reader.post("/subscriptions", json={"url": receiver.url, "kinds": ["intake.sent"]})
    sent = maker.sent("Nora New", "healthy-woman")
    house = app.extensions["intake"]
    DeliveryRounds(("127.0.0.1",), house.open, house.now).look()
    log = reader.get(f"/subscriptions/{made.json['id']}/deliveries").json["deliveries"]
    ended = reader.delete(f"/subscriptions/{made.json['id']}")
    server.shutdown()
    server.server_close()

    ((_, headers, body),) = receiver.came
    assert made.status_code == 201
    assert is_signed(headers, body, made.json["secret"])
    assert receiver.messages[0]["data"]["record"] == sent.id
    assert [one["status"] for one in log] == [204]
    assert (ended.status_code, ended.data) == (204, b"")
    kept = reader.get("/subscriptions").json["subscriptions"]
    assert [("secret" in one, "ended_at" in one) for one in kept] == [(False, True)]


def test_where_no_computer_is_named_nothing_can_be_subscribed_to(system):
    answer = system().post("/subscriptions", json={"url": "https://records.example/"})

    assert problem_of(answer)["status"] == 403
    assert "INTAKE_WEBHOOK_HOSTS" in answer.json["detail"]


def test_what_goes_wrong_while_sending_is_told_to_the_log_and_ends_no_thread(caplog):
    def fail():
        msg = "Maria Duarte"
        raise OSError(msg)

    DeliveryRounds(("127.0.0.1",), fail, lambda: NOW).look()

    assert "OSError" in caplog.text
    assert "Maria" not in caplog.text


def test_the_server_sends_by_itself_and_stops_when_told(app, monkeypatch):
    looked = Event()
    rounds = DeliveryRounds(("127.0.0.1",), None, None)
    monkeypatch.setattr(rounds, "look", looked.set)

    rounds.start()
    rounds.start()
    rounds.stop()

    assert looked.is_set()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"null", 422),
        (b"[]", 422),
        (b'{"url": 1}', 422),
        (b'{"url": "https://a.example/", "secret": "x"}', 422),
        (b'{"url": "https://a.example/", "kinds": ["x"]}', 422),
        (b'{"url": "https://a.example/", "url": "https://b.example/"}', 400),
        (b'{"url": "' + b"x" * 600_000 + b'"}', 413),
    ],
)
def test_a_body_that_cannot_be_taken_is_a_problem(system, body, status):
    answer = system().post("/subscriptions", data=body, content_type="application/json")

    assert problem_of(answer)["status"] == status


def test_a_form_is_no_body_of_the_api(system):
    answer = system().post("/subscriptions", data={"url": "https://a.example/"})

    assert problem_of(answer)["status"] == 415


APPOINTMENT = {
    "name": "Nora New",
    "birth_date": "1990-04-23",
    "language": "es-MX",
    "plan": {"area": ["face", "neck"], "depth_mm": 1.5},
}


def test_a_scheduler_begins_an_intake_and_asks_whether_it_was_sent(system, store):
    scheduler = system(ClientRole.SCHEDULER)

    made = scheduler.post("/intakes", json=APPOINTMENT)
    asked = scheduler.get(f"/intakes/{made.json['id']}")

    kept = responses.response(store, made.json["id"])
    assert (made.status_code, made.json["begun"]) == (201, True)
    assert "submitted_at" not in asked.json
    assert (kept.language, kept.begun_by) == ("es", scheduler.id)
    assert kept.plan == {"area": ["face", "neck"], "depth_mm": "1.5"}
    assert acts(store, kept.id) == [(scheduler.id, "intake begun")]


def test_an_intake_that_is_asked_for_twice_is_begun_once(system, store):
    scheduler = system(ClientRole.SCHEDULER)

    first, second = (scheduler.post("/intakes", json=APPOINTMENT) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json == first.json | {"begun": False}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"birth_date": "2090-01-01"}, "/birth_date"),
        ({"birth_date": "23/04/1990"}, "/birth_date"),
        ({"birth_date": 641260800}, "/birth_date"),
        ({"birth_date": "641260800"}, "/birth_date"),
        ({"birth_date": "1990-04-23T00:00:00"}, "/birth_date"),
        ({"language": "tlh"}, "/language"),
        ({"plan": {"area": ["moon"]}}, "/plan/area"),
        ({"plan": {"depth_mm": 40}}, "/plan/depth_mm"),
        ({"plan": {"colour": "red"}}, "/plan"),
        ({"site": "Nowhere"}, "/site"),
        ({"answers": {}}, "/answers"),
    ],
)
def test_an_appointment_that_cannot_be_taken_is_named_and_stores_nothing(
    system, store, contents, wrong, pointer
):
    scheduler = system(ClientRole.SCHEDULER)
    before = contents()

    said = problem_of(scheduler.post("/intakes", json=APPOINTMENT | wrong))

    assert said["status"] == 422
    assert [one["pointer"] for one in said["errors"]] == [pointer]
    assert contents() == before


@pytest.mark.parametrize(
    ("depth", "status"),
    [
        *((one, 422) for one in (b"true", b"[true]", b"1e999", b"null", b"1.4999999")),
        *((one, 400) for one in (b"NaN", b"Infinity")),  # JSON has no such numbers
    ],
)
def test_what_is_no_number_plans_no_depth(system, store, contents, depth, status):
    scheduler = system(ClientRole.SCHEDULER)
    body = b'{"name": "Nora New", "birth_date": "1990-04-23", "plan": {"depth_mm": %s}}' % depth
    before = contents()

    answer = scheduler.post("/intakes", data=body, content_type="application/json")

    assert problem_of(answer)["status"] == status
    assert contents() == before


@pytest.mark.parametrize(("depth", "kept"), [(2, "2"), (0.25, "0.25"), (1.5, "1.5")])
def test_a_depth_is_kept_as_it_was_sent(system, store, depth, kept):
    sent = APPOINTMENT | {"plan": {"depth_mm": depth}}

    made = system(ClientRole.SCHEDULER).post("/intakes", json=sent).json

    assert responses.response(store, made["id"]).plan["depth_mm"] == kept


def test_an_intake_was_begun_when_it_is_said_to_be(app, system, monkeypatch):
    later = count()
    monkeypatch.setattr(
        app.extensions["intake"], "now", lambda: NOW + timedelta(seconds=next(later))
    )
    scheduler = system(ClientRole.SCHEDULER)

    made = scheduler.post("/intakes", json=APPOINTMENT).json

    assert scheduler.get(f"/intakes/{made['id']}").json["begun_at"] == made["begun_at"]


def test_a_record_says_which_system_began_it(system, ada):
    made = system(ClientRole.SCHEDULER).post("/intakes", json=APPOINTMENT).json

    page = ada.post(f"/desk/cases/{made['id']}/document", {"form": "html", "paper": "a4"})

    assert "by Appointment book, another system" in page.html


def test_a_system_of_one_site_begins_there_and_nowhere_else(system, store, people):
    north = sites.open_site(store, name="North", by=people.cleo, now=NOW)
    scheduler = system(ClientRole.SCHEDULER, site_ids=[north.id])

    made = scheduler.post("/intakes", json=APPOINTMENT).json

    assert responses.response(store, made["id"]).site == north.id
