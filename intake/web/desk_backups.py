"""Backups: what there is, how old the newest is, making one now.

None is sent to the browser: a download would leave every patient's answers in a folder that
nobody looks after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import backups
from intake.core.display import count
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, by_and_now, page, see_other

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/backups")
@open_to(Access.ADMINISTRATOR)
def backups_page() -> Answer:
    """Show the backups in the folder."""
    house = current_clinic()
    found = backups.list_backups(house.settings.backup_folder, by=g.practitioner)
    newest = found[0].made_at if found else None
    return page(
        "backups",
        found=found,
        folder=house.settings.backup_folder,
        data=house.settings.data,
        newest=newest,
        is_too_old=newest is None or house.now() - newest > backups.TOO_OLD,
        now=house.now(),
    )


@bp.post("/backups")
@open_to(Access.ADMINISTRATOR)
def back_up() -> Answer:
    """Make a backup now."""
    folder = current_clinic().settings.backup_folder
    made = backups.make_backup(current_store(), folder, **by_and_now())
    flash(f"{made.path.name} is made and was found sound.")
    return see_other(".backups_page")


@bp.post("/backups/forget")
@open_to(Access.ADMINISTRATOR)
def forget_backups() -> Answer:
    """Make a new backup, and remove those that still hold what was erased."""
    folder = current_clinic().settings.backup_folder
    gone = backups.forget(current_store(), folder, **by_and_now())
    if gone:
        flash(f"A new backup is made, and {count(len(gone), 'older one')} removed.")
    else:
        flash("No backup holds anything that was erased.")
    return see_other(".backups_page")
