"""What a table says of a finding, a decision or a session: one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.storage import cases, treatments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.decisions import Review
    from intake.core.screening import Finding
    from intake.core.treatment import Done, TreatmentSession
    from intake.storage import Store
    from intake.storage.listing import Listed

PARTS = "parts"
"""Beside its columns a row holds what some of them were put together from, by column: a text with
words somebody typed cannot be taken apart again."""

_CASE = ("record_number", "receipt", "response_id")
_PACK = ("pack_version", "pack_hash")
FINDING_COLUMNS = (
    *_CASE,
    "screened_on",
    "rule",
    "title",
    "met",
    "level",
    "effect",
    "earliest_safe_date",
    "only_vague_dates",
    "label",
    "told_by",
    "could_not_be_judged",
    *_PACK,
)
DECISION_COLUMNS = (
    *_CASE,
    "number",
    "decided_at",
    "decided_by",
    "role",
    "disposition",
    "until",
    "note",
    "overridden",
    "acknowledged",
    *_PACK,
)
SESSION_COLUMNS = (
    *_CASE,
    "session_id",
    "treated_on",
    "treated_by",
    "modality",
    "device",
    "areas",
    "deepest_mm",
    "endpoint",
    "cartridge_lot",
    "antiseptic",
    "medium",
    "anaesthetic",
    "products",
    "not_done",
    "unexpected",
    "differed",
    "next_from",
    *_PACK,
)


def finding_rows(_: Store, listed: Listed) -> Iterator[dict[str, object]]:
    """Yield what the newest screening found, the most serious first."""
    screening = listed.screening
    for finding in screening.findings if screening else ():
        yield {
            **_about(listed),
            "screened_on": screening.on if screening else None,
            **_finding(finding),
        }


def decision_rows(store: Store, listed: Listed) -> Iterator[dict[str, object]]:
    """Yield every decision, oldest first."""
    for review in cases.reviews(store, listed.response_id):
        yield {**_about(listed), **_decision(review)}


def session_rows(store: Store, listed: Listed) -> Iterator[dict[str, object]]:
    """Yield the session that was carried out, if there was one."""
    if session := treatments.session_of(store, listed.response_id):
        yield {**_about(listed), **_session(session), **_done(session.done)}


def _about(listed: Listed) -> dict[str, object]:
    return {
        "record_number": listed.patient.record_number,
        "receipt": listed.receipt,
        "response_id": listed.response_id,
        "pack_version": listed.pack_version,
        "pack_hash": listed.pack_hash,
    }


def _finding(one: Finding) -> dict[str, object]:
    return {
        "rule": one.rule_id,
        "title": one.title,
        "met": one.truth.value,
        "level": one.level.value,
        "effect": one.effect.value,
        "earliest_safe_date": one.earliest_safe_date,
        "only_vague_dates": one.only_dates,
        "label": one.label,
        "told_by": one.teller.value,
        "could_not_be_judged": one.error,
    }


def _decision(one: Review) -> dict[str, object]:
    said = one.decision
    return {
        "number": one.sequence,
        "decided_at": one.at.isoformat(),
        "decided_by": one.by_name,
        "role": one.by_role.value,
        "disposition": said.disposition.value,
        "until": said.until,
        "note": said.note,
        "overridden": "; ".join(f"{o.rule_id}: {o.reason}: {o.words}" for o in said.overrides),
        "acknowledged": "; ".join(sorted(said.acknowledged)),
        PARTS: {
            "overridden": tuple(f"{o.rule_id}: {o.reason}" for o in said.overrides),
            "acknowledged": tuple(sorted(said.acknowledged)),
        },
    }


def _session(one: TreatmentSession) -> dict[str, object]:
    return {
        "session_id": one.id,
        "treated_on": one.on,
        "treated_by": one.by_name,
        "modality": one.modality,
        "next_from": one.next_from,
    }


def _done(done: Done) -> dict[str, Any]:
    numbed = done.anaesthetic
    return {
        "device": done.device,
        "areas": "; ".join(f"{z.area} {z.depth_mm} mm x {z.passes}" for z in done.zones),
        "deepest_mm": done.depth_mm,
        "endpoint": done.endpoint,
        "cartridge_lot": done.cartridge_lot,
        "antiseptic": done.antiseptic,
        "medium": f"{done.medium} {done.medium_lot}".strip(),
        "anaesthetic": " ".join((numbed.product, numbed.strength, numbed.amount, numbed.time))
        if numbed
        else "",
        "products": "; ".join(f"{one.name}, lot {one.lot}" for one in done.products),
        "not_done": done.not_done,
        "unexpected": done.unexpected,
        "differed": done.differed,
        PARTS: {
            "areas": tuple(zone.area for zone in done.zones),
            "medium": (done.medium.value,),
        },
    }
