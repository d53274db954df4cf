"""The checks every action at the desk begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.errors import NotAllowedError
from intake.core.review import may_administer, may_see_figures, may_treat_patients

if TYPE_CHECKING:
    from intake.core.records import Practitioner


def require_clinician(who: Practitioner) -> None:
    """Let practitioners and dermatologists pass.

    Raises:
        NotAllowedError: somebody else.
    """
    if not may_treat_patients(who):
        msg = "Only practitioners and dermatologists may do this."
        raise NotAllowedError(msg)


def require_administrator(who: Practitioner) -> None:
    """Let administrators pass.

    Raises:
        NotAllowedError: somebody else.
    """
    if not may_administer(who):
        msg = "Only administrators may do this."
        raise NotAllowedError(msg)


def require_figures(who: Practitioner) -> None:
    """Let those pass who may see figures.

    Raises:
        NotAllowedError: somebody else.
    """
    if not may_see_figures(who):
        msg = "Only clinicians and administrators may do this."
        raise NotAllowedError(msg)
