"""A list of appointments at the desk: sent, looked through, taken over whole or not at all."""

import json
from datetime import timedelta
from io import BytesIO
from tempfile import SpooledTemporaryFile

import pytest

from intake.actions import sites
from intake.core.appointments import MOST_BYTES
from intake.storage import audit, responses
from intake.web import MAX_BODY_BYTES
from tests.conftest import NOW
from tests.web.conftest import OWN_PASSWORDS
from tests.web.pages import Page

PAGE, PREPARE = "/desk/appointments", "/desk/appointments/prepare"
LIST = """\
name;birth_date;language;area;depth_mm
Ines Prado;1980-05-03;es;face, neck;1,5
Zoë <b>Cole</b>;1990-04-23;;;
"""
WRONG = LIST.replace("1990-04-23", "23/04/1990").replace("face, neck", "moon")


def send(visitor, text=LIST, **more):
    content = text if isinstance(text, bytes) else text.encode()
    return visitor.post(PAGE, {"file": (BytesIO(content), "list.csv"), **more})


def confirm(visitor, page, **changed):
    """Press the button of a page that looked a list through."""
    return visitor.post(PREPARE, {**page.form_to(PREPARE).controls(), **changed})


def rows(page):
    """The table's rows as their words, by the number of the row."""
    found = page.root.one("table").one("tbody").all("tr")
    return {row["id"].removeprefix("row-"): row.text for row in found}


@pytest.fixture
def counted(store):
    return lambda: tuple(
        store.row(f"SELECT count(*) AS n FROM {table}")["n"]  # noqa: S608
        for table in ("patients", "responses")
    )


@pytest.fixture
def harbour(store, people):
    return sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)


def test_the_page_is_found_where_intakes_begin(ada):
    links = [a["href"] for a in ada.get("/desk/begin").root.all("a")]

    page = ada.get(PAGE)

    assert PAGE in links
    assert page.status == 200
    assert "scalp" in page.words
    assert "a number from 0.1 to 10 mm" in page.words
    assert "Español" in page.words


def test_a_list_is_looked_through_and_nothing_is_stored(ada, counted, store):
    before = counted()

    page = send(ada)

    assert page.status == 200
    found = rows(page)
    assert "Ines Prado born 3 May 1980" in found["2"]
    assert "Español" in found["2"]
    assert "Face; Neck depth_mm: 1.5 mm" in found["2"]
    assert "An intake is prepared new patient" in found["2"]
    assert "Zoë <b>Cole</b>" in found["3"]
    assert "Area not decided yet" in found["3"]
    assert "the form begins in English" in found["3"]
    assert "Prepare 2 intakes" in page.words
    assert counted() == before
    assert audit.latest(store)[0].action == "appointments checked"


def test_the_intakes_are_prepared_in_the_name_of_whoever_says_so(ada, counted, store, people):
    before = counted()

    done = confirm(ada, send(ada))

    assert done.location == "/desk/?status=filling"
    queue = ada.get(done.location)
    assert "Prepared: 2 intakes, 2 new patients." in queue.words
    assert "Ines Prado" in queue.words
    assert counted() == (before[0] + 2, before[1] + 2)
    newest = store.row("SELECT id FROM responses ORDER BY rowid DESC LIMIT 1 OFFSET 1")
    form = responses.response(store, newest["id"])
    assert (form.begun_by, form.language) == (people.ada.id, "es")
    assert form.plan == {"area": ["face", "neck"], "depth_mm": "1.5"}


def test_a_prepared_intake_is_handed_over_in_its_language(ada, store):
    confirm(ada, send(ada))
    form = store.row(
        "SELECT r.id FROM responses r JOIN patients p ON p.id = r.patient_id WHERE p.name = ?",
        ["Ines Prado"],
    )["id"]

    ada.post(f"/desk/hand-over/{form}")

    assert 'lang="es"' in ada.get("/tablet/welcome").html


def test_every_problem_stands_at_its_row_and_nothing_can_be_prepared(ada, contents):
    before = contents().count('INSERT INTO "responses"')

    page = send(ada, WRONG)

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert [where for where, _ in page.faults()] == ["row-2", "row-3"]
    assert page.faults()[0][1].startswith("Row 2, area: Select from the answers offered: face,")
    assert page.faults()[1][1] == (
        "Row 3, birth_date: Write the day as year-month-day, such as 1990-04-23."
    )
    assert "23/04/1990" in rows(page)["3"]
    assert not page.root.all("form", action=PREPARE)
    assert contents().count('INSERT INTO "responses"') == before


def test_problems_of_the_header_lead_to_the_file(ada):
    page = send(ada, "Ines Prado;1980-05-03;es\n")

    assert page.status == 422
    assert {where for where, _ in page.faults()} == {"file"}
    assert not page.root.all("table")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"\0", "no text"),
        (b"x" * (MOST_BYTES + 1), "too large"),
        (b" \n", "empty"),
    ],
    ids=["nothing", "half", "nul", "large", "blank"],
)
def test_a_file_that_cannot_be_read_says_what_to_send(ada, content, says):
    page = send(ada, content)

    assert page.status == 422
    assert page.faults()[0][0] == "file"
    assert says in page.faults()[0][1]


def test_no_file_is_asked_for(ada):
    assert ada.post(PAGE, {}).faults() == [("file", "Choose the file with the appointments.")]
    assert ada.post(PAGE, {"file": "text"}).faults()


def send_bytes(visitor, number):
    """Send a file of so many bytes, as a browser puts it together."""
    lines = (
        "--edge",
        'Content-Disposition: form-data; name="csrf_token"',
        "",
        visitor.token(),
        "--edge",
        'Content-Disposition: form-data; name="file"; filename="list.csv"',
        "",
        "x" * number,
        "--edge--",
        "",
    )
    body, kind = "\r\n".join(lines).encode(), "multipart/form-data; boundary=edge"
    return Page(visitor.client.post(PAGE, data=body, content_type=kind))


def test_more_than_a_page_takes_is_refused(ada, counted):
    before = counted()

    assert send_bytes(ada, MAX_BODY_BYTES).status == 413
    assert counted() == before


def test_no_list_that_is_looked_at_lies_on_the_disk_meanwhile(ada, monkeypatch):
    """Larger ones would be put by in a file while they arrive."""
    put_by = []
    monkeypatch.setattr(SpooledTemporaryFile, "rollover", lambda _: put_by.append(True))

    assert send_bytes(ada, MAX_BODY_BYTES - 1000).status == 422
    assert put_by == []


def test_a_list_as_large_as_is_read_comes_back_whole(ada, counted):
    padding = "é" * 300
    header, line = LIST.split("\n")[:2]
    many = [line.replace("Prado", f"Prado {at}") + f";{padding}" for at in range(200)]
    before = counted()

    done = confirm(ada, send(ada, "\n".join([f"{header};time", *many])))

    assert done.status == 303
    assert counted()[1] == before[1] + 200


def test_patients_of_fhir_are_taken_as_well(ada, counted):
    patient = {
        "resourceType": "Patient",
        "name": [{"text": "Ines Prado"}],
        "birthDate": "1980-05-03",
        "communication": [{"language": {"coding": [{"code": "ar"}]}}],
    }
    before = counted()

    page = send(ada, json.dumps(patient, indent=1))
    done = confirm(ada, page)

    assert "العربية" in rows(page)["1"]
    assert done.status == 303
    assert counted() == (before[0] + 1, before[1] + 1)


def test_a_problem_of_fhir_is_named_with_its_path(ada):
    patient = {"resourceType": "Patient", "active": False, "name": [{"text": "Ines \ud800"}]}

    page = send(ada, json.dumps(patient))

    assert page.status == 422
    assert "Row 1, Patient.active: " in page.words
    assert "Row 1, Patient.birthDate: Write the day" in page.words


class TestInBetween:
    def test_nothing_of_the_list_is_kept(self, ada, contents, settings):
        page = send(ada)

        assert "Prado" not in contents()
        assert not [file for file in settings.data.rglob("*") if b"Prado" in file.read_bytes()]
        assert page.answer.headers["Cache-Control"] == "no-store"
        hidden = page.form_to(PREPARE).one("input", name="listed")
        assert (hidden["type"], hidden["autocomplete"]) == ("hidden", "off")

    def test_what_was_begun_meanwhile_is_not_begun_twice(self, ada, ben, counted):
        page = send(ada)
        confirm(ben, send(ben))
        before = counted()

        done = confirm(ada, page)

        assert "No intake was prepared" in ada.get(done.location).words
        assert counted() == before

    def test_a_second_tap_prepares_nothing_more(self, ada, counted):
        page = send(ada)
        confirm(ada, page)
        before = counted()

        assert confirm(ada, page).status == 303
        assert counted() == before

    def test_a_list_that_is_looked_through_again_says_who_has_a_form(self, ada, ids):
        confirm(ada, send(ada))

        page = send(ada)

        assert "Nothing: a form is being filled in" in rows(page)["2"]
        assert "nothing to prepare" in page.words
        assert not page.form_to(PREPARE).all("button")

    @pytest.mark.parametrize(
        "text", [WRONG, "", "x" * (MOST_BYTES + 1), "{", "name\n", '{"resourceType": "Bundle"}']
    )
    def test_a_list_that_was_changed_is_read_anew(self, ada, counted, text):
        before = counted()

        done = confirm(ada, send(ada), listed=text)

        assert done.status == 422
        assert done.faults()
        assert counted() == before

    def test_a_desk_that_lapsed_asks_and_goes_on(self, ada, clock, counted):
        page, before = send(ada), counted()
        clock.at += timedelta(minutes=11)

        asked = confirm(ada, page)
        again = asked.form_to("/desk/sign-in-again").controls()
        sent = {**again, "again-password": OWN_PASSWORDS["ada"]}
        on = ada.post("/desk/sign-in-again", sent)

        assert counted() == before
        assert (on.status, on.location) == (307, PREPARE)  # with which the browser sends it anew
        assert ada.post(PREPARE, sent).status == 303
        assert counted() == (before[0] + 2, before[1] + 2)


class TestSites:
    def test_are_asked_for_where_there_are_several(self, ada, harbour):
        page = send(ada, site="")

        assert ("site", "Select the site.") in page.faults()

    def test_are_those_of_the_rows_or_of_the_list(self, ada, harbour, store):
        text = LIST.replace("depth_mm", "site").replace("1,5", "Main site")

        page = send(ada, text, site=harbour.id)
        confirm(ada, page)

        assert "An intake is prepared, Main site" in rows(page)["2"]
        assert "An intake is prepared, Harbour" in rows(page)["3"]
        begun = store.rows("SELECT site FROM responses ORDER BY rowid DESC LIMIT 2")
        assert begun[0]["site"] == harbour.id
        assert begun[1]["site"] != harbour.id

    def test_that_are_not_theirs_are_refused_at_both_steps(self, ada, counted, harbour):
        before = counted()
        page = send(ada, site=harbour.id)

        assert send(ada, site="0" * 32).status == 422
        assert confirm(ada, page, site="0" * 32).faults() == [("site", "Select the site.")]
        assert counted() == before


@pytest.mark.parametrize("path", [PAGE, PREPARE])
def test_administrators_and_strangers_find_no_such_page(cleo, stranger, path, counted):
    before = counted()

    assert cleo.post(path, {"listed": LIST}).status == 404
    assert stranger.post(path, {"listed": LIST}).location == "/desk/sign-in"
    assert counted() == before


@pytest.mark.parametrize("path", [PAGE, PREPARE])
def test_a_form_without_its_token_is_refused(ada, path, counted):
    before = counted()
    body = {"listed": LIST, "file": (BytesIO(LIST.encode()), "list.csv")}

    assert Page(ada.client.post(path, data=body)).status == 400
    assert counted() == before


def test_nothing_of_a_list_is_logged(ada, caplog):
    page = send(ada)
    confirm(ada, page)
    send(ada, WRONG)

    assert "Prado" not in caplog.text
    assert "1990" not in caplog.text
