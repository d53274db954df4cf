"""The desk behind TLS: browsers take the cookies that it sends there under stricter names."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import generate_adhoc_ssl_context, make_server

from intake.web import create_app
from tests.browser.conftest import DESK, PASSWORDS


@pytest.fixture
def secure(clinic):
    """Serve the clinic over TLS, with a certificate that nobody has signed.

    Each connection shakes hands in its own thread: browsers open some that they never use.
    """
    app = create_app(clinic.settings)
    app.test_client().get("/healthz")  # loads the rules, so that no page waits for them
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.ssl_context = generate_adhoc_ssl_context()
    server.socket = server.ssl_context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_signing_in_and_sending_a_form_works_behind_tls(open_browser, secure):
    page = open_browser(**DESK, base_url=secure, ignore_https_errors=True)
    page.goto("/desk/sign-in")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORDS["ada"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()

    kept = {one["name"]: one for one in page.context.cookies()}

    assert set(kept) == {"__Host-intake_form", "__Secure-intake_desk", "__Secure-intake_known"}
    assert all(one["secure"] and one["httpOnly"] for one in kept.values())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
