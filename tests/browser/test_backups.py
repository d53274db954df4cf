"""Administration when something is wrong: a backup that failed, keys beside the data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.protection import Allowed
from intake.web.rounds import Trouble
from tests.browser.conftest import now
from tests.browser.patient import SERVED
from tests.browser.test_access import LOOKS, faults

WORDS = "The backup could not be written to /mnt/second-disk (No space left on device)."


@pytest.fixture
def troubled(monkeypatch, clinic):
    """Let something be wrong with the clinic that is served."""
    house = SERVED[-1].extensions["intake"]
    beside = {"keys": clinic.settings.data / "keys", "allow": {Allowed.KEYS_BESIDE_DATA}}
    monkeypatch.setattr(house, "settings", replace(clinic.settings, **beside))
    monkeypatch.setattr(house.rounds, "trouble", Trouble(now(), WORDS))


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.usefixtures("troubled")
def test_it_is_said_and_keeps_nobody_out(at_desk, look):
    page = at_desk("cleo", **LOOKS[look])

    for path in ("/desk/backups", "/desk/settings"):
        page.goto(path)

        assert page.locator(".notice-wrong", has_text="No space left on device").is_visible()
        assert page.locator(".notice-wrong", has_text="share a folder").is_visible()
        assert faults(page) == []
