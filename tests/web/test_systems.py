"""Administration of other systems: tokens, what was sent to them, shutting them out."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import clients, sites, webhooks
from intake.core.clients import ROLE_MEANS
from intake.storage import subscriptions as stored
from tests.conftest import NOW
from tests.web.conftest import OWN_PASSWORDS, System

FORM = {"name": "Records", "role": "reader", "days": "30", "everywhere": "y"}
TOKEN = re.compile(r"intake_[\w-]{43}")
HOSTS = ("127.0.0.1",)


@pytest.fixture
def sent(system, store, people):
    """A subscription of a system, of which an event did not arrive."""
    reader = system(name="Records")
    client = next(c for c in clients.list_clients(store, by=people.cleo) if c.id == reader.id)
    made, _ = webhooks.subscribe(
        store, url="http://127.0.0.1:9/x", kinds=(), hosts=HOSTS, by=client, now=NOW
    )
    sites.open_site(store, name="North", by=people.cleo, now=NOW)
    return made


def test_a_token_is_shown_once_and_opens_the_api(app, cleo):
    page = cleo.post("/desk/systems", FORM)

    token = TOKEN.search(page.html)[0]
    assert System(app, token).get("/cases").status_code == 200
    assert not TOKEN.search(cleo.get("/desk/systems").html)
    assert "Records" in cleo.get("/desk/systems").words


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": " "}, "Enter a name"),
        ({"name": "x" * 61}, "Write at most 60 characters"),
        ({"role": "owner"}, "Select one of those offered"),
        ({"days": "0"}, "Enter for how many days"),
        ({"days": "367"}, "Enter for how many days"),
        ({"days": "many"}, "Not a valid integer"),
        ({"everywhere": ""}, "Tick at least one site"),
        ({"everywhere": "", "sites": "nowhere"}, "Tick sites that are offered"),
    ],
)
def test_what_cannot_be_taken_is_said_and_lets_nobody_in(cleo, store, people, wrong, says):
    page = cleo.post("/desk/systems", FORM | wrong)

    assert page.status == 422
    assert says in page.words
    assert clients.list_clients(store, by=people.cleo) == []


def test_a_new_token_takes_the_place_of_the_old(app, cleo, system):
    old = system()

    page = cleo.post(f"/desk/systems/{old.id}/renew", {"days": "10"})

    new = System(app, TOKEN.search(page.html)[0])
    assert (old.get("/cases").status_code, new.get("/cases").status_code) == (401, 200)


def test_a_new_token_for_no_days_is_refused(cleo, system):
    old = system()

    page = cleo.post(f"/desk/systems/{old.id}/renew", {"days": "0"})

    assert page.status == 422
    assert "Enter for how many days" in page.words
    assert old.get("/cases").status_code == 200


def test_a_system_is_shut_out_at_once(cleo, system):
    reader = system()

    cleo.post(f"/desk/systems/{reader.id}/revoke")

    assert reader.get("/cases").status_code == 401
    assert "Shut out" in cleo.get("/desk/systems").words


def test_letting_a_system_in_asks_who_one_is_after_a_while(cleo, clock):
    clock.at = NOW + timedelta(minutes=20)

    page = cleo.post("/desk/systems", FORM)

    assert page.status == 422
    assert not TOKEN.search(page.html)
    assert OWN_PASSWORDS["cleo"] not in page.html


def test_the_page_says_where_events_may_go(app, cleo):
    before = cleo.get("/desk/systems").words
    house = app.extensions["intake"]
    house.settings = replace(house.settings, webhook_hosts=("records.example",))

    after = cleo.get("/desk/systems").words

    assert "Nothing is sent: INTAKE_WEBHOOK_HOSTS names no computer" in before
    assert "Events may go to records.example" in after


def test_an_event_that_did_not_arrive_is_shown_and_sent_again(cleo, store, people, maker, sent):
    maker.begun("Nora New", "healthy-woman")
    webhooks.tell(store, hosts=HOSTS, now=lambda: NOW)
    page = cleo.get("/desk/systems")
    (failed,) = stored.deliveries(store)

    cleo.post(f"/desk/systems/deliveries/{failed.id}/again")

    assert "It could not be reached" in page.words
    assert stored.deliveries(store)[0].next_at == NOW


def test_to_a_system_that_is_shut_out_nothing_is_sent_again(cleo, store, people, maker, sent):
    maker.begun("Nora New", "healthy-woman")
    webhooks.tell(store, hosts=HOSTS, now=lambda: NOW)
    clients.revoke(store, client_id=sent.client_id, by=people.cleo, now=NOW)

    page = cleo.get("/desk/systems")

    assert "It could not be reached" in page.words
    assert "Send again" not in page.words


def test_an_administrator_ends_a_subscription(cleo, store, sent):
    cleo.post(f"/desk/systems/subscriptions/{sent.id}/end")

    assert stored.subscription(store, sent.id).ended_at == NOW
    assert "Ended" in cleo.get("/desk/systems").words


def test_the_roles_are_said_in_words(cleo):
    page = cleo.get("/desk/systems")

    assert "Scheduler begins intakes" in page.words
    assert {one["value"] for one in page.root.all("input", name="role")} == set(ROLE_MEANS)
