"""Take a picture of every page of the tablet in each language and size: `make gallery`.

They go to `build/gallery/<language>-<width>/`, numbered in the order of a visit.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from intake.actions import accounts, tablets
from intake.actions.answer import choose_language
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.cli.surroundings import prepare
from intake.core.records import Role
from intake.keys import read_keys
from intake.settings import read_settings
from intake.storage import open_store
from intake.web import create_app
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.patient import SERVED, names_of_screens, place, real, where
from tests.conftest import NOW
from tests.web.making import Maker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from intake.core.records import Practitioner
    from intake.storage import Store

INTO = Path("build/gallery")
SIZES = ((390, 844), (820, 1180), (1180, 820))
LANGUAGES = ("en", "es", "ar")
FAULTY = ("skin_now", "medicine_names", "sore_since", "worry_map")
"""Pages that are also shown as they look when nothing was answered."""


@dataclass
class Album:
    """Pictures of one language and size."""

    page: Page
    folder: Path
    count: int = 0

    def take(self, name: str, path: str = "") -> None:
        """Open an address, if one is given, and take a picture of the whole page."""
        if path:
            self.page.goto(path)
        self.count += 1
        name = f"{self.count:03}-{name.replace('/', '-')}.png"
        self.page.screenshot(path=self.folder / name, full_page=True)

    def press(self, selector: str) -> None:
        """Press what a selector names, and wait until another page stands there."""
        self.page.evaluate("document.body.dataset.left = ''")
        self.page.locator(selector).first.click()
        self.page.locator("body:not([data-left])").wait_for()
        self.page.wait_for_load_state()


def walk(album: Album, screens: list[str]) -> None:
    """Go through a visit, from the welcome to the last page."""
    page = album.page
    album.take("welcome", "/tablet/welcome")
    album.take("company", "/tablet/company")
    for name in screens:
        page.goto(place(page, name))
        if where(page) != f"/tablet/page/{name}":
            continue
        album.take(name)
        if name in FAULTY:
            album.press("form .actions .button")
            album.take(f"{name}-fault")
    page.goto(place(page, "medicine_names"))
    page.locator("[data-combo]").fill("Metformin 500")
    album.press("form .actions .button")
    album.take("medicine_names-list")
    page.goto("/tablet/company")
    page.locator("#company-relative").check()
    album.press("form .actions .button")
    album.take("private", place(page, "pregnancy"))
    album.take("alone", real(page, "/tablet/alone/pregnancy"))
    album.take("review", "/tablet/review")
    album.press('button[value="lock"]')
    album.take("locked")
    album.take("offline", "/tablet/offline")
    page.context.clear_cookies(name="intake_visit")
    album.take("not-me", "/tablet/not-me")
    album.take("thanks", "/tablet/thanks")


def photograph(browser: Browser, address: str, maker: Maker, visited: tuple[str, int, int]) -> int:
    """Fill one album; return how many pictures it holds."""
    language, width, height = visited
    response = maker.begun(f"Nora Blank {language} {width}", "healthy-woman")
    choose_language(maker.store, response, language, now=NOW)
    folder = INTO / f"{language}-{width}"
    folder.mkdir(parents=True, exist_ok=True)
    shape = {"width": width, "height": height}
    context = browser.new_context(base_url=address, viewport=shape, has_touch=True)
    visit = {"name": "intake_visit", "value": maker.visit(response), "path": "/tablet"}
    context.add_cookies([{**visit, "domain": "127.0.0.1", "httpOnly": True}])
    album = Album(context.new_page(), folder)
    walk(album, names_of_screens(maker.pack.questionnaire))
    context.close()
    return album.count


def begin_page(browser: Browser, address: str, links: list[str]) -> None:
    """Picture how a visit begins on a tablet of the clinic's own, in each language."""
    for (width, height), link in zip(SIZES, links, strict=True):
        page = browser.new_page(base_url=address, viewport={"width": width, "height": height})
        page.goto(link)
        page.locator("form .button").click()
        page.wait_for_url("**/tablet/")
        for language in LANGUAGES:
            page.locator(f'button[value="language-{language}"]').click()
            page.locator(f'html[lang="{language}"]').wait_for()
            Album(page, INTO / f"{language}-{width}").take("start")
        page.close()


def _links(store: Store, cleo: Practitioner, now: datetime) -> list[str]:
    """Return where a tablet of each size becomes the clinic's own."""
    return [
        f"/tablet/enrol/{tablets.enrolment_link(store, name=f'Room {n}', by=cleo, now=now)}"
        for n, _ in enumerate(SIZES)
    ]


def _account(store: Store, role: Role, now: datetime) -> Practitioner:
    name = f"{role.value}".title()
    made = {"username": role.value, "name": name, "role": role, "actor": "gallery", "now": now}
    return accounts.add_account(store, **made)[0]


def main() -> None:
    """Serve a clinic from a temporary folder and go through it with a browser."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as place_:
        settings = replace(read_settings({}), data=Path(place_) / "clinic")
        prepare(settings)
        store = open_store(settings.database, read_keys(settings))
        pack = kept_pack(store, hash_in_force(store) or "", now.date())
        ada, cleo = (_account(store, role, now) for role in (Role.PRACTITIONER, Role.ADMINISTRATOR))
        app = create_app(settings)
        SERVED.append(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        maker = Maker(store, pack, ada, now, now.date())
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            for language in LANGUAGES:
                for width, height in SIZES:
                    count = photograph(browser, address, maker, (language, width, height))
                    sys.stdout.write(f"{INTO}/{language}-{width}: {count} pictures\n")
            begin_page(browser, address, _links(store, cleo, now))
            browser.close()
        server.shutdown()
        store.close()


if __name__ == "__main__":
    main()
