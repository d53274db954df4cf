"""A case as FHIR bundles: what is in them, that they read alone, and that it is written down."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import versions
from intake.actions.answer import choose_language
from intake.actions.fhir import Bundle, bundle_of
from intake.core.course import Reply
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotAllowedError, NotFoundError
from intake.core.translations import in_language
from intake.exports.fhir.case import KINDS, definitions
from intake.exports.fhir.naming import CANONICAL
from intake.storage import audit
from tests.actions.conftest import refused
from tests.actions.test_treat import Chair
from tests.conftest import NOW
from tests.exports.fhir.checks import (
    DATE,
    DISPLAYS,
    EXTENSIONS,
    HL7_SYSTEMS,
    INSTANT,
    URN,
    codings,
    empties,
    items,
    last,
    parts,
    references,
)

LATER = NOW + timedelta(hours=1)
VIGNETTES = ("healthy-woman", "pregnant", "triple-therapy", "needling-27", "isotretinoin-now")
ODD = "medicines that nobody knows"
MEDICINES = [{"name": "<b>Zibaloxin</b>\ufffe\x0b", "dose": "\x07 5 mg"}]
STATUSES = {
    "Questionnaire": {"active"},
    "PlanDefinition": {"active"},
    "QuestionnaireResponse": {"in-progress", "completed", "amended", "entered-in-error", "stopped"},
    "Consent": {"active"},
    "MedicationStatement": {"active", "stopped", "unknown"},
    "DetectedIssue": {"final", "preliminary", "amended"},
    "RiskAssessment": {"final"},
    "Flag": {"active", "inactive"},
    "ClinicalImpression": {"completed"},
    "Device": {"active"},
}
DATES = {"birthDate": DATE, "valueDate": DATE, "date": None, "end": None, "start": INSTANT}
INSTANTS = {
    "timestamp", "recorded", "authored", "dateAsserted", "identifiedDateTime", "occurrenceDateTime",
    "effectiveDateTime", "dateTime", "when",
}  # fmt: skip


@pytest.fixture
def bundle(desk, press):
    def act(response_id, kind=Bundle.COLLECTION, by=desk.people.ada, now=LATER):
        return bundle_of(desk.store, press, response_id=response_id, kind=kind, by=by, now=now)

    return act


@pytest.fixture
def decided(desk):
    """A pregnant patient's form that a dermatologist let go ahead."""
    sent = desk.sent("pregnant", name="Maria <script>alert(1)</script>")
    desk.decide(sent.id, Chair(desk).proceed(sent.id), by=desk.people.ben)
    return sent


def of_kind(bundle, kind):
    found = [one["resource"] for one in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def without_times(bundle):
    text = json.dumps(bundle, sort_keys=True)
    return INSTANT.sub("an instant", text)


class TestEveryKindOfCase:
    @pytest.fixture(params=[*VIGNETTES, ODD])
    def made(self, request, desk, bundle):
        if request.param is not ODD:
            return bundle(desk.sent(request.param).id)
        return bundle(desk.sent(takes_medicines="yes", medicines=MEDICINES).id)

    def test_has_nothing_empty_and_no_reference_that_leads_nowhere(self, made):
        known = [one["fullUrl"] for one in made["entry"]]

        assert empties(made) == []
        assert all(URN.fullmatch(one) for one in known)
        assert len(set(known)) == len(known)
        assert set(references(made)) <= set(known)
        assert all(one["fullUrl"] == f"urn:uuid:{one['resource']['id']}" for one in made["entry"])

    def test_has_codes_of_known_systems_with_their_words(self, made):
        for one in codings(made):
            assert one["system"].startswith((CANONICAL, *HL7_SYSTEMS)), one
            if one["system"] != "urn:ietf:bcp:47":
                assert one["display"] == DISPLAYS.get((one["system"], one["code"]), one["display"])

    def test_has_the_statuses_and_severities_of_r4(self, made):
        for entry in made["entry"]:
            one = entry["resource"]
            assert one.get("status", "none") in STATUSES.get(one["resourceType"], {"none"})
        severities = {one["severity"] for one in of_kind(made, "DetectedIssue")}
        assert severities <= {"high", "moderate", "low"}
        assert {one["gender"] for one in of_kind(made, "Patient")} == {"unknown"}

    def test_has_dates_as_they_are_known_and_instants_with_a_zone(self, made):
        for path, value in parts(made):
            if last(path) in INSTANTS:
                assert INSTANT.fullmatch(value), path
            if last(path) in ("birthDate", "valueDate"):
                assert DATE.fullmatch(value), path

    def test_has_extensions_only_where_hl7_put_them(self, made):
        for entry in made["entry"]:
            for path, value in parts(entry["resource"]):
                if last(path) == "extension" and isinstance(value, list):
                    names = {one["url"].rpartition("/")[2] for one in value} - {"lang", "content"}
                    assert all(EXTENSIONS[n] == entry["resource"]["resourceType"] for n in names)

    def test_every_resource_says_in_words_what_it_is(self, made):
        for entry in made["entry"]:
            one = entry["resource"]
            if one["resourceType"] != "Questionnaire":
                assert one["text"]["div"].startswith(
                    '<div xmlns="http://www.w3.org/1999/xhtml"><p>'
                )
                assert "Nothing." not in one["text"]["div"]

    def test_answers_only_what_its_form_asks_in_its_order(self, made):
        (form,), (response,) = (
            of_kind(made, k) for k in ("Questionnaire", "QuestionnaireResponse")
        )
        order = [one["linkId"] for one in items(form)]

        places = [order.index(one["linkId"]) for one in items(response)]

        assert places == sorted(places)
        assert response["questionnaire"] == f"{form['url']}|{form['version']}"
        texts = {one["linkId"]: one["text"] for one in items(form)}
        assert all(one["text"] == texts[one["linkId"]] for one in items(response))


def test_every_finding_is_an_issue_and_what_is_open_says_so(desk, bundle):
    sent = desk.sent(pregnant_now="not_sure", pregnancy=["not_sure"])
    found = desk.case(sent.id).screening.screening.findings

    issues = of_kind(bundle(sent.id), "DetectedIssue")

    assert Counter(one["code"]["coding"][0]["code"] for one in issues) == Counter(
        one.rule_id for one in found
    )
    assert {one["status"] for one in issues} == {"preliminary"}
    assert {one["code"]["coding"][1]["code"] for one in issues} == {"undecided"}


def test_a_decision_is_an_impression_and_takes_nothing_from_the_finding(desk, bundle, decided):
    made = bundle(decided.id)

    (impression,) = of_kind(made, "ClinicalImpression")
    issues = of_kind(made, "DetectedIssue")
    code = impression["finding"][0]["itemCodeableConcept"]["coding"][0]["code"]
    assert code == "proceed"
    assert {one["status"] for one in issues} == {"amended"}
    (device,) = of_kind(made, "Device")
    assert {one["author"]["reference"] for one in issues} == {f"urn:uuid:{device['id']}"}
    assert "Seen at the chair." in issues[0]["mitigation"][0]["action"]["text"]


def test_the_place_in_the_queue_is_a_risk_with_a_reason(desk, bundle, decided):
    (risk,) = of_kind(bundle(decided.id), "RiskAssessment")

    (prediction,) = risk["prediction"]
    assert prediction["qualitativeRisk"]["coding"][0]["code"] == "stop"
    assert "Pregnant" in prediction["rationale"]
    assert "probabilityDecimal" not in prediction


def test_a_reason_not_to_treat_flags_the_patient(desk, bundle, decided):
    flags = of_kind(bundle(decided.id), "Flag")

    assert [one["status"] for one in flags] == ["active"] * len(flags)
    assert flags


def test_what_was_signed_is_kept_with_the_signature(desk, bundle, decided):
    made = bundle(decided.id)

    (consent,) = of_kind(made, "Consent")
    (signed,) = [one for one in of_kind(made, "Provenance") if "signature" in one]
    assert consent["policy"][0]["uri"] == signed["policy"][0]
    assert signed["signature"][0]["sigFormat"] == "text/plain"
    assert f"urn:uuid:{consent['id']}" in {one["reference"] for one in signed["target"]}


def test_words_of_a_patient_do_not_run(desk, bundle, decided):
    text = json.dumps(bundle(decided.id))

    assert "Maria <script>" in text.replace("\\u003c", "<")  # the name itself is as it was given
    assert "<p>Maria <script>" not in text
    assert "Maria &lt;script&gt;" in text


def test_words_hold_nothing_that_fhir_cannot(desk, bundle):
    sent = desk.sent("pregnant", takes_medicines="yes", medicines=MEDICINES)
    decision = Chair(desk).proceed(sent.id)
    overrides = tuple(replace(one, words="Seen\x0b\ufffe.") for one in decision.overrides)
    desk.decide(sent.id, replace(decision, overrides=overrides), by=desk.people.ben)

    texts = [value for _, value in parts(bundle(sent.id)) if isinstance(value, str)]

    assert not [one for one in texts if any(sign in one for sign in "\x07\x0b\ufffe")]
    assert any("Seen." in one for one in texts)


def test_of_a_withdrawn_form_nothing_counts(desk, bundle):
    sent = desk.sent("pregnant", takes_medicines="yes", medicines=[{"name": "warfarin"}])
    desk.decide(sent.id, Decision(Disposition.DO_NOT_TREAT, "No."), by=desk.people.ben)
    desk.withdraw(sent.id, by=desk.people.ben)

    made = bundle(sent.id)

    kinds = (
        *("QuestionnaireResponse", "Consent", "MedicationStatement", "DetectedIssue"),
        *("RiskAssessment", "Flag", "ClinicalImpression"),
    )
    for kind in kinds:
        assert {one["status"] for one in of_kind(made, kind)} == {"entered-in-error"}, kind


def test_a_newer_version_names_the_one_it_takes_the_place_of(desk, bundle):
    old = desk.sent("pregnant")
    begun = versions.amend(desk.store, response_id=old.id, by=desk.people.ada, now=NOW)
    new = desk.send(begun)

    made = bundle(new.id)

    (before,) = of_kind(bundle(old.id), "QuestionnaireResponse")
    replaced = [
        entity["what"]["identifier"]
        for one in of_kind(made, "Provenance")
        for entity in one.get("entity", ())
        if entity["role"] == "revision"
    ]
    assert replaced == [before["identifier"]]


def test_loaded_twice_nothing_that_has_a_number_is_there_twice(desk, bundle):
    sent = desk.sent("pregnant", takes_medicines="yes", medicines=[{"name": "warfarin"}])

    made = bundle(sent.id, Bundle.TRANSACTION)

    asked = [e["request"].get("ifNoneExist") for e in made["entry"]]
    without = {
        e["resource"]["resourceType"]
        for e, one in zip(made["entry"], asked, strict=True)
        if not one
    }
    assert without == {"AuditEvent", "Provenance"}
    known = [one for one in asked if one]
    assert len(set(known)) == len(known)


def test_a_graver_finding_is_not_the_one_that_was_decided_against(desk, bundle):
    sent = desk.sent(pregnant_now="not_sure")
    chair = Chair(desk)
    desk.decide(sent.id, chair.proceed(sent.id), by=desk.people.ben)
    chair.confirm(sent.id, pregnant=Reply.YES)

    (issue,) = (
        one
        for one in of_kind(bundle(sent.id), "DetectedIssue")
        if one["code"]["coding"][0]["code"] == "pregnant"
    )

    assert issue["status"] == "final"
    assert "mitigation" not in issue


def test_a_second_export_is_the_same_apart_from_times(desk, bundle, decided):
    first = bundle(decided.id)

    second = bundle(decided.id, now=LATER + timedelta(minutes=5))

    assert without_times(second) == without_times(first)


def test_the_form_that_is_made_once_of_a_pack_stays_as_it_was_made(desk, bundle, decided, press):
    made = definitions(desk.pack, press.say)

    for kind in Bundle:
        bundle(decided.id, kind)

    assert definitions(desk.pack, press.say) is made
    assert made == definitions(replace(desk.pack), press.say)


def test_a_transaction_asks_a_server_for_what_it_may_know(desk, bundle, decided):
    made = bundle(decided.id, Bundle.TRANSACTION)

    requests = {one["resource"]["resourceType"]: one["request"] for one in made["entry"]}
    assert list(dict.fromkeys(one["request"]["url"] for one in made["entry"])) == [
        kind for kind in KINDS if kind in requests
    ]
    assert {one["method"] for one in requests.values()} == {"POST"}
    assert requests["Patient"]["ifNoneExist"].startswith("identifier=https://")
    assert requests["Questionnaire"]["ifNoneExist"].startswith("url=https://")
    assert "ifNoneExist" not in requests["AuditEvent"]


def test_that_it_went_out_is_written_down(desk, bundle, decided):
    bundle(decided.id)

    lines = [e for e in audit.of_subject(desk.store, decided.id) if e.at == LATER]
    assert [one.action for one in lines] == ["case exported", "private answers read"]
    assert lines[0].detail["shape"] == "fhir collection"


def test_it_is_for_clinicians_and_of_cases_that_are_there(desk, bundle, decided):
    refused(desk.store, NotAllowedError, lambda: bundle(decided.id, by=desk.people.cleo))
    with pytest.raises(NotFoundError):
        bundle("nothing")


def test_a_form_that_is_being_filled_says_so(desk, bundle):
    made = bundle(desk.filled().id)

    (response,) = of_kind(made, "QuestionnaireResponse")
    assert response["status"] == "in-progress"
    assert of_kind(made, "RiskAssessment") == []
    assert of_kind(made, "Consent") == []


def test_what_a_draft_says_in_words_counts_the_questions_that_are_not_answered(desk, bundle):
    begun = desk.begin()

    (response,) = of_kind(bundle(begun.id), "QuestionnaireResponse")

    told = re.findall("<p>(.*?)</p>", response["text"]["div"])
    assert re.fullmatch(r"Not answered: \d+ questions\.", told[-1])
    assert not [line for line in told[:-1] if "Not answered" in line]


def test_a_question_reads_as_the_patient_read_it(desk, bundle, press):
    spanish = choose_language(desk.store, desk.begin(), "es", now=NOW)
    sent = desk.send(desk.fill(spanish))

    made = bundle(sent.id)

    (response,) = of_kind(made, "QuestionnaireResponse")
    texts = {one["linkId"]: one["text"] for one in items(response)}
    asked = in_language(desk.pack, "es").questionnaire.items["keloid_ever"].ask
    assert texts["keloid_ever"] == asked
    assert texts["plan"].startswith("Treatment plan")
    assert response["language"] == "es"


def test_a_deferral_names_its_day(desk, bundle):
    sent = desk.sent()
    until = NOW.date() + timedelta(days=9)
    desk.decide(sent.id, Decision(Disposition.DEFER, "Later.", until=until))

    (impression,) = of_kind(bundle(sent.id), "ClinicalImpression")

    assert f"Until {until}." in impression["summary"]
