"""Texts of rules that name a setting in braces, read with the value in force.

"Botulinum toxin in the last {botulinum}" then says what a clinic waits, and not what the pack once
proposed. What is said to patients names no setting: it is said in several languages.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.core.errors import near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.evidence import Setting
    from intake.core.rules import Rule
    from intake.packs.draft import Draft
    from intake.packs.nodes import Node

_NAMED = re.compile(r"\{([^{}]*)\}")


def mentioned(draft: Draft, node: Node, *texts: str) -> tuple[str, ...]:
    """Return the settings that *texts* name, noting names that do not exist."""
    names = dict.fromkeys(name for text in texts for name in _NAMED.findall(text))
    if "settings" not in draft.names.unread:
        for name in names:
            if name not in draft.names.settings and name not in draft.names.broken:
                hint = near(name, draft.names.settings)
                draft.note(node, f"there is no setting '{name}' to fill in{hint}")
    return tuple(names)


def filled(rule: Rule, settings: Mapping[str, Setting]) -> Rule:
    """Return *rule* with the value of each setting in the place of its name."""
    if not rule.mentions:
        return rule

    def fill(text: str) -> str:
        return _NAMED.sub(lambda found: str(settings.get(found[1], found[0])), text)

    return replace(
        rule,
        title=fill(rule.title),
        meaning=fill(rule.meaning),
        action=fill(rule.action),
    )
