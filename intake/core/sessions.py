"""What the record of a session must hold, and what of it differs from the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from intake.core.answers import Chosen, Measured, Picked
from intake.core.blank import is_blank
from intake.core.course import ANAESTHETIC, AREA, DEPTH, DEVICE
from intake.core.questionnaire import NONE_CODE
from intake.core.treatment import Medium
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from intake.core.conditions import Case
    from intake.core.evidence import Duty
    from intake.core.rules import RulePack
    from intake.core.treatment import Done

MOST_PASSES = 50
MOST_PRODUCTS = 8


class Fault(NamedTuple):
    """What keeps a record from being kept.

    Attributes:
        part: The part of the record it concerns.
        words: What to do about it.
    """

    part: str
    words: str


def duties_for(pack: RulePack, case: Case) -> tuple[Duty, ...]:
    """Return the lines of the staff's checklist for a case; one that may apply is shown."""
    return tuple(
        duty
        for duty in pack.duties
        if duty.when is None or duty.when.truth(case) is not Truth.NOT_MET
    )


def faults_of_session(pack: RulePack, case: Case, done: Done) -> list[Fault]:
    """Return what keeps a record from being kept, in the order of the form.

    Args:
        pack: The pack the form was begun with.
        case: Its answers and its plan.
        done: What was written down.
    """
    return [
        *_tools(pack, done),
        *_zones(pack, done),
        *_numbing(done),
        *_products(done),
        *_checklist(pack, case, done),
        *_otherwise(case, done),
    ]


def _tools(pack: RulePack, done: Done) -> Iterator[Fault]:
    device = pack.items.get(DEVICE)
    if device is not None and done.device not in device.codes:
        yield Fault("device", "Select the device that was used.")
    if is_blank(done.cartridge_lot):
        yield Fault("cartridge_lot", "Write down the lot number of the cartridge.")
    if is_blank(done.antiseptic):
        yield Fault("antiseptic", "Write down the antiseptic.")
    if done.medium is not Medium.NONE and is_blank(done.medium_lot):
        yield Fault("medium_lot", "Write down the lot number of what the needles glided on.")


def _zones(pack: RulePack, done: Done) -> Iterator[Fault]:
    if not done.zones:
        yield Fault("zones", "Enter depth and passes for at least one area.")
    depth = pack.items.get(DEPTH)
    area = pack.items.get(AREA)
    if area is not None and not done.areas <= frozenset(area.codes):
        yield Fault("zones", "Select areas that the plan knows.")
    for zone in done.zones:
        greatest = depth.maximum if depth is not None else None
        if not _is_depth(zone.depth_mm, greatest):
            yield Fault("zones", f"Enter a depth above 0 and up to {greatest} mm.")
        if not 1 <= zone.passes <= MOST_PASSES:
            yield Fault("zones", f"Enter 1 to {MOST_PASSES} passes.")
    if is_blank(done.endpoint):
        yield Fault("endpoint", "Write down what you saw when you ended the treatment.")


def _is_depth(depth: Decimal, greatest: Decimal | None) -> bool:
    return depth.is_finite() and depth > 0 and (greatest is None or depth <= greatest)


def _numbing(done: Done) -> Iterator[Fault]:
    used = done.anaesthetic
    if used is None:
        return
    for part, words in (
        ("product", "Write down the anaesthetic."),
        ("strength", "Write down its strength."),
        ("amount", "Write down how much was used."),
        ("time", "Write down how long it was on."),
    ):
        if is_blank(getattr(used, part)):
            yield Fault(f"anaesthetic_{part}", words)


def _products(done: Done) -> Iterator[Fault]:
    for product in done.products:
        if is_blank(product.name) or is_blank(product.lot):
            yield Fault("products", "Write down each product with its lot number.")
            return


def _checklist(pack: RulePack, case: Case, done: Done) -> Iterator[Fault]:
    left = [duty for duty in duties_for(pack, case) if duty.id not in done.checked]
    if left and is_blank(done.not_done):
        yield Fault("not_done", "Say why the lines without a tick were not done.")


def _otherwise(case: Case, done: Done) -> Iterator[Fault]:
    found = list(differences(case, done))
    if found and is_blank(done.differed):
        yield Fault("differed", f"Say why it was done otherwise than planned: {'; '.join(found)}.")


def differences(case: Case, done: Done) -> Iterator[str]:
    """Yield what was done otherwise than planned; a plan that is open says nothing."""
    device, area, depth, numbing = (
        case.answer(name) for name in (DEVICE, AREA, DEPTH, ANAESTHETIC)
    )
    if isinstance(device, Chosen) and done.device != device.code:
        yield "another device"
    if isinstance(area, Picked) and not done.areas <= area.codes:
        yield "an area that was not planned"
    if isinstance(depth, Measured) and done.zones and done.depth_mm > depth.value:
        yield f"deeper than {depth.value} mm"
    if isinstance(numbing, Chosen) and (numbing.code == NONE_CODE) is (
        done.anaesthetic is not None
    ):
        yield "numbing" if done.anaesthetic else "no numbing"
