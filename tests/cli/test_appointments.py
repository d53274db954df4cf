"""`intake import`: lists at the command line, without a name on the terminal."""

import json
from contextlib import closing

import pytest

from intake.actions.appointments import NO_LANGUAGE
from intake.core.appointments import MOST_BYTES
from intake.storage import cases
from tests.cli.conftest import opened
from tests.conftest import dumped

LIST = """\
name;birth_date;language;area
Maria Duarte;1988-03-12;en;face
Ann Cole;1990-04-23;;
"""
WRONG = LIST.replace("1988-03-12", "03/12/1988").replace("1990-04-23", "")


def patient(**changed):
    return {
        "resourceType": "Patient",
        "name": [{"text": "Maria Duarte"}],
        "birthDate": "1988-03-12",
        **changed,
    }


@pytest.fixture
def counted(data):
    """Count patients and forms."""

    def count():
        with closing(opened(data)) as store:
            counts = cases.counts(store)
        return counts["patients"], counts.get("responses in-progress", 0)

    return count


@pytest.fixture
def records(data):
    """Read the whole database as text, but for the audit trail."""

    def read():
        with closing(opened(data)) as store:
            kept = dumped(store).splitlines()
        return [line for line in kept if "audit_events" not in line]

    return read


def test_a_list_prepares_intakes(run, clinic, counted):
    result = run("import", "-", given=LIST)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "row 2: new patient: intake in en, Main site",
        f"row 3: new patient: intake in en, Main site. {NO_LANGUAGE}",
        "Prepared: 2 intakes, of 2 new patients.",
    ]
    assert counted() == (2, 2)


def test_a_file_is_read_in_any_encoding_of_a_spreadsheet(run, clinic, counted, tmp_path):
    (tmp_path / "list.csv").write_bytes(LIST.encode("utf-16"))

    assert run("import", tmp_path / "list.csv").exit_code == 0
    assert counted() == (2, 2)


def test_a_dry_run_says_the_same_and_stores_nothing(run, clinic, records):
    before = records()

    dry = run("import", "--dry-run", "-", given=LIST)

    assert records() == before
    real = run("import", "-", given=LIST)
    assert dry.exit_code == 0
    assert dry.stdout.splitlines()[:2] == real.stdout.splitlines()[:2]
    assert "Nothing was stored" in dry.stdout
    assert "appointments checked" in run("audit", "list").stdout


def test_a_second_time_prepares_nothing_more(run, clinic, counted):
    run("import", "-", given=LIST)

    again = run("import", "-", given=LIST)

    assert again.exit_code == 0
    assert "nothing, a form is being filled already" in again.stdout
    assert "Prepared: 0 intakes" in again.stdout
    assert counted() == (2, 2)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["real", "dry"])
def test_what_is_wrong_is_named_without_repeating_it_and_nothing_is_stored(
    run, clinic, records, dry
):
    before = records()

    result = run("import", *dry, "-", given=WRONG)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "row 2, birth_date: Write the day as year-month-day, such as 1990-04-23.",
        "row 3, birth_date: Write the day as year-month-day, such as 1990-04-23.",
        "Nothing was stored.",
    ]
    assert records() == before


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("x" * (MOST_BYTES + 1), "too large"),
        ("Maria Duarte;1988-03-12;en\n", "column A"),
        ("{", "not JSON"),
    ],
    ids=["empty", "bytes", "large", "no header", "no JSON"],
)
def test_what_is_no_list_is_bad_input(run, clinic, counted, given, says):
    result = run("import", "-", given=given)

    assert result.exit_code == 2
    assert says in result.stderr
    assert "Duarte" not in result.output
    assert counted() == (0, 0)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(patient()),
        json.dumps(patient(), indent=2),
        f"{json.dumps(patient())}\n{json.dumps(patient(birthDate='1990-04-23'))}\n",
        json.dumps(
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient()}]}
        ),
    ],
    ids=["one", "on lines", "a line each", "bundle"],
)
def test_patients_of_fhir_prepare_intakes(run, clinic, counted, text):
    assert run("import", "-", given=text).exit_code == 0
    assert counted()[0] == counted()[1] > 0


def test_a_patient_who_died_is_refused_with_the_path(run, clinic, counted):
    result = run("import", "-", given=json.dumps(patient(deceasedBoolean=True)))

    assert result.exit_code == 2
    assert "row 1, Patient.deceased: The patient has died." in result.stderr
    assert counted() == (0, 0)


class TestSites:
    @pytest.fixture(autouse=True)
    def harbour(self, run, clinic):
        run("sites", "open", "Harbour")

    def test_have_to_be_named_where_there_are_several(self, run, counted):
        result = run("import", "-", given=LIST)

        assert result.exit_code == 2
        assert (
            "row 2, site: Name the site, here or for all of the list: Harbour, Main site."
            in result.stderr
        )
        assert counted() == (0, 0)

    def test_are_named_for_all_rows(self, run):
        result = run("import", "--site", "harbour", "-", given=LIST)

        assert result.exit_code == 0
        assert "intake in en, Harbour" in result.stdout

    def test_that_are_not_there_are_bad_input(self, run):
        assert run("import", "--site", "Nowhere", "-", given=LIST).exit_code == 2


def test_a_note_about_the_whole_file_is_said(run, clinic):
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": "https://else.example"}],
        "entry": [{"resource": patient()}],
    }

    assert "the other patients are missing" in run("import", "-", given=json.dumps(bundle)).stderr
