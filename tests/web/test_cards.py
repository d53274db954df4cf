"""CDS Hooks: findings as cards in another system, signed requests, what is said to cards."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.actions import clients, decide, retention, sites, trail_check, versions
from intake.actions.fhir import Bundle, bundle_of
from intake.core.clients import ClientRole
from intake.core.decisions import Decision, Disposition
from intake.core.display import DISPOSITION
from intake.core.errors import AnswerError, ConflictError
from intake.storage import audit, patients, responses
from intake.storage import cards as kept
from intake.storage.heads import HeadsKept
from intake.web.press import current_press
from tests.conftest import NOW, TODAY

SERVICE = "/cds-services/intake-before-microneedling"
ISSUER = "https://records.example"
CARD = "3c2b2e34-9558-41fd-a949-150f33abcfba"


def public(key, **more):
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else None
    algorithm = algorithm or jwt.algorithms.ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": "one", **more}


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture(scope="module")
def another():
    return ec.generate_private_key(ec.SECP384R1())


def let_in(store, people, key, **rest):
    given = {"name": "Records", "issuer": ISSUER, "by": people.cleo, "now": NOW} | rest
    keys = json.dumps({"keys": [public(key, alg="ES384")]})
    return clients.add_by_key(store, keys=keys, **given)


@pytest.fixture
def ask(app, store, people, key):
    """Let a system in, and call the service as it does."""
    client = app.test_client()
    made = let_in(store, people, key)

    def ask(body, path=SERVICE, *, by=key, headers=None, **claims):
        token = signed(by, path, **claims)
        return client.post(path, json=body, headers=headers or {"Authorization": f"Bearer {token}"})

    ask.system = made
    return ask


def signed(key, path=SERVICE, *, alg="ES384", kid="one", now=NOW, **claims):
    said = {
        "iss": ISSUER,
        "aud": f"http://localhost{path}",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=5)).timestamp()),
        "jti": str(uuid4()),
    } | claims
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key, algorithm=alg, headers={"kid": kid})


def called(**prefetch):
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "7"},
        "prefetch": prefetch,
    }


@pytest.fixture
def patient(store):
    """A Patient as the other system has it, of a case."""

    def patient(response_id):
        found = responses.response(store, response_id)
        row = store.row("SELECT * FROM patients WHERE id = ?", [found.patient_id])
        return {
            "resourceType": "Patient",
            "id": "7",
            "name": [{"use": "official", "text": row["name"]}],
            "birthDate": row["birth_date"],
        }

    return patient


NOBODY = {
    "resourceType": "Patient",
    "name": [{"text": "No One"}],
    "birthDate": "1990-01-01",
}


def cards(answer):
    assert answer.status_code == 200, answer.json
    assert answer.content_type == "application/json"
    found = answer.json["cards"]
    assert found
    for one in found:
        assert 0 < len(one["summary"]) < 140
        assert one["indicator"] in ("info", "warning", "critical")
        assert one["source"]["label"]
        assert "<" not in one["detail"].replace("\\<", "")
        assert all(reason["display"] for reason in one.get("overrideReasons", []))
        assert not [value for value in one.values() if value in (None, "", [], {})]
        assert ("uuid" in one) == ("overrideReasons" in one)
    kept = [one["uuid"] for one in found if "uuid" in one]
    assert len(set(kept)) == len(kept)
    return found


def test_until_a_system_is_let_in_nothing_answers(app):
    client = app.test_client()

    assert client.get("/cds-services").status_code == 404
    assert client.post(SERVICE, json=called()).status_code == 401


def test_the_service_says_what_to_send_along(app, ask):
    (service,) = app.test_client().get("/cds-services").json["services"]

    assert service["hook"] == "patient-view"
    assert SERVICE.endswith(service["id"])
    assert service["prefetch"].keys() == {"patient", "intake"}
    assert "None says that a patient may be treated" in service["description"]


@pytest.mark.parametrize(
    ("which", "worst"),
    [
        ("stop", "critical"),
        ("review", "warning"),
        ("defer", "warning"),
        ("unknown", "warning"),
        ("caution", "info"),
    ],
)
def test_the_newest_intake_is_screened_and_each_finding_is_a_card(
    ask, ids, patient, system, which, worst
):
    found = cards(ask(called(patient=patient(ids[which]))))

    findings = system().get(f"/cases/{ids[which]}/findings").json["findings"]
    assert len(found) == len(findings)
    assert found[0]["indicator"] == worst
    assert all("not yet reviewed by a clinician" in one["detail"] for one in found)


def test_what_could_not_be_ruled_out_is_said_so(ask, ids, patient):
    found = cards(ask(called(patient=patient(ids["unknown"]))))

    assert [one for one in found if one["summary"].startswith("Could not be ruled out: ")]


def test_without_a_finding_a_card_says_that_nobody_is_cleared(ask, ids, patient):
    (only,) = cards(ask(called(patient=patient(ids["routine"]))))

    assert only["indicator"] == "info"
    assert "This clears nobody: a named clinician decides." in only["detail"]


@pytest.mark.parametrize(
    "prefetch",
    [
        {"patient": None},
        {"patient": {}},
        {"patient": []},
        {"patient": "Patient/7"},
        {"patient": {"resourceType": "OperationOutcome"}},
        {"patient": {"resourceType": "Patient"}},
        {"patient": NOBODY | {"name": [{"text": "\ud800"}]}},
        {"patient": NOBODY},
        {"intake": None},
        {"intake": {"resourceType": "Bundle", "type": "searchset"}},
        {"intake": {"resourceType": "Bundle", "entry": [{"resource": None}, 1]}},
        {"intake": {"resourceType": "QuestionnaireResponse", "questionnaire": "http://x"}},
    ],
    ids=str,
)
def test_for_lack_of_knowledge_a_card_says_so(ask, prefetch):
    (only,) = cards(ask(called(**prefetch)))

    assert only["indicator"] == "warning"
    assert only["summary"].startswith("No health history to screen")


def test_of_a_patient_who_sent_nothing_no_more_is_told_than_of_nobody(ask, ids, patient):
    (known,) = cards(ask(called(patient=patient(ids["begun"]))))
    (nobody,) = cards(ask(called(patient=NOBODY)))

    assert known["detail"] == nobody["detail"]
    assert known["summary"].startswith("No health history to screen")


def test_a_patient_is_found_by_our_number_and_not_under_another_birth_date(ask, ids, exported):
    renamed = {**exported(ids["stop"], "Patient"), "id": "7", "name": [{"text": "Another Name"}]}

    by_number = cards(ask(called(patient=renamed)))
    (wrong,) = cards(ask(called(patient={**renamed, "birthDate": "1990-01-01"})))

    assert by_number[0]["indicator"] == "critical"
    assert wrong["summary"].startswith("No health history to screen")


@pytest.fixture
def exported(app, store):
    """A resource of a case as it goes out."""

    def exported(response_id, kind="QuestionnaireResponse"):
        with app.test_request_context():
            bundle = bundle_of(
                store, current_press(), response_id=response_id, kind=Bundle.COLLECTION, by=None,
                now=NOW,
            )  # fmt: skip
        found = (entry["resource"] for entry in bundle["entry"])
        return next(one for one in found if one["resourceType"] == kind)

    return exported


def theirs_of(form, born):
    """A form as the other system has it, of its patient 7, who was born on that day."""
    (item,) = (one for one in all_items(form["item"]) if one["linkId"] == "birth_date")
    item["answer"] = [{"valueDate": born}]
    theirs = {**form, "subject": {"reference": "Patient/7"}}
    del theirs["identifier"]  # which says whose form of this clinic it was
    return theirs


def all_items(items):
    for item in items:
        yield item
        yield from all_items(item.get("item", []))


def test_an_intake_that_is_sent_along_is_screened(ask, exported, ids):
    theirs = exported(ids["stop"])

    first, *found = cards(ask(called(patient=None, intake=theirs)))
    _, *in_bundle = cards(
        ask(called(intake={"resourceType": "Bundle", "entry": [{"resource": theirs}]}))
    )

    assert "no form of this clinic was looked at" in first["detail"]
    assert found[0]["indicator"] == "critical"
    assert [one["summary"] for one in found] == [one["summary"] for one in in_bundle]


YOUNGER = "2026-06-15T09:30:30Z"


def test_the_younger_of_two_intakes_is_screened(ask, exported, ids, patient):
    routine = patient(ids["routine"])
    stop = theirs_of(exported(ids["stop"]), routine["birthDate"])

    older = cards(ask(called(patient=routine, intake={**stop, "authored": "2020-01-01T10:00:00Z"})))
    doubt, *younger = cards(ask(called(patient=routine, intake={**stop, "authored": YOUNGER})))

    assert [one["indicator"] for one in older] == ["info"]
    assert "An older form of this clinic" in doubt["detail"]
    assert younger[0]["indicator"] == "critical"
    assert "Answered by 2026-06-15 09:30 UTC" in younger[0]["detail"]


@pytest.mark.parametrize(
    "authored",
    [
        *("2026-06-15", "2026-06-15T10:00:00", "2099-01-01T10:00:00Z", "soon", None, []),
        *("9999-12-31T23:59:59-14:00", "2026-06-15T09:32:00Z"),
    ],
    ids=str,
)
def test_of_two_intakes_that_nobody_can_put_in_order_both_are_screened(
    ask, exported, ids, patient, authored
):
    stop = patient(ids["stop"])
    routine = theirs_of(exported(ids["routine"]), stop["birthDate"]) | {"authored": authored}

    doubt, *found = cards(ask(called(patient=stop, intake=routine)))

    assert "is not known" in doubt["detail"]
    assert {one["indicator"] for one in found} >= {"info", "critical"}


def test_a_copy_of_the_clinics_own_intake_is_no_younger_one(ask, exported, ids, patient):
    found = cards(ask(called(patient=patient(ids["stop"]), intake=exported(ids["stop"]))))

    assert found[0]["indicator"] == "critical"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"status": "entered-in-error"}, "entered in error"),
        ({"status": "in-progress"}, "not finished"),
        ({"status": None}, "not finished"),
        ({"status": ["completed"]}, "not finished"),
        ({"subject": {"reference": "Patient/8"}}, "another patient"),
        ({"subject": {"reference": "https://r.example/fhir/Patient/8/_history/1"}}, "another pat"),
        ({"questionnaire": "{}-old"}, "another version"),
    ],
    ids=str,
)
def test_an_intake_that_does_not_count_hides_none_and_is_named(
    ask, exported, ids, patient, changed, why
):
    form = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    changed = {
        name: value.format(form["questionnaire"]) if isinstance(value, str) else value
        for name, value in changed.items()
    }
    theirs = {**form, "authored": YOUNGER, **changed}

    doubt, *found = cards(ask(called(patient=patient(ids["stop"]), intake=theirs)))
    (alone,) = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert why in doubt["detail"]
    assert found[0]["indicator"] == "critical"
    assert why in alone["detail"]
    assert alone["summary"].startswith("No health history to screen")


SERVER = "https://r.example/fhir"


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/7"},
        {"reference": "Patient/7/_history/2", "type": "Patient"},
        {"reference": f"{SERVER}/Patient/7"},
    ],
    ids=str,
)
def test_an_intake_that_names_the_patient_is_screened(ask, exported, ids, patient, subject):
    routine = patient(ids["routine"])
    theirs = theirs_of(exported(ids["stop"]), routine["birthDate"])
    theirs |= {"subject": subject, "authored": YOUNGER}

    doubt, *found = cards(ask(called(patient=routine, intake=theirs) | {"fhirServer": SERVER}))

    assert "may be another" not in doubt["detail"]
    assert found[0]["indicator"] == "critical"


@pytest.mark.parametrize(
    "subject",
    [
        *({"reference": name} for name in ("RelatedPerson/7", "Patient/7/", "#p", "urn:uuid:x")),
        *({"reference": name} for name in ("https://x.example/Patient/7", "7", 7, ["Patient/7"])),
        {"reference": "Patient/7", "type": "Group"},
        {"identifier": {"value": "7"}},
        *([{"reference": "Patient/7"}], "Patient/7", None),
    ],
    ids=str,
)
def test_an_intake_of_who_knows_whom_hides_none(ask, exported, ids, patient, subject):
    stop = patient(ids["stop"])
    theirs = theirs_of(exported(ids["routine"]), stop["birthDate"])
    theirs |= {"subject": subject, "authored": YOUNGER}

    doubt, *found = cards(ask(called(patient=stop, intake=theirs) | {"fhirServer": SERVER}))

    assert "may be another's" in doubt["detail"]
    assert {one["indicator"] for one in found} >= {"info", "critical"}


def test_an_intake_of_another_birth_date_hides_none(ask, exported, ids, patient):
    theirs = theirs_of(exported(ids["routine"]), "1951-02-03") | {"authored": YOUNGER}

    doubt, *found = cards(ask(called(patient=patient(ids["stop"]), intake=theirs)))

    assert "not with the birth date" in doubt["detail"]
    assert {one["indicator"] for one in found} >= {"info", "critical"}


def bundle(*resources, **entry):
    return {"resourceType": "Bundle", "entry": [{"resource": one, **entry} for one in resources]}


@pytest.mark.parametrize("authored", [YOUNGER, None, "2099-01-01T10:00:00Z"], ids=str)
@pytest.mark.parametrize("order", [("routine", "stop"), ("stop", "routine")], ids=str)
def test_of_several_intakes_each_that_may_be_the_last_is_screened(
    ask, exported, ids, order, authored
):
    forms = [theirs_of(exported(ids[one]), NOBODY["birthDate"]) for one in order]
    theirs = bundle(*({**one, "authored": authored} for one in forms))

    doubt, *found = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert "2 forms were sent along, and any may be the last" in doubt["detail"]
    assert {one["indicator"] for one in found} >= {"info", "critical"}


def test_of_several_intakes_the_youngest_is_screened_and_the_others_are_counted(ask, exported, ids):
    stop, routine = (
        theirs_of(exported(ids[one]), NOBODY["birthDate"]) for one in ("stop", "routine")
    )
    older = [stop | {"authored": f"2026-01-0{day}T10:00:00Z"} for day in (1, 2)]

    doubt, only = cards(
        ask(called(patient=NOBODY, intake=bundle(*older, routine | {"authored": YOUNGER})))
    )

    assert "2 older forms" in doubt["detail"]
    assert only["indicator"] == "info"


def test_a_younger_intake_that_may_be_another_patients_hides_no_other(ask, exported, ids):
    stop, routine = (
        theirs_of(exported(ids[one]), NOBODY["birthDate"]) for one in ("stop", "routine")
    )
    stop |= {"authored": "2026-06-15T09:29:00Z"}
    routine |= {"authored": YOUNGER, "subject": {"reference": "Group/7"}}

    _, *found = cards(ask(called(patient=NOBODY, intake=bundle(routine, stop))))

    assert {one["indicator"] for one in found} >= {"info", "critical"}


def test_of_very_many_intakes_those_that_are_not_screened_are_counted(ask, exported, ids):
    form = theirs_of(exported(ids["routine"]), NOBODY["birthDate"]) | {"authored": None}

    doubt, *found = cards(ask(called(patient=NOBODY, intake=bundle(*[form] * 14))))

    assert "4 more forms that were sent along were not read" in doubt["detail"]
    assert len(found) == 10


@pytest.mark.parametrize("missing", ["answers", "birth date", "one answer"])
def test_a_younger_intake_that_does_not_say_all_hides_none(ask, exported, ids, patient, missing):
    stop = patient(ids["stop"])
    theirs = theirs_of(exported(ids["routine"]), stop["birthDate"]) | {"authored": YOUNGER}
    if missing == "answers":
        del theirs["item"]
    elif missing == "birth date":
        born = next(one for one in all_items(theirs["item"]) if one["linkId"] == "birth_date")
        born["answer"] *= 2
    else:
        ever = next(one for one in all_items(theirs["item"]) if one["linkId"] == "keloid_ever")
        del ever["answer"]

    doubt, *found = cards(ask(called(patient=stop, intake=theirs)))

    assert doubt["summary"] == "What was screened may not be the patient's last word"
    assert "critical" in {one["indicator"] for one in found}


def test_a_decision_here_against_it_is_told_beside_a_younger_intake(
    ask, store, pack, people, exported, ids, patient
):
    stop = patient(ids["stop"])
    decide.decide(
        store, pack, response_id=ids["stop"], seen=0, by=people.ada, now=NOW, today=TODAY,
        decision=Decision(Disposition.DO_NOT_TREAT, "Keloids."),
    )  # fmt: skip
    theirs = theirs_of(exported(ids["routine"]), stop["birthDate"]) | {"authored": YOUNGER}

    first, *_ = cards(ask(called(patient=stop, intake=theirs)))

    assert DISPOSITION[Disposition.DO_NOT_TREAT] in first["detail"]
    assert first["indicator"] == "critical"


def test_a_copy_of_what_was_withdrawn_here_hides_none(
    app, ask, store, people, maker, exported, ids, patient
):
    stop, house = patient(ids["stop"]), app.extensions["intake"]
    later = maker.sent("Another Name", "healthy-woman")
    copy = {**theirs_of(exported(later.id), stop["birthDate"]), "authored": YOUNGER}
    copy["identifier"] = exported(later.id)["identifier"]
    versions.withdraw(
        store, response_id=later.id, reason="Another patient.", by=people.ben,
        pack_of=house.pack_of, now=NOW, today=house.today(),
    )  # fmt: skip

    doubt, *found = cards(ask(called(patient=stop, intake=copy)))

    assert "it was withdrawn at this clinic" in doubt["detail"]
    assert found[0]["indicator"] == "critical"


def test_an_intake_of_the_same_instant_is_screened_beside_ours(ask, exported, ids, patient, store):
    routine = patient(ids["routine"])
    sent_at = responses.response(store, ids["routine"]).submitted_at
    theirs = theirs_of(exported(ids["stop"]), routine["birthDate"])

    found = cards(ask(called(patient=routine, intake=theirs | {"authored": sent_at.isoformat()})))

    assert "critical" in {one["indicator"] for one in found}


@pytest.mark.parametrize(
    "named", ["{}#p1", " {}", "{}/", "{} ", "Questionnaire/abc", f"{SERVER}/Questionnaire/abc"]
)
def test_a_form_that_may_be_ours_by_its_name_is_named(ask, exported, ids, patient, named):
    theirs = theirs_of(exported(ids["stop"]), NOBODY["birthDate"])
    theirs["questionnaire"] = named.format(theirs["questionnaire"])

    asked = called(patient=patient(ids["routine"]), intake=theirs) | {"fhirServer": SERVER}
    doubt, *_ = cards(ask(asked))

    assert "Another form was sent along and not read: it " in doubt["detail"]


def test_a_form_without_a_version_is_read_and_hides_none(ask, exported, ids, patient):
    stop = patient(ids["stop"])
    theirs = theirs_of(exported(ids["routine"]), stop["birthDate"]) | {"authored": YOUNGER}
    theirs["questionnaire"] = theirs["questionnaire"].partition("|")[0]

    found = cards(ask(called(patient=stop, intake=theirs)))

    assert any("does not say which version" in one["detail"] for one in found)
    assert "critical" in {one["indicator"] for one in found}


def test_where_something_could_not_be_read_it_is_not_said_that_nothing_was_found(
    ask, exported, ids
):
    theirs = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    theirs["item"].append({"linkId": "pacemaker", "answer": [{"valueString": "yes"}]})

    (only,) = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert only["summary"].startswith("Some answers could not be read")


def test_of_a_patient_alone_it_is_said_that_the_others_forms_were_not_looked_at(ask, ids, patient):
    first, *_ = cards(ask(called(patient=patient(ids["stop"]))))

    assert "The other system sent no forms along" in first["detail"]


@pytest.mark.parametrize("born", ["1950", "1950-01", "1950-1-1", "1950-01-01T00:00:00Z", 1950, {}])
def test_a_patient_is_not_found_under_a_birth_date_that_is_not_theirs(ask, ids, exported, born):
    wrong = {**exported(ids["stop"], "Patient"), "id": "7", "birthDate": born}

    (only,) = cards(ask(called(patient=wrong)))

    assert only["summary"].startswith("No health history to screen")


def test_a_patient_who_was_searched_for_is_found(ask, ids, patient):
    stop = patient(ids["stop"])

    first, *_ = cards(ask(called(patient=bundle(stop))))

    assert first["indicator"] == "critical"


@pytest.mark.parametrize(
    "search",
    [
        lambda one: bundle(),
        lambda one: bundle(one, one),
        lambda one: bundle(bundle(one)),
        lambda one: bundle(one, request={"method": "DELETE"}),
        lambda one: bundle(one, modifierExtension=[{"url": "x"}]),
        lambda one: bundle(one) | {"implicitRules": "https://x.example"},
        lambda one: {"resourceType": "Bundle", "entry": ["x"]},
    ],
)
def test_a_search_that_may_mean_somebody_else_finds_nobody(ask, ids, patient, search):
    (only,) = cards(ask(called(patient=search(patient(ids["stop"])))))

    assert "Who the patient is could not be read" in only["detail"]


def test_a_patient_of_two_numbers_may_be_either(ask, ids, exported):
    first, second = (exported(ids[one], "Patient") for one in ("routine", "stop"))
    both = {**first, "id": "7", "identifier": [*first["identifier"], *second["identifier"]]}

    (only,) = cards(ask(called(patient=both)))

    assert "Who the patient is could not be read" in only["detail"]


def test_whether_a_number_is_known_is_told_to_nobody(ask, ids, exported):
    known = {**exported(ids["stop"], "Patient"), "id": "7", "name": [{"text": "No One"}]}
    (number,) = known["identifier"]
    unknown = {**known, "identifier": [{**number, "value": "000"}]}

    answers = [
        cards(ask(called(patient={**one, "birthDate": "1951-02-03"}))) for one in (known, unknown)
    ]

    assert answers[0] == answers[1]


@pytest.mark.parametrize("said", ["1988", "1988-03", "1988-03-12"])
def test_the_birth_date_of_a_number_cannot_be_tried_out(ask, ids, exported, said):
    known = {**exported(ids["routine"], "Patient"), "id": "7"}
    del known["birthDate"]
    theirs = theirs_of(exported(ids["routine"]), said) | {"authored": YOUNGER}

    doubt, *_ = cards(ask(called(patient=known, intake=theirs)))

    assert "may be another's" in doubt["detail"]


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (OUTCOME, "could not look"),
        (bundle(OUTCOME), "could not look"),
        (bundle({"resourceType": "OperationOutcome"}), "could not look"),
        (bundle({**OUTCOME, "issue": [{"severity": "warning"}]}), "could not look"),
        ([{"resourceType": "QuestionnaireResponse"}], "neither"),
        ("QuestionnaireResponse/1", "neither"),
        ({"resourceType": "Parameters"}, "neither"),
        ({"resourceType": ["Bundle"]}, "neither"),
        (bundle(bundle()), "neither"),
        (bundle({"resourceType": "Parameters"}), "neither"),
        (bundle(None), "neither"),
        (bundle({}), "neither"),
        ({"resourceType": "Bundle", "entry": {}}, "neither"),
        ({"resourceType": "Bundle", "entry": ["x"]}, "neither"),
        ({"resourceType": "Bundle", "modifierExtension": [{"url": "x"}]}, "something else"),
        ({"resourceType": "Bundle", "implicitRules": "https://x.example"}, "something else"),
        ({"resourceType": "Bundle", "link": [{"relation": "next"}]}, "further page"),
        ({"resourceType": "Bundle", "total": 25, "entry": []}, "further page"),
        (bundle({"resourceType": "QuestionnaireResponse"}), "which form it answers"),
        (
            {"resourceType": "QuestionnaireResponse", "questionnaire": "#contained"},
            "which form it answers",
        ),
        ({"resourceType": "QuestionnaireResponse", "questionnaire": ["x"]}, "which form"),
    ],
    ids=str,
)
def test_what_may_hold_an_intake_and_cannot_be_read_is_named(ask, ids, patient, sent, why):
    doubt, *found = cards(ask(called(patient=patient(ids["stop"]), intake=sent)))

    assert why in doubt["detail"]
    assert found[0]["indicator"] == "critical"


@pytest.mark.parametrize(
    "entry",
    [
        {"modifierExtension": [{"url": "https://x.example"}]},
        {"request": {"method": "DELETE", "url": "QuestionnaireResponse/1"}},
        {"response": {"status": "404 Not Found"}},
        {"request": "DELETE"},
    ],
    ids=str,
)
def test_an_intake_that_was_taken_away_hides_none_and_is_named(ask, exported, ids, patient, entry):
    stop = patient(ids["stop"])
    theirs = theirs_of(exported(ids["routine"]), stop["birthDate"]) | {"authored": YOUNGER}

    doubt, *found = cards(ask(called(patient=stop, intake=bundle(theirs, **entry))))

    assert "it was taken away" in doubt["detail"]
    assert found[0]["indicator"] == "critical"


def test_what_else_stands_in_a_list_takes_nothing_from_an_intake(ask, exported, ids):
    form = theirs_of(exported(ids["stop"]), NOBODY["birthDate"])
    notes = {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}
    other = {"resourceType": "QuestionnaireResponse", "questionnaire": "https://x.example/form"}

    first, *_ = cards(ask(called(patient=NOBODY, intake=bundle(NOBODY, other, notes, form))))

    assert first["indicator"] == "critical"


def test_when_an_intake_was_answered_is_told_in_utc(ask, exported, ids):
    form = theirs_of(exported(ids["stop"]), NOBODY["birthDate"])
    form |= {"authored": "2026-06-15T11:15:00+02:00"}

    first, *_ = cards(ask(called(patient=NOBODY, intake=form)))

    assert "Answered by 2026-06-15 09:15 UTC" in first["detail"]


def test_problems_that_are_not_told_are_counted(ask, exported, ids):
    form = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    form["item"] += [{"linkId": f"made_up_{number}"} for number in range(60)]

    first, *_ = cards(ask(called(patient=NOBODY, intake=form)))

    assert first["detail"].count("made") == 50
    assert "… and " in first["detail"]


@pytest.mark.parametrize(
    "changed", [{"id": "8"}, {"modifierExtension": [{}]}, {"implicitRules": "x"}], ids=str
)
def test_a_patient_who_may_be_another_is_not_screened(ask, ids, patient, changed):
    (only,) = cards(ask(called(patient=patient(ids["stop"]) | changed)))

    assert "Who the patient is could not be read" in only["detail"]


def test_an_intake_that_may_mean_something_else_says_nothing_and_hides_none(
    ask, exported, ids, patient
):
    stop = patient(ids["stop"])
    theirs = theirs_of(exported(ids["routine"]), stop["birthDate"])
    theirs |= {"authored": YOUNGER, "modifierExtension": [{"url": "https://x.example"}]}

    (alone,) = cards(ask(called(patient=NOBODY, intake=theirs)))
    doubt, first, *_ = cards(ask(called(patient=stop, intake=theirs)))

    assert "may change what the rest means" in alone["detail"]
    assert "may change what the rest means" in doubt["detail"]
    assert first["indicator"] == "critical"


def test_an_item_that_may_mean_something_else_counts_as_unknown(ask, exported, ids):
    theirs = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    next(items_in(theirs["item"]))["modifierExtension"] = [{"url": "https://x.example"}]

    first, *_ = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert "may mean something else" in first["detail"]


def test_an_intake_that_is_being_amended_is_not_the_last_word(ask, store, people, ids, patient):
    versions.amend(store, response_id=ids["routine"], by=people.ada, now=NOW)

    doubt, _ = cards(ask(called(patient=patient(ids["routine"]))))

    assert (doubt["indicator"], "being amended" in doubt["detail"]) == ("warning", True)


def test_an_intake_behind_which_one_was_withdrawn_is_not_the_last_word(
    app, ask, store, people, maker, ids, patient
):
    house, later = app.extensions["intake"], maker.sent("Maria Duarte", "transplant-patient")
    versions.withdraw(
        store, response_id=later.id, reason="Another patient.", by=people.ben,
        pack_of=house.pack_of, now=NOW, today=house.today(),
    )  # fmt: skip

    doubt, _ = cards(ask(called(patient=patient(ids["routine"]))))

    assert "was withdrawn" in doubt["detail"]


def test_a_system_of_some_sites_is_told_that_others_were_not_looked_at(
    ask, store, people, ids, patient, another
):
    site, issuer = responses.response(store, ids["routine"]).site, "https://one.example"
    let_in(store, people, another, issuer=issuer, site_ids=[site])

    (only,) = cards(ask(called(patient=patient(ids["routine"])), by=another, iss=issuer))
    (nobody,) = cards(ask(called(patient=NOBODY), by=another, iss=issuer))

    assert "Forms of other sites were not looked at." in only["detail"]
    assert "Forms of other sites were not looked at." in nobody["detail"]


def test_answers_that_cannot_be_read_count_as_unknown_and_are_named(ask, exported, ids):
    theirs = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    theirs["item"].append({"linkId": "<b>made up</b>", "answer": [{"valueBoolean": True}]})

    first, *_ = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert first["indicator"] == "warning"
    assert "made up" in first["detail"]


@pytest.mark.parametrize("name", ["\ud800", "\0", ["goals"], None], ids=repr)
def test_an_item_of_any_name_counts_as_unknown(ask, exported, ids, name):
    theirs = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    theirs["item"].append({"linkId": name})

    first, *_ = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert first["summary"].startswith("Some answers could not be read")


def items_in(items):
    """Every item that is answered with a code."""
    for item in items:
        if any("valueCoding" in one for one in item.get("answer", [])):
            yield item
        yield from items_in(item.get("item", []))


@pytest.mark.parametrize("code", [{"system": [], "code": "x"}, {"code": {}}, {}, 7], ids=repr)
def test_a_code_of_any_shape_counts_as_unknown(ask, exported, ids, code):
    theirs = theirs_of(exported(ids["routine"]), NOBODY["birthDate"])
    next(items_in(theirs["item"]))["answer"][0]["valueCoding"] = code

    first, *_ = cards(ask(called(patient=NOBODY, intake=theirs)))

    assert first["summary"].startswith("Some answers could not be read")


def test_without_anything_sent_along_it_says_what_to_send(ask):
    answer = ask({**called(), "prefetch": {"other": {}}})

    assert answer.status_code == 412
    assert answer.content_type == "application/problem+json"
    assert ask({k: v for k, v in called().items() if k != "prefetch"}).status_code == 412


@pytest.mark.parametrize(
    "wrong",
    [
        {"hook": "order-sign"},
        {"hook": None},
        {"hookInstance": "7"},
        {"hookInstance": None},
        {"context": {}},
        {"context": {"patientId": ""}},
        {"context": {"patientId": 7}},
        {"prefetch": []},
    ],
    ids=str,
)
def test_what_no_hook_sends_is_refused(ask, wrong):
    assert ask(called() | wrong).status_code == 400


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '{"hook":1,"hook":2}', "[" * 50_000])
def test_a_body_that_is_none_is_refused(app, ask, key, body):
    headers = {
        "Authorization": f"Bearer {signed(key)}",
        "Content-Type": "application/json",
    }

    answer = app.test_client().post(SERVICE, data=body, headers=headers)

    assert answer.status_code == 400


def test_another_service_is_not_there(ask):
    assert ask(called(), "/cds-services/other").status_code == 404


def test_elements_that_are_not_known_are_ignored(ask, ids, patient):
    more = {"extension": {"x": 1}, "fhirServer": "https://r.example", "fhirAuthorization": {}}

    assert cards(ask(called(patient=patient(ids["stop"])) | more))


class TestSignatures:
    """A request counts once, for this address, while it lasts, by a key that is known."""

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://other.example"},
            {"iss": None},
            {"iss": ""},
            {"aud": "http://localhost/cds-services/other"},
            {"aud": None},
            {"exp": None},
            {"exp": int(NOW.timestamp())},
            {"exp": int((NOW + timedelta(hours=1)).timestamp())},
            {"exp": "soon"},
            {"exp": 10**30},
            {"iat": None},
            {"iat": int((NOW + timedelta(minutes=2)).timestamp())},
            {"iat": 10**30},
            {"nbf": int((NOW + timedelta(minutes=2)).timestamp())},
            {"nbf": "soon"},
            {"jti": None},
            {"jti": ""},
            {"jti": "x" * 201},
            {"jti": "é"},
        ],
        ids=str,
    )
    def test_a_claim_that_does_not_fit_opens_nothing(self, ask, claims):
        assert ask(called(), **claims).status_code == 401

    def test_a_request_signed_at_the_beginning_of_time_is_no_accident(self, ask):
        year_one = -62_135_596_800

        assert ask(called(patient=None), iat=year_one).status_code == 200

    def test_another_key_opens_nothing(self, ask, another):
        assert ask(called(), by=another).status_code == 401

    def test_a_key_of_another_name_opens_nothing(self, ask):
        assert ask(called(), kid="two").status_code == 401

    @pytest.mark.parametrize("alg", ["HS256", "none"])
    def test_what_whoever_checks_could_make_opens_nothing(self, ask, key, alg):
        known_to_both = public(key)["x"] * 2
        token = signed(known_to_both if alg == "HS256" else None, alg=alg)

        answer = ask(called(), headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 401

    def test_a_request_is_answered_once(self, ask, key):
        headers = {"Authorization": f"Bearer {signed(key)}"}

        answers = [ask(called(patient=None), headers=headers).status_code for _ in range(2)]

        assert answers == [200, 401]

    def test_a_token_of_the_api_opens_nothing_here(self, ask, system):
        for role in (ClientRole.READER, ClientRole.SCHEDULER):
            assert ask(called(), headers=system(role).headers).status_code == 401

    def test_a_signature_opens_nothing_of_the_api(self, app, ask, key):
        path = "/api/v1/cases"

        answer = app.test_client().get(
            path, headers={"Authorization": f"Bearer {signed(key, path)}"}
        )

        assert answer.status_code == 401

    def test_a_system_that_is_shut_out_is_out_at_once(self, app, ask, store, people):
        clients.revoke(store, client_id=ask.system.id, by=people.cleo, now=NOW)

        assert ask(called(patient=None)).status_code == 401
        assert app.test_client().get("/cds-services").status_code == 404

    def test_what_was_signed_for_another_clinic_opens_nothing_under_its_name(self, app, ask, key):
        elsewhere = f"http://other.example{SERVICE}"
        headers = {"Authorization": f"Bearer {signed(key, aud=elsewhere)}"}

        answer = app.test_client().post(elsewhere, json=called(patient=None), headers=headers)

        assert answer.status_code == 401

    def test_what_was_signed_for_a_name_of_the_clinic_counts(self, app, ask, key):
        house, ours = app.extensions["intake"], f"http://intake.example{SERVICE}"
        house.settings = replace(house.settings, hosts=("intake.example",))
        headers = {"Authorization": f"Bearer {signed(key, aud=ours)}"}

        answer = app.test_client().post(ours, json=called(patient=None), headers=headers)

        assert answer.status_code == 200

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(text=st.one_of(st.text(max_size=60), st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]*")))
    def test_junk_opens_nothing(self, ask, text):
        line = "".join(letter for letter in text if " " < letter < "\x7f")

        assert ask(called(), headers={"Authorization": f"Bearer {line}"}).status_code == 401


class TestKeys:
    """Which keys a system can be let in by."""

    def add(self, store, people, keys):
        return clients.add_by_key(
            store, name="R", issuer=ISSUER, keys=keys, by=people.cleo, now=NOW
        )

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"keys": []}', '{"keys": [{}]}', "7"])
    def test_what_is_no_set_of_keys_is_refused(self, store, people, text):
        with pytest.raises(AnswerError):
            self.add(store, people, text)

    def test_a_private_key_is_refused(self, store, people, key):
        private = jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True)

        with pytest.raises(AnswerError):
            self.add(store, people, json.dumps({"keys": [{**private, "alg": "ES384"}]}))

    def test_a_secret_that_both_would_know_is_refused(self, store, people):
        shared = {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "alg": "HS256"}

        with pytest.raises(AnswerError):
            self.add(store, people, json.dumps({"keys": [shared]}))

    def test_a_key_of_rsa_is_taken(self, store, people):
        known = rsa.generate_private_key(public_exponent=65537, key_size=2048)

        made = self.add(store, people, json.dumps({"keys": [public(known, alg="RS384")]}))

        assert made.role is ClientRole.DECISION_SUPPORT

    def test_a_short_key_of_rsa_is_refused(self, store, people):
        short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - refused

        with pytest.raises(AnswerError):
            self.add(store, people, json.dumps({"keys": [public(short, alg="RS384")]}))

    @pytest.mark.parametrize("said", [{"use": "enc"}, {"alg": "ES256"}, {"alg": "RS256"}], ids=str)
    def test_a_key_for_something_else_is_refused(self, store, people, key, said):
        one = public(key, alg="ES384") | said

        with pytest.raises(AnswerError):
            self.add(store, people, json.dumps({"keys": [one]}))

    def test_one_name_belongs_to_one_system(self, store, people, key):
        let_in(store, people, key)

        with pytest.raises(ConflictError):
            let_in(store, people, key)


def test_of_other_sites_nothing_is_screened(ask, store, people, ids, patient, another):
    north = sites.open_site(store, name="North", by=people.cleo, now=NOW)
    issuer = "https://north.example"
    let_in(store, people, another, issuer=issuer, site_ids=[north.id])

    (only,) = cards(ask(called(patient=patient(ids["stop"])), by=another, iss=issuer))

    assert only["summary"].startswith("No health history to screen")


def test_that_a_case_was_read_is_in_the_trail(ask, store, ids, patient):
    ask(called(patient=patient(ids["stop"])))

    last = audit.of_subject(store, ids["stop"])[-1]
    assert (last.actor, last.action) == (ask.system.id, "case read")


def said(card, outcome="overridden", **more):
    return {
        "card": card["uuid"],
        "outcome": outcome,
        "outcomeTimestamp": "2026-06-15T10:00:00Z",
    } | more


@pytest.fixture
def feedback(ask):
    def feedback(*items):
        return ask({"feedback": list(items)}, f"{SERVICE}/feedback")

    return feedback


def test_what_is_said_to_a_card_is_kept_with_the_case(ask, feedback, store, ids, patient, ada):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]
    reason = {"reason": card["overrideReasons"][0], "userComment": " Seen in person. "}

    answer = feedback(said(card, overrideReason=reason))

    (one,) = kept.answers_to(store, ids["stop"])
    assert (answer.status_code, answer.json) == (200, {})
    assert (one.outcome, one.reason) == ("overridden", card["overrideReasons"][0]["display"])
    assert one.words.strip() == "Seen in person."
    assert audit.of_subject(store, ids["stop"])[-1].action == "finding overridden elsewhere"
    assert "Seen in person." in ada.get(f"/desk/cases/{ids['stop']}").words


@pytest.mark.parametrize(
    ("decision", "indicator"),
    [
        (Decision(Disposition.DO_NOT_TREAT, "Keloids."), "critical"),
        (Decision(Disposition.REFER, "Which lesion?"), "warning"),
        (Decision(Disposition.DEFER, "Sun.", until=TODAY + timedelta(days=30)), "warning"),
        (Decision(Disposition.NEED_INFORMATION, "Since when?"), "warning"),
    ],
    ids=str,
)
def test_what_a_clinician_decided_against_it_comes_first(
    ask, store, pack, people, ids, patient, decision, indicator
):
    decide.decide(
        store, pack, response_id=ids["routine"], decision=decision, seen=0, by=people.ada,
        now=NOW, today=TODAY,
    )  # fmt: skip

    first = cards(ask(called(patient=patient(ids["routine"]))))[0]

    assert first["indicator"] == indicator
    assert first["summary"].startswith("Decided by a clinician here: ")
    assert DISPOSITION[decision.disposition] in first["summary"]
    assert decision.note not in first["detail"]


def test_that_a_clinician_went_ahead_is_no_card(ask, maker, patient, store):
    ahead = maker.going_ahead("Ann Ahead")

    found = cards(ask(called(patient=patient(ahead.id))))

    assert not [one for one in found if "Decided" in one["summary"]]


def test_what_is_said_to_a_card_goes_out_with_the_finding(
    ask, feedback, ids, patient, system, exported
):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]
    feedback(said(card, overrideReason={"userComment": "Seen in person."}))

    page = system().get(f"/cases/{ids['stop']}/documents/html").text
    issue = exported(ids["stop"], "DetectedIssue")

    assert "Said in other systems" in page
    assert page.count("Seen in person.") == 2  # in words, and in the record inside
    assert issue["status"] == "final"
    assert issue["mitigation"][0]["action"]["text"] == (
        "Overridden in Records, no decision here. Seen in person."
    )


def test_of_a_patient_who_is_erased_no_card_and_no_word_is_left(
    ask, feedback, store, people, ids, patient
):
    found = responses.response(store, ids["stop"])
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]
    feedback(said(card, overrideReason={"userComment": "She told me."}))
    who = patients.patient(store, found.patient_id)

    retention.erase_patient(
        store, record_number=who.record_number, born=who.birth_date, reason="She wrote to us.",
        by=people.cleo, now=NOW + timedelta(days=1),
    )  # fmt: skip

    assert store.rows("SELECT * FROM cards") == store.rows("SELECT * FROM card_answers") == []
    assert feedback(said(card)).status_code == 404
    found = trail_check.check_trail(store, kept=HeadsKept(()), by=people.cleo, now=NOW)
    assert found.faults == ()


def test_the_finding_itself_stays_as_it_is(ask, feedback, store, ids, patient, system):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]
    before = system().get(f"/cases/{ids['stop']}/findings").json

    feedback(said(card))

    assert system().get(f"/cases/{ids['stop']}/findings").json == before
    assert system().get(f"/cases/{ids['stop']}").json["status"] == "waiting"


@pytest.mark.parametrize("empty", [{"overrideReason": None}, {"overrideReason": {}}], ids=str)
def test_feedback_without_a_reason_is_kept(ask, feedback, store, ids, patient, empty):
    first, *_ = cards(ask(called(patient=patient(ids["stop"]))))

    assert feedback(said(first, **empty)).status_code == 200
    (kept_answer,) = kept.answers_to(store, ids["stop"])
    assert (kept_answer.reason, kept_answer.words) == ("", "")


def test_a_reason_of_the_other_systems_own_is_kept_in_its_words(ask, feedback, store, ids, patient):
    first, *_ = cards(ask(called(patient=patient(ids["stop"]))))
    reason = {"code": "x1", "display": "Seen by the tutor", "system": "https://x.example"}
    why = {"reason": reason, "userComment": None}

    assert feedback(said(first, overrideReason=why)).status_code == 200
    (kept_answer,) = kept.answers_to(store, ids["stop"])
    assert (kept_answer.reason, kept_answer.words) == ("", "Seen by the tutor")


def test_the_last_word_to_a_card_counts(ask, feedback, store, ids, patient):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]

    feedback(said(card), said(card, "accepted"))

    assert [one.outcome for one in kept.answers_to(store, ids["stop"])] == ["accepted"]


def test_a_word_that_comes_late_takes_no_later_one_back(ask, feedback, store, ids, patient):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]

    feedback(said(card, "accepted", outcomeTimestamp="2026-06-15T11:00:00Z"))
    feedback(said(card, outcomeTimestamp="2026-06-15T10:00:00Z"))

    assert [one.outcome for one in kept.answers_to(store, ids["stop"])] == ["accepted"]


def test_two_systems_with_one_id_for_a_request_answer_their_own_cards(
    ask, feedback, store, people, ids, patient, another
):
    issuer = "https://north.example"
    let_in(store, people, another, issuer=issuer)
    body = called(patient=patient(ids["stop"]))

    theirs = cards(ask(body, by=another, iss=issuer))[0]
    ours = cards(ask(body))[0]

    assert theirs["uuid"] != ours["uuid"]
    assert feedback(said(ours)).status_code == 200


def test_the_same_request_gives_the_same_cards(ask, ids, patient):
    body = called(patient=patient(ids["stop"]))

    assert cards(ask(body)) == cards(ask(body))


def test_of_cards_that_are_not_known_it_is_said_and_the_others_are_kept(
    ask, feedback, store, ids, patient
):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]

    answer = feedback(said({"uuid": str(uuid4())}), said(card))

    assert answer.status_code == 404
    assert "1 of 2" in answer.json["detail"]
    assert len(kept.answers_to(store, ids["stop"])) == 1


def test_a_card_of_another_system_is_not_known(ask, feedback, store, people, ids, patient, another):
    issuer = "https://north.example"
    let_in(store, people, another, issuer=issuer)
    card = cards(ask(called(patient=patient(ids["stop"])), by=another, iss=issuer))[0]

    assert feedback(said(card)).status_code == 404


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{}],
        [{"card": "x", "outcome": "overridden", "outcomeTimestamp": "2026-06-15T10:00:00Z"}],
        [{"card": CARD, "outcome": "ignored", "outcomeTimestamp": "2026-06-15T10:00:00Z"}],
        [{"card": CARD, "outcome": "accepted", "outcomeTimestamp": "2026-06-15T10:00:00"}],
        [{"card": CARD, "outcome": "accepted"}],
    ],
    ids=str,
)
def test_feedback_that_is_none_is_refused(feedback, items):
    assert feedback(*items).status_code == 400


@pytest.mark.parametrize(
    "said_at",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_feedback_of_another_age_is_refused_and_its_case_stays_readable(
    ask, feedback, store, ids, patient, ada, said_at
):
    card = cards(ask(called(patient=patient(ids["stop"]))))[0]

    answer = feedback(said(card, outcomeTimestamp=said_at))

    assert answer.status_code == 400
    assert kept.answers_to(store, ids["stop"]) == []
    assert ada.get(f"/desk/cases/{ids['stop']}").status == 200


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceType", "entry", "resource", "name", "birthDate", "identifier", "item"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["Patient", "Bundle", "QuestionnaireResponse"])


@pytest.mark.parametrize("entry", [7, 0.5, True, "x", ["x"], None])
def test_a_search_that_found_no_object_has_found_nobody(ask, entry):
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [entry]}

    found = cards(ask(called(patient=bundle)))

    assert found[0]["indicator"] == "warning"


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(kind=KINDS, patient=ANYTHING, intake=ANYTHING)
def test_junk_is_a_card_that_nothing_is_known(ask, kind, patient, intake):
    if isinstance(patient, dict):
        patient = {**patient, "resourceType": kind}

    found = cards(ask(called(patient=patient, intake=intake)))

    assert found[0]["indicator"] == "warning"
