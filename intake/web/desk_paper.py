"""The questionnaire on paper, for those who will not use a tablet."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import abort, current_app, render_template, url_for

from intake.actions.answer import asked_items
from intake.actions.submit import STATEMENT
from intake.core.body_picture import sides_of
from intake.core.translations import AREAS, SOURCE_LANGUAGE
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic
from intake.web.desk_base import bp, page
from intake.web.desk_intake import case_being_filled
from intake.web.languages import gettext, in_tongue
from intake.web.paper import asked_of_everybody, parts_of
from intake.web.tablet_dates import band_choices
from intake.web.tablet_medicines import ROUTES, STATUSES, MedicinesQuestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response as Answer

    from intake.core.questionnaire import Item, Page
    from intake.core.records import Case
    from intake.core.rules import RulePack

MEDICINE_ROWS = 8
"""Blank rows for medicines."""


@bp.get("/paper")
@open_to(Access.CLINICIAN)
def paper() -> Answer:
    """Choose the language of a blank form."""
    pack = current_clinic().pack
    return page("paper", pack=pack, case=None, offered=current_clinic().languages(pack))


@bp.get("/paper/<language>")
@open_to(Access.CLINICIAN)
def blank_paper(language: str) -> Answer:
    """Show a blank form, to print."""
    return _form(current_clinic().pack, language, None)


@bp.get("/cases/<response_id>/paper")
@open_to(Access.CLINICIAN)
def case_paper(response_id: str) -> Answer:
    """Choose the language of a form with a patient's name on it."""
    case = case_being_filled(response_id)
    pack = current_clinic().pack_of(case.response.pack_hash)
    return page("paper", pack=pack, case=case, offered=current_clinic().languages(pack))


@bp.get("/cases/<response_id>/paper/<language>")
@open_to(Access.CLINICIAN)
def paper_of(response_id: str, language: str) -> Answer:
    """Show the form of one patient, to print: with name, birth date and what is planned."""
    case = case_being_filled(response_id)
    return _form(current_clinic().pack_of(case.response.pack_hash), language, case)


def _form(pack: RulePack, language: str, case: Case | None) -> Answer:
    house = current_clinic()
    if language not in house.languages(pack):
        abort(HTTPStatus.NOT_FOUND)
    said = house.said_in(pack, language)
    translation = pack.translations.get(language) if language != SOURCE_LANGUAGE else None
    text = in_tongue(language, lambda: _text(said, pack, case, translation=translation))
    return current_app.make_response(text)


def _text(said: RulePack, pack: RulePack, case: Case | None, **context: object) -> str:
    """Write the form in the language that is spoken now."""

    def of_case(topic: Page) -> Iterable[Item]:
        """Leave out what the plan rules out; answers given on a tablet change nothing here."""
        blank = replace(case.response, answers={}) if case else None
        ours = asked_items(pack, blank, topic, current_clinic().today()) if blank else ()
        return tuple(item for item in topic.items if item.link_id in {one.link_id for one in ours})

    return render_template(
        "paper/form.html",
        parts=parts_of(said, of_case if case else asked_of_everybody),
        back=url_for(".case_paper", response_id=case.response.id) if case else url_for(".paper"),
        patient=case.patient if case else None,
        planned=_areas(said, case) if case else (),
        pack=pack,
        areas=_area_names(said),
        bands=band_choices(pack, pack.questionnaire.items.values()),
        sides_of=sides_of,
        statuses=STATUSES,
        routes=ROUTES,
        others=MedicinesQuestion.more,
        rows=MEDICINE_ROWS,
        statement=gettext(STATEMENT),
        today=current_clinic().today(),
        **context,
    )


def _area_names(said: RulePack) -> dict[str, str]:
    area = said.items.get(AREAS)
    return {option.code: option.text for option in area.options} if area else {}


def _areas(said: RulePack, case: Case) -> tuple[str, ...]:
    planned = case.response.plan.get("area")
    codes = planned if isinstance(planned, list) else []
    return tuple(text for code, text in _area_names(said).items() if code in codes)
