"""The day of treatment and after: what was confirmed, what was done, and how the skin took it.

Frozen values that pass between the floors; `intake.core.guide` says what follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal


class Reply(StrEnum):
    """What is said at the chair to one question of the same-day confirmation."""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not_sure"


@dataclass(frozen=True, slots=True)
class Said:
    """A reply at the chair, and what else was said to it, such as the name of a new medicine."""

    reply: Reply
    words: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a patient said at the chair, on the day of treatment. Kept as it was said.

    Attributes:
        said: The reply to each question of the pack's confirmation, by its id.
        lapsed: Questions of the form whose answers were too old to count on that day.
    """

    id: str
    response_id: str
    on: date
    said: Mapping[str, Said]
    lapsed: frozenset[str]
    by: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Zone:
    """One treated area.

    Attributes:
        depth_mm: The greatest needle depth there, in millimetres.
    """

    area: str
    depth_mm: Decimal
    passes: int


class Medium(StrEnum):
    """What the needles glided on. There is none for water: tap water is never used."""

    STERILE_GEL = "sterile_gel"
    STERILE_SALINE = "sterile_saline"
    STERILE_PRODUCT = "sterile_product"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Product:
    """Something that touched the skin, with the lot it came from."""

    name: str
    lot: str


@dataclass(frozen=True, slots=True)
class Anaesthetic:
    """What numbed the skin: product, strength, amount and time, as written down."""

    product: str
    strength: str
    amount: str
    time: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was done in one session.

    Attributes:
        device: The code of the device label, as the plan names it.
        endpoint: What was seen when the treatment was ended.
        anaesthetic: None when none was used.
        checked: Ids of the lines of the staff's checklist that were ticked.
        not_done: Why the others were not.
        unexpected: What happened that nobody expected; empty when nothing did.
        differed: What was done otherwise than planned, and why.
    """

    device: str
    zones: tuple[Zone, ...]
    endpoint: str
    cartridge_lot: str
    antiseptic: str
    medium: Medium
    medium_lot: str = ""
    anaesthetic: Anaesthetic | None = None
    products: tuple[Product, ...] = ()
    checked: frozenset[str] = frozenset()
    not_done: str = ""
    unexpected: str = ""
    differed: str = ""

    @property
    def depth_mm(self) -> Decimal:
        """The greatest depth of any area, in millimetres."""
        return max(zone.depth_mm for zone in self.zones)

    @property
    def areas(self) -> frozenset[str]:
        """The codes of the areas that were treated."""
        return frozenset(zone.area for zone in self.zones)


@dataclass(frozen=True, slots=True)
class TreatmentSession:
    """One session as it was recorded; what is found out later is an addendum or a reaction.

    Attributes:
        modality: How the needles were driven, as planned; None when that was left open.
        next_from: The first day on which a rule lets the next session begin; None when no rule
            says when.
        by_name: Who treated, as the name was then.
    """

    id: str
    response_id: str
    patient_id: str
    on: date
    modality: str | None
    done: Done
    next_from: date | None
    by: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Noticed:
    """How the skin took a session, as somebody notes it.

    Attributes:
        kind: Which of the pack's reactions.
        on: The day on which it was first seen; of one that settled, the day it was seen to have.
        settled: Whether it is over; None when nobody is sure, which counts as not.
        follows: The earlier note on the same reaction that this one brings up to date.
    """

    kind: str
    on: date | None
    settled: bool | None
    words: str = ""
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """A note on how the skin took a session, made at any later date. Kept as it was written."""

    id: str
    patient_id: str
    session_id: str
    noticed: Noticed
    by: str
    by_name: str
    at: datetime


def standing(reactions: Iterable[Reaction]) -> list[Reaction]:
    """Return the last note on each reaction, oldest first."""
    notes = list(reactions)
    followed = {note.noticed.follows for note in notes}
    return [note for note in notes if note.id not in followed]
