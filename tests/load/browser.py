"""A browser as far as a load needs one: one kept connection, cookies, and the fields of a page."""

from __future__ import annotations

import gzip
import html
import re
import time
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.load.figures import Figures

PATIENCE_S = 120
"""After how long an answer counts as none."""
REST_S = 20
"""A connection that rested longer is made anew: the server lets go of one after half a minute."""

_CONTROL = re.compile(r"<(?:input|textarea|select)\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_TOKEN = r'data-token="([^"]*)"'
Fields = dict[str, list[str]]


class RefusedError(Exception):
    """The server answered otherwise than it should; the message names no patient's datum."""


@dataclass(frozen=True)
class Answer:
    """One answer of the server.

    Attributes:
        to: Where the browser is sent, as path and query; blank when it stays.
    """

    status: int
    text: str
    to: str
    kind: str

    @cached_property
    def controls(self) -> list[dict[str, str]]:
        """The attributes of every control, in order."""
        found = (dict(_ATTRIBUTE.findall(tag)) for tag in _CONTROL.findall(self.text))
        return [{k: html.unescape(v) for k, v in one.items()} for one in found if "name" in one]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(one["name"] for one in self.controls)

    def hidden(self, *names: str) -> Fields:
        """Return the hidden fields of these names."""
        sent: Fields = {}
        for one in self.controls:
            if one.get("type") == "hidden" and one["name"] in names:
                sent.setdefault(one["name"], []).append(one["value"])
        return sent

    @property
    def token(self) -> Fields:
        """What every form sends along, and what a device says of itself."""
        found = self.hidden("csrf_token").get("csrf_token") or [self.words_of(_TOKEN)]
        return {"csrf_token": found[:1]}

    def words_of(self, pattern: str) -> str:
        """Return the words a pattern finds first; blank for none."""
        found = re.search(pattern, self.text, re.DOTALL)
        return html.unescape(found[1]).strip() if found else ""


class Browser:
    """Somebody's browser; no two threads share one."""

    patience_s: float = PATIENCE_S

    def __init__(self, port: int, figures: Figures) -> None:
        self.port, self.figures = port, figures
        self.cookies: dict[str, tuple[str, str]] = {}
        self._connection: HTTPConnection | None = None
        self._used = 0.0
        self.asked = 0
        """How many requests it has made."""

    def get(self, path: str, kind: str = "") -> Answer:
        return self._ask("GET", path, kind)

    def post(self, path: str, fields: Mapping[str, list[str]], kind: str = "") -> Answer:
        return self._ask("POST", path, kind, urlencode(dict(fields), doseq=True))

    def twin(self) -> Browser:
        """Return another connection of the same browser."""
        twin = Browser(self.port, self.figures)
        twin.cookies = dict(self.cookies)
        return twin

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _ask(self, method: str, path: str, kind: str, body: str | None = None) -> Answer:
        headers = {"Accept-Encoding": "gzip", "Cookie": self._cookies_for(path)}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.asked += 1
        start = time.perf_counter()
        try:
            connection = self._connected()
            connection.request(method, path, body, headers)
            found = connection.getresponse()
            sent = found.read()
        except (OSError, HTTPException) as error:
            self.close()
            msg = f"{kind or method}: {type(error).__name__}"
            raise RefusedError(msg) from error
        if kind:
            self.figures.add(kind, (time.perf_counter() - start) * 1000)
        self._used = time.monotonic()
        for line in found.headers.get_all("Set-Cookie", []):
            self._keep(line)
        if found.headers.get("Content-Encoding") == "gzip":
            sent = gzip.decompress(sent)
        to = urlsplit(found.headers.get("Location", ""))
        where = f"{to.path}?{to.query}" if to.query else to.path
        return Answer(found.status, sent.decode("utf-8"), where, kind or method)

    def _connected(self) -> HTTPConnection:
        if self._connection is None or time.monotonic() - self._used > REST_S:
            self.close()
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=self.patience_s)
        return self._connection

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = (morsel.value, morsel["path"] or "/")

    def _cookies_for(self, path: str) -> str:
        return "; ".join(
            f"{name}={value}" for name, (value, at) in self.cookies.items() if path.startswith(at)
        )


def require(answer: Answer, *statuses: int) -> Answer:
    """Return an answer that has one of these statuses.

    Raises:
        RefusedError: it has another.
    """
    if answer.status not in statuses:
        msg = f"{answer.kind}: {answer.status} {urlsplit(answer.to).path}".rstrip()
        raise RefusedError(msg)
    return answer
