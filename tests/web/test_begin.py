"""Beginning an intake: the patient, the plan, the hand-over."""

import pytest

from intake.storage import responses
from intake.storage.patients import MOST_SHOWN

NEW = {
    "register": "yes",
    "name": "Ines Prado",
    "birth-day": "3",
    "birth-month": "May",
    "birth-year": "1980",
}
KNOWN = {**NEW, "name": "tomas  novak", "birth-day": "12", "birth-month": "3", "birth-year": "1988"}
PLAN = {
    "area": ["face", "neck"],
    "modality": "motorised",
    "depth_mm": "1.5",
    "anaesthetic": "lidocaine",
    "products": ["hyaluronic"],
    "prp": "no",
    "rf_sites": ["none"],
    "same_day": "none",
    "device": "generic",
}
UNDECIDED = {
    "area": ["not_decided"],
    "modality": "not_decided",
    "depth_mm-undecided": "y",
    "anaesthetic": "not_decided",
    "products": ["not_decided"],
    "prp": "not_decided",
    "rf_sites": ["not_decided"],
    "same_day": "not_decided",
    "device": "not_decided",
}


def links(page):
    return {a.one("bdi").text: a["href"] for a in page.root.all("a", class_="patient-link")}


@pytest.fixture
def plan_page(ids):
    return f"/desk/begin/{ids['patient']}"


def response_of(store, page):
    return responses.response(store, page.location.rpartition("/")[2])


def test_a_new_patient_is_registered(ada, store):
    page = ada.post("/desk/begin", NEW)

    row = store.row("SELECT * FROM patients WHERE name = ?", ["Ines Prado"])
    assert page.location == f"/desk/begin/{row['id']}"
    assert row["birth_date"] == "1980-05-03"


def test_registering_takes_a_name_and_a_birth_date_only(ada, store):
    ada.post("/desk/begin", {**NEW, "id": "x", "record_number": "P-1", "created_at": "x"})

    row = store.row("SELECT * FROM patients WHERE name = ?", ["Ines Prado"])
    assert row["id"] != "x"
    assert row["record_number"] != "P-1"


@pytest.mark.parametrize(
    ("change", "anchor"),
    [
        ({"name": ""}, "name"),
        ({"name": "1 2 3"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"birth-day": ""}, "birth-day"),
        ({"birth-day": "32"}, "birth-day"),
        ({"birth-month": "Foo"}, "birth-day"),
        ({"birth-year": "80"}, "birth-day"),
        ({"birth-year": "2027"}, "birth-day"),
        ({"birth-year": "1850"}, "birth-day"),
        ({"birth-month": "6", "birth-day": "1", "birth-year": "2026"}, "birth-day"),
    ],
    ids=lambda value: "-".join(value.values())[:12] if isinstance(value, dict) else None,
)
def test_who_cannot_be_a_patient_is_asked_again(ada, contents, change, anchor):
    before = contents()

    page = ada.post("/desk/begin", {**NEW, **change})

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert len(page.faults()) == 1
    assert page.root.all("input", id=page.faults()[0][0]), page.faults()
    values = {e["name"]: e["value"] for e in page.root.all("input") if e["type"] == "text"}
    assert {k: values[k] for k in change} == change
    assert contents() == before


def test_a_patient_is_found_again(ada, ids):
    page = ada.post("/desk/begin", {"text": "novak"})

    assert links(page) == {"Tomas Novak": f"/desk/begin/{ids['patient']}"}


def test_nobody_found_is_said(ada):
    page = ada.post("/desk/begin", {"text": "zzz"})

    assert "0 patients found" in page.words


def test_somebody_registered_already_is_shown_instead(ada, ids, contents):
    before = contents().count('INSERT INTO "patients"')

    page = ada.post("/desk/begin", KNOWN)

    assert page.status == 409
    assert links(page) == {"Tomas Novak": f"/desk/begin/{ids['patient']}"}
    assert contents().count('INSERT INTO "patients"') == before


def test_nothing_is_planned_on_a_fresh_page(ada, plan_page):
    page = ada.get(plan_page)

    sent = page.form_to(plan_page).controls()
    assert {k: v for k, v in sent.items() if k != "csrf_token"} == {"depth_mm": [""]}
    assert "Tomas Novak" in page.words
    assert "38 years" in page.words


def test_a_plan_begins_an_intake(ada, plan_page, store, ids):
    page = ada.post(plan_page, PLAN)

    response = response_of(store, page)
    assert page.location.startswith("/desk/hand-over/")
    assert response.patient_id == ids["patient"]
    assert response.plan["area"] == ["face", "neck"]
    assert str(response.plan["depth_mm"]) == "1.5"


def test_what_is_not_decided_stays_unknown(ada, plan_page, store):
    page = ada.post(plan_page, UNDECIDED)

    assert response_of(store, page).plan == {}


@pytest.mark.parametrize("name", PLAN)
def test_every_part_of_the_plan_is_asked_for(ada, plan_page, contents, name):
    before = contents()

    page = ada.post(plan_page, {k: v for k, v in PLAN.items() if k != name})

    assert page.status == 422
    assert len(page.faults()) == 1
    assert page.faults()[0][0] == name
    assert contents() == before


@pytest.mark.parametrize(
    ("change", "anchor"),
    [
        ({"area": ["nose"]}, "area"),
        ({"products": ["none", "vitamin_c"]}, "products"),
        ({"modality": "steam"}, "modality"),
        ({"depth_mm": "99"}, "depth_mm"),
        ({"depth_mm": "deep"}, "depth_mm"),
        ({"depth_mm": "1.555"}, "depth_mm"),
        ({"depth_mm": "1", "depth_mm-undecided": "y"}, "depth_mm"),
    ],
    ids=lambda value: str(next(iter(value.values()))) if isinstance(value, dict) else None,
)
def test_a_plan_that_cannot_be_is_asked_again(ada, plan_page, contents, change, anchor):
    before = contents()

    page = ada.post(plan_page, {**PLAN, **change})

    assert page.status == 422
    assert [fault[0] for fault in page.faults()] == [anchor]
    shown = page.form_to(plan_page).controls()
    assert shown["prp"] == ["no"]
    assert contents() == before


def test_the_plan_can_be_changed_while_the_form_is_filled(ada, ids, store):
    path = f"/desk/cases/{ids['begun']}/plan"

    shown = ada.get(path).form_to(path).controls()
    page = ada.post(path, {**PLAN, "status": "completed", "patient_id": "x"})

    assert shown["area"] == ["back"]
    assert page.location == f"/desk/cases/{ids['begun']}"
    after = responses.response(store, ids["begun"])
    assert after.plan["area"] == ["face", "neck"]
    assert after.status == "in-progress"


@pytest.mark.parametrize("path", ["/desk/cases/{stop}/plan", "/desk/hand-over/{stop}"])
def test_a_form_that_was_sent_is_not_opened_again(ada, ids, contents, path):
    sent = path.format_map(ids)

    pages = [ada.get(sent), ada.post(sent, PLAN)]

    assert [page.status for page in pages] == [409, 409]
    assert "begin a new version" in pages[0].words


def test_handing_over_says_what_it_does(ada, ids):
    page = ada.get(f"/desk/hand-over/{ids['begun']}")

    assert "Tomas Novak" in page.words
    assert "signed out" in page.words


def test_handing_over_drops_the_desk_on_this_device(ada, at_desk, ids):
    copied = at_desk("ada")

    page = ada.post(f"/desk/hand-over/{ids['begun']}")

    assert page.location == "/tablet/welcome"
    assert ada.cookie("intake_desk", "/desk") == ""
    assert ada.get("/tablet/welcome").status == 200
    assert ada.get("/desk/").location == "/desk/sign-in"
    assert copied.get("/desk/").location == "/desk/sign-in"


def test_handing_over_ends_earlier_visits_of_the_form(ben, tablet, ids):
    before = tablet.get("/tablet/welcome").status

    ben.post(f"/desk/hand-over/{ids['begun']}")

    assert before == 200
    assert tablet.get("/tablet/welcome").location == "/tablet/"


def test_resuming_leads_to_the_hand_over(ada, ids):
    page = ada.post(f"/desk/cases/{ids['begun']}/resume")

    assert page.location == f"/desk/hand-over/{ids['begun']}"


def test_patients_who_sent_a_form_are_found_before_those_who_only_began(ada, maker):
    for number in range(MOST_SHOWN):
        maker.begun(f"Ann Abel {number:02}", "healthy-man-body")
    maker.sent("Ann Zeller", "healthy-man-body")

    found = ada.post("/desk/begin", {"text": "Ann"}).words

    assert found.index("Ann Zeller") < found.index("Ann Abel 00")
