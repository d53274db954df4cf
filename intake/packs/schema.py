"""A piece of a file held against its shape, and every difference said in plain words."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from intake.packs.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.packs.nodes import Node

S = TypeVar("S", bound=Shape)


def check(shape: type[S], node: Node, problems: list[str]) -> S | None:
    """Hold a file against its shape, adding every difference to *problems* in plain words."""
    try:
        return shape.model_validate(node.plain())
    except ValidationError as error:
        for fault in error.errors():
            place = node.at(fault["loc"])
            problems.append(f"{place.place}: {_in_words(shape, fault)}")
        return None


def _in_words(shape: type[Shape], fault: Any) -> str:  # noqa: ANN401 - pydantic's own record
    """Say one of pydantic's findings so that a dermatologist knows what to mend."""
    path = [step for step in fault["loc"] if isinstance(step, str)]
    key = path[-1] if path else "the file"
    context = fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            allowed = _keys_at(shape, fault["loc"])
            hint = "".join(f"; meant is {one}?" for one in get_close_matches(key, allowed, 1))
            return f"'{key}' is not a key here; allowed are {', '.join(allowed)}{hint}"
        case "literal_error":
            return (
                f"'{fault['input']}' cannot stand for {key}; allowed are {context.get('expected')}"
            )
        case "string_pattern_mismatch":
            return (
                f"'{fault['input']}' is not an id; use small letters, digits and one kind of dash"
            )
        case kind if kind in _PLAIN_WORDS:
            return f"'{key}' {_PLAIN_WORDS[kind].format(key=key)}"
        case _:
            return f"'{key}': {fault['msg']}"


_PLAIN_WORDS = {
    "missing": "is missing; add a line '{key}: …'",
    "string_type": "needs a text on one line or after >-",
    "list_type": "needs a list, one entry a line after a dash",
    "dict_type": "needs lines of the form 'key: text' below it",
    "model_type": "needs lines of the form 'key: text' below it",
    "string_too_short": "is empty; say it in a few words",
    "too_long": "has more entries than the one that is allowed",
    "too_short": "is empty; it needs at least one entry",
}
"""What pydantic found, by its own name for it, in plain words."""


def _keys_at(shape: type[Shape], loc: Sequence[str | int]) -> list[str]:
    """Return the keys allowed where an unknown one was found."""
    current: Any = shape
    for step in loc[:-1]:
        if isinstance(step, int):
            continue
        field = getattr(current, "model_fields", {}).get(step)
        if field is None:
            continue
        current = _inner_shape(field.annotation) or current
    return sorted(getattr(current, "model_fields", {}))


def _inner_shape(annotation: Any) -> type[Shape] | None:  # noqa: ANN401 - a type expression
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if inner := _inner_shape(part):
            return inner
    return None
