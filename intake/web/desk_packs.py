"""Rule packs: what is in force, what is kept, checking a new one, putting one in force."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING

from flask import current_app, flash, g

from intake.actions import passes, rule_packs
from intake.actions.impact import number_of_cases
from intake.actions.recall import MOST_COUNTED
from intake.core.comparing import compare, compare_choices
from intake.core.errors import AnswerError, ConflictError, PackError
from intake.core.impact import Group
from intake.core.replay import Direction
from intake.exports.documents import policy_of
from intake.exports.rule_book import rule_book as render_rule_book
from intake.packs.arriving import texts_in_zip, texts_of_files
from intake.storage.passes import Kind
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_admin_forms import ActivateForm, PackForm
from intake.web.desk_base import bp, by_and_now, form_status, names_of_people, page, see_other
from intake.web.desk_impact import stopped_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response as Answer

    from intake.actions.pack_checks import Checked
    from intake.core.comparing import Difference
    from intake.core.rules import RulePack

CALLING_BACK = (
    "Every case is held against it now. Patients for whom it is stricter are called back; those who"
    " treat them find them under Recalls."
)
IN_FORCE_ALREADY = "This pack is in force already: somebody put it there. Nothing was changed."
CHECKS_IN_MEMORY = 4
_ONE_AT_A_TIME = Lock()
"""A check takes a processor for many seconds; two at once would keep the tablets waiting."""

_found: dict[tuple[str, str], Checked] = {}
"""What the last checks found, by hash and day: reading it again takes no second check."""


@bp.get("/packs")
@open_to(Access.ADMINISTRATOR)
def packs_page() -> Answer:
    """Show the pack in force, every pack kept, and the form for a new one."""
    return _packs(PackForm(formdata=None))


def _packs(
    form: PackForm, status: HTTPStatus = HTTPStatus.OK, problems: tuple[str, ...] = ()
) -> Answer:
    house = current_clinic()
    histories = rule_packs.list_packs(current_store(), by=g.practitioner)
    on_disk = current_store(), house.settings.rules, house.settings.clinic_file
    is_edited = rule_packs.differ_on_disk(*on_disk)
    return page(
        "packs",
        status,
        form=form,
        pack=house.pack,
        in_force=next(one for one in histories if one.is_in_force),
        not_reviewed=sum(1 for rule in house.pack.rules if not rule.is_reviewed),
        rules=house.settings.rules,
        is_edited=is_edited,
        earlier=rule_packs.earlier_on_disk(*on_disk) if is_edited else "",
        beside=passes.running_beside(current_store(), by=g.practitioner),
        histories=sorted(histories, key=lambda one: not one.is_in_force),
        people=names_of_people(),
        problems=problems,
    )


@bp.post("/packs")
@open_to(Access.ADMINISTRATOR)
def check_pack() -> Answer:
    """Check a pack that was sent, and keep it if it can be loaded; it is not put in force."""
    form = PackForm()
    if not form.validate_on_submit():
        return _packs(form, form_status(form))
    try:
        files = _sent(form)
        if not files:
            form.refuse("Choose a zip of the pack’s folder, or the folder itself.")
            return _packs(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        found = _checked(rule_packs.with_choices_in_force(current_store(), files))
    except PackError as error:
        return _packs(form, HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
    return see_other(".pack_page", pack_hash=found.pack.hash)


def _sent(form: PackForm) -> dict[str, str]:
    """Return the files that were sent, by name; none when nothing was chosen."""
    if form.packed.data and form.packed.data.filename:
        return texts_in_zip(form.packed.data.read())
    chosen = [file for file in form.folder.data or () if file and file.filename]
    return texts_of_files((file.filename, file.read()) for file in chosen) if chosen else {}


def checked_alone(act: Callable[[], Checked]) -> Checked:
    """Check a pack by *act* while no other is being checked, and remember what was found.

    Raises:
        PackError: it cannot be loaded.
        ConflictError: another one is being checked.
    """
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        msg = "Another pack is being checked. Wait half a minute and send this one again."
        raise ConflictError(msg)
    try:
        found = act()
    finally:
        _ONE_AT_A_TIME.release()
    while len(_found) >= CHECKS_IN_MEMORY:
        _found.pop(next(iter(_found)))
    _found[found.pack.hash, str(current_clinic().today())] = found
    return found


def _checked(files: Mapping[str, str]) -> Checked:
    store, today = current_store(), current_clinic().today()
    return checked_alone(
        lambda: rule_packs.check_and_keep(store, files, today=today, **by_and_now())
    )


@bp.get("/packs/<pack_hash>")
@open_to(Access.ADMINISTRATOR)
def pack_page(pack_hash: str) -> Answer:
    """Show a kept pack: its history, what was found about it, and what it would change."""
    return _pack(pack_hash, None)


def _pack(pack_hash: str, form: ActivateForm | None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    house = current_clinic()
    history = rule_packs.history_of(current_store(), hash_=pack_hash, by=g.practitioner)
    try:
        pack = house.pack_of(pack_hash)
    except PackError as error:
        return page("pack_unusable", history=history, problems=error.problems)
    differences = [] if history.is_in_force else _differences(house.pack, pack)
    foreseen = {} if history.is_in_force else _impact(pack_hash)
    return page(
        "pack",
        status,
        pack=pack,
        history=history,
        in_force=house.pack,
        form=form or ActivateForm(formdata=None, reason=_whys(house.pack, pack)),
        found=_found.get((pack_hash, str(house.today()))),
        kinds=_by_kind(differences),
        ways={way: _ways(differences, way) for way in ("stricter", "milder")},
        not_reviewed=sum(1 for rule in pack.rules if not rule.is_reviewed),
        people=names_of_people(),
        today=house.today(),
        **foreseen,
        booked=Group.BOOKED,
        higher=Direction.HIGHER,
        lower=Direction.LOWER,
    )


def _impact(pack_hash: str) -> dict[str, object]:
    """Return what a pack would do to patients, as they are now: to all, or else to a few.

    A look at all of them that was stopped, or before which others came, tells too little to put
    rules in force on.
    """
    store, by = current_store(), g.practitioner
    whole = passes.standing_of(store, Kind.IMPACT, hash_=pack_hash, by=by)
    if whole is not None and whole.is_of_now:
        first, is_sample = whole.one.impact, False
    else:
        today = current_clinic().today()
        first, looked = passes.preview(store, hash_=pack_hash, by=by, today=today)
        is_sample = looked < number_of_cases(store)
    return {
        "first": first,
        "is_sample": is_sample,
        "whole": whole,
        "stopped": stopped_of(whole),
        "are_any_screened": passes.are_any_screened(store),
        "open_recalls": passes.open_recalls(store, by=by, most=MOST_COUNTED),
        "most_counted": MOST_COUNTED,
    }


def _whys(old: RulePack, new: RulePack) -> str:
    """Return why the clinic chose what it chooses in *new* and not in *old*."""
    before = old.choices
    return " ".join(dict.fromkeys(one.why for one in new.choices if one not in before))


def _differences(old: RulePack, new: RulePack) -> list[Difference]:
    return [*compare_choices(old, new), *compare(old, new)]


def _ways(differences: list[Difference], way: str) -> int:
    """Count the rules that become stricter, or milder, in some way."""
    return len({one.about for one in differences if one.way == way})


def _by_kind(differences: list[Difference]) -> list[tuple[str, list[tuple[str, list[Difference]]]]]:
    """Group differences by what they are about, under the heading of its kind."""
    heading = {about: _heading(about) for about in {one.about for one in differences}}
    ordered = sorted(differences, key=lambda one: (_HEADINGS.index(heading[one.about]), one.about))
    return [
        (title, [(about, list(lines)) for about, lines in groupby(under, lambda one: one.about)])
        for title, under in groupby(ordered, lambda one: heading[one.about])
    ]


_OF_KIND = {
    "rule": "Rules",
    "sign-off": "Sign-offs",
    "question": "Questions and pages",
    "page": "Questions and pages",
    "setting": "Settings",
    "medicine": "Medicines",
    "class": "Medicines",
    "label": "Device labels",
}
_HEADINGS = [
    "Rules", "Sign-offs", "Settings", "Device labels", "Questions and pages", "Medicines",
    "The rest",
]  # fmt: skip


def _heading(about: str) -> str:
    return _OF_KIND.get(about.partition(" ")[0], "The rest")


@bp.get("/packs/<pack_hash>/book")
@open_to(Access.ADMINISTRATOR)
def pack_book(pack_hash: str) -> Answer:
    """Show a kept pack as one document to read and print."""
    house, documents = current_clinic(), current_app.extensions["documents"]
    rule_packs.history_of(current_store(), hash_=pack_hash, by=g.practitioner)
    try:
        text = render_rule_book(house.pack_of(pack_hash), documents, house.today())
    except PackError:
        return see_other(".pack_page", pack_hash=pack_hash)
    answer = current_app.make_response(text)
    answer.headers["Content-Security-Policy"] = policy_of(documents)
    return answer


@bp.post("/packs/<pack_hash>/check")
@open_to(Access.ADMINISTRATOR)
def check_again(pack_hash: str) -> Answer:
    """Check a kept pack again, for today."""
    with suppress(PackError):  # its page says what is wrong
        _checked(rule_packs.files_of(current_store(), pack_hash))
    return see_other(".pack_page", pack_hash=pack_hash)


@bp.post("/packs/<pack_hash>/activate")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def activate_pack(pack_hash: str) -> Answer:
    """Put a kept pack in force for new intakes."""
    found = rule_packs.history_of(current_store(), hash_=pack_hash, by=g.practitioner)
    if found.is_in_force:
        flash(IN_FORCE_ALREADY)
        return see_other(".packs_page")
    rule_packs.require_may_be_put_in_force(found)
    form = ActivateForm()
    if not form.validate_on_submit():
        return _pack(pack_hash, form, form_status(form))
    try:
        pack = rule_packs.put_in_force(
            current_store(),
            hash_=pack_hash,
            seen=form.words("seen"),
            reason=form.words("reason"),
            despite_problems=form.despite_problems.data,
            today=current_clinic().today(),
            **by_and_now(),
        )
    except AnswerError as refused:
        form.refuse(str(refused))
        return _pack(pack_hash, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError as late:
        form.seen.data = ""  # the page compares with the pack that is in force now
        form.refuse(f"{late} Read what would change now, and send it again.")
        return _pack(pack_hash, form, HTTPStatus.CONFLICT)
    except PackError:
        return see_other(".pack_page", pack_hash=pack_hash)
    flash(f"{pack.name} {pack.version} is in force for new intakes. {CALLING_BACK}")
    return see_other(".packs_page")
