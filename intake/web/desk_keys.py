"""How to do everything at the desk without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.web.access import Access, open_to
from intake.web.desk_base import KEYS, bp, page

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/keys")
@open_to(Access.DESK)
def keys() -> Answer:
    """Show which keys lead where."""
    return page("keys", places=[(digit, words) for digit, words in KEYS.values()])
