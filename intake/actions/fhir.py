"""Releasing cases as FHIR: one as a bundle, with its lines in the audit trail."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from intake.actions.decide import PRIVATE_READ
from intake.actions.documents import dossier_of
from intake.actions.permission import require_recipient
from intake.actions.reading import CASE_EXPORTED
from intake.exports.fhir.case import collection, definitions, resources, transaction
from intake.exports.fhir.extract import extract_of
from intake.exports.fhir.links import Links
from intake.storage import audit, trail

if TYPE_CHECKING:
    from datetime import datetime

    from intake.actions.documents import Press
    from intake.actions.permission import Recipient
    from intake.exports.fhir.naming import Resource
    from intake.storage import Store


class Bundle(StrEnum):
    """The ways in which a case goes out: to be kept, or to be loaded into a server."""

    COLLECTION = "collection"
    TRANSACTION = "transaction"


def bundle_of(
    store: Store,
    press: Press,
    *,
    response_id: str,
    kind: Bundle,
    by: Recipient,
    now: datetime,
) -> Resource:
    """Return a case as a bundle; that it went out is audited, and that private answers did.

    Args:
        store: Where the case is.
        press: What records are made with.
        response_id: Which case.
        kind: How it goes out.
        by: To whom it goes.
        now: When.

    Raises:
        NotFoundError: there is no such case.
    """
    actor = require_recipient(by)
    dossier = dossier_of(store, press, response_id, press.maker(by, now))
    links = Links(trail.origin(store.connection))
    extract = extract_of(dossier)
    made = resources(extract, definitions(extract.pack, press.say), links)
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action=CASE_EXPORTED, subject=response_id,
            shape=f"fhir {kind}",
        )  # fmt: skip
        if dossier.case.response.answers.keys() & dossier.pack.questionnaire.private:
            audit.append(db, at=now, actor=actor, action=PRIVATE_READ, subject=response_id)
    if kind is Bundle.TRANSACTION:
        return transaction(made)
    return collection(made, extract, links)
