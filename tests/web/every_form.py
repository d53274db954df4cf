"""Every form of the application, as the pages show it to whoever may see them."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.web.pages import Page, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from flask import Flask

ROUNDS = int(os.environ.get("INTAKE_FUZZ_ROUNDS") or 1)
"""How many values each field gets: one in the suite, a thousand in `make fuzz`."""

PATHS = {"intake_desk": "/desk", "intake_visit": "/tablet", "intake_tablet": "/"}


@dataclass(frozen=True)
class EveryForm:
    """One form of a page.

    Attributes:
        who: Whose page it is on.
        controls: What a browser would send of it as it stands.
        fields: Every name it may send, those of its buttons included.
    """

    who: str
    action: str
    endpoint: str
    controls: Mapping[str, list[str]]
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.who} {self.endpoint} {len(self.fields)}"


@dataclass
class Places:
    """A clinic that is as it was before each form.

    Attributes:
        cookies: What a visitor holds, by who it is.
    """

    app: Flask
    file: Path
    kept: bytes
    cookies: Mapping[str, Mapping[str, str]]

    @cached_property
    def token(self) -> tuple[str, str]:
        """A form token, and the cookie it is tied to."""
        visitor = Visitor(self.app.test_client())
        return visitor.token(), visitor.cookie("intake_form", "/")

    def again(self) -> None:
        """Put the clinic back as it was."""
        for end in ("-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        self.file.write_bytes(self.kept)

    def visitor(self, who: str) -> Visitor:
        """Return a browser that holds its cookies, and a token of its own."""
        visitor = Visitor(self.app.test_client())
        visitor._token, form = self.token
        visitor.client.set_cookie("intake_form", form)
        for name, value in self.cookies[who].items():
            visitor.client.set_cookie(name, value, path=PATHS[name])
        return visitor

    def forms_on(self, who: str, paths: list[str]) -> Iterator[EveryForm]:
        """Yield the forms that change something, of the pages somebody may open."""
        for path in paths:
            page = self.visitor(who).get(path)
            if page.status == 200 and "<form" in page.html:
                yield from self.forms_of(who, page, path)

    def forms_of(self, who: str, page: Page, path: str) -> Iterator[EveryForm]:
        """Yield the forms of one page."""
        adapter = self.app.url_map.bind("")
        for form in page.root.all("form"):
            if form["method"] != "post":
                continue
            action = urlsplit(form["action"] or path).path
            endpoint, _ = adapter.match(action, method="POST")
            controls = {n: v for n, v in form.controls().items() if n and n != "csrf_token"}
            named = form.all("input", "select", "textarea", "button")
            fields = dict.fromkeys(c["name"] for c in named if c["name"] not in ("", "csrf_token"))
            yield EveryForm(who, action, endpoint, controls, tuple(fields))


def once_each(forms: Iterator[EveryForm]) -> list[EveryForm]:
    """Keep one form of each kind: the same fields sent to the same view by the same person."""
    kinds = {(f.who, f.endpoint, f.fields): f for f in forms}
    return list(kinds.values())


NASTY: tuple[bytes, ...] = (
    *(b"a\0b", b"\0", b"\xff\xfe\xc0\xaf", b"\xed\xa0\x80", b"\xf0\x9f", b"", b" ", b"\t\n\r"),
    *(
        "\u202eabc\u2066\u200f".encode(),
        "\ufeff".encode(),
        "\u2028\x85".encode(),
        "é̂̃̄".encode() * 99,
    ),
    *(b"x\r\nSet-Cookie: a=b\n\n", b"NaN", b"sNaN", b"-sNaN123", b"1e400", b"-1e400", b"Infinity"),
    *(b"1" + b"0" * 30, b"9" * 5000, b"-1", b"0", b"1_0", b"0x1f", b"1.", b".5", b"1,5", b"1e3"),
    *("٣٤".encode(), "²".encode(), "Ⅷ".encode(), "１２".encode(), b"+5", b"--5", b"5 5"),
    *(b"0000-00-00", b"0000-01-01", b"0001-01-01", b"9999-12-31", b"10000-01-01", b"2026-02-30"),
    *(b"0000", b"0001", b"9999", b"10000", b"13", b"31", b"32", b"no_such_code", b"none", b"null"),
    *(b"<script>alert(1)</script>", b"{{7*7}}${7*7}#{7*7}", b"' OR 1=1 --", b"\\", b"%00", b"%"),
    *(b"../../etc/passwd", b"=cmd|' /C calc'!A0", b"[" * 5000, b'{"a":' * 500, b"x" * 20_000),
    *(b"not_sure", b"withheld", b"true", b"on", b"[]", b"[[[1e999,0],[0,0],[0,0]]]", b"1" * 20),
)
"""Values that no honest form sends."""


def wild(rounds: int, seed: str) -> Iterator[bytes]:
    """Yield so many values: the nasty ones in an order of their own, then others made of them."""
    dice = random.Random(seed)  # noqa: S311 - the same values each time
    known = dice.sample(NASTY, len(NASTY))
    for number in range(rounds):
        yield known[number] if number < len(known) else _made_up(dice)


def _made_up(dice: random.Random) -> bytes:
    match dice.randrange(4):
        case 0:
            return dice.randbytes(dice.randrange(1, 40))
        case 1:
            return "".join(
                chr(dice.randrange(1, 0x2FFF)) for _ in range(dice.randrange(60))
            ).encode()
        case 2:
            return str(dice.randrange(-(10**18), 10**18)).encode()
        case _:
            first, second = dice.choice(NASTY)[:500], dice.choice(NASTY)[:500]
            return first + second[: dice.randrange(1 + len(second))]
