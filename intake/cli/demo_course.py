"""The earlier session of a demo patient who comes again: chair, record, a reaction that settled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from intake.actions import treat
from intake.core.treatment import Done, Medium, Noticed, Reply, Said, Zone

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.answers import Raw
    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.storage import Store

_REACTION = "long_reaction"


def said_after_session(on: date) -> dict[str, Raw]:
    """Return what somebody answers who was treated on a day and thinks that all went well."""
    return {
        "treatments": ["needling"],
        "needling_last": on.isoformat(),
        "needling_depth": "long",
        "needling_after": ["none"],
        "home_roller": "no",
    }


def treat_as_if(
    store: Store,
    pack: RulePack,
    response_id: str,
    by: Practitioner,
    now: datetime,
    today: date,
) -> None:
    """Confirm, treat, and note a reaction that took twelve days to settle."""
    treat.confirm(
        store,
        lambda _: pack,
        response_id=response_id,
        said={question.id: Said(Reply.NO) for question in pack.guide.chair},
        by=by,
        now=now,
        today=today,
        day_of=lambda _: today,
    )
    session = treat.record_session(
        store,
        lambda _: pack,
        response_id=response_id,
        done=_done(pack),
        by=by,
        now=now + timedelta(minutes=50),
        today=today,
    )
    last = None
    for days, is_over, words in ((9, False, "Still red on both cheeks."), (12, True, "All gone.")):
        last = treat.add_reaction(
            store,
            pack,
            lambda _: pack,
            session_id=session.id,
            noticed=Noticed(_REACTION, today + timedelta(days=days), is_over, words, last),
            by=by,
            now=now + timedelta(days=days),
            today=today + timedelta(days=days),
        ).id


def _done(pack: RulePack) -> Done:
    return Done(
        device="generic",
        zones=(Zone("face", Decimal("1.0"), 3),),
        endpoint="Even redness, no bleeding.",
        cartridge_lot="C-2291",
        antiseptic="Chlorhexidine 2 %",
        medium=Medium.STERILE_GEL,
        medium_lot="G-118",
        checked=frozenset(duty.id for duty in pack.duties),
    )
