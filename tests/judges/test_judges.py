"""What public checkers say of our FHIR, and that they say something of what is broken."""

import copy
import json

import pytest

from intake.actions.export import ExportFilters
from intake.actions.fhir import Bundle, bundle_of
from intake.actions.fhir_bulk import export_bulk
from intake.core.decisions import Decision, Disposition
from intake.core.treatment import Reply
from intake.exports.fhir.codes import code_systems
from intake.exports.fhir.form import one_language, questionnaire
from intake.exports.fhir.rules import plan_definition
from tests.actions.conftest import Desk, press  # noqa: F401 - a fixture
from tests.actions.test_treat import Chair
from tests.conftest import NOW
from tests.judges import faults_in

VIGNETTES = (
    "healthy-woman",
    "pregnant",
    "triple-therapy",
    "needling-27",
    "isotretinoin-now",
    "warfarin-stopped-but-taking-it",
    "aspirin",
)


@pytest.fixture
def desk(store, shipped_pack, people):
    return Desk(store, shipped_pack, {v.id: v for v in shipped_pack.vignettes}, people)


@pytest.fixture
def bundle(desk, press):  # noqa: F811
    def act(response_id, kind=Bundle.COLLECTION):
        return bundle_of(
            desk.store, press, response_id=response_id, kind=kind, by=desk.people.ada, now=NOW
        )

    return act


def test_a_pack_is_fhir(shipped_pack):
    def say(language, words):
        return f"{language}: {words}"

    made = {"form": questionnaire(shipped_pack, say), "rules": plan_definition(shipped_pack)}
    made |= {tag: one_language(shipped_pack, say, tag) for tag in ("en", "es", "ar")}
    made |= {one["url"]: one for one in code_systems(shipped_pack, say)}

    assert {name: found for name, found in faults_in(made).items() if found} == {}


def test_cases_of_every_kind_are_fhir(desk, bundle):
    made = {name: bundle(desk.sent(name).id) for name in VIGNETTES}
    chair = Chair(desk)
    ahead = chair.going_ahead("Maria <b>Bold</b>")
    chair.confirm(ahead.id, pregnant=Reply.YES)
    desk.decide(ahead.id, Decision(Disposition.REFER, "And now?"), seen=1)
    made["told at the chair, referred"] = bundle(ahead.id)
    made["to be loaded"] = bundle(ahead.id, Bundle.TRANSACTION)
    made["being filled"] = bundle(desk.filled(name="Fay Filling").id)

    assert {name: found for name, found in faults_in(made).items() if found} == {}


def test_cases_in_bulk_are_fhir(desk, press, tmp_path):  # noqa: F811
    for name in VIGNETTES:
        desk.sent(name, name=f"Patient {name}")
    ahead = Chair(desk).going_ahead("Maria <b>Bold</b>")
    desk.decide(ahead.id, Decision(Disposition.REFER, "And now?"), seen=1)
    desk.filled(name="Fay Filling")

    export_bulk(
        desk.store, press, tmp_path / "out", filters=ExportFilters(), now=NOW,
        told=lambda *_: None,
    )  # fmt: skip

    made = {
        f"{file.name}:{number}": json.loads(line)
        for file in (tmp_path / "out").glob("*.ndjson")
        for number, line in enumerate(file.read_bytes().splitlines(), start=1)
    }
    assert len(made) > 100
    assert {name: found for name, found in faults_in(made).items() if found} == {}


BROKEN = {
    "gender": ("Patient", lambda one: one.pop("identifier") and one.update(gender=["F"])),
    "a consent without a policy": ("Consent", lambda one: one.pop("policy")),
    "a trail without who asked": (
        "AuditEvent", lambda one: one["agent"][0].pop("requestor"),
    ),
    "a provenance without its instant": ("Provenance", lambda one: one.pop("recorded")),
    "R5's name for the code of an event": (
        "AuditEvent", lambda one: one.update(code=one.pop("type")),
    ),
    "an empty object": ("Patient", lambda one: one["name"].append({})),
    "null": ("RiskAssessment", lambda one: one.update(method=None)),
    "a choice with the value of another type": (
        "QuestionnaireResponse", lambda one: one.update(status=["completed"]),
    ),
    "a date that is none": ("Patient", lambda one: one.update(birthDate="31/12/1990")),
    "an instant without a zone": (
        "Provenance", lambda one: one.update(recorded="2026-06-15T10:00:00"),
    ),
    "a risk over everything": (
        "RiskAssessment", lambda one: one["prediction"][0].update(probabilityDecimal=101),
    ),
}  # fmt: skip


def test_what_is_broken_is_seen(desk, bundle):
    """Each checker is blind somewhere: what both pass over is looked for in our own tests."""
    made = bundle(desk.sent("pregnant").id)
    broken = {}
    for name, (kind, spoil) in BROKEN.items():
        spoiled = copy.deepcopy(
            next(e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind)
        )
        spoil(spoiled)
        broken[name] = spoiled

    faults = faults_in(broken)

    assert [name for name, found in faults.items() if not found] == []


def test_names_that_are_there_twice_are_seen(desk, bundle):
    made = bundle(desk.sent().id)
    made["entry"].append(made["entry"][0])

    assert any("bdl-7" in fault for fault in faults_in({"twice": made})["twice"])
