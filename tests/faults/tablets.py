"""Tablets that speak HTTP to a real server, and send forms of which only that is left to do."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

REVIEW, LOGIN = "/tablet/review", "/desk/sign-in"
PATIENCE_S = 60
_RECEIPT = re.compile(r'class="receipt-number">(\d+)<')
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in the end, redirects followed.

    Attributes:
        status: 0 when nothing came back, because the server was gone.
        seconds: How long all of it took.
    """

    status: int
    page: str
    seconds: float

    @property
    def receipt(self) -> str:
        """The number that tells a patient that the form is kept; blank when none is shown."""
        found = _RECEIPT.search(self.page)
        return found[1] if found else ""


class Browser:
    """Keeps cookies and goes where it is sent."""

    def __init__(self, port: int, **cookies: str) -> None:
        self.port, self.cookies = port, dict(cookies)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form with a token off a page that everybody sees."""
        token = _TOKEN.search(self.get(LOGIN).page)
        assert token, "the page of the sign-in has no form"
        return self.ask("POST", path, {**fields, "csrf_token": token[1]})

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Ask for a page, and follow where that leads."""
        began, status, page, at = time.monotonic(), 0, "", path
        try:
            while at:
                status, page, at = self._once(method, at, form)
                method, form = "GET", None
        except (OSError, HTTPException):
            status, page = 0, ""
        return Answer(status, page, time.monotonic() - began)

    def _once(self, method: str, path: str, form: dict[str, str] | None) -> tuple[int, str, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": jar, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request(method, path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
            for line in answer.headers.get_all("Set-Cookie") or ():
                self._keep(line)
            return answer.status, page, answer.headers.get("Location", "")
        finally:
            connection.close()

    def _keep(self, line: str) -> None:
        for name, cookie in SimpleCookie(line).items():
            if cookie["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value


class Tablet(Browser):
    """A tablet at the last page of a filled form."""

    def __init__(self, port: int, response_id: str, name: str, visit: str) -> None:
        super().__init__(port, intake_visit=visit)
        self.response_id, self.name = response_id, name
        self.before: dict[str, str] = {}
        self.form: dict[str, str] = {}

    def show(self) -> None:
        """Open the page on which the form is signed."""
        answer = self.get(REVIEW)
        token = _TOKEN.search(answer.page)
        assert token, f"no page to sign on, but {answer.status}: {answer.page}"
        self.form = {"csrf_token": token[1], "way": "type", "typed": self.name}
        self.before = dict(self.cookies)

    def send(self) -> Answer:
        """Sign and send, or do so once more, as a second tap or a reload does."""
        self.cookies = dict(self.before)
        return self.ask("POST", REVIEW, self.form)


def show_all(tablets: Iterable[Tablet]) -> None:
    """Open the last page on every tablet."""
    for tablet in tablets:
        tablet.show()


def sending(pool: ThreadPoolExecutor, tablets: Iterable[Tablet]):
    """Let tablets send at the same time; returns what is to come by form."""
    return {tablet.response_id: pool.submit(tablet.send) for tablet in tablets}


def send_all(tablets: list[Tablet]) -> dict[str, Answer]:
    """Let tablets send at the same time, and wait for all answers."""
    with ThreadPoolExecutor(len(tablets)) as pool:
        coming = sending(pool, tablets)
    return {response_id: one.result() for response_id, one in coming.items()}


def receipts(answers: dict[str, Answer]) -> dict[str, str]:
    """Return the receipts that were shown, by form: what the clinic has promised to keep."""
    return {one: answer.receipt for one, answer in answers.items() if answer.receipt}
