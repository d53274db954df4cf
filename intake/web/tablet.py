"""The patients' tablet: one topic a page, a review, a signature, and nothing left behind."""

from __future__ import annotations

from intake.web import (
    tablet_check,
    tablet_company,
    tablet_earlier,
    tablet_entry,
    tablet_install,
    tablet_private,
    tablet_questions,
    tablet_review,
    tablet_visit,
)
from intake.web.tablet_base import bp

ROOMS = (
    tablet_visit,
    tablet_check,
    tablet_company,
    tablet_entry,
    tablet_questions,
    tablet_private,
    tablet_review,
    tablet_earlier,
    tablet_install,
)
"""Each of them adds its views to the blueprint."""

__all__ = ["ROOMS", "bp"]
