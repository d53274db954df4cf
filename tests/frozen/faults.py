"""Small faults that are put into the engine: `faults.txt` says which."""

from __future__ import annotations

import ast
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.frozen import CORPORA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    import pytest

    from tests.frozen import Corpus

_FILE = Path(__file__).with_name("faults.txt")
NOTICED = Path(__file__).with_name("noticed.json")
"""By whom each fault is noticed: `make frozen` looked, so that the tests need not look for long."""


class Fault(NamedTuple):
    """A place in the engine that says something else.

    Attributes:
        module: Which module of the ground floor.
        old: What stands there, once.
        new: What is put in its place, of as many lines: else functions behind it would differ too.
    """

    module: str
    old: str
    new: str

    def plant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it into the running engine, wherever its functions are held already."""
        module = import_module(f"intake.core.{self.module}")
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert text.count(self.old) == 1, (
            f"Mend {_FILE.name}: not once in {self.module}: {self.old}"
        )
        part = _around(text, text[: text.index(self.old)].count("\n") + 1)
        sound, faulty = map(_functions_of, (part, part.replace(self.old, self.new)))
        changed = [name for name, code in sound.items() if code != faulty[name]]
        for name in changed:
            monkeypatch.setattr(_function(module, name), "__code__", faulty[name])
        if not changed:
            name, _, value = self.new.partition(" = ")
            monkeypatch.setattr(module, name, ast.literal_eval(value))


def _around(text: str, line: int) -> str:
    """Return the function, class or line at a line of a module, with blank lines above it."""
    of_all = _parsed(text)
    found = next(one for one in of_all if line <= (one.end_lineno or 0))
    decorators = getattr(found, "decorator_list", ())
    first = min([found.lineno, *(one.lineno for one in decorators)])
    return "\n" * (first - 1) + "\n".join(text.splitlines()[first - 1 : found.end_lineno])


@cache
def _parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _functions_of(text: str) -> dict[str, CodeType]:
    return dict(_functions(compile(text, "engine", "exec")))


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """Yield functions and methods by their names; what stands inside of one goes with it."""
    for one in code.co_consts:
        if isinstance(one, CodeType) and one.co_name[0] != "<":
            if one.co_flags & 1:  # optimised, as functions are, and the bodies of classes are not
                yield one.co_qualname, one
            else:
                yield from _functions(one)


def _function(module: ModuleType, name: str) -> FunctionType:
    owner: Any = module
    *above, last = name.split(".")
    for part in above:
        owner = getattr(owner, part)
    found = vars(owner)[last]
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, cached_property):
        found = found.func
    found = getattr(found, "__func__", getattr(found, "__wrapped__", found))
    assert isinstance(found, FunctionType)
    return found


def _read(text: str) -> Iterator[tuple[str, Fault]]:
    for block in text.strip().split("\n\n")[2:]:
        name, *lines = block.split("\n")
        old, new = ("\n".join(one[2:] for one in lines if one[0] == sign) for sign in "-+")
        yield name, Fault(name.partition(":")[0], old, new)


FAULTS: dict[str, Fault] = dict(_read(_FILE.read_text(encoding="utf-8")))
"""Each fault by its module and what it does."""


class Place(NamedTuple):
    """Patients of a corpus, one behind the other, of whom the last is judged otherwise."""

    corpus: str
    numbers: list[int]


_OF = {corpus.name: corpus for corpus in CORPORA}


def noticed_by(before: Place | None = None) -> Place | None:
    """Return the patients by whom it is noticed that the engine judges otherwise.

    Args:
        before: Those by whom it was; they are tried first.
    """
    if before and _is_noticed(before):
        return before
    for corpus in CORPORA:
        for number in _otherwise(corpus, range(len(corpus.lines[1]))):
            return Place(corpus.name, [*range(number + 1)])
    return None


def fewest(place: Place) -> Place:
    """Leave out those before the last, but for one at most of whom something is remembered."""
    *others, last = place.numbers
    for numbers in ([last], *([one, last] for one in reversed(others))):
        if _is_noticed(few := place._replace(numbers=numbers)):
            return few
    return place


def _is_noticed(place: Place) -> bool:
    return place.numbers[-1] in _otherwise(_OF[place.corpus], place.numbers)


def _otherwise(corpus: Corpus, numbers: Iterable[int]) -> Iterator[int]:
    """Yield who comes out otherwise; a fault that breaks the engine is noticed by that."""
    packs = corpus.packs.anew()
    for number in numbers:
        try:
            is_otherwise = any(True for _ in corpus.otherwise(packs, only=[number]))
        except Exception:  # noqa: BLE001 - whatever it is
            is_otherwise = True
        if is_otherwise:
            yield number
