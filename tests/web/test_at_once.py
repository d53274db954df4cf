"""One form sent several times at the same moment is one record, and everybody gets its receipt."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from intake.core.records import ResponseStatus
from intake.storage import audit, cases, responses
from tests.web.pages import Page, Visitor

ROUNDS = int(os.environ.get("INTAKE_FUZZ_ROUNDS") or 3)
TIMES = 6


def send(visitor, wait):
    token = visitor.token()
    wait()
    sent = {"typed": "Hannah Cole", "csrf_token": token}
    return Page(visitor.client.post("/tablet/review", data=sent, follow_redirects=True))


def receipt_on(page):
    assert page.status == 200, page.words
    return page.root.one("bdi", class_="receipt-number").text


@pytest.mark.parametrize("round_", range(min(ROUNDS, 100)))
def test_a_form_sent_six_times_at_once_is_one_record_with_one_receipt(app, maker, store, round_):
    form = maker.filled("Hannah Cole", "healthy-woman")
    visit = maker.visit(form)
    visitors = [Visitor(app.test_client()) for _ in range(TIMES)]
    for one in visitors:
        one.client.set_cookie("intake_visit", visit, path="/tablet")
    barrier = Barrier(TIMES, timeout=60)

    with ThreadPoolExecutor(TIMES) as threads:
        pages = list(threads.map(lambda one: send(one, barrier.wait), visitors))

    kept = responses.response(store, form.id)
    assert kept.status is ResponseStatus.COMPLETED
    assert {receipt_on(page) for page in pages} == {kept.receipt}
    assert len(cases.screenings(store, form.id)) == 1
    events = [event.action for event in audit.of_subject(store, form.id)]
    assert events.count("sent") == 1


def test_a_visit_that_ended_otherwise_thanks_for_nothing(full_tablet, maker, store, ids):
    kept = full_tablet.cookie("intake_visit", "/tablet")
    full_tablet.post("/tablet/welcome", {"do": "not-me"})
    full_tablet.client.set_cookie("intake_visit", kept, path="/tablet")

    page = full_tablet.get("/tablet/")

    assert page.status == 200
    assert responses.response(store, ids["filled"]).receipt is None
