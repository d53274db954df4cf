"""Telling other systems of events: signed, until they arrive, and to nobody else."""

import json
import socket
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import count
from threading import Thread
from time import sleep

import pytest

from intake.actions import clients, sites, webhooks
from intake.core.clients import ClientRole, EventKind
from intake.core.errors import NotAllowedError, NotFoundError, StateError
from intake.storage import audit
from intake.storage import subscriptions as stored
from tests.conftest import NOW
from tests.receiver import is_signed, receiving

HOSTS = ("127.0.0.1",)


@pytest.fixture
def receiver():
    receiver, server = receiving()
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def system(desk):
    return let_in(desk)


def let_in(desk, role=ClientRole.READER, **rest):
    return clients.add(desk.store, name="Records", role=role, by=desk.people.cleo, now=NOW, **rest)[
        0
    ]


def subscribe(desk, system, url, kinds=(), hosts=HOSTS):
    return webhooks.subscribe(desk.store, url=url, kinds=kinds, hosts=hosts, by=system, now=NOW)


def tell(desk, after=timedelta(), hosts=HOSTS):
    return webhooks.tell(desk.store, hosts=hosts, now=lambda: NOW + after)


def log(desk, subscription):
    return stored.deliveries(desk.store, subscription_id=subscription.id)


def test_what_happens_from_now_on_is_sent_once_and_in_order(desk, system, receiver):
    desk.begin(name="Before")
    subscribe(desk, system, f"{receiver.url}/intake?k=1")
    sent = desk.sent()

    tell(desk)
    tell(desk)

    assert [(one["type"], one["data"]["record"]) for one in receiver.messages] == [
        ("intake.begun", sent.id),
        ("intake.sent", sent.id),
        ("case.screened", sent.id),
    ]
    assert {path for path, _, _ in receiver.came} == {"/intake?k=1"}


def test_a_message_is_signed_as_its_receiver_checks(desk, system, receiver):
    _, secret = subscribe(desk, system, receiver.url)
    desk.begin()

    tell(desk)

    ((_, headers, body),) = receiver.came
    assert is_signed(headers, body, secret)
    assert not is_signed(headers, body + b" ", secret)
    assert int(headers["webhook-timestamp"]) == int(NOW.timestamp())


def test_a_message_says_nothing_of_a_patient(desk, system, receiver):
    subscribe(desk, system, receiver.url)
    desk.sent()

    tell(desk)

    for message in receiver.messages:
        assert message.keys() == {"type", "timestamp", "data"}
        assert message["data"].keys() == {"number", "record"}


def test_the_secret_is_kept_sealed(desk, system, receiver):
    made, secret = subscribe(desk, system, receiver.url)

    row = desk.store.row("SELECT secret FROM subscriptions WHERE id = ?", [made.id])

    assert secret not in row["secret"]
    assert stored.secret_of(desk.store, desk.store.keys.trail, made.id) == secret


def test_only_the_kinds_that_were_asked_for_are_sent(desk, system, receiver):
    subscribe(desk, system, receiver.url, kinds=[EventKind.SCREENED])
    desk.sent()

    tell(desk)

    assert [one["type"] for one in receiver.messages] == ["case.screened"]


def test_of_other_sites_nothing_is_sent(desk, receiver):
    elsewhere = sites.open_site(desk.store, name="Elsewhere", by=desk.people.cleo, now=NOW)
    subscribe(desk, let_in(desk, site_ids=[elsewhere.id]), receiver.url)
    desk.begin()

    tell(desk)

    assert receiver.came == []


def test_what_does_not_arrive_is_sent_again_until_it_does(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    receiver.answers = [500, 302]
    desk.begin()

    failed = [tell(desk), tell(desk), tell(desk, webhooks.WAITS[0]), tell(desk, timedelta(hours=1))]
    tell(desk, timedelta(hours=2))

    assert failed == [1, 0, 1, 0]
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1
    assert len(receiver.came) == 3
    (delivery,) = log(desk, made)
    assert (delivery.tries, delivery.status, delivery.fault) == (3, 204, "")
    assert delivery.arrived_at == NOW + timedelta(hours=1)


def test_nobody_is_followed_to_another_address(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    receiver.answers = [307]
    desk.begin()

    tell(desk)

    assert len(receiver.came) == 1
    assert log(desk, made)[0].fault == "It answered with status 307."


@pytest.mark.parametrize(
    "dripping",
    [b"H", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: x\r\n"],
    ids=["a byte", "go on", "headers"],
)
def test_a_receiver_whose_answer_has_no_end_is_not_waited_for(monkeypatch, dripping):
    monkeypatch.setattr(webhooks.sending, "WAITS_S", 0.3)

    with dripping_receiver(dripping) as url:
        answered = webhooks.sending.send(url, b"{}", {})

    assert answered.status is None
    assert "did not answer within" in answered.fault


@contextmanager
def dripping_receiver(part):
    """A receiver that sends the same part of an answer for ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        Thread(target=_drip, args=(listening, part), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def _drip(listening, part):
    came, _ = listening.accept()
    with closing(came), suppress(OSError):
        while True:
            came.sendall(part)
            sleep(0.02)


def test_each_message_says_when_it_was_sent_itself(desk, system, receiver):
    subscribe(desk, system, receiver.url)
    desk.sent()
    minutes = count()

    webhooks.tell(desk.store, hosts=HOSTS, now=lambda: NOW + timedelta(minutes=next(minutes)))

    said = [int(headers["webhook-timestamp"]) for _, headers, _ in receiver.came]
    assert len(set(said)) == len(said) == 3


def test_what_was_taken_is_not_sent_once_its_subscription_is_ended(
    desk, system, receiver, monkeypatch
):
    made, _ = subscribe(desk, system, receiver.url)
    desk.sent()
    send = webhooks.sending.send

    def end_meanwhile(*message):
        if not receiver.came:
            webhooks.end(desk.store, subscription_id=made.id, by=system, now=NOW)
        return send(*message)

    monkeypatch.setattr(webhooks.sending, "send", end_meanwhile)
    tell(desk)
    tell(desk, timedelta(days=1))

    assert len(receiver.came) == 1
    assert [one.next_at for one in log(desk, made)] == [None] * 3


def test_what_failed_while_its_subscription_was_ended_is_not_sent_again(
    desk, system, receiver, monkeypatch
):
    made, _ = subscribe(desk, system, receiver.url)
    receiver.answers = [500]
    desk.begin()
    send = webhooks.sending.send

    def end_meanwhile(*message):
        webhooks.end(desk.store, subscription_id=made.id, by=system, now=NOW)
        return send(*message)

    monkeypatch.setattr(webhooks.sending, "send", end_meanwhile)
    tell(desk)

    assert len(receiver.came) == 1
    assert log(desk, made)[0].next_at is None


def test_whoever_is_told_to_stop_sends_no_more(desk, system, receiver):
    subscribe(desk, system, receiver.url)
    desk.sent()

    webhooks.tell(desk.store, hosts=HOSTS, now=lambda: NOW, goes_on=lambda: not receiver.came)
    before = len(receiver.came)
    tell(desk, webhooks.TAKEN_FOR)

    assert (before, len(receiver.came)) == (1, 3)


def test_after_the_last_wait_it_is_given_up_and_an_administrator_sends_it_again(
    desk, system, receiver
):
    made, _ = subscribe(desk, system, receiver.url)
    receiver.answers = [500] * (len(webhooks.WAITS) + 1)
    desk.begin()
    for day in range(len(webhooks.WAITS) + 1):
        tell(desk, timedelta(days=day))
    given_up = log(desk, made)[0]

    nothing = tell(desk, timedelta(days=20))
    webhooks.send_again(
        desk.store, delivery_id=given_up.id, by=desk.people.cleo, now=NOW + timedelta(days=20)
    )
    tell(desk, timedelta(days=20))

    assert (given_up.next_at, given_up.arrived_at, nothing) == (None, None, 0)
    assert log(desk, made)[0].arrived_at is not None


def test_a_receiver_that_is_gone_is_told_no_more(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    receiver.answers = [410]
    desk.sent()

    tell(desk)
    tell(desk, timedelta(days=1))

    assert webhooks.open_subscriptions(desk.store, system) == []
    assert audit.of_subject(desk.store, made.id)[-1].actor == "receiver"
    assert len(receiver.came) <= 3


def test_what_is_not_there_is_told_in_words(desk, system):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        made, _ = subscribe(desk, system, f"http://127.0.0.1:{taken.getsockname()[1]}/")
        desk.begin()
        tell(desk)

    assert log(desk, made)[0].fault == "It could not be reached, or did not speak HTTP."


def test_a_server_that_dies_while_it_sends_sends_again(desk, system, receiver, monkeypatch):
    made, _ = subscribe(desk, system, receiver.url)
    desk.begin()
    with monkeypatch.context() as dying:
        dying.setattr(webhooks.sending, "send", _die)
        with pytest.raises(KeyboardInterrupt):
            tell(desk)

    meanwhile = tell(desk, timedelta(minutes=1))
    tell(desk, webhooks.TAKEN_FOR)

    assert meanwhile == 0
    assert len(receiver.came) == 1
    assert log(desk, made)[0].arrived_at is not None


def _die(*_):
    raise KeyboardInterrupt


def test_a_system_that_is_shut_out_is_sent_nothing(desk, system, receiver):
    subscribe(desk, system, receiver.url)
    desk.begin(name="Almost Sent")
    webhooks._make_ready(desk.store, NOW)
    clients.revoke(desk.store, client_id=system.id, by=desk.people.cleo, now=NOW)
    desk.begin(name="Never Sent")

    tell(desk)
    tell(desk, timedelta(days=1))

    assert receiver.came == []


def test_a_computer_that_is_not_named_any_more_is_sent_nothing(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    desk.begin()

    tell(desk, hosts=("records.example",))

    assert receiver.came == []
    assert "INTAKE_WEBHOOK_HOSTS" in log(desk, made)[0].fault


def test_where_no_computer_is_named_nothing_is_made_ready(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    desk.begin()

    tell(desk, hosts=())

    assert (receiver.came, log(desk, made)) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "records.example",
        "ftp://records.example/",
        "http://records.example/",
        "https://elsewhere.example/",
        "https://records.example@elsewhere.example/",
        "https://user:" + "word@records.example/",
        "https://records.example/#part",
        "https://records.example/a b",
        "https://records.example/\r\nHost: x",
        "https://records.example:99999/",
        "https://[records.example/",
        "https://récords.example/",
        "https://records.example/" + "x" * 500,
        "file:///etc/passwd",
    ],
)
def test_events_go_to_no_other_address(desk, system, url):
    with pytest.raises(NotAllowedError):
        subscribe(desk, system, url, hosts=("records.example",))

    assert webhooks.subscriptions_of(desk.store, system) == []


def test_a_scheduler_is_told_of_nothing(desk, receiver):
    with pytest.raises(NotAllowedError):
        subscribe(desk, let_in(desk, ClientRole.SCHEDULER), receiver.url)


def test_one_system_does_not_touch_what_is_anothers(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    other = let_in(desk)

    with pytest.raises(NotFoundError):
        webhooks.sent_to(desk.store, made.id, other)
    with pytest.raises(NotFoundError):
        webhooks.end(desk.store, subscription_id=made.id, by=other, now=NOW)

    assert webhooks.open_subscriptions(desk.store, system) == [made]


def test_a_system_has_so_many_subscriptions_and_no_more(desk, system, receiver):
    made = [subscribe(desk, system, receiver.url)[0] for _ in range(webhooks.MOST_SUBSCRIPTIONS)]

    with pytest.raises(StateError):
        subscribe(desk, system, receiver.url)
    webhooks.end(desk.store, subscription_id=made[0].id, by=system, now=NOW)

    assert subscribe(desk, system, receiver.url)


def test_what_was_sent_is_forgotten_after_its_time(desk, system, receiver):
    made, _ = subscribe(desk, system, receiver.url)
    desk.begin()
    tell(desk)

    tell(desk, webhooks.KEPT_FOR + timedelta(days=1))

    assert log(desk, made) == []
    assert desk.store.rows("SELECT * FROM delivery_tries") == []


def test_an_event_about_an_erased_record_still_says_which_it_was(desk, system, receiver):
    subscribe(desk, system, receiver.url, kinds=[EventKind.ERASED])
    with desk.store.write() as db:
        audit.append(db, at=NOW, actor="test", action="record erased", subject="0" * 32)

    tell(desk)

    assert json.loads(receiver.came[0][2])["data"]["record"] == "0" * 32
