"""Answers on offer, in the form in which WTForms takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def offered(pairs: Iterable[tuple[str, str]]) -> Any:  # noqa: ANN401 - see below
    """Return codes with their words as a mapping, said in the language of the page.

    WTForms 3.3 takes this form and is about to refuse tuples; its type stubs know tuples only.
    """
    return {code: str(words) for code, words in pairs}
