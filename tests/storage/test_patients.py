from datetime import date

import pytest

from intake.storage.patients import MOST_SHOWN, find_patients, name_key, same_patient
from tests.storage.builders import add_patients

NAMES = ("María Núñez", "Jürgen Weiß", "100% Sure", "A_B C", "Back\\slash", "O'Neil; DROP", "Ümit")


@pytest.fixture
def store(empty):
    add_patients(empty, *NAMES)
    return empty


def _found(store, text):
    return [patient.name for patient in find_patients(store, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("maria", ["María Núñez"]),
        ("MARÍA NÚÑEZ", ["María Núñez"]),
        ("nunez", ["María Núñez"]),
        ("nu\u200cn\u200bez", ["María Núñez"]),
        ("  maría   núñez ", ["María Núñez"]),
        ("Mari\u0301a", ["María Núñez"]),
        ("jurgen weiss", ["Jürgen Weiß"]),
        ("WEISS", ["Jürgen Weiß"]),
        ("100%", ["100% Sure"]),
        ("a_", ["A_B C"]),
        ("back\\", ["Back\\slash"]),
        ("o'", ["O'Neil; DROP"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("unez", []),
        ("neil", ["O'Neil; DROP"]),
        ("weiss j", ["Jürgen Weiß"]),
        ("%%", []),
        ("a%b", []),
        ("m_ria", []),
        ("P-2000001", ["Jürgen Weiß"]),
        ("p-2000001", ["Jürgen Weiß"]),
        (" p-2000001 ", ["Jürgen Weiß"]),
        ("P-200", []),
        ("nobody", []),
        ("", []),
        ("   ", []),
        ("\u0301", []),
    ],
)
def test_finding_by_the_beginnings_of_names_or_by_the_whole_number(store, text, names):
    assert _found(store, text) == names


def test_found_patients_come_in_the_order_of_their_names(store):
    add_patients(store, "Maria Zabel", "Marianne Abt", start=50)

    assert _found(store, "mari") == ["María Núñez", "Maria Zabel", "Marianne Abt"]


def test_at_most_twenty_are_found(empty):
    add_patients(empty, *["Maria"] * (MOST_SHOWN + 1))

    assert len(_found(empty, "maria")) == MOST_SHOWN


@pytest.mark.parametrize(
    ("name", "born", "found"),
    [
        ("Maria Nunez", date(1990, 1, 1), "María Núñez"),
        ("MARÍA  NÚÑEZ", date(1990, 1, 1), "María Núñez"),
        ("Maria Nunez", date(1990, 1, 2), None),
        ("Maria", date(1990, 1, 1), None),
        ("%", date(1990, 1, 1), None),
    ],
)
def test_the_same_patient_has_the_same_name_and_birth_date(store, name, born, found):
    patient = same_patient(store, name, born)

    assert (patient.name if patient else None) == found


def test_different_people_keep_different_keys():
    assert len({name_key(name) for name in NAMES}) == len(NAMES)
