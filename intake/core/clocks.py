"""When a day begins by a clinic's clocks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(9998, 1, 1)
"""Between them time zones can be reckoned with; nothing was written down outside."""


def midnight(day: date, zone: tzinfo | None, days: int = 0) -> datetime:
    """Return the instant at which a day, or one some *days* later, begins by a clock.

    A day that no clock reaches is taken for the nearest that one does.

    Args:
        day: Any that somebody may type.
        zone: The clinic's time zone; None takes the computer's.
        days: How many days later.
    """
    known = min(max(day, _FIRST_DAY), _LAST_DAY) + timedelta(days=days)
    local = datetime.combine(known, time())
    return local.replace(tzinfo=zone) if zone else local.astimezone()
