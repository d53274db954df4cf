"""What this clinic makes documents with: its name and clock, its rules, its patients' languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from intake import __version__
from intake.actions.documents import Press
from intake.core.answers import read_stored
from intake.core.translations import in_language
from intake.exports.dossier import AsRead
from intake.web.clinic import current_clinic
from intake.web.languages import in_tongue, said_in
from intake.web.tablet_review import lines_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item
    from intake.core.records import Case
    from intake.core.rules import RulePack


def current_press() -> Press:
    """Return what documents are made with at the clinic of this request."""
    house = current_clinic()
    return Press(
        environment=current_app.extensions["documents"],
        clinic=house.name,
        zone=house.settings.timezone,
        version=__version__,
        pack_of=house.pack_of,
        say=said_in,
        as_read=answers_as_read,
    )


def answers_as_read(
    pack: RulePack, case: Case, languages: Mapping[str, str], times: Mapping[str, datetime]
) -> dict[str, AsRead]:
    """Say the answers that were not given in English as their patient saw them, by link id."""
    zone = current_clinic().settings.timezone
    tags = set(languages.values()) & set(pack.translations)
    said = {tag: in_language(pack, tag).questionnaire.items for tag in tags}
    return {
        link_id: _as_read(tag, said[tag][link_id], raw, times[link_id].astimezone(zone).date())
        for link_id, raw in case.response.answers.items()
        if (tag := languages.get(link_id, "")) in said and link_id in said[tag]
    }


def _as_read(tag: str, item: Item, raw: Raw, day: date) -> AsRead:
    answer = read_stored(item, raw, day)
    return AsRead(tag, item.ask, in_tongue(tag, lambda: lines_for(item, answer, day)))
