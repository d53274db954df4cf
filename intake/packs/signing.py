"""Writing a clinician's sign-off into a pack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from intake.core.errors import NotFoundError

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
    folder: Path, pack: RulePack, rule_ids: Iterable[str], *, by: str, role: str, on: date
) -> Path:
    """Add sign-offs to the pack in *folder*; returns the file.

    Raises:
        NotFoundError: the pack has no such rule; nothing was written.
    """
    rules = {rule.id: rule for rule in (*pack.rules, *pack.switched_off)}
    wanted = tuple(rule_ids)
    for rule_id in wanted:
        if rule_id not in rules:
            msg = f"There is no rule '{rule_id}' in this pack. Nothing was signed off."
            raise NotFoundError(msg)
    path = folder / NAME
    text = path.read_text(encoding="utf-8") if path.is_file() else _HEAD
    for rule_id in wanted:
        text += (
            f"  - rule: {rule_id}\n    by: {_quoted(by)}\n    role: {_quoted(role)}\n"
            f"    on: {on}\n    digest: {rules[rule_id].digest}\n"
        )
    path.write_text(text, encoding="utf-8")
    return path


def _quoted(text: str) -> str:
    """Quote a text for YAML, whose double-quoted form holds JSON's."""
    return json.dumps(text, ensure_ascii=False)
