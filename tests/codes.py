"""The codes that an authenticator app shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp

from intake.actions.second_factor import SLACK, STEP

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


def codes(seed: str) -> Callable[..., str]:
    """Make what shows the code of an instant, or of some steps later."""
    app = pyotp.TOTP(seed)
    return lambda at, later=0: app.generate_otp(int(at.timestamp()) // STEP + later)


def wrong_code(app: Callable[..., str], at: datetime) -> str:
    """Return a code that is taken for no step near an instant.

    Any fixed one is right once in so many tries.
    """
    right = {app(at, later) for later in range(-SLACK, SLACK + 1)}
    return next(code for n in range(10) if (code := f"{n:06}") not in right)
