"""YAML files to a rule pack, or every problem as `file:line: what is wrong, what is allowed`."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from intake.core.errors import PackError
from intake.packs.building import build
from intake.packs.draft import CLINIC
from intake.packs.overlay import days_of_change, lowered_floors, touches_a_floor
from intake.packs.reading import MOST_TOGETHER, Budget, parse, read_file, read_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from intake.core.rules import RulePack


def load(folder: Path, on: date) -> RulePack:
    """Load the pack in *folder* as it counts on a day.

    Raises:
        PackError: something in it is wrong; carries every problem found.
    """
    texts, problems = read_folder(folder)
    return _build(texts, problems, on)


def load_texts(texts: Mapping[str, str], on: date) -> RulePack:
    """Load a pack from texts by file name, as the database keeps them.

    Args:
        texts: The files of the pack.
        on: The day for which it is loaded; what a clinic decided for itself comes and goes.

    Raises:
        PackError: something in it is wrong; carries every problem found.
    """
    return _loaded(tuple(texts.items()), on)


@lru_cache(maxsize=1)
def _loaded(files: tuple[tuple[str, str], ...], on: date) -> RulePack:
    """Build a pack once where it is asked for twice, as at a start: it takes half a second."""
    return _build(dict(files), [], on)


def texts_of(folder: Path, clinic: Path | None = None) -> dict[str, str]:
    """Return the texts of a pack by file name, for keeping it whole.

    Args:
        folder: Where the pack is.
        clinic: The file of what a clinic decided for itself, which is then laid over the pack.

    Raises:
        PackError: a file cannot be read.
    """
    texts, problems = read_folder(folder)
    if clinic is not None:
        text, faults = read_file(clinic, CLINIC)
        texts[CLINIC] = text
        problems = [*problems, *faults]
    if problems:
        raise PackError(problems)
    return texts


def hash_of(texts: Mapping[str, str]) -> str:
    """Return the content hash of a pack: SHA-256 over the names and texts of its files."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{texts[name]}\0".encode(errors="surrogatepass"))
    return digest.hexdigest()


def _build(texts: Mapping[str, str], problems: list[str], on: date) -> RulePack:
    _refuse_too_much(texts)
    trees, budget = {}, Budget()
    for name, text in texts.items():
        tree, faults = parse(name, text, budget)
        problems = [*problems, *faults]
        if tree is not None:
            trees[name] = tree
    unreadable, hash_ = frozenset(set(texts) - set(trees)), hash_of(texts)
    pack, faults = build(trees, unreadable, hash_, on)
    problems = [*problems, *faults]
    if pack is not None and touches_a_floor(pack):
        written = {name: tree for name, tree in trees.items() if name != CLINIC}
        as_written, _ = build(written, unreadable, hash_, on)
        for day in days_of_change(pack) if as_written else ():
            then, _ = build(trees, unreadable, hash_, day)
            problems += lowered_floors(then, as_written) if then and as_written else []
    if problems or pack is None:
        raise PackError(_in_order(problems) or ["pack.yaml:1: the pack is empty"])
    return pack


def _refuse_too_much(texts: Mapping[str, str]) -> None:
    size = sum(len(text.encode(errors="surrogatepass")) for text in texts.values())
    if size > MOST_TOGETHER:
        words = f"together the files are too large; a pack has at most {MOST_TOGETHER:,} bytes"
        raise PackError([f"pack.yaml:1: {words}"])


def _in_order(problems: list[str]) -> list[str]:
    """Sort by file and line, each problem once."""

    def place(problem: str) -> tuple[str, int]:
        name, _, rest = problem.partition(":")
        line, _, _ = rest.partition(":")
        return name, int(line) if line.isdigit() else 0

    return sorted(dict.fromkeys(problems), key=place)
