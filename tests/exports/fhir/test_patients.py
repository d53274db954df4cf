"""Patients of another system's FHIR: who they are today, and every element that does not fit."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.appointments import MOST_ROWS, Offered
from intake.exports.fhir.patients import BUNDLES, OTHER_LANGUAGE, read_patients
from tests.conftest import TODAY

MARIA = {
    "resourceType": "Patient",
    "id": "7",
    "identifier": [{"system": "urn:other", "value": "A7"}],
    "active": True,
    "name": [{"use": "official", "family": "Duarte", "given": ["Maria", "Inés"]}],
    "gender": "female",
    "birthDate": "1988-03-12",
    "deceasedBoolean": False,
    "communication": [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es-MX"}]}}
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def offered(shipped_pack):
    return Offered(shipped_pack, ("en", "ar", "es"), TODAY)


@pytest.fixture
def read(offered):
    """Read a patient with some elements changed; None takes one away."""

    def read(**changed):
        resource = {k: v for k, v in {**MARIA, **changed}.items() if v is not None}
        return read_patients(json.dumps(resource), offered)

    return read


def bundle(*resources, kind="collection", **more):
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries, **more})


def places(sheet):
    return [(one.row, one.column) for one in sheet.faults]


def test_a_patient_is_a_name_a_birth_date_and_a_language(read):
    sheet = read()

    assert sheet.faults == ()
    assert [dict(one.cells) for one in sheet.rows] == [
        {"name": "Maria Inés Duarte", "birth_date": "1988-03-12", "language": "es"}
    ]


def test_a_record_that_is_said_to_be_like_another_is_read(read):
    assert read(link=[{"type": "seealso"}]).faults == ()


@pytest.mark.parametrize(
    ("names", "called"),
    [
        ([{"use": "old", "text": "Old"}, {"use": "official", "text": "New"}], "New"),
        ([{"use": "maiden", "text": "Old"}, {"text": "New"}], "New"),
        ([{"use": "nickname", "text": "Nick"}, {"use": "usual", "text": "Usual"}], "Usual"),
        ([{"use": "usual", "text": "Usual"}, {"use": "official", "text": "Full"}], "Full"),
        ([{"use": "official"}, {"use": "usual", "text": "Usual"}], "Usual"),
        ([{"use": "old", "text": "Only"}], "Only"),
        ([{"use": "anonymous", "text": "X"}], ""),
        ([{"use": "official", "text": "Full name", "family": "Other"}], "Full name"),
        ([{"family": "Duarte", "given": "Maria"}], "Maria Duarte"),
        (
            [
                {"use": "official", "text": "Past", "period": {"end": "2026-06-14"}},
                {"use": "usual", "text": "Now", "period": {"end": "2026-06-15"}},
            ],
            "Now",
        ),
        (
            [
                {"use": "official", "text": "Past", "period": {"end": "2025"}},
                {"use": "usual", "text": "Now"},
            ],
            "Now",
        ),
        ([{"use": "official", "text": "Now", "period": {"end": "2026"}}, {"text": "B"}], "Now"),
        ([{"text": "Half \ud800 of a pair"}], "Half ? of a pair"),
        ([], ""),
    ],
)
def test_the_name_of_today_is_taken(read, names, called):
    assert read(name=names).rows[0].cell("name") == called


def spoken(*codes, **more):
    coding = [{"system": "urn:ietf:bcp:47", "code": code} for code in codes]
    return {"language": {"coding": coding}, **more}


@pytest.mark.parametrize(
    ("communication", "language", "notes"),
    [
        ([spoken("en"), spoken("ar", preferred=True)], "ar", ()),
        ([spoken("fr", preferred=True), spoken("es")], "es", ()),
        ([spoken("fr", "es-419")], "es", ()),
        ([spoken("fr")], "", (OTHER_LANGUAGE,)),
        ([{"language": {"text": "Spanish"}}], "", (OTHER_LANGUAGE,)),
        ([{"language": {"coding": [{"system": "urn:else", "code": "es"}]}}], "", (OTHER_LANGUAGE,)),
        ([{"language": {"coding": [{"code": "es"}]}}], "es", ()),
        ([], "", ()),
    ],
)
def test_the_language_is_the_first_that_is_offered(read, communication, language, notes):
    given = read(communication=communication).rows[0]

    assert (given.cell("language"), given.notes) == (language, notes)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"active": False}, "active"),
        ({"active": "yes"}, "active"),
        ({"deceasedBoolean": True}, "deceased"),
        ({"deceasedBoolean": "false"}, "deceased"),
        ({"deceasedDateTime": "2020"}, "deceased"),
        ({"link": [{"type": "replaced-by"}]}, "link"),
        ({"link": {}}, "link"),
        ({"modifierExtension": [{}]}, "modifierExtension"),
        ({"implicitRules": "https://else.example"}, "implicitRules"),
        ({"name": "Maria"}, "name"),
        ({"name": ["Maria"]}, "name[0]"),
        ({"name": [{"text": 7}]}, "name"),
        ({"name": [{"given": [{}], "family": "X"}]}, "name"),
        ({"birthDate": 19880312}, "birthDate"),
        ({"communication": {}}, "communication"),
        ({"communication": ["es"]}, "communication[0]"),
        ({"resourceType": "Person"}, "resourceType"),
        ({"resourceType": None}, "resourceType"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(read, changed, path):
    assert places(read(**changed)) == [(1, f"Patient.{path}")]


def test_whoever_brings_answers_is_told_what_looks_at_them(read):
    (fault,) = read(resourceType="QuestionnaireResponse").faults

    assert "`intake screen`" in fault.says


@pytest.mark.parametrize("kind", BUNDLES)
def test_a_bundle_holds_many(offered, kind):
    sheet = read_patients(bundle(MARIA, {**MARIA, "birthDate": "1990-04-23"}, kind=kind), offered)

    assert [(one.row, one.cell("birth_date")) for one in sheet.rows] == [
        (1, "1988-03-12"),
        (2, "1990-04-23"),
    ]
    assert sheet.faults == ()


def test_a_bundle_may_be_written_on_many_lines(offered):
    text = json.dumps(json.loads(bundle(MARIA)), indent=2)

    assert len(read_patients(text, offered).rows) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (bundle(MARIA, kind="history"), (0, "Bundle.type")),
        (bundle(MARIA, kind=["collection"]), (0, "Bundle.type")),
        (bundle(entry={}), (0, "Bundle.entry")),
        (bundle(), (0, "")),
        (bundle(entry=["x"]), (1, "Bundle.entry[0]")),
        (bundle(entry=[{}]), (1, "Bundle.entry[0].resource.resourceType")),
        (
            bundle(entry=[{"resource": MARIA, "request": {"method": "DELETE"}}]),
            (1, "Bundle.entry[0].request.method"),
        ),
        (
            bundle(entry=[{"resource": MARIA, "request": "PUT"}]),
            (1, "Bundle.entry[0].request.method"),
        ),
        (
            bundle(MARIA, {"resourceType": "Appointment"}),
            (2, "Bundle.entry[1].resource.resourceType"),
        ),
        (bundle(MARIA, bundle()), (2, "Bundle.entry[1].resource.resourceType")),
    ],
)
def test_what_does_not_fit_in_a_bundle_is_named(offered, text, place):
    assert places(read_patients(text, offered)) == [place]


def test_one_page_of_a_longer_search_says_so(offered):
    sheet = read_patients(bundle(MARIA, kind="searchset", link=[{"relation": "next"}]), offered)

    assert sheet.faults == ()
    assert "more" in sheet.notes[0]


def test_one_patient_a_line_is_counted_by_lines(offered):
    lines = [json.dumps(MARIA), "", json.dumps({**MARIA, "active": False}), "{", "null", "[]"]

    sheet = read_patients("\n".join(lines), offered)

    assert [one.row for one in sheet.rows] == [1, 3]
    assert sorted(places(sheet)) == [
        (3, "Patient.active"),
        (4, ""),
        (5, ""),
        (6, "Patient.resourceType"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"resourceType": "Patient", "resourceType": "Patient"}',
        '{"\\ud800": 1, "\\ud800": 2}',
        '{"a":' * 50_000,
        "[" * 100_000,
        '{"a": ' + "9" * 10_000 + "}",
        "{} {}",
        "null",
    ],
    ids=["cut off", "twice", "half a letter twice", "deep", "deeper", "digits", "two", "null"],
)
def test_json_that_cannot_be_read_is_one_fault(offered, text):
    sheet = read_patients(text, offered)

    assert (len(sheet.faults), sheet.rows) == (1, ())
    assert sheet.faults[0].says.encode()


def test_a_key_that_stands_twice_among_very_many_is_found(offered):
    """Looking each of them up among the others would take minutes."""
    keys = [f'"{number}":0' for number in range(200_000)]

    sheet = read_patients("{" + ",".join([*keys, keys[-1]]) + "}", offered)

    assert "a key stands twice" in sheet.faults[0].says
    assert "199999" not in sheet.faults[0].says  # it may be somebody's name


def test_more_patients_than_are_read_are_refused(offered):
    most = read_patients(bundle(*[MARIA] * MOST_ROWS), offered)
    more = read_patients(bundle(*[MARIA] * (MOST_ROWS + 1)), offered)

    assert (len(most.rows), most.faults) == (MOST_ROWS, ())
    assert "Divide" in more.faults[0].says


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def spots(value, path=()):
    """Yield the way to every piece of JSON."""
    yield path
    parts = dict(enumerate(value)) if isinstance(value, list) else value
    for name, inner in parts.items() if isinstance(parts, dict) else ():
        yield from spots(inner, (*path, name))


WHOLE = json.loads(bundle(MARIA, MARIA, link=[{"relation": "self"}]))


@given(st.sampled_from([spot for spot in spots(WHOLE) if spot]), JSON)
def test_no_piece_of_another_kind_is_more_than_a_fault(offered, spot, value):
    spoilt = copy.deepcopy(WHOLE)
    where = spoilt
    for name in spot[:-1]:
        where = where[name]
    where[spot[-1]] = value

    sheet = read_patients(json.dumps(spoilt), offered)

    placed = [fault for fault in sheet.faults if fault.row or fault.column]
    assert all(fault.says for fault in sheet.faults)
    assert placed == list(sheet.faults) or not sheet.rows  # of the file as a whole
    assert all(isinstance(cell, str) for one in sheet.rows for cell in one.cells.values())
