"""The checks every action at the desk begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from intake.core.clients import ApiClient, ClientRole
from intake.core.errors import NotAllowedError
from intake.core.records import Practitioner
from intake.core.review import (
    may_administer,
    may_read_cases,
    may_see_figures,
    may_treat_patients,
)
from intake.storage import people

if TYPE_CHECKING:
    from intake.storage import Store

COMMAND_LINE: Final = "command line"
"""Who acts there: anybody who may read the clinic's files may do what an administrator may."""

SERVER: Final = "server"
"""Who acts when the program does something by itself that it was set to do."""

Operator: TypeAlias = Practitioner | Literal["command line", "server"]
"""Who looks after the clinic."""


Recipient: TypeAlias = Practitioner | ApiClient | None
"""To whom a record goes out: a person, another system, or with None the command line."""


def require_recipient(who: Recipient) -> str:
    """Let those pass whom records may be handed to; returns the actor of what is done.

    Raises:
        NotAllowedError: somebody else.
    """
    if who is None:
        return COMMAND_LINE
    if isinstance(who, ApiClient):
        require_system(who, ClientRole.READER)
    else:
        require_clinician(who)
    return who.id


def require_system(who: ApiClient, role: ClientRole) -> None:
    """Let other systems pass that are let in for something.

    Raises:
        NotAllowedError: it is let in for something else.
    """
    if who.role is not role:
        msg = f"This token is for a {who.role}; only a {role} may do this."
        raise NotAllowedError(msg)


def require_clinician(who: Practitioner) -> None:
    """Let practitioners and dermatologists pass.

    Raises:
        NotAllowedError: somebody else.
    """
    if not may_treat_patients(who):
        msg = "Only practitioners and dermatologists may do this."
        raise NotAllowedError(msg)


def require_reader(who: Practitioner) -> None:
    """Let those pass who may look at cases, in an emergency for instance.

    Raises:
        NotAllowedError: somebody else.
    """
    if not may_read_cases(who):
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
    """Let administrators, the command line and the server pass; returns the actor of what is done.

    Raises:
        NotAllowedError: somebody else.
    """
    if isinstance(who, str):
        return who
    require_administrator(who)
    return who.id


def require_operator_still(store: Store, who: Operator) -> str:
    """Let those pass who are an operator at this moment too, after a wait; held under the lock.

    Raises:
        NotAllowedError: the account was given another role, or switched off, in the meantime.
    """
    if isinstance(who, str):
        return who
    found = people.practitioner(store, who.id)
    if found is None:
        msg = "Only administrators may do this."
        raise NotAllowedError(msg)
    return require_operator(found)
