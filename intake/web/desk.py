"""The practitioners' desk: one blueprint, furnished by its rooms."""

from __future__ import annotations

from intake.web import (
    desk_account,
    desk_again,
    desk_audit,
    desk_backups,
    desk_case,
    desk_choices,
    desk_course,
    desk_day,
    desk_documents,
    desk_entry,
    desk_export,
    desk_figures,
    desk_intake,
    desk_keys,
    desk_packs,
    desk_paper,
    desk_queue,
    desk_retention,
    desk_rules,
    desk_settings,
    desk_sites,
    desk_staff,
    desk_tablets,
    desk_treatment,
)
from intake.web.desk_base import bp

ROOMS = (
    desk_account,
    desk_keys,
    desk_queue,
    desk_intake,
    desk_entry,
    desk_paper,
    desk_case,
    desk_again,
    desk_treatment,
    desk_course,
    desk_documents,
    desk_day,
    desk_rules,
    desk_figures,
    desk_export,
    desk_staff,
    desk_sites,
    desk_tablets,
    desk_packs,
    desk_choices,
    desk_settings,
    desk_backups,
    desk_retention,
    desk_audit,
)
"""Each of them adds its views to the blueprint."""

__all__ = ["ROOMS", "bp"]
