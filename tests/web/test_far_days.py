"""Days at the ends of the calendar, in every box of the desk that takes one."""

import pytest

from intake.storage import treatments

DAYS = ["0001-01-01", "9999-12-31", "1 January 0001"]
READ, ASKED = {200, 422}, {200, 303, 409, 422}
pytestmark = pytest.mark.parametrize("day", DAYS)


@pytest.mark.parametrize("page", ["", "queue", "figures"])
@pytest.mark.parametrize("end", ["since", "until"])
def test_a_span_of_a_page_may_begin_or_end_on_one(ada, page, end, day):
    assert ada.get(f"/desk/{page}?status=all&{end}={day}").status in {*READ, 404}


@pytest.mark.parametrize("end", ["since", "until"])
def test_a_span_of_the_trail_may_begin_or_end_on_one(cleo, end, day):
    assert cleo.get(f"/desk/audit?{end}={day}").status == 200
    assert cleo.post("/desk/audit/export", {end: day}).status == 200


def test_a_days_list_and_summaries_of_one_are_empty(ada, day):
    shown = ada.get(f"/desk/day?day={day}")
    printed = ada.post("/desk/day", {"day": day, "form": "html", "paper": "a4"})

    assert shown.status == 200
    assert "Maria" not in shown.words
    assert printed.status == 409


@pytest.mark.parametrize("end", ["since", "until"])
def test_a_span_of_a_table_may_begin_or_end_on_one(ada, end, day):
    for shape in ("cases", "answers"):
        assert ada.post("/desk/export", {"shape": shape, "form": "csv", end: day}).status == 200
    for table in ("days", "rules", "questions", "waits"):
        assert ada.post("/desk/figures", {"table": table, end: day}).status in READ


def test_a_case_deferred_to_one_stands_in_every_list(ada, cleo, ids, day):
    page = f"/desk/cases/{ids['defer']}"
    form = ada.get(page).form_to(f"{page}/decide")
    sent = {name: values[0] for name, values in form.controls().items()}

    decided = ada.post(
        f"{page}/decide", {**sent, "disposition": "defer", "until": day, "note": "Later."}
    )

    assert decided.status == (303 if day.startswith("9999") else 422)
    for path in (page, "/desk/?status=all", f"/desk/day?day={day}", "/desk/day", "/desk/figures"):
        assert ada.get(path).status == 200
    assert cleo.get("/desk/retention/due").status == 200
    assert ada.post("/desk/export", {"shape": "cases", "form": "csv"}).status == 200


def test_a_reaction_is_not_noted_on_one(ada, maker, store, day):
    session = maker.treated("Tara Treated")
    path = f"/desk/patients/{session.patient_id}/sessions/{session.id}/reaction"
    given = {"kind": "fever", "noticed": day, "settled": "no"}

    assert ada.post(path, given).status in {303, 404, 409, 422}
    assert treatments.reactions(store, session.patient_id) == ()
    assert ada.get(f"/desk/patients/{session.patient_id}").status == 200


def test_a_patient_born_on_one_is_not_found(cleo, day):
    sent = {"record_number": "P-1000001", "born": day}

    assert cleo.post("/desk/retention/patient", sent).status == 422


def test_a_choice_may_end_on_one_or_is_asked_for_again(cleo, day):
    sent = {"value": "21 days", "lead": "Dr Lead", "why": "Ours.", "until": day}

    assert cleo.post("/desk/choices/settings/botulinum", sent).status in ASKED
