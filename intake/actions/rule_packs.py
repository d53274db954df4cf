"""Keeping rule packs and putting one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.errors import NotFoundError
from intake.packs import load_texts
from intake.storage import audit, packs_kept

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from intake.core.rules import RulePack
    from intake.storage import Store


def activate(store: Store, files: Mapping[str, str], *, actor: str, now: datetime) -> RulePack:
    """Keep a pack whole and put it in force for new intakes.

    Raises:
        PackError: it cannot be used; the pack in force stays.
    """
    pack = load_texts(files, now.date())
    with store.write() as db:
        packs_kept.keep_pack(
            db, hash_=pack.hash, name=pack.name, version=pack.version, files=files, now=now
        )
        packs_kept.put_in_force(db, pack.hash, by=actor, now=now)
        audit.append(db, at=now, actor=actor, action="rules put in force", subject=pack.hash)
    return pack


def hash_in_force(store: Store) -> str | None:
    """Return the content hash of the pack in force; None in a clinic that has none yet."""
    return packs_kept.in_force(store)


def kept_pack(store: Store, hash_: str, on: date) -> RulePack:
    """Load a pack as it was kept, with what the clinic had decided for the day *on*.

    Raises:
        NotFoundError: no pack of that hash was kept.
    """
    files = packs_kept.files_of(store, hash_)
    if files is None:
        msg = "No rule pack with this content hash was kept."
        raise NotFoundError(msg)
    return load_texts(files, on)
