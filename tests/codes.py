"""The codes that an authenticator app shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp

from intake.actions.second_factor import STEP

if TYPE_CHECKING:
    from collections.abc import Callable


def codes(seed: str) -> Callable[..., str]:
    """Make what shows the code of an instant, or of some steps later."""
    app = pyotp.TOTP(seed)
    return lambda at, later=0: app.generate_otp(int(at.timestamp()) // STEP + later)
