"""What the program brings along when it is installed: which packages, under which licences."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement

LICENCES = re.compile(
    r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|Zope|ZPL|MPL|Mozilla|HPND|zlib"
    r"|Public Domain|Unlicense)\b",
    re.IGNORECASE,
)
"""Licences that ask no more of a clinic, or of who changes the program, than to be named."""

UNTOLD = {"sqlcipher3": "Zlib"}
"""Packages whose metadata name no licence, by what their licence file says."""


def key(name: str) -> str:
    """Return the one spelling of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(name: str = "intake") -> dict[str, Distribution]:
    """Return what a package needs to run, and all that these need, as installed here."""
    found: dict[str, Distribution] = {}
    done, waiting = set(), [(name, frozenset[str]())]
    while waiting:
        wanted = waiting.pop()
        if wanted in done:
            continue
        done.add(wanted)
        name, extras = wanted
        found[key(name)] = distribution(name)
        needs = map(Requirement, found[key(name)].requires or ())
        waiting += [(key(r.name), frozenset(r.extras)) for r in needs if _counts(r, extras)]
    return found


def _counts(need: Requirement, extras: frozenset[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": e}) for e in {"", *extras})


def licences(package: Distribution) -> list[str]:
    """Return what a package says of its licence, in whichever place; blank when nothing."""
    told = package.metadata
    written = [told.get("License-Expression"), told.get("License"), UNTOLD.get(key(told["Name"]))]
    classes = [c for c in told.get_all("Classifier") or () if c.startswith("License ::")]
    return [one for one in (*written, *classes) if one]


def foreign() -> list[str]:
    """Name the packages that come under no licence that is known to ask for nothing."""
    return [
        f"{name}: {'; '.join(licences(package))[:80] or 'says nothing'}"
        for name, package in sorted(brought().items())
        if not any(LICENCES.search(one) for one in licences(package))
    ]
