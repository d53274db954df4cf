"""Access in an emergency as it is lived: a reason, the queue, the notice to administrators."""

from datetime import timedelta

import pytest

from intake.actions import accounts
from intake.core.records import Role
from tests.conftest import NOW, session_of
from tests.web.pages import Visitor

REASON = "Reaction in room 2, no practitioner answers"


@pytest.fixture
def finn(app, store):
    """A second administrator."""
    who, password = accounts.add_account(
        store, username="finn", name="Finn Moor", role=Role.ADMINISTRATOR, actor="test", now=NOW
    )
    token = accounts.change_password(
        store,
        who=who,
        token=session_of(store, who),
        old=password,
        new="seven quiet boats at dawn",
        now=NOW,
    )
    visitor = Visitor(app.test_client())
    visitor.client.set_cookie("intake_desk", token, path="/desk")
    return visitor


def begin(visitor, reason=REASON):
    return visitor.post("/desk/emergency", {"reason": reason})


@pytest.fixture
def in_emergency(cleo):
    begin(cleo)
    return cleo


def test_a_reason_opens_the_queue_and_the_cases(cleo, ids):
    before = cleo.get(f"/desk/cases/{ids['stop']}").status

    page = begin(cleo)

    queue = cleo.get(page.location)
    case = cleo.get(f"/desk/cases/{ids['stop']}")
    assert before == 404
    assert "Samuel Reyes" in queue.words
    assert "Samuel Reyes" in case.words
    assert "Access in an emergency until" in case.words


@pytest.mark.parametrize("reason", ["", "because", "." * 30])
def test_without_a_reason_nothing_opens(cleo, ids, reason):
    page = begin(cleo, reason)

    assert page.status == 422
    assert page.faults()[0][0] == "reason"
    assert cleo.get(f"/desk/cases/{ids['stop']}").status == 404


def test_it_opens_reading_alone(in_emergency, ids, contents):
    case = in_emergency.get(f"/desk/cases/{ids['stop']}")
    in_emergency.post(f"/desk/cases/{ids['stop']}/decide")  # one line tells of all that follow
    before = contents()

    answers = [
        in_emergency.post(f"/desk/cases/{ids['stop']}/{act}", {"text": "x"}).status
        for act in ("decide", "take", "addendum", "withdraw")
    ]

    offered = {form["action"] for form in case.root.one("main").all("form")}
    assert answers == [404] * 4
    assert contents() == before
    assert offered == {"/desk/emergency/end", f"/desk/cases/{ids['stop']}/private#answers-title"}


def test_it_is_over_after_fifteen_minutes(in_emergency, ids, clock):
    clock.at = NOW + timedelta(minutes=8)
    during = in_emergency.get(f"/desk/cases/{ids['stop']}").status
    clock.at = NOW + timedelta(minutes=15)
    after = in_emergency.get(f"/desk/cases/{ids['stop']}").status

    assert (during, after) == (200, 404)


def test_ending_it_closes_the_cases(in_emergency, ids):
    in_emergency.post("/desk/emergency/end")

    assert in_emergency.get(f"/desk/cases/{ids['stop']}").status == 404


def test_every_line_of_it_is_marked_in_the_trail(in_emergency, finn, ids):
    in_emergency.get("/desk/")
    in_emergency.get(f"/desk/cases/{ids['stop']}")
    in_emergency.post(f"/desk/cases/{ids['stop']}/private")
    in_emergency.post("/desk/find", {"text": "Maria"})

    trail = finn.get("/desk/audit")

    lines = [one.text for one in trail.root.all("li", "tr") if "Cleo" in one.text]
    marked = [one for one in lines if "in an emergency" in one]
    assert len(marked) >= 5
    assert {True} == {"emergency" in one for one in lines if "read" in one or "private" in one}


def test_other_administrators_are_told_until_they_have_seen_it(in_emergency, finn, ada):
    page = finn.get("/desk/settings")

    told = next(one for one in page.root.all("form") if one["action"].endswith("/seen"))
    finn.post(told["action"])

    assert "Cleo Administrator used access in an emergency" in page.words
    assert REASON in page.words
    assert REASON not in finn.get("/desk/settings").words
    assert REASON not in ada.get("/desk/").words


def test_a_reason_is_shown_as_it_was_typed(cleo, finn):
    begin(cleo, "<script>alert(1)</script> nobody there")

    page = finn.get("/desk/settings")

    assert "<script>alert(1)</script> nobody there" in page.words
    assert "<script>alert" not in page.html


def test_who_reads_every_case_is_offered_none(ada):
    page = ada.get("/desk/emergency")

    assert "Emergency access" not in ada.get("/desk/").words
    assert "nothing more to open" in page.words
    assert begin(ada).status == 409
