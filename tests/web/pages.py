"""Pages as a reader and a browser see them: words, controls, what a form would send."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import g, session
from flask_wtf.csrf import generate_csrf

from intake.actions import begin
from intake.core.errors import IntakeError
from intake.storage.visits import bound
from intake.web.clinic import current_clinic, current_store
from intake.web.tablet_base import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
PLACE = "/tablet/page/"
QUESTION = re.compile(r"/tablet/(?P<what>page|private|alone)/(?P<at>[^?#]+)(?P<rest>.*)")
_NO_CONTROL = ("submit", "button", "image", "reset")


@dataclass
class Element:
    """One element with everything in it."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name) or ""

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    @property
    def text(self) -> str:
        """The words in it, with single spaces."""
        return " ".join(" ".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._words()

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """Find every element of these tags whose attributes read as given (`class_` holds)."""
        return [e for e in self.walk() if (not tags or e.tag in tags) and e.is_like(attributes)]

    def one(self, *tags: str, **attributes: str) -> Element:
        """Find the one such element there must be."""
        found = self.all(*tags, **attributes)
        assert len(found) == 1, f"{len(found)} elements like {tags} {attributes}"
        return found[0]

    def is_like(self, attributes: dict[str, str]) -> bool:
        wanted = dict(attributes)
        name = wanted.pop("class_", None)
        return (name is None or name in self["class"].split()) and all(
            self[key.rstrip("_")] == value for key, value in wanted.items()
        )

    def walk(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def controls(self) -> dict[str, list[str]]:
        """Return what a browser would send of this form as it stands, without its buttons."""
        sent: dict[str, list[str]] = {}
        for control in self.all("input", "textarea", "select"):
            for value in _values(control):
                sent.setdefault(control["name"], []).append(value)
        return sent


def _values(control: Element) -> list[str]:
    kind = control["type"]
    if control.tag == "textarea":
        return ["".join(child for child in control.children if isinstance(child, str))]
    if control.tag == "select":
        return [option["value"] for option in control.all("option") if "selected" in option]
    if kind in _NO_CONTROL or (kind in ("radio", "checkbox") and "checked" not in control):
        return []
    return [control["value"]]


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag, attrs):
        made = Element(tag, dict(attrs))
        self._open[-1].children.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_startendtag(self, tag, attrs):
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in [e.tag for e in self._open]:
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data):
        self._open[-1].children.append(data)


@dataclass
class Page:
    """One answer of the server."""

    answer: TestResponse
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.status = self.answer.status_code
        self.html = self.answer.get_data(as_text=True)
        self.answer.close()

    @cached_property
    def root(self) -> Element:
        tree = _Tree()
        tree.feed(self.html)
        return tree.root

    @cached_property
    def title(self) -> str:
        return self.root.one("head").one("title").text

    @cached_property
    def words(self) -> str:
        """What is read on the page, without its title."""
        return self.root.one("body").text

    @property
    def location(self) -> str:
        """Where the browser is sent, as path and query; blank when it stays."""
        to = urlsplit(self.answer.headers.get("Location", ""))
        return self.name_of(f"{to.path}?{to.query}" if to.query else to.path)

    def name_of(self, address: str) -> str:
        """Write the address of a question with its name, which the real one does not tell."""
        return renamed(address, self.names)

    @property
    def form(self) -> Element:
        """The form of a page of the tablet: there is one."""
        return self.root.one("form")

    def form_to(self, path: str) -> Element:
        return self.root.one("form", action=path)

    def faults(self) -> list[tuple[str, str]]:
        """Return where each line of the summary of faults leads, and its words."""
        summary = self.root.one("section", id="error-summary")
        return [(a["href"].removeprefix("#"), a.text) for a in summary.all("a")]


def renamed(address: str, names: Mapping[str, str]) -> str:
    """Put a name in the place of what stands for a question in an address."""
    found = QUESTION.fullmatch(address)
    if not found or found["at"] not in names:
        return address
    return f"/tablet/{found['what']}/{names[found['at']]}{found['rest']}"


class Visitor:
    """Somebody with a browser: keeps cookies and sends the token of the forms along.

    Knows by their names the questions of the form in hand, of which addresses tell nothing:
    `/tablet/page/skin_now` is where that page begins, `/tablet/page/skin_now/skin_today` a
    question on it.
    """

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> Page:
        return Page(self.client.get(self.real(path)), self._names())

    def post(self, path: str, data: dict[str, object] | None = None) -> Page:
        """Send a form with its token."""
        sent = {**(data or {}), "csrf_token": self.token()}
        return Page(self.client.post(self.real(path), data=sent), self._names())

    def real(self, path: str) -> str:
        """Return the address behind a name."""
        return renamed(path, {name: at for at, name in self._names().items()})

    def _names(self) -> Mapping[str, str]:
        visit = self.cookie("intake_visit", "/tablet")
        devices = [self.cookie(name, "/") for name in DEVICES]
        try:
            return names_of(self.client.application, visit, *devices) if visit else {}
        except IntakeError:  # what is tested is a clinic without its database
            return {}

    def token(self) -> str:
        """Return a token as the forms of this browser carry it, without asking for a page."""
        app = self.client.application
        with self.client.session_transaction() as own:
            value = own.setdefault("csrf_token", token_hex(16))
        with app.test_request_context():
            session["csrf_token"] = value
            return str(generate_csrf())

    def cookie(self, name: str, path: str) -> str:
        found = self.client.get_cookie(name, path=path)
        return found.value if found else ""


class SecureVisitor(Visitor):
    """A visitor at the desk who comes by an address of one's choice, as through TLS."""

    def __init__(self, client: FlaskClient, origin: str) -> None:
        super().__init__(client)
        self.origin = origin

    def get(self, path: str) -> Page:
        return Page(self.client.get(path, base_url=self.origin))

    def post(self, path: str, data: dict[str, object] | None = None) -> Page:
        sent = {**(data or {}), "csrf_token": self.token()}
        headers = {"Referer": f"{self.origin}{path}"}
        return Page(self.client.post(path, data=sent, base_url=self.origin, headers=headers))

    def token(self) -> str:
        form = self.get("/desk/sign-in").form_to("/desk/sign-in")
        return form.controls()["csrf_token"][0]


DEVICES = ("intake_tablet", "intake_device")
"""The cookies by which a browser is a device, with whose secret a visit is tied to it."""


def names_of(app: Flask, visit: str, *devices: str) -> Mapping[str, str]:
    """Return, by its mark, the name of every question a visit may come to; none once it ended."""
    for device in {*devices, ""}:
        with suppress(LookupError):
            return _names_of(app, bound(visit, device))
    return {}


@lru_cache
def _names_of(app: Flask, visit: str) -> Mapping[str, str]:
    with app.test_request_context():
        response = begin.open_visit(current_store(), token=visit)
        if response is None:
            msg = "the visit has ended"
            raise LookupError(msg)  # not to be remembered: the next test's visit has the same name
        g.response = response
        topics = current_clinic().pack_of(response.pack_hash).questionnaire.pages
        return {
            mark(item.link_id): topic.id if item is topic.items[0] else f"{topic.id}/{item.link_id}"
            for topic in topics
            for item in topic.items
        }
