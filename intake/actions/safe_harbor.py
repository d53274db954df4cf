"""What a table without names does about each identifier of HIPAA's Safe Harbor, and what it is not.

Source: 45 CFR 164.514(b)(2)(i)(A) to (R) and (ii).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.treatments import MARK, SUPPRESSED
from intake.core.bare_answers import Dates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS = ("identifier", "of_the_patient", "what_is_done", "removed")

_WHAT = {
    "A": "Names",
    "B": "Geographic subdivisions smaller than a state",
    "C": "All elements of dates but the year; ages over 89",
    "D": "Telephone numbers",
    "E": "Fax numbers",
    "F": "Email addresses",
    "G": "Social security numbers",
    "H": "Medical record numbers",
    "I": "Health plan beneficiary numbers",
    "J": "Account numbers",
    "K": "Certificate and license numbers",
    "L": "Vehicle identifiers and serial numbers",
    "M": "Device identifiers and serial numbers",
    "N": "Web addresses",
    "O": "IP addresses",
    "P": "Biometric identifiers",
    "Q": "Full-face photographs and the like",
    "R": "Any other unique identifying number, characteristic or code",
}
_NEVER_ASKED = "No field for it; where somebody typed it, it is left out with all free text."
_DONE = {
    "A": "Left out; those of staff are pseudonyms.",
    "B": (
        "No addresses are kept. A site is a pseudonym, shown only where enough patients have it."
    ),
    "H": "Left out; a pseudonym stands for the patient.",
    "M": (
        "Lots, products and whatever else is typed about a session are left out. The code of a"
        " needling device names its model."
    ),
    "O": "Kept of sign-ins alone, and in no table.",
    "P": "Drawn signatures are in no table.",
    "Q": "None are kept; places on the body map are left out.",
    "R": (
        "Receipts and hashes of packs are left out; ids are pseudonyms. Values that few patients"
        " have are held back one by one; all answers of a patient together are still hardly ever"
        " those of another."
    ),
}
_DATES: Mapping[Dates, str] = {
    Dates.YEAR: "Years alone; no age over 89 and no year that would tell one.",
    Dates.SHIFTED: (
        "The days of each patient are moved by one number, drawn by lot; no age over 89. Moved days"
        " are more than years: Safe Harbor is not met."
    ),
    Dates.NONE: "No dates; no age over 89.",
}
_IN_PART, _NO, _YES = "in part", "no", "yes"


def safe_harbor(dates: Dates) -> Iterator[dict[str, object]]:
    """Yield what is done about each of the eighteen identifiers."""
    done = {**_DONE, "C": _DATES[dates]}
    removed = {"R": _IN_PART, **({"C": _NO} if dates is Dates.SHIFTED else {})}
    for letter, what in _WHAT.items():
        told = (letter, what, done.get(letter, _NEVER_ASKED), removed.get(letter, _YES))
        yield dict(zip(COLUMNS, told, strict=True))


def about(dates: Dates, least: int) -> Iterator[str]:
    """Yield in sentences what was done, how to read it, and what is not promised."""
    yield (
        "Tables without names: free text, names, numbers and receipts are left out, and so is every"
        " column and every kind of answer of which nobody said what becomes of it."
    )
    yield f"Dates: {_DATES[dates]}"
    yield (
        "Ids are pseudonyms, the same in all tables of this export. They come from a secret that"
        " was drawn for it and kept nowhere: no other export has the same, and nobody can turn"
        " them back."
    )
    yield "Only forms that were sent are in it, in an order drawn by lot."
    yield (
        f"{MARK} stands for what fewer than {least} patients have in common, and for as much else"
        f" as keeps these from being told; the column {SUPPRESSED} names the columns concerned. An"
        " empty cell means that nothing was said. A table of fewer patients than that is empty, and"
        " so are the rows of a question or a rule that fewer have, or fewer lack."
    )
    yield (
        f"Age, site, language, year and what is asked once in a life: whatever of these is shown"
        f" together, at least {least} patients have."
    )
    yield (
        "This is no determination by a statistician (45 CFR 164.514(b)(1)). Safe Harbor also asks"
        " that whoever hands it on has no actual knowledge that somebody in it could be recognised"
        " (164.514(b)(2)(ii))."
    )
    yield (
        "It does not promise that nobody is recognised: who knows several answers of a patient may"
        " find their row, what stands beside a gap may tell what is held back there,"
        " and two exports of nearly the same cases can be held against each other."
    )
