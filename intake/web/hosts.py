"""The names by which the clinic is called, and which of them are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from werkzeug.exceptions import SecurityError

from intake.web.clinic import HERE, current_clinic

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_one_of(host: str, names: Iterable[str]) -> bool:
    """Tell whether a host, with or without a port, has one of some names; case means nothing."""
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return name.lower() in {known.lower() for known in names}


def refuse_other_hosts() -> None:
    """Refuse a request for a name that is not the clinic's, where the clinic says its names.

    Werkzeug's own list tells upper from lower case and knows no address in brackets.

    Raises:
        SecurityError: it is another's.
    """
    hosts = current_clinic().settings.hosts
    if hosts and not is_one_of(request.host, (*hosts, *HERE)):
        msg = "this is not a name of the clinic"
        raise SecurityError(msg)
