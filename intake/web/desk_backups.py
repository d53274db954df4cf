"""Backups: what there is, how old the newest is, making one now.

None is sent to the browser: a download would leave every patient's answers in a folder that
nobody looks after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash

from intake.actions import backups
from intake.actions.trail_check import keep_head_of
from intake.core.display import count
from intake.core.errors import StorageError
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, by_and_now, page, see_other

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/backups")
@open_to(Access.ADMINISTRATOR)
def backups_page() -> Answer:
    """Show the backups in the folder."""
    house = current_clinic()
    folder, plan = house.settings.backup_folder, house.rounds.plan
    standing, unreadable = backups.NONE_KNOWN, ""
    try:
        standing = backups.standing_of(current_store(), folder, **by_and_now())
    except StorageError as error:
        unreadable = str(error)
    return page(
        "backups",
        standing=standing,
        unreadable=unreadable,
        found=standing.found,
        folder=folder,
        key_folder=house.settings.key_folder,
        is_encrypted=house.keys.database is not None,
        plan=plan,
        next_at=plan.next_at(standing.newest, house.now()) if house.rounds.are_made else None,
        now=house.now(),
    )


@bp.post("/backups")
@open_to(Access.ADMINISTRATOR)
def back_up() -> Answer:
    """Make a backup now."""
    settings = current_clinic().settings
    made = backups.make_backup(current_store(), settings.backup_folder, **by_and_now())
    now = current_clinic().now()
    keep_head_of(current_store(), settings.heads, now=now, occasion="backup")
    flash(f"{made.path.name} is made and was found sound.")
    return see_other(".backups_page")


@bp.post("/backups/forget")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def forget_backups() -> Answer:
    """Make a new backup, and remove those that still hold what was erased."""
    house = current_clinic()
    gone = backups.forget(current_store(), house.settings.backup_folder, **by_and_now())
    if gone:
        keep_head_of(current_store(), house.settings.heads, now=house.now(), occasion="backup")
        flash(f"A new backup is made, and {count(len(gone), 'older one')} removed.")
    else:
        flash("No backup holds anything that was erased.")
    return see_other(".backups_page")
