"""What a cheap tablet waits for: Chromium with its processor slowed four times; `make bench`."""

from __future__ import annotations

import logging
import statistics
import threading
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from tests.browser.conftest import CHROMIUM, FLAGS, TABLET
from tests.web.pages import PLACE, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from playwright.sync_api import CDPSession, Page

    from tests.measured import Table

SLOWER = 4
ROUNDS = 7
"""Tablets that are opened anew; the figure is the one in the middle."""
BUDGETS = {
    "KB transferred, first page": 40,
    "KB transferred, a page after it": 12,
    "requests after the first page": 3,
    "ms until the first question can be answered": 400,
    "ms for a step": 200,
    "layout shift": 0,
    "MB of script memory": 10,
}
"""What each figure should stay under."""

SHIFT = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300);
})"""
READY = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def measure(app: Flask, visit: str, table: Table) -> None:
    """Add the figures of the tablet in the middle beside their budgets.

    Args:
        app: What serves it.
        visit: The token of a visit whose form is not begun.
        table: Where they are added.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.test_client().get("/healthz")  # as 'intake serve' does: the rules are loaded by now
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        cookie = {"name": "intake_visit", "value": visit, "domain": "127.0.0.1", "path": "/tablet"}

        def tablet() -> Page:
            context = browser.new_context(base_url=address, **TABLET)
            context.add_cookies([{**cookie, "httpOnly": True}])
            return context.new_page()

        places = {name: f"{PLACE}{at}" for at, name in names_of(app, visit).items()}
        tablet().goto(places["your_goals"])  # the first patient of the day
        rounds = []
        for _ in range(ROUNDS):
            page = tablet()
            rounds.append(_figures(page, page.context.new_cdp_session(page), places))
            page.context.close()
        for name, budget in BUDGETS.items():
            figure = statistics.median(one[name] for one in rounds)
            table.budget(name, figure, budget, "")
        browser.close()
    server.shutdown()


def _figures(page: Page, tools: CDPSession, places: Mapping[str, str]) -> dict[str, float]:
    traffic: list[float] = []
    tools.on("Network.loadingFinished", lambda event: traffic.append(event["encodedDataLength"]))
    tools.send("Network.enable")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(places["your_goals"], wait_until="networkidle")
    found: dict[str, Any] = {
        "KB transferred, first page": sum(traffic) / 1000,
        "ms until the first question can be answered": page.evaluate(READY),
        "layout shift": page.evaluate(SHIFT),
    }
    traffic.clear()
    page.goto(places["skin_now"], wait_until="networkidle")
    found["KB transferred, a page after it"] = sum(traffic) / 1000
    found["requests after the first page"] = sum(map(bool, traffic))  # what is kept has no length
    found["ms for a step"] = page.evaluate(READY)
    found["layout shift"] = max(found["layout shift"], page.evaluate(SHIFT))
    tools.send("HeapProfiler.collectGarbage")
    heap = tools.send("Runtime.getHeapUsage")["usedSize"]
    found["MB of script memory"] = heap / 1_000_000
    return {name: found[name] for name in BUDGETS}
