from datetime import date, timedelta

import pytest

from intake.actions import queue
from intake.actions.queue import (
    NOTHING_FOUND,
    PAGE_ROWS,
    QueueFilters,
    claim,
    list_cases,
    release,
)
from intake.core.decisions import Decision, Disposition
from intake.core.errors import ConflictError, StateError
from intake.core.review import CaseStatus, case_status, needs_dermatologist
from intake.core.rules import Triage
from intake.storage import audit
from intake.storage.cases import counts
from intake.storage.listing import Selection, listed
from tests.conftest import NOW, TODAY

WAITING = [
    "Siri Stopped-Longer",
    "Stella Stop",
    "Rita Review",
    "Dora Defer",
    "Carl Caution",
    "Amy Amended",
    "Rosa Routine",
]
"""Most serious first; of the same triage, whoever waits longest."""


def _list(desk, today=TODAY, by=None, **filters):
    return list_cases(
        desk.store,
        filters=QueueFilters(**filters),
        today=today,
        by=by or desk.people.ada,
        now=NOW,
    ).rows


def _names(rows):
    return [row.patient.name for row in rows]


def _row(desk, name):
    return next(row for row in _list(desk, status="all") if row.patient.name == name)


def test_the_most_serious_come_first_then_whoever_waits_longest(busy):
    assert _names(_list(busy, status="waiting")) == WAITING


def test_a_form_being_filled_comes_last(busy):
    assert _names(_list(busy, status="all"))[-1] == "Fay Filling"


OF_STATUS = {
    "waiting": set(WAITING),
    "with_dermatologist": {"Rufus Referred"},
    "deferred": {"Later Lena"},
    "information_needed": {"Ivy Information"},
    "decided": {"Della Decided"},
    "filling": {"Fay Filling"},
    "superseded": {"Amy Amended"},
    "withdrawn": {"Wanda Withdrawn"},
    "open": {*WAITING, "Rufus Referred", "Ivy Information"},
    "no such status": {*WAITING, "Rufus Referred", "Ivy Information"},
}


@pytest.mark.parametrize("status", OF_STATUS)
def test_the_status_filter_lets_through_its_cases(busy, status):
    assert set(_names(_list(busy, status=status))) == OF_STATUS[status]


def test_every_status_can_be_filtered_for():
    assert set(queue.STATUS_FILTERS) == {"open", "all", *(s.value for s in CaseStatus)}


def test_what_is_open_is_what_somebody_has_to_do_something_about(busy):
    statuses = {row.status for row in _list(busy)}

    assert statuses == {
        CaseStatus.WAITING,
        CaseStatus.WITH_DERMATOLOGIST,
        CaseStatus.INFORMATION_NEEDED,
    }


def test_every_version_is_listed_once(busy):
    ids = [row.response_id for row in _list(busy, status="all")]

    assert len(ids) == len(set(ids)) == 14


def test_an_amended_case_is_one_entry_of_the_open_queue(busy):
    assert _names(_list(busy)).count("Amy Amended") == 1


@pytest.mark.parametrize(("days", "listed_as"), [(0, "deferred"), (1, "waiting"), (400, "waiting")])
def test_a_deferred_case_returns_to_the_queue_on_its_day(busy, days, listed_as):
    today = TODAY + timedelta(days)

    assert "Later Lena" in _names(_list(busy, today, status=listed_as))
    assert ("Later Lena" in _names(_list(busy, today))) is (listed_as == "waiting")


OF_TRIAGE = {
    "stop": {"Siri Stopped-Longer", "Stella Stop"},
    "review": {"Rita Review"},
    "defer": {"Dora Defer"},
    "caution": {"Carl Caution"},
}


@pytest.mark.parametrize("triage", OF_TRIAGE)
def test_the_triage_filter_lets_through_its_cases(busy, triage):
    rows = _list(busy, status="all", triage=frozenset({Triage(triage)}))

    assert set(_names(rows)) == OF_TRIAGE[triage]


def test_several_triages_can_be_filtered_for(busy):
    rows = _list(busy, triage=frozenset({Triage.STOP, Triage.DEFER}))

    assert _names(rows) == ["Siri Stopped-Longer", "Stella Stop", "Dora Defer"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("stella", ["Stella Stop"]),
        ("STÉLLA", ["Stella Stop"]),
        ("stop", ["Siri Stopped-Longer", "Stella Stop"]),
        ("   ", WAITING),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("nobody", []),
    ],
)
def test_a_text_finds_part_of_a_name(busy, text, names):
    assert _names(_list(busy, status="waiting", text=text)) == names


def test_a_text_finds_a_record_number_and_a_receipt(busy):
    wanted = _row(busy, "Rita Review")
    receipt = busy.case(wanted.response_id).response.receipt

    for text in (wanted.patient.record_number.lower(), f" {receipt} "):
        assert _names(_list(busy, text=text)) == ["Rita Review"]


def test_a_search_is_audited_without_its_words(busy):
    _list(busy, text="stella")

    event = audit.latest(busy.store)[0]
    assert (event.actor, event.action) == (busy.people.ada.id, "queue searched")
    assert event.detail == {}


@pytest.mark.parametrize(
    ("since", "until", "names"),
    [
        (date(2026, 6, 15), None, {*WAITING} - {"Siri Stopped-Longer", "Amy Amended"}),
        (None, date(2026, 6, 14), {"Siri Stopped-Longer", "Amy Amended"}),
        (date(2026, 6, 14), date(2026, 6, 14), {"Siri Stopped-Longer"}),
        (date(2026, 6, 16), None, set()),
        (None, date(2026, 6, 12), set()),
        (date(2026, 6, 15), date(2026, 6, 14), set()),
    ],
)
def test_the_days_of_a_filter_are_both_included(busy, since, until, names):
    assert set(_names(_list(busy, status="waiting", since=since, until=until))) == names


def test_a_row_says_what_the_queue_shows(busy):
    row = _row(busy, "Dora Defer")

    assert row.triage is Triage.DEFER
    assert row.top_finding == busy.pack.rules_by_id["needling-interval"].title
    assert row.earliest_safe_date == date(2026, 6, 16)
    assert row.area == ("face",)
    assert row.pack_version == busy.pack.version
    assert row.decided_by_name is None


def test_no_finding_does_not_read_as_safe(busy):
    row = _row(busy, "Rosa Routine")

    assert (row.triage, row.top_finding) == (Triage.ROUTINE, NOTHING_FOUND)


def test_a_form_being_filled_has_no_triage_yet(busy):
    row = _row(busy, "Fay Filling")

    assert (row.triage, row.top_finding, row.submitted_at) == (None, "", None)


def test_a_decided_row_says_by_whom(busy):
    assert _row(busy, "Della Decided").decided_by_name == "Ada Practitioner"
    assert _row(busy, "Later Lena").deferred_until == TODAY + timedelta(1)


def test_a_page_has_fifty_rows_and_the_next_goes_on_behind_them(desk):
    for _ in range(PAGE_ROWS + 3):
        desk.begin()

    first = _list(desk, status="all")
    second = _list(desk, status="all", after=first[-1].response_id)

    assert (len(first), len(second)) == (PAGE_ROWS, 3)
    assert {row.response_id for row in first}.isdisjoint(row.response_id for row in second)


def _claim(desk, name, *, seen="", by=None, today=TODAY):
    claim(
        desk.store, response_id=desk.id_of(name), seen=seen, by=by or desk.people.ada,
        today=today, now=NOW,
    )  # fmt: skip


def test_a_case_that_was_taken_shows_by_whom_and_is_found_by_its_owner(busy):
    _claim(busy, "Rita Review")

    assert _row(busy, "Rita Review").owner.name == "Ada Practitioner"
    assert _names(_list(busy, mine=True)) == ["Rita Review"]
    assert _names(_list(busy, mine=True, by=busy.people.ben)) == []


def test_taking_a_case_twice_is_no_conflict(busy):
    _claim(busy, "Rita Review")
    _claim(busy, "Rita Review")

    assert _row(busy, "Rita Review").owner.by == busy.people.ada.id


def test_whoever_did_not_see_that_a_case_was_taken_is_told_by_whom(busy):
    _claim(busy, "Rita Review")

    with pytest.raises(ConflictError, match="Ada Practitioner took this case"):
        _claim(busy, "Rita Review", by=busy.people.ben)

    assert _row(busy, "Rita Review").owner.by == busy.people.ada.id


def test_a_case_can_be_taken_over_with_open_eyes(busy):
    _claim(busy, "Rita Review")

    _claim(busy, "Rita Review", by=busy.people.ben, seen=busy.people.ada.id)

    assert _row(busy, "Rita Review").owner.by == busy.people.ben.id


@pytest.mark.parametrize("name", ["Fay Filling", "Della Decided", "Later Lena", "Wanda Withdrawn"])
def test_a_case_in_which_nothing_is_to_be_decided_cannot_be_taken(busy, name):
    with pytest.raises(StateError, match="nothing for you to decide"):
        _claim(busy, name)


def test_a_referred_case_is_taken_by_a_dermatologist_only(busy):
    with pytest.raises(StateError):
        _claim(busy, "Rufus Referred")

    _claim(busy, "Rufus Referred", by=busy.people.ben)

    assert _row(busy, "Rufus Referred").owner.by == busy.people.ben.id


def test_a_deferred_case_can_be_taken_from_its_day_on(busy):
    _claim(busy, "Later Lena", today=TODAY + timedelta(1))

    assert _row(busy, "Later Lena").owner.by == busy.people.ada.id


def test_only_its_owner_gives_a_case_back(busy):
    _claim(busy, "Rita Review")
    given = {"response_id": busy.id_of("Rita Review"), "now": NOW}

    with pytest.raises(StateError):
        release(busy.store, by=busy.people.ben, **given)
    release(busy.store, by=busy.people.ada, **given)

    assert _row(busy, "Rita Review").owner is None


def test_a_decision_gives_the_case_back(busy):
    _claim(busy, "Carl Caution")

    busy.decide(busy.id_of("Carl Caution"), Decision(Disposition.REFER, "Is this safe to inject?"))

    assert _row(busy, "Carl Caution").owner is None


def test_taking_and_giving_back_are_audited(busy):
    _claim(busy, "Rita Review")
    release(busy.store, response_id=busy.id_of("Rita Review"), by=busy.people.ada, now=NOW)

    events = queue.audit_of(busy.store, response_id=busy.id_of("Rita Review"))
    assert [event.action for event in events][-2:] == ["case taken", "case given back"]


def test_what_only_a_dermatologist_may_decide_can_be_filtered_for(busy):
    rules = busy.pack.rules_by_id
    found = {row.response_id for row in _list(busy, status="all", for_dermatologist=True)}

    for row in _list(busy, status="all"):
        stored = busy.case(row.response_id).screening
        theirs = stored is not None and needs_dermatologist(stored.screening, rules)
        assert (row.response_id in found) is theirs, row.patient.name


def test_every_place_in_the_queue_follows_the_facts(busy):
    for row in busy.store.rows("SELECT * FROM places"):
        case = busy.case(row["response_id"])
        assert row["status"] == case_status(case, date.min), row
        assert row["rank"] == (case.screening.screening.triage.rank if case.screening else 9)


def test_withheld_answers_are_counted_apart(desk):
    desk.sent("everything-withheld-private")

    row = _list(desk)[0]

    assert row.withheld_count > 0
    assert row.unknown_count >= row.withheld_count


def test_the_audit_trail_of_a_case_in_order(busy):
    events = queue.audit_of(busy.store, response_id=busy.id_of("Della Decided"))

    actions = [event.action for event in events]
    assert actions[0] == "intake begun"
    assert actions[-3:] == ["sent", "screened", "decided"]
    assert [e.sequence for e in events] == sorted(e.sequence for e in events)


def test_the_audit_trail_holds_nothing_about_a_patient(busy):
    trail = "\n".join(
        str(tuple(row.values())) for row in busy.store.rows("SELECT * FROM audit_events")
    )

    for patient in busy.store.rows("SELECT * FROM patients"):
        for datum in ("name", "name_key", "birth_date", "record_number"):
            assert patient[datum] not in trail
    for word in ("warfarin", "aspirin", "not_sure", "this a mole", "Which cream", "Twice"):
        assert word not in trail


def test_counting_what_is_kept(busy):
    found = counts(busy.store)

    assert found["patients"] == 13
    assert found["responses in-progress"] == 1
    assert found["responses entered-in-error"] == 1
    assert found["screenings"] == found["responses completed"] + 1
    assert found["reviews"] == 4


def test_the_storage_can_leave_out_what_was_stopped(busy):
    names = {row.patient.name for row in listed(busy.store, Selection(open_only=True))}

    assert "Wanda Withdrawn" not in names
    assert "Fay Filling" in names


def test_a_reason_that_is_only_open_is_not_stated_as_a_fact(desk):
    desk.sent("unknown-medicine")

    row = _list(desk)[0]

    assert row.top_finding.startswith("Could not be ruled out: ")
    assert row.unknown_count == 1
