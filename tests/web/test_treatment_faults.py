"""What may go wrong around the day of treatment, and does not."""

import pytest

from intake.actions import submit, versions
from intake.core.records import Signature, SignatureKind
from intake.storage import audit, treatments
from tests.conftest import NOW, TODAY
from tests.web.test_treatment import record

NOTE = {"kind": "severe_allergy", "noticed": str(TODAY), "settled": "no", "said": "TURNED BLUE"}


@pytest.mark.parametrize("how", ["amended", "withdrawn"])
def test_a_reaction_can_be_noted_whatever_became_of_the_form(ada, maker, store, how):
    s = maker.treated("Tilda Treated")
    if how == "withdrawn":
        own = {"by": maker.by, "now": NOW, "today": TODAY, "pack_of": lambda _: maker.pack}
        versions.withdraw(store, response_id=s.response_id, reason="x", **own)
    else:
        new = versions.amend(store, response_id=s.response_id, by=maker.by, now=NOW)
        signed = Signature(SignatureKind.TYPED, submit.STATEMENT, "T T")
        submit.submit(store, maker.pack, response_id=new.id, signature=signed, now=NOW, today=TODAY)
    assert ada.get(f"/desk/patients/{s.patient_id}").status == 200
    ada.post(f"/desk/patients/{s.patient_id}/sessions/{s.id}/reaction", NOTE)
    assert treatments.reactions(store, s.patient_id)


def test_a_note_is_for_the_patient_in_the_address(ada, maker, store):
    one, other = maker.treated("Tilda Treated"), maker.treated("Otto Other")
    ada.post(f"/desk/patients/{one.patient_id}/sessions/{other.id}/reaction", NOTE)
    assert not treatments.reactions(store, other.patient_id)


def test_the_document_and_the_case_tell_of_reactions(ada, maker):
    s = maker.treated("Tilda Treated")
    ada.post(f"/desk/patients/{s.patient_id}/sessions/{s.id}/reaction", NOTE)
    made = ada.post(f"/desk/cases/{s.response_id}/document", {"form": "html", "paper": "a4"})
    assert "TURNED BLUE" in made.html


@pytest.mark.parametrize("part", ["cartridge_lot", "endpoint", "antiseptic"])
def test_a_record_that_shows_nothing_is_none(ada, maker, pack, store, part):
    sent = maker.confirmed("Cora Chair")
    ada.post(f"/desk/cases/{sent.id}/session", {**record(pack), part: "\u200b"})
    assert not treatments.sessions(store, sent.patient_id)


def test_a_case_knows_that_it_was_printed(ada, maker, store):
    sent = maker.sent("Paula Print", "healthy-woman")
    before = len(audit.of_subject(store, sent.id))
    ada.post("/desk/day", {"day": str(TODAY), "form": "html", "paper": "a4"})
    assert len(audit.of_subject(store, sent.id)) > before
