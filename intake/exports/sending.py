"""Sending an event to another system, signed (Standard Webhooks); nothing else here calls anybody.

What is answered is not read, beyond its status; nobody is followed to another address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from intake.core.clients import Event

WAITS_S = 10
LONGEST_URL = 500
SECRET_BEGINS = "whsec_"  # noqa: S105 - how one begins, not one
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where nobody listens in, so that no TLS is needed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of sending.

    Attributes:
        status: Of HTTP; None when there was no answer.
        fault: What went wrong, in words; blank when it arrived.
    """

    status: int | None
    fault: str = ""


def fault_of(url: str, hosts: Collection[str]) -> str:
    """Say why events may not be sent to an address; blank when they may.

    Args:
        url: The address.
        hosts: The computers that the clinic lets events go to.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is no address. Write one such as https://records.example/intake."
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        return f"Write the address in at most {LONGEST_URL} plain characters."
    if not host or parts.username is not None or parts.fragment:
        return "This is no address. Write one such as https://records.example/intake."
    if host not in hosts:
        return (
            "Events may not be sent to that computer. Whoever looks after the server names it in"
            " INTAKE_WEBHOOK_HOSTS."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _HERE):
        return "Events may go there only over https."
    return ""


def message_of(event: Event) -> bytes:
    """Write an event: what happened to which record, and nothing of a patient."""
    said = {
        "type": event.kind.value,
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "data": {"number": event.number, "record": event.subject},
    }
    return json.dumps(said, separators=(",", ":")).encode()


def headers_for(message: bytes, *, message_id: str, secret: str, at: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows who sent a message, and when."""
    moment = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_BEGINS))
    signed = b".".join((message_id.encode(), moment.encode(), message))
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "intake",
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{mac}",
    }


def send(url: str, message: bytes, headers: Mapping[str, str]) -> Answered:
    """Send a message; whatever goes wrong is told, and nothing is raised."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.request("POST", path, message, dict(headers))
        status = connection.getresponse().status
    except ssl.SSLError:
        return Answered(None, "Its certificate is not one that this computer trusts.")
    except TimeoutError:
        return Answered(None, f"It did not answer within {WAITS_S} seconds.")
    except (OSError, HTTPException):
        return Answered(None, "It could not be reached, or did not speak HTTP.")
    finally:
        connection.close()
    is_fine = 200 <= status < 300  # noqa: PLR2004 - the statuses of success
    return Answered(status, "" if is_fine else f"It answered with status {status}.")


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "http":
        made = HTTPConnection(host, port, timeout=WAITS_S)
    else:
        context = ssl.create_default_context()
        made = HTTPSConnection(host, port, timeout=WAITS_S, context=context)
    made.response_class = _Answer
    return made


class _Answer(HTTPResponse):
    """An answer that has to be there in time: its parts may come slowly, and without an end."""

    def __init__(self, sock: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as it is called
        super().__init__(sock, *given, **named)
        self.fp.close()
        self.fp = BufferedReader(_InTime(sock, monotonic() + WAITS_S))


class _InTime(RawIOBase):
    """Reads from a connection until an instant, and not for so long with every part."""

    def __init__(self, sock: Any, until: float) -> None:  # noqa: ANN401 - a socket
        self._sock, self._until = sock, until

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as it is called
        """Read what has come.

        Raises:
            TimeoutError: the time is over.
        """
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return int(self._sock.recv_into(buffer))
