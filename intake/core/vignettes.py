"""Short cases with the triage they must get, held against the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.reading import read_all
from intake.core.screening import screen
from intake.core.truth import Truth

if TYPE_CHECKING:
    from intake.core.rules import RulePack, Vignette
    from intake.core.screening import Screening


def run_vignette(pack: RulePack, vignette: Vignette) -> tuple[Screening, list[str]]:
    """Screen a vignette; returns the screening and every difference from what it expects."""
    reading = read_all(pack, vignette.answers, vignette.plan, vignette.on)
    found = screen(pack, reading.answers, vignette.on)
    expect = vignette.expect
    met, unknown = _judged(found, Truth.MET), _judged(found, Truth.UNKNOWN)
    if reading.problems:
        return found, [f"{link_id}: {words}" for link_id, words in reading.problems]
    faults = []
    if found.triage is not expect.triage:
        faults.append(f"triage is {found.triage}, expected {expect.triage}")
    faults += [f"{rule_id} is not met" for rule_id in expect.fires if rule_id not in met]
    faults += [f"{rule_id} is not unknown" for rule_id in expect.unknown if rule_id not in unknown]
    faults += [
        f"{rule_id} is {'met' if rule_id in met else 'unknown'}, expected silent"
        for rule_id in expect.silent
        if rule_id in met | unknown
    ]
    if expect.earliest and found.earliest_safe_date != expect.earliest:
        faults.append(
            f"earliest safe date is {found.earliest_safe_date}, expected {expect.earliest}"
        )
    if expect.exactly:
        extra = (met - set(expect.fires)) | (unknown - set(expect.unknown))
        faults += [f"{rule_id} was not expected" for rule_id in sorted(extra)]
    return found, faults


def misjudged(vignette: Vignette, found: Screening) -> list[str]:
    """Return the rules of a screening that are not as the vignette says, in its order."""
    expect = vignette.expect
    met, unknown = _judged(found, Truth.MET), _judged(found, Truth.UNKNOWN)
    wrong = [rule_id for rule_id in expect.fires if rule_id not in met]
    wrong += [rule_id for rule_id in expect.unknown if rule_id not in unknown]
    wrong += [rule_id for rule_id in expect.silent if rule_id in met | unknown]
    return list(dict.fromkeys(wrong))


def _judged(found: Screening, truth: Truth) -> set[str]:
    return {finding.rule_id for finding in found.findings if finding.truth is truth}
