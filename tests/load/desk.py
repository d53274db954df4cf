"""People at the desk, signed in with a second factor: lists are read, and what else goes on."""

from __future__ import annotations

import re
import shutil
import threading
import time
from typing import TYPE_CHECKING

from intake.resources import folder
from tests.codes import codes
from tests.load.browser import Browser, RefusedError, require
from tests.load.server import now

if TYPE_CHECKING:
    from pathlib import Path

    from tests.load.browser import Answer
    from tests.load.figures import Figures
    from tests.load.server import Server

PASSWORD = "violet gravel 27 kettles"
LIST = "read a list"
LISTS = (
    "/desk/",
    "/desk/?triage=stop&triage=review",
    "/desk/?status=all",
    "/desk/?status=all&after=r{middle:07}",
    "/desk/?mine=y",
)
READ_EVERY_S = 2.0
"""How long somebody looks at a list before the next; a page of the queue asks every 20 seconds."""


class Person:
    """Somebody at the desk with a browser."""

    def __init__(self, port: int, figures: Figures, username: str) -> None:
        self.browser, self.username = Browser(port, figures), username

    def sign_in(self, one_time: str) -> None:
        """Sign in for the first time: a password of one's own, then a second factor."""
        go = self.browser
        asked = go.get("/desk/sign-in").token
        who = {**asked, "username": [self.username], "password": [one_time]}
        require(go.post("/desk/sign-in", who), 303)
        chosen = {"old": [one_time], "new": [PASSWORD], "again": [PASSWORD]}
        page = go.get("/desk/password")
        require(go.post("/desk/password", {**page.token, **chosen}), 303)
        page = require(go.get("/desk/second-factor"), 200)
        seed = page.words_of(r'class="link"><code>([^<]*)<').replace(" ", "")
        given = {**page.token, "code": [codes(seed)(now())]}
        require(go.post("/desk/second-factor", given), 200)
        require(go.get("/desk/"), 200, 303)

    def read(self, number: int, records: int) -> None:
        """Read one list after the other."""
        path = LISTS[number % len(LISTS)].format(middle=records // 2)
        require(self.browser.get(path, LIST), 200)

    def link_for(self, tablet: str) -> str:
        """Make the link with which a tablet is enrolled."""
        page = self.browser.get("/desk/tablets")
        made = self.browser.post("/desk/tablets", {**page.token, "name": [tablet]})
        link = require(made, 200).words_of(r'class="link"><code>([^<]*)<')
        return link[link.index("/tablet/") :]

    def export(self) -> int:
        """Take all cases out as a file; returns how many lines it has."""
        page = self.browser.get("/desk/export")
        wanted = {**page.token, "shape": ["cases"], "form": ["csv"]}
        sent = require(self.browser.post("/desk/export", wanted), 200)
        if "<html" in sent.text[:1000]:
            msg = "export: no file"
            raise RefusedError(msg)
        return sent.text.count("\n")

    def back_up(self) -> None:
        page = self.browser.get("/desk/backups")
        require(self.browser.post("/desk/backups", page.token), 303)

    def open_case(self, response_id: str) -> Answer:
        return require(self.browser.get(f"/desk/cases/{response_id}"), 200)

    def decide(self, case: Answer, response_id: str) -> Answer:
        """Decide not to treat, on the page as it was read."""
        said = {"disposition": ["do_not_treat"], "note": [f"By {self.username}."]}
        sent = {**case.token, **case.hidden("seen", "screening"), **said}
        return self.browser.post(f"/desk/cases/{response_id}/decide", sent)


class Readers:
    """Practitioners who read lists until they are told to stop."""

    def __init__(self, people: list[Person], figures: Figures, records: int) -> None:
        self._stop, self._figures, self._records = threading.Event(), figures, records
        self._threads = [
            threading.Thread(target=self._read, args=(one, n)) for n, one in enumerate(people)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, who: Person, number: int) -> None:
        self._stop.wait(READ_EVERY_S * number / len(self._threads))
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                who.read(number, self._records)
            except RefusedError as error:
                self._figures.errors.append(str(error))
            number += 1
            self._stop.wait(max(0.0, READ_EVERY_S - (time.monotonic() - began)))


def reload_rules(server: Server, place: Path) -> None:
    """Put another pack in force beside the running server: the same rules as a later version."""
    pack = place / "next-pack"
    shutil.copytree(folder("rules") / "microneedling", pack, dirs_exist_ok=True)
    file = pack / "pack.yaml"
    words = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^version: .*", "version: 99.0.0", words), encoding="utf-8")
    done = server.run("rules", "activate", str(pack))
    if done.returncode:
        msg = f"rules activate: {done.returncode}"
        raise RefusedError(msg)
