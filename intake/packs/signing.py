"""Writing a clinician's sign-off into a pack."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from intake.core.errors import AnswerError, NotFoundError, PackError, near
from intake.packs.reading import parse, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from intake.core.rules import RulePack

NAME = "signoffs.yaml"
_HEAD = """\
# Sign-offs, written by 'intake rules sign-off'. Each holds for one content of its rule: after any
# edit of the rule, or of what it looks at, the rule counts as not reviewed again.
signoffs:
"""


def sign(
    folder: Path,
    pack: RulePack,
    rule_ids: Iterable[str],
    *,
    by: str,
    role: str,
    on: date,
    languages: Iterable[str] = (),
) -> Path:
    """Add sign-offs of rules, and of translations, to the pack in *folder*; returns the file.

    The file is written anew beside the old one and put in its place when it is whole.

    Raises:
        NotFoundError: the pack has no such rule or language; nothing was written.
        AnswerError: nobody is named, or by characters that cannot be printed; nothing was written.
        PackError: the file that is there cannot be read; nothing was written.
    """
    for words, text in (("Name who signs", by), ("Give the role of who signs", role)):
        if not text.strip():
            msg = f"{words}. Nothing was signed off."
            raise AnswerError(msg)
        if any(_cannot_be_written(character) for character in text):
            msg = f"{words} in letters that can be written. Nothing was signed off."
            raise AnswerError(msg)
    rules = {rule.id: rule for rule in (*pack.rules, *pack.switched_off)}
    rows = _there(folder / NAME)
    for rule_id in rule_ids:
        if rule_id not in rules:
            msg = f"There is no rule '{rule_id}'{near(rule_id, rules)}. Nothing was signed off."
            raise NotFoundError(msg)
        digest = rules[rule_id].digest
        rows.append({"rule": rule_id, "by": by, "role": role, "on": str(on), "digest": digest})
    for tag in languages:
        if tag not in pack.translations:
            hint = near(tag, pack.translations)
            msg = f"There is no translation '{tag}'{hint}. Nothing was signed off."
            raise NotFoundError(msg)
        digest = pack.translations[tag].digest
        rows.append({"language": tag, "by": by, "role": role, "on": str(on), "digest": digest})
    new = folder / f"{NAME}.new"
    new.write_text(_HEAD + "".join(map(_written, rows)), encoding="utf-8")
    new.replace(folder / NAME)
    return folder / NAME


def _cannot_be_written(character: str) -> bool:
    """Tell whether YAML has no place for a character."""
    return unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"


def _there(path: Path) -> list[dict[str, str]]:
    """Return the sign-offs that are in the file."""
    if not path.is_file():
        return []
    text, faults = read_file(path, NAME)
    tree, more = parse(NAME, text)
    if faults or more or tree is None:
        raise PackError([*faults, *more])
    rows = tree.child("signoffs")
    plain = rows.plain() if rows else []
    return [
        {key: str(value) for key, value in row.items()}
        for row in (plain if isinstance(plain, list) else [])
        if isinstance(row, dict)
    ]


def _written(row: dict[str, str]) -> str:
    """Write a sign-off; its texts in quotes, whose form in YAML holds JSON's."""
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in row.items())
    return "  - " + "\n    ".join(lines) + "\n"
