"""Passkeys in a real browser, with an authenticator that Chromium plays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from intake.actions import accounts, second_factor
from intake.core.records import Role
from tests.browser.conftest import DESK, now
from tests.browser.test_access import faults
from tests.codes import codes
from tests.conftest import session_of

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "seven quiet boats at dawn"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


NUMBERS = count(1)


@dataclass(frozen=True)
class Pia:
    """Somebody with a second factor, and the app that shows her codes."""

    username: str
    code: Callable[..., str]


@pytest.fixture
def pia(clinic):
    username, own = f"pia{next(NUMBERS)}", {"store": clinic.store, "now": now()}
    who, one_time = accounts.add_account(
        **own, username=username, name="Pia Passkey", role=Role.PRACTITIONER, actor="test"
    )
    token = session_of(clinic.store, who, now())
    token = accounts.change_password(**own, who=who, token=token, old=one_time, new=PASSWORD)
    code = codes(second_factor.begin(clinic.store, who=who))
    second_factor.confirm(**own, who=who, token=token, code=code(now(), -1))
    return Pia(username, code)


@pytest.fixture
def desk(open_browser, clinic, pia):
    """The desk under a name, which passkeys are tied to, on a computer with an authenticator."""
    page = open_browser(**{**DESK, "base_url": clinic.address.replace("127.0.0.1", "localhost")})
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.devices = lambda: devtools.send(
        "WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]}
    )["credentials"]
    return page


def give_password(page, who):
    page.goto("/desk/sign-in")
    page.get_by_label("User name").fill(who.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_added_signs_in_and_is_removed(desk, pia):
    give_password(desk, pia)
    expect(desk.get_by_role("button", name="Use a passkey")).to_have_count(0)
    desk.get_by_label("Code from your authenticator app").fill(pia.code(now()))
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("link", name="Your account").click()

    desk.get_by_label("Name of the device").fill("desk by the window")
    found = faults(desk)
    desk.get_by_role("button", name="Add it").click()
    expect(desk.get_by_role("heading", name="Passkey “desk by the window”")).to_be_visible()
    found += faults(desk)
    assert len(desk.devices()) == 1

    desk.get_by_role("button", name="Sign out").click()
    give_password(desk, pia)
    found += faults(desk)
    desk.get_by_role("button", name="Use a passkey").click()
    expect(desk.get_by_role("heading", name="Queue", exact=True)).to_be_visible()

    desk.get_by_role("link", name="Your account").click()
    passkey = desk.locator(".way", has_text="desk by the window")
    expect(passkey).to_contain_text("last used")
    desk.get_by_role("button", name="Remove the passkey").click()
    desk.get_by_role("button", name="Sign out").click()
    give_password(desk, pia)
    expect(desk.get_by_role("button", name="Use a passkey")).to_have_count(0)
    assert found == []


def test_a_device_without_a_passkey_says_so_and_the_code_still_does(desk, pia):
    give_password(desk, pia)
    desk.get_by_label("Code from your authenticator app").fill(pia.code(now()))
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("link", name="Your account").click()
    desk.get_by_label("Name of the device").fill("lost")
    desk.get_by_role("button", name="Add it").click()
    expect(desk.get_by_role("heading", name="Passkey “lost”")).to_be_visible()

    desk.get_by_label("Name of the device").fill("once more")
    desk.get_by_role("button", name="Add it").click()

    expect(desk.get_by_role("alert")).to_contain_text("has one of yours already")
