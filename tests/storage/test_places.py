"""The order of the queue, read off an index that follows the facts."""

from datetime import timedelta

import pytest

from intake.core.records import ResponseStatus
from intake.core.review import CaseStatus
from intake.core.rules import Triage
from intake.storage import cases, claims, places, responses
from tests.storage.builders import ADA, DRAFT, NOW, SCREENING, TODAY, many


def everything(**rest):
    return places.Wanted(frozenset(CaseStatus), TODAY, **rest)


def read(store):
    return {row["response_id"]: row for row in store.rows("SELECT * FROM places")}


@pytest.fixture
def crowd(clinic):
    """Two hundred cases of all severities, some of which were sent at the same moment."""
    many(clinic, 200)
    return clinic


def test_places_made_anew_are_the_same(crowd):
    before = read(crowd)

    with crowd.write() as db:
        db.execute("DELETE FROM places")
        places.put_every_place(db)

    assert read(crowd) == before


def test_the_order_is_severity_then_the_time_waited(crowd):
    found = list(places.in_order(crowd, everything()))

    rows = read(crowd)
    keys = [(rows[i]["rank"], rows[i]["since"], i) for i in found]
    assert keys == sorted(keys)
    assert set(found) == set(rows)


def test_a_page_goes_on_exactly_where_the_last_one_ended(crowd):
    every = list(places.in_order(crowd, everything()))

    for at in (0, 1, 63, 64, 65, 150, len(every) - 1):
        assert list(places.in_order(crowd, everything(), after=every[at])) == every[at + 1 :]


def test_a_case_that_was_decided_meanwhile_still_says_where_to_go_on(crowd):
    waiting = places.Wanted(frozenset({CaseStatus.WAITING}), TODAY)
    every = list(places.in_order(crowd, waiting))
    with crowd.write() as db:
        responses.set_status(db, every[5], ResponseStatus.ENTERED_IN_ERROR)

    assert list(places.in_order(crowd, waiting, after=every[5])) == every[6:]


def test_an_unknown_case_to_go_on_from_begins_at_the_front(crowd):
    assert list(places.in_order(crowd, everything(), after="nobody")) == list(
        places.in_order(crowd, everything())
    )


def test_severities_can_be_wanted(crowd):
    found = list(
        places.in_order(crowd, everything(triage=frozenset({Triage.STOP, Triage.CAUTION})))
    )

    rows = read(crowd)
    assert {rows[i]["rank"] for i in found} == {Triage.STOP.rank, Triage.CAUTION.rank}


def test_counting_ends_at_the_most(crowd):
    assert places.count(crowd, everything(), 50) == 50
    assert places.count(crowd, everything(), 1000) == len(read(crowd))


def test_a_case_with_a_finding_for_a_dermatologist_can_be_wanted(clinic):
    wanted = everything(for_dermatologist=True)

    assert list(places.in_order(clinic, wanted)) == ["sent"]


def test_who_looks_for_a_dermatologists_cases_finds_no_other(crowd):
    found = list(places.in_order(crowd, everything(for_dermatologist=True)))

    assert {read(crowd)[i]["rank"] for i in found if i != "sent"} == {Triage.STOP.rank}


def test_a_new_screening_moves_a_case(clinic):
    with clinic.write() as db:
        cases.add_screening(
            db, screening_id="s2", response_id="sent", screening=SCREENING,
            needs_dermatologist=False, now=NOW + timedelta(days=1),
        )  # fmt: skip

    assert read(clinic)["sent"]["needs_dermatologist"] == 0


def test_a_draft_comes_last(clinic):
    assert list(places.in_order(clinic, everything()))[-1] == DRAFT.id


def test_a_case_has_one_owner(clinic):
    with clinic.write() as db:
        claims.put_claim(db, "sent", ADA.id, NOW)
        claims.put_claim(db, "sent", ADA.id, NOW + timedelta(minutes=1))

    owner = claims.owner(clinic, "sent")

    assert (owner.by, owner.at) == (ADA.id, NOW + timedelta(minutes=1))
    with clinic.write() as db:
        claims.end_claim(db, "sent")
    assert claims.owner(clinic, "sent") is None
