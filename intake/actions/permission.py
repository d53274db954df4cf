"""The checks every action at the desk begins with."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from intake.core.errors import NotAllowedError
from intake.core.records import Practitioner
from intake.core.review import may_administer, may_see_figures, may_treat_patients

COMMAND_LINE: Final = "command line"
"""Who acts there: anybody who may read the clinic's files may do what an administrator may."""

Operator: TypeAlias = Practitioner | Literal["command line"]
"""Who looks after the clinic."""


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


def require_operator(who: Operator) -> str:
    """Let administrators and the command line pass; returns the actor of what is done.

    Raises:
        NotAllowedError: somebody else.
    """
    if isinstance(who, str):
        return who
    require_administrator(who)
    return who.id
