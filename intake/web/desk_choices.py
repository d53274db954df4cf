"""What the clinic chose for itself about the rules: reading it, changing it, taking it back."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from intake.actions import choices, rule_packs
from intake.core.errors import PackError
from intake.packs.choosing import KINDS
from intake.packs.draft import CLINIC
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_admin_forms import ChoiceForm
from intake.web.desk_base import bp, by_and_now, form_status, page, see_other
from intake.web.desk_packs import checked_alone

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.actions.choices import Choosable, Chosen
    from intake.core.rules import RulePack

USUAL_SPAN = timedelta(days=365)
"""For how long a choice is offered to count."""

_written: dict[str, RulePack] = {}
"""The pack in force as its authors wrote it, by its hash: reading it takes seconds."""


def _as_written() -> RulePack:
    pack = current_clinic().pack
    if not pack.choices:
        return pack
    if pack.hash not in _written:
        found = choices.written_pack(current_store(), pack.hash, current_clinic().today())
        _written.clear()
        _written[pack.hash] = found
    return _written[pack.hash]


def _chosen() -> list[Chosen]:
    return choices.chosen_in(rule_packs.files_in_force(current_store()), _as_written())


@bp.get("/choices")
@open_to(Access.ADMINISTRATOR)
def choices_page() -> Answer:
    """Show what the clinic chose, who answers for it, and what else can be chosen."""
    house, written = current_clinic(), _as_written()
    offers = {kind: sum(1 for _ in choices.choosables(written, kind)) for kind in KINDS}
    return page(
        "choices",
        chosen=_chosen(),
        offers=offers,
        pack=house.pack,
        today=house.today(),
        lapses_soon=choices.LAPSES_SOON,
        file=house.settings.clinic_file,
    )


@bp.get("/choices/<kind>")
@open_to(Access.ADMINISTRATOR)
def choosables(kind: str) -> Answer:
    """Show everything of a kind about which the clinic may choose."""
    found = list(choices.choosables(_as_written(), kind))
    chosen = {one.name: one for one in _chosen() if one.kind == kind}
    return page("choosables", kind=kind, every=found, chosen=chosen)


@bp.get("/choices/<kind>/<name>")
@open_to(Access.ADMINISTRATOR)
def choice(kind: str, name: str) -> Answer:
    """Ask what is chosen about one thing, who answers for it, why and until when."""
    about = choices.choosable(_as_written(), kind, name)
    there = _there(kind, name)
    until = current_clinic().today() + USUAL_SPAN
    form = ChoiceForm(formdata=None, value=there.value if there else "", until=until)
    return _choice(form.offering(about), about)


def _there(kind: str, name: str) -> Chosen | None:
    return next((one for one in _chosen() if (one.kind, one.name) == (kind, name)), None)


def _choice(form: ChoiceForm, about: Choosable, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    there = _there(about.kind, about.name)
    return page("choice", status, form=form, about=about, there=there)


@bp.post("/choices/<kind>/<name>")
@open_to(Access.ADMINISTRATOR)
def choose(kind: str, name: str) -> Answer:
    """Check and keep a choice; its page shows what it changes, before it is put in force."""
    about = choices.choosable(_as_written(), kind, name)
    form = ChoiceForm().offering(about)
    if not form.validate_on_submit() or form.until.data is None:
        return _choice(form, about, form_status(form))
    store, today = current_store(), current_clinic().today()
    proposal = choices.Proposal(
        about, form.words("value"), form.words("lead"), form.words("why"), form.until.data
    )
    try:
        found = checked_alone(lambda: choices.propose(store, proposal, today=today, **by_and_now()))
    except PackError as refused:
        for problem in refused.problems:
            form.refuse(_own_words(problem))
        return _choice(form, about, HTTPStatus.UNPROCESSABLE_ENTITY)
    return see_other(".pack_page", pack_hash=found.pack.hash)


def _own_words(problem: str) -> str:
    """Leave out where it stands, if it stands in the file that was just written."""
    place, _, words = problem.partition(": ")
    return words if place.startswith(f"{CLINIC}:") else problem


@bp.post("/choices/<kind>/<name>/end")
@open_to(Access.ADMINISTRATOR)
def end_choice(kind: str, name: str) -> Answer:
    """Check and keep the pack without a choice; its page shows what that changes."""
    if _there(kind, name) is None:
        choices.choosable(_as_written(), kind, name)  # not found, before all else
    store, today = current_store(), current_clinic().today()
    found = checked_alone(
        lambda: choices.take_back(store, kind=kind, name=name, today=today, **by_and_now())
    )
    return see_other(".pack_page", pack_hash=found.pack.hash)
