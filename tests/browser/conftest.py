"""A demo clinic served for real, and browsers that look at it; the clock is the real one."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from intake.actions import accounts, rule_packs
from intake.cli import demo
from intake.core.records import Role
from intake.resources import folder
from intake.settings import Settings
from intake.storage import database, open_store
from intake.web import create_app
from tests.browser.patient import SERVED
from tests.conftest import KEYS, session_of, with_keys
from tests.waiting import TRIED_AGAIN
from tests.web.making import Maker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack
    from intake.storage import Store

PASSWORDS = {
    "ada": "four words in a row",
    "ben": "river stone lamp chair",
    "cleo": "yellow kettle on a shelf",
}
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
DESK = {"viewport": {"width": 1180, "height": 820}}
PATIENCE_MS = 15_000
MOST_S = 180
"""More than four times what the longest of these tests takes beside three others."""
expect.set_options(timeout=PATIENCE_MS)
CARRIED = "Failed to load resource"
"""What the console says of an answer with an error status, which may be what is tested."""

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            # Now and then Chromium never answers what it was asked, and a core waits with it.
            item.add_marker(TRIED_AGAIN)
            item.add_marker(pytest.mark.timeout(MOST_S))


def now() -> datetime:
    return datetime.now(UTC)


def who_is(store: Store, username: str) -> Practitioner:
    return next(who for who in accounts.list_accounts(store) if who.username == username)


@dataclass(frozen=True)
class Clinic:
    """The clinic that is served.

    Attributes:
        newcomer: The one-time password of Dora, who has never signed in.
    """

    address: str
    store: Store
    pack: RulePack
    newcomer: str
    settings: Settings

    @property
    def maker(self) -> Maker:
        """What makes forms, now: a visit that was opened minutes ago would be locked."""
        at = now()
        today = at.astimezone(self.settings.timezone).date()
        return Maker(self.store, self.pack, who_is(self.store, "ada"), at, today)

    def session(self, username: str) -> str:
        """Sign somebody in, anew for each browser: handing over ends a session."""
        _, token = accounts.sign_in(
            self.store, username=username, password=PASSWORDS[username], now=now()
        )
        return token

    def response_id_of(self, name: str) -> str:
        """Return the newest form of a patient."""
        row = self.store.row(
            "SELECT r.id FROM responses r JOIN patients p ON p.id = r.patient_id"
            " WHERE p.name = ? ORDER BY r.begun_at DESC",
            [name],
        )
        assert row is not None
        return str(row["id"])


@pytest.fixture(scope="session")
def clinic(tmp_path_factory, shipped_files, shipped_pack):
    """Serve a demo clinic on a free port."""
    settings = with_keys(
        Settings(
            data=tmp_path_factory.mktemp("demo"),
            rules=folder("rules") / "microneedling",
            clinic_file=None,
            clinic_name="Microneedling clinic",
            timezone=None,
            host="127.0.0.1",
            port=0,
            second_factor=False,
            webhook_hosts=("records.example",),
        )
    )
    database.create(settings.database, KEYS)
    store = open_store(settings.database, KEYS)
    rule_packs.activate(store, shipped_files, actor="test", now=now())
    today = now().astimezone(settings.timezone).date()
    demo.fill(store, now=now(), today=today)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = create_app(settings)
    app.test_client().get("/healthz")  # loads the rules, as `intake serve` does
    server = make_server("127.0.0.1", 0, app, threaded=True)
    SERVED.append(app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for username, password in demo.passwords(store, now=now()).items():
        who = who_is(store, username)
        own = {"who": who, "old": password, "new": PASSWORDS[username]}
        accounts.change_password(store, **own, token=session_of(store, who, now()), now=now())
    _, newcomer = accounts.add_account(
        store, username="dora", name="Dora Finch", role=Role.PRACTITIONER, actor="test", now=now()
    )
    yield Clinic(
        address=f"http://127.0.0.1:{server.server_port}",
        store=store,
        pack=shipped_pack,
        newcomer=newcomer,
        settings=settings,
    )
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


@pytest.fixture(scope="session")
def browsers():
    """The browsers of this process that run; the last of them answers."""
    if not CHROMIUM.exists():
        pytest.fail(
            f"There is no Chromium at {CHROMIUM}, which these tests drive."
            " On Debian, as root: apt-get install -y chromium",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium
        running = [chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)]
        yield running
        running[-1].close()


@pytest.fixture
def chromium(browsers: list[Browser], request):
    """A browser; another one when a test is tried again, since the first no longer answered."""
    if getattr(request.node, "execution_count", 1) > 1:
        kind = browsers[-1].browser_type
        browsers.append(kind.launch(executable_path=str(CHROMIUM), args=FLAGS))
    return browsers[-1]


@pytest.fixture
def open_browser(chromium: Browser, clinic: Clinic):
    """Open a browser of its own; at the end nothing may have gone wrong in any of them."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def hear(message) -> None:
        if message.type == "error" and CARRIED not in message.text:
            faults.append(message.text)

    def watch(page: Page) -> None:
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", hear)

    def open_one(**options) -> Page:
        context = chromium.new_context(**{"base_url": clinic.address, **options})
        context.on("page", watch)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")  # what holds a request keeps it from closing
        context.close()
    assert faults == []


@pytest.fixture
def at_desk(open_browser, clinic: Clinic):
    """Open a desk at which somebody is signed in."""

    def make(username: str, **options) -> Page:
        page = open_browser(**{**DESK, **options})
        _give(page, clinic, "intake_desk", clinic.session(username), "/desk")
        return page

    return make


@pytest.fixture
def on_tablet(open_browser, clinic: Clinic):
    """Open a tablet that was handed over with a form."""

    def make(response: Response, **options) -> Page:
        page = open_browser(**{**TABLET, **options})
        _give(page, clinic, "intake_visit", clinic.maker.visit(response), "/tablet")
        return page

    return make


def _give(page: Page, clinic: Clinic, cookie: str, value: str, path: str) -> None:
    page.context.add_cookies(
        [{"name": cookie, "value": value, "domain": "127.0.0.1", "path": path, "httpOnly": True}]
    )


@pytest.fixture
def topics(pack):
    """The pages of questions by their names."""
    return {page.id: page for page in pack.questionnaire.pages}


@pytest.fixture
def pictures(tmp_path):
    """Where pictures go: the folder named in INTAKE_PICTURES, or else nowhere that lasts."""
    named = Path(os.environ.get("INTAKE_PICTURES") or tmp_path)
    named.mkdir(parents=True, exist_ok=True)
    return named
