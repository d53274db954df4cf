"""YAML text to a tree of text with line numbers; everything clever in YAML is refused.

Every scalar stays text (`no`, `012` and `1e3` mean what is written). Aliases, anchors, tags,
duplicate keys, deep nesting and oversized files are problems, because a reader of a rule must see
all of it where it stands, and because a few bytes of aliases can grow into gigabytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from intake.packs.nodes import Node
from intake.packs.quick import read_quickly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_BYTES = 1_000_000
"""Largest rule file, in bytes; checked before the file is read."""

MAX_GENERATED_BYTES = 20_000_000
"""Largest file of generated cases."""

MOST_TOGETHER = 3_000_000
"""Most bytes of all files of a pack together: three times the shipped one."""

MOST_PIECES = 150_000
"""Most values, keys and brackets of all files of a pack together.

Reading costs by the piece, not by the byte: a file of a megabyte that is nothing but commas would
keep the clinic waiting for as long as twenty honest packs.
"""

MOST_PROBLEMS = 200
"""So many problems of one file are told; whoever mends them is told the others."""

MAX_FILES = 200
MAX_DEPTH = 20


class Budget:
    """How many pieces may still be read; the files of a pack share one."""

    def __init__(self, pieces: int = MOST_PIECES) -> None:
        self.pieces = pieces

    def spend(self, events: Iterable[Event], name: str) -> Iterator[Event]:
        """Pass on what is read, as long as it is not too much."""
        for event in events:
            self.pieces -= 1
            if self.pieces < 0:
                line = event.start_mark.line + 1
                msg = f"{name}:{line}: this is too much; a pack has at most {MOST_PIECES:,} entries"
                raise _TooMuch(msg)
            yield event


def read_folder(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Read every YAML file of a pack.

    Returns:
        The texts by path relative to *folder*, and the problems with the files themselves.
    """
    if not folder.is_dir():
        return {}, [f"{folder}: there is no such folder; name the folder that holds pack.yaml"]
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    if len(paths) > MAX_FILES:
        return {}, [f"{folder}: {len(paths)} files; a pack has at most {MAX_FILES}"]
    texts: dict[str, str] = {}
    problems: list[str] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        text, faults = read_file(path, name)
        problems += faults
        if not faults:
            texts[name] = text
    return texts, problems


def read_file(path: Path, name: str, suffix: str = ".yaml") -> tuple[str, list[str]]:
    """Read one file that is called *name* in messages and ends in *suffix*.

    Returns:
        Its text, and the problems with the file itself.
    """
    if fault := _fault_of_file(path, suffix):
        return "", [f"{printable(name)}:1: {fault}"]
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n"), []
    except UnicodeDecodeError:
        return "", [f"{printable(name)}:1: the file is not UTF-8 text; save it as UTF-8"]


def _fault_of_file(path: Path, suffix: str) -> str:
    """Say what keeps a file from being read, before it is opened."""
    if not path.is_file():
        return "this is not a file that can be read; take it out of the pack"
    if path.suffix != suffix:
        return f"files of a pack end in {suffix}; rename it"
    most = MAX_BYTES if suffix == ".yaml" else MAX_GENERATED_BYTES
    if path.stat().st_size > most:
        return f"the file is too large; at most {most:,} bytes are read"
    return ""


def printable(name: str) -> str:
    """Return a file's name in one printable line, for messages."""
    return "".join(c if c.isprintable() else "?" for c in name)


def parse(name: str, text: str, budget: Budget | None = None) -> tuple[Node | None, list[str]]:
    """Turn the text of one file into a tree.

    Args:
        name: What the file is called in messages.
        text: What stands in it.
        budget: What the files of a pack share; one of its own where none is given.

    Returns:
        The tree (None when it cannot be read at all) and every problem found on the way.
    """
    name = printable(name)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return None, [f"{name}:1: the file is not UTF-8 text; save it as UTF-8"]
    if size > MAX_BYTES:
        return None, [f"{name}:1: the file is too large; at most {MAX_BYTES:,} bytes are read"]
    budget = budget or Budget()
    quick = read_quickly(name, text, budget.pieces)
    if quick is not None:
        budget.pieces -= quick[1]
        return quick[0], []
    return parse_fully(name, text, budget)


def parse_fully(name: str, text: str, budget: Budget) -> tuple[Node | None, list[str]]:
    """Turn the text of one file into a tree by the reader of all of YAML.

    Args:
        name: What the file is called in messages.
        text: What stands in it.
        budget: What the files of a pack share.

    Returns:
        The tree (None when it cannot be read at all) and every problem found on the way.
    """
    reader = _Reader(name)
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        return reader.document(budget.spend(events, name)), reader.problems
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [*reader.problems, f"{name}:{line}: {_in_plain_words(str(error.problem))}"]
    except YAMLError as error:
        return None, [*reader.problems, f"{name}:1: this is not YAML: {str(error).splitlines()[0]}"]
    except _TooMuch as error:
        return None, [*reader.problems, str(error)]


_PLAIN_WORDS = {
    "'\\t'": "a tab stands here; use spaces",
    "mapping values are not allowed": (
        "a colon too many, or spaces that do not line up; put text with a colon in quotes or after"
        " >-, and line the key up with the others"
    ),
    "could not find expected ':'": (
        "look at this line and the one above: put a space after the colon, and indent the lines"
        " of a long text further"
    ),
    "<block end>": (
        "the spaces at the start of this line do not match the lines above, or a quotation mark is"
        " not closed; line it up with the other keys"
    ),
    "expected ',' or": "a bracket that was opened is not closed on this line or the one above",
    "quoted scalar": "a quotation mark is not closed on this line or one above",
}
"""What the YAML reader says, by a mark in its words, and what it means to a clinician."""


def _in_plain_words(problem: str) -> str:
    """Say what the YAML reader stumbled over so that a clinician knows where to look."""
    for mark, words in _PLAIN_WORDS.items():
        if mark in problem:
            return f"this cannot be read: {words}"
    return f"this cannot be read: {problem}; compare it with the entries around it"


class _TooMuch(Exception):  # noqa: N818 - a signal inside this room, not an error of the tree
    """The nesting goes deeper, or the file on for longer, than any rule needs."""


class _Reader:
    """Builds the tree from YAML events, noting what is refused."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []

    def document(self, events: Iterator[Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if event.tags:
                    self._refuse(event, "a tag directive (%TAG)", "begin with the first key")
                if root is not None:
                    self._refuse(event, "a second document (---)", "one document a file")
                    break
                root = self._node(next(events), events, 0)
        return root or Node(None, self.name, 1)

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            msg = f"{self.name}:{line}: nested too deep; at most {MAX_DEPTH} levels are read"
            raise _TooMuch(msg)
        self._check_plain(event)
        if isinstance(event, MappingStartEvent):
            return Node(self._mapping(events, depth), self.name, line)
        if isinstance(event, SequenceStartEvent):
            return Node(self._sequence(events, depth), self.name, line)
        if isinstance(event, ScalarEvent):
            is_null = event.style is None and event.value in ("", "~")
            return Node(None if is_null else event.value, self.name, line)
        return Node(None, self.name, line)

    def _check_plain(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(event, f"an alias (*{event.anchor})", "write the thing out again")
        elif isinstance(event, NodeEvent) and event.anchor:
            self._refuse(
                event, f"an anchor (&{event.anchor})", "write the thing out where it is used"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, f"a tag ({tag})", "plain text, lists and mappings")

    def _mapping(self, events: Iterator[Event], depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key.value, str):
                self._note(key.line, "a key that is not a word", "one word before each colon")
            elif key.value in found:
                first = found[key.value].line
                self._note(key.line, f"'{key.value}' stands twice (first at line {first})", "once")
            else:
                found[key.value] = Node(value.value, self.name, key.line)
        return found

    def _sequence(self, events: Iterator[Event], depth: int) -> list[Node]:
        found: list[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            found.append(self._node(event, events, depth + 1))
        return found

    def _refuse(self, event: Event, what: str, allowed: str) -> None:
        self._note(event.start_mark.line + 1, f"{what} is not allowed", allowed)

    def _note(self, line: int, wrong: str, allowed: str) -> None:
        self.problems.append(f"{self.name}:{line}: {wrong}; {allowed}")
        if len(self.problems) >= MOST_PROBLEMS:
            msg = f"{self.name}:{line}: so far {MOST_PROBLEMS} problems; mend these first"
            raise _TooMuch(msg)
