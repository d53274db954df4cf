"""The accounts of the desk, as an administrator looks after them.

A password that works once is shown on the page that made it, and nowhere else: not in a message
that waits for the next page, not in an address, not in a log.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import staff
from intake.actions.sites import every_site, works_at
from intake.actions.trail import history_of
from intake.core.errors import AnswerError, ConflictError, StateError
from intake.core.records import Role
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_admin_forms import AccountForm, RoleForm, WorksAtForm
from intake.web.desk_base import bp, by_and_now, form_status, names_of_people, page, see_other

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response as Answer

    from intake.core.records import Practitioner


@bp.get("/accounts")
@open_to(Access.ADMINISTRATOR)
def accounts_page() -> Answer:
    """Show who has an account, and the form for a new one."""
    return _accounts(AccountForm(formdata=None))


@bp.post("/accounts")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def add_account() -> Answer:
    """Add an account; its password is shown on this page and never again."""
    form = AccountForm()
    if not form.validate_on_submit():
        return _accounts(form)
    try:
        made = staff.add(
            current_store(),
            username=form.words("username"),
            name=form.words("name"),
            role=Role(form.role.data),
            by=g.practitioner,
            now=current_clinic().now(),
        )
    except (AnswerError, ConflictError) as refused:
        form.refuse(str(refused))
        return _accounts(form)
    return _accounts(AccountForm(formdata=None), made)


def _accounts(form: AccountForm, made: tuple[Practitioner, str] | None = None) -> Answer:
    now = current_clinic().now()
    return page(
        "accounts",
        form_status(form) if form.errors or form.form_errors else HTTPStatus.OK,
        form=form,
        accounts=staff.list_staff(current_store(), by=g.practitioner, now=now),
        made=made,
    )


@bp.get("/accounts/<account_id>")
@open_to(Access.ADMINISTRATOR)
def account(account_id: str) -> Answer:
    """Show one account: its state, what can be done to it, and what was."""
    return _account(account_id)


def _account(
    account_id: str,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    form: RoleForm | None = None,
    works_at: WorksAtForm | None = None,
    password: str = "",
    refused: str = "",
) -> Answer:
    store, now = current_store(), current_clinic().now()
    found = staff.account(store, account_id=account_id, by=g.practitioner, now=now)
    return page(
        "account",
        status,
        account=found,
        form=form or RoleForm(formdata=None, role=found.who.role.value),
        works_at=works_at or _works_at(found.who),
        sites={site.id: site for site in every_site(store)},
        events=history_of(store, subject=account_id, by=g.practitioner),
        people=names_of_people(),
        password=password,
        refused=refused,
        sessions=staff.sessions(
            store, account_id=account_id, token=g.session_token, **by_and_now()
        ),
        is_own=found.who.id == g.practitioner.id,
    )


def _works_at(who: Practitioner) -> WorksAtForm:
    known = {"everywhere": who.sites is None, "sites": sorted(who.sites or ())}
    return WorksAtForm(formdata=None, data=known).offering(every_site(current_store()))


@bp.post("/accounts/<account_id>/sites")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def change_sites(account_id: str) -> Answer:
    """Say whose cases an account may read."""
    store = current_store()
    staff.account(store, account_id=account_id, **by_and_now())  # not found, before all else
    form = WorksAtForm().offering(every_site(store))
    if not form.validate_on_submit():
        return _account(account_id, form_status(form), works_at=form)
    works_at(store, account_id=account_id, sites_=form.chosen, **by_and_now())
    flash("Whose cases this account may read is changed, from its next page on.")
    return see_other(".account", account_id=account_id)


@bp.post("/accounts/<account_id>/reset")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def reset_account(account_id: str) -> Answer:
    """Give an account a new password that works once."""
    return _with_password(staff.reset, account_id)


@bp.post("/accounts/<account_id>/enable")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def enable_account(account_id: str) -> Answer:
    """Let an account in again, with a password that works once."""
    return _with_password(staff.enable, account_id)


def _with_password(act: Callable[..., str], account_id: str) -> Answer:
    """Do something that makes a password, and show it on this page alone."""
    try:
        password = act(current_store(), account_id=account_id, **by_and_now())
    except StateError as refused:
        return _account(account_id, HTTPStatus.CONFLICT, refused=str(refused))
    return _account(account_id, password=password)


@bp.post("/accounts/<account_id>/role")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def change_role(account_id: str) -> Answer:
    """Give an account another role."""
    store, form = current_store(), RoleForm()
    staff.account(store, account_id=account_id, **by_and_now())  # not found, before all else
    if not form.validate_on_submit():
        return _account(account_id, form_status(form), form=form)
    role = Role(form.role.data)
    try:
        staff.change_role(store, account_id=account_id, role=role, **by_and_now())
    except StateError as refused:
        return _account(account_id, HTTPStatus.CONFLICT, form=form, refused=str(refused))
    flash("The role is changed. The account was signed out everywhere.")
    return see_other(".account", account_id=account_id)


@bp.post("/accounts/<account_id>/disable")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def disable_account(account_id: str) -> Answer:
    """Shut an account out."""
    try:
        staff.disable(current_store(), account_id=account_id, **by_and_now())
    except StateError as refused:
        return _account(account_id, HTTPStatus.CONFLICT, refused=str(refused))
    flash("The account is switched off, and signed out everywhere.")
    return see_other(".account", account_id=account_id)


@bp.post("/accounts/<account_id>/unlock")
@open_to(Access.ADMINISTRATOR)
def unlock_account(account_id: str) -> Answer:
    """Let somebody sign in at once who was locked out by wrong tries."""
    staff.unlock(current_store(), account_id=account_id, **by_and_now())
    flash("What was tried at this account is forgotten. Its owner can sign in now.")
    return see_other(".account", account_id=account_id)


@bp.post("/accounts/<account_id>/second-factor")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def reset_second_factor(account_id: str) -> Answer:
    """Take somebody's second factor away."""
    try:
        staff.reset_second_factor(current_store(), account_id=account_id, **by_and_now())
    except StateError as refused:
        return _account(account_id, HTTPStatus.CONFLICT, refused=str(refused))
    flash("The second factor is gone. The account adds another at its next sign-in.")
    return see_other(".account", account_id=account_id)


@bp.post("/accounts/<account_id>/sessions/<browser_id>/end")
@open_to(Access.ADMINISTRATOR)
def end_session_of_account(account_id: str, browser_id: str) -> Answer:
    """End one session of an account."""
    staff.end_session(current_store(), account_id=account_id, session_id=browser_id, **by_and_now())
    flash("That session is ended.")
    return see_other(".account", account_id=account_id)


@bp.post("/accounts/<account_id>/sign-out")
@open_to(Access.ADMINISTRATOR)
def sign_out_account(account_id: str) -> Answer:
    """End every session of an account."""
    staff.sign_out_everywhere(current_store(), account_id=account_id, **by_and_now())
    flash("The account is signed out everywhere.")
    return see_other(".account", account_id=account_id)
