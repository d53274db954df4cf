"""Other engines, each taking a condition as text and giving back what judges facts by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.dialects import CEL, RULE_ENGINE, ZEN, JsonLogic

if TYPE_CHECKING:
    from collections.abc import Callable


def by_zen(text: Any) -> Callable[[dict[str, Any]], bool]:
    import zen  # noqa: PLC0415 - for whoever measures

    return zen.compile_expression(text).evaluate


def by_json_logic(text: Any) -> Callable[[dict[str, Any]], bool]:
    from json_logic import jsonLogic  # noqa: PLC0415

    return lambda known: bool(jsonLogic(text, known))


def by_rule_engine(text: Any) -> Callable[[dict[str, Any]], bool]:
    import rule_engine  # noqa: PLC0415

    return rule_engine.Rule(text).matches


def by_cel(text: Any) -> Callable[[dict[str, Any]], bool]:
    import celpy  # noqa: PLC0415

    environment = celpy.Environment()
    program = environment.program(environment.compile(text))
    return lambda known: bool(
        program.evaluate({name: celpy.json_to_cel(one) for name, one in known.items()})
    )


PEERS = {
    "zen-engine": (ZEN, by_zen),
    "panzi-json-logic": (JsonLogic(), by_json_logic),
    "rule-engine": (RULE_ENGINE, by_rule_engine),
    "cel-python": (CEL, by_cel),
}
