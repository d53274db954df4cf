"""The plain part of YAML, in which packs are written, read many times quicker than all of YAML.

What is read here is a strict part: keys and texts on one line, `>-` paragraphs, and lists and
mappings in brackets on one line. Nothing else is guessed at, and nothing is refused either: at the
first thing outside of that part this reader gives up, and whoever asked reads the whole text with
the reader of all of YAML, which alone knows faults and their messages. So a text is read here only
if both readers come to the same tree, which tests hold them to.
"""

from __future__ import annotations

import re

from intake.packs.nodes import Node

DEEPEST = 16
"""Levels that are read here; the shipped pack has ten."""

_ODD = re.compile(
    r" (?=\n|\Z)"
    r"|[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""A space that ends a line, a tab, or a character that YAML forbids, skips or ends lines at."""

_KEY = r"([A-Za-z0-9_](?:[A-Za-z0-9_. -]{0,98}[A-Za-z0-9_.-])?):"
_ENTRY = re.compile(rf"{_KEY}(?: (.+))?")
_MEMBER = re.compile(rf"{_KEY} ")
_QUOTED = re.compile(r"""'([^']*)'|"([^"\\]*)\"""")
_TEXT = re.compile(r"[\w~(][^:#]*(?:(?::(?=[^ ])|(?<=[^ ])#)[^:#]*)*(?<! )")
"""A text without quotes; a colon before a space would make it a key, a # after one a comment."""

_WORDS = re.compile(r"[\w~(][^:#,\[\]{}]*(?<! )")
"""A text without quotes between brackets."""

_END = re.compile(r"(?: +#.*)?")
"""What may follow on a line: nothing, or a comment."""


class _NotPlain(Exception):  # noqa: N818 - a signal inside this room, not an error of the tree
    """Something stands here that is left to the reader of all of YAML."""


def read_quickly(name: str, text: str, most: int) -> tuple[Node, int] | None:
    """Read a text that keeps to the plain part of YAML.

    Args:
        name: What the file is called.
        text: What stands in it.
        most: How many pieces may be read; more are given up on before they cost time.

    Returns:
        The tree and how many pieces YAML counts in it; None when the text has to be read by the
        reader of all of YAML, which may find it right or wrong.
    """
    if _ODD.search(text):
        return None
    try:
        reader = _Reader(name, text, most)
        tree = reader.document()
    except _NotPlain:
        return None
    return (tree, reader.pieces) if reader.pieces <= most else None


class _Reader:
    """Goes through the lines of a text; always at the next one that says something."""

    def __init__(self, name: str, text: str, most: int) -> None:
        self.name, self.most = name, most
        self.lines = text.split("\n")
        self.pieces = 4  # begin and end, of the file and of its document
        self.number = 0
        self._next()

    def document(self) -> Node:
        root = self._block(0)
        if self.column >= 0:  # a line that continues none of the lists and mappings it stands in
            raise _NotPlain
        return root

    def _next(self) -> None:
        """Go on to the next line that is neither blank nor a comment, past the end if need be."""
        if self.pieces > self.most:
            raise _NotPlain
        for number in range(self.number, len(self.lines)):
            line = self.lines[number]
            rest = line.lstrip(" ")
            if rest and rest[0] != "#":
                self.number, self.column, self.rest = number + 1, len(line) - len(rest), rest
                return
        self.number, self.column, self.rest = len(self.lines) + 1, -1, ""

    def _node(self, value: str | list[Node] | dict[str, Node] | None) -> Node:
        self.pieces += 1 if value is None or isinstance(value, str) else 2
        return Node(value, self.name, self.number)

    def _block(self, depth: int) -> Node:
        """Read the list or mapping that begins here."""
        if depth > DEEPEST:
            raise _NotPlain
        line = self.number
        found = self._list(depth) if self.rest.startswith("- ") else self._mapping(depth)
        self.pieces += 2
        return Node(found, self.name, line)

    def _mapping(self, depth: int) -> dict[str, Node]:
        column, found = self.column, dict[str, Node]()
        while self.column == column:
            entry = _ENTRY.fullmatch(self.rest)
            if entry is None or entry[1] in found:
                raise _NotPlain
            line, self.pieces = self.number, self.pieces + 1
            found[entry[1]] = Node(self._value(entry[2], column, depth).value, self.name, line)
        return found

    def _list(self, depth: int) -> list[Node]:
        column, found = self.column, list[Node]()
        while self.column == column and self.rest.startswith("- "):
            self.column, self.rest = column + 2, self.rest[2:]
            if self.rest.startswith("- ") or _ENTRY.fullmatch(self.rest):
                found.append(self._block(depth + 1))
            else:
                found.append(self._value(self.rest, column, depth))
        return found

    def _value(self, rest: str | None, column: int, depth: int) -> Node:
        """Read what stands behind a key or dash in *column*: on its line, below it, or nowhere."""
        if rest is None:
            nothing = Node(None, self.name, self.number)
            self._next()
            if self.column > column:
                return self._block(depth + 1)
            self.pieces += 1
            return nothing
        if rest == ">-":
            return self._paragraph(column)
        node, end = self._inline(rest, 0, _TEXT, depth + 1)
        if not _END.fullmatch(rest, end):
            raise _NotPlain
        self._next()
        return node

    def _paragraph(self, column: int) -> Node:
        """Read the lines below `>-`, all equally far to the right, as one text."""
        line, texts = self.number, []
        indent = " " * (len(self._below) - len(self._below.lstrip(" ")))
        if len(indent) <= column:
            raise _NotPlain
        while self._below.startswith(indent):
            texts.append(self._below.removeprefix(indent))
            self.number += 1
        while not self._below and self.number < len(self.lines):
            self.number += 1
        if self._below.startswith(indent) or any(text[0] == " " for text in texts):
            raise _NotPlain  # a paragraph of several parts, or with lines that keep their shape
        self._next()
        self.pieces += 1
        return Node(" ".join(texts), self.name, line)

    @property
    def _below(self) -> str:
        """The line below the one last read, blank behind the end."""
        return self.lines[self.number] if self.number < len(self.lines) else ""

    def _inline(self, text: str, at: int, bare: re.Pattern[str], depth: int) -> tuple[Node, int]:
        """Read a value that begins *at* and ends on the same line; tell where it ends."""
        if depth > DEEPEST:
            raise _NotPlain
        match text[at : at + 1]:
            case "[":
                return self._members(text, at, depth)
            case "{":
                return self._pairs(text, at, depth)
            case "'" | '"':
                quoted = _QUOTED.match(text, at)
                if quoted is None:
                    raise _NotPlain
                return self._node(quoted[quoted.lastindex or 1]), quoted.end()
        found = bare.match(text, at)
        if found is None:
            raise _NotPlain
        return self._node(None if found[0] == "~" else found[0]), found.end()

    def _members(self, text: str, at: int, depth: int) -> tuple[Node, int]:
        """Read a list in brackets."""
        found: list[Node] = []
        if text.startswith("[]", at):
            return self._node(found), at + 2
        while True:
            node, at = self._inline(text, at + 1, _WORDS, depth + 1)
            found.append(node)
            if text.startswith("]", at):
                return self._node(found), at + 1
            at = _past_comma(text, at)

    def _pairs(self, text: str, at: int, depth: int) -> tuple[Node, int]:
        """Read a mapping in braces."""
        found: dict[str, Node] = {}
        if text.startswith("{}", at):
            return self._node(found), at + 2
        while True:
            key = _MEMBER.match(text, at + 1)
            if key is None or key[1] in found:
                raise _NotPlain
            self.pieces += 1
            found[key[1]], at = self._inline(text, key.end(), _WORDS, depth + 1)
            if text.startswith("}", at):
                return self._node(found), at + 1
            at = _past_comma(text, at)


def _past_comma(text: str, at: int) -> int:
    """Return where the space after a comma is."""
    if not text.startswith(", ", at):
        raise _NotPlain
    return at + 1
