"""What is read quickly is what the reader of all of YAML makes of it, to the line and the piece."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import packs
from intake.packs.quick import DEEPEST, read_quickly
from intake.packs.reading import MOST_PIECES, Budget, parse, parse_fully
from intake.resources import folder
from tests.packs.builders import TINY, edited
from tests.packs.test_faults import FAULTS
from tests.packs.test_reading import BOMB, REFUSED

SHIPPED = packs.texts_of(folder("rules") / "microneedling")
CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus" / "packs"

PLAIN = (
    "a: b",
    "a: b\n",
    "\n\n# c\na: b\n   # c\n\n",
    "a:\nb: ~\nc: [~, '~', \"~\"]\nd: {e: ~}\n",
    "a: []\nb: {}\nc: [[], {}, [[x]], {y: {z: [1]}}]\n",
    "a:\n  - b\n  - c: d\n    e: f\n  - - g\n    - - h\n  - [i]\n",
    "- a\n- b: c\n  d:\n    - e\n# last",
    "a: no\nb: 012\nc: 0o17\nd: 12:30\ne: 2026-01-01\nf: 1e3\ng: NULL\nyes: 1_000\n",
    "a: b#c\nb: a:b\nc: x # y\nd: [x] # y\ne: 'x' # y: z\n",
    "a: b ? c & d * e ! f | g > h % i @ j ` k\n",
    "a: >-\n  one\n  two: three\n  # four\n  - five\n\n\nb: 'six: #'\n",
    "a:\n  - >-\n   one\n   [two\n # c\n  - >-\n        three\n# c\n",
    "a: >-\n  one",
    "a: [b?, 1 2, it's, a\"b, http]\n",
    "a: \u00e9t\u00e9 \U0001f600 \u4e2d\n\u0062: '\u00a0\ufffd'\n",
    "a b c: d\n1 - 2: e\n",
    "x: {a: b, c d: [e, {f: g}]}\n",
    f"{'k' * 100}: {'v' * 5000}\n",
    "a: " + "[" * DEEPEST + "]" * DEEPEST,
)
"""Texts that keep to the plain part."""

PITFALLS = (
    *("", "\n", "# c", "~", "a", "a b\nc", "'a'", "[a]", "{a: b}", "- ", "-", "- -", "a:", "a: "),
    *(":",),
    # keys
    *("a: b\na: c", "- a: b\n  a: c", "{a: b, a: c}", "x: {a: b, a: c}", "a:b", "a :b", "a : b"),
    *("? a\n: b", "? a", "'a': b", '"a": b', "[a]: b", "{a: b}: c", "~: b", ": b", "<<: {a: b}"),
    *("é: b", "a\u00a0b: c", "a: b: c", "a: b:", "a: - b", "a: ? b", "-a: b", "a?: b", "a, b: c"),
    *(f"{'k' * 1025}: v", f"{'k ' * 60}: v", f"x: {{{'k' * 1025}: v}}", "a: b\nc"),
    *("a: b\nc d\ne: f",),
    # indentation
    *("a: b\n c: d", " a: b\nc: d", "a:\n  b: c\n d: e", "a:\n- b", "a:\n- b\nc: d", "- a\nb: c"),
    *("a:\n  - b\n - c", "a:\n - b\n  - c", "- a: b\n c: d", "- a: b\n   c: d", "-  a: b\n   c: d"),
    *("- - a\n  - b\n- c", "- - a\n - b", "- a\n  b", "- a\n- - b\n  c: d", "a:\n  b\nc: d"),
    *("a:\n b: c\n- d",),
    *("a: b\n  c", "a: b\n\n  c", "a: b\n# x\n  c", "a:\n  # x\n  b", "a: [b]\n c: d"),
    *("a: 'b'\n  c",),
    # line breaks, blanks, and characters that are none of them
    *("a: b\tc", "\ta: b", "a:\tb", "a: [b,\tc]", "a: b \n", "a: b\n \nc: d", "a: b\r\nc: d\r\n"),
    *("a: b\rc: d",),
    *("a: b\x85c: d", "a: b\u2028c: d", "a: b\u2029  c: d", "\ufeffa: b", "a: \ufeffb"),
    *("a: b\ufeff",),
    *("a: b\x85c", "a: b\u2028c", "a: b\u2029  c", "a: 'b\x85c'", "a: [b\u2029c]"),
    *("# x\x85a: b\nc: d", "# x\u2028a: b\nc: d", "a: >-\n  b\x85  c", "a: >-\n  b\u2028c\n  d"),
    *("a: b\ufeffc", "a: >-\n  \ufeffb", "a: [b, c\ufeff]", "a: b # \ufeff\n\ufeffc: d"),
    *("a: b\x00", "a: b\x07", "a: b\x7f", "a: b\x9f", "a: b\ufffe", "a: b\uffff", "a: \U0001ffff"),
    # documents and directives
    *("---\na: b", "--- a", "a: b\n---\nc: d", "a: b\n...\nc: d", "...", "a: b\n--- # x"),
    *("- ---\n- ...",),
    *("%YAML 1.1\n---\na: no", "%YAML 1.2\n---\na: b", "%TAG ! x:\n---\na: b", "%x", "a: %b"),
    *("a: b\n%c: d",),
    # anchors, aliases, tags
    *("a: &x b", "a: *x", "&x a: b", "*x : b", "a: !b c", "a: !!str c", "! a", "a: [&x b, *x]"),
    *("a: !", BOMB),
    # quotes
    *("a: 'b", 'a: "b', "a: 'b' c", "a: 'b''c'", 'a: "b\\n"', 'a: "\\x41\\/"', 'a: "\\q"'),
    *("a: 'b'c", "a: '\n b'"),
    *("a: 'b\n  c'", 'a: "b\n\n  c"', "a: ''", "a: '' b", "a: \"b'c\"", "a: 'b\\'", "a: 'b'#c"),
    *("a: ''''",),
    # brackets
    *("a: [b,cd]", "a: {b: c,de: f}", "a: [b,c]", "a: [b,  c]", "a: [b , c]", "a: [ b]", "a: [b ]"),
    *("a: [b, ]", "a: [, b]"),
    *("a: [b,, c]", "a: [b"),
    *("a: b]", "a: [b]]", "a: [b] c", "a: [b]c", "a: [b]# c", "a: [b # c]", "a: [b: c]"),
    *("a: [b:c]", "a: [:b]"),
    *("a: [? b]", "a: [?b]", "a: [-]", "a: [- b]", "a: [-1]", "a: [b\n  , c]", "a: [b,\n c]"),
    *("a: [b\n]", "a: [#b]"),
    *("a: {b}", "a: {b:c}", "a: {b: }", "a: {b:}", "a: {b: c,d: e}", "a: {b: c d: e}"),
    *("a: {'b':c}", "a: {b: c"),
    *("a: {b: c}}", "a: {b: c: d}", "a: {b: [c}]", "a: [{b: c]}", "a: {? b: c}", "a: {b: c, }"),
    *("a: {, }", "a: {:}"),
    *("a: {b: - c}", "a: [[b]", "a: [b}]", "a: [{]", "a: }", "a: [!x b]", "a: [b#c, d]", "a: [@b]"),
    *("a: [b@c]",),
    *(f"a: {'[' * n}{']' * n}" for n in (DEEPEST + 1, 19, 20, 21, 3000)),
    *(f"a: {'{b: ' * n}c{'}' * n}" for n in (DEEPEST, 18, 19, 20, 21, 3000)),
    *("- " * n + "a" for n in (DEEPEST, DEEPEST + 1, 20, 21, 22, 3000)),
    *("\n".join(f"{' ' * n}a:" for n in range(deep)) for deep in (DEEPEST, 20, 21, 22, 400)),
    # paragraphs
    *("a: >\n  b\n", "a: |\n  b", "a: |-\n  b", "a: >+\n  b\n\n", "a: >2-\n  b", "a: >-2\n   b"),
    *("a: >-", "a: >-\nb: c"),
    *("a: >-\n\n  b", "a: >-\n  b\n\n  c", "a: >-\n  b\n   c\n  d", "a: >-\n  b\n c"),
    *("a: >-\n  b\n c: d", "a: >- b"),
    *("a: >- # x\n  b", "a: >-\n  # x\n  b", "a: >-\n # x\n  b", "a: >-\n  b\n # x\n  c"),
    *("a: >-\n  b\n\n  # x\nc: d",),
    *("a: >-\n  b\n\n # x\n  c", "a: >-\n  b\n# x\nc: d", "- >-\n b\n- >-\n  c\n d"),
    *("- >-\n  b\n-c", "a:\n- >-\n  b"),
    *("a: >-\n  b\n  \n  c", "a: >-\n  b\n \n  c", "a: >-\n  b\n \n\n  # c\nd: e"),
    *("a: >-\n  b \n  c", "a: >-\n  b\n    \n  c", "a: >-\n  b\n\n   c", "a: >-\n  ---\n  ..."),
    *("a: >-\n---\n",),
    *("- a: >-\n  b", "- a: >-\n   b", "- a: >-\n    b\n  c: d", "- - >-\n   b", "a: [>-]"),
    *(">-\n b", ">-\nb"),
    *("- a: >-\n    b\n   c", "a: >-\n  b\n  c:\n d: e", "a: >-\n  b\n\n\n\n  c"),
    *("a: >-\n   b\n  c\nd: e",),
    # numbers and words that older YAML reads otherwise
    *("a: \u00a0b", "a: \u3000b", "a: b\u3000", "a: =\n", "a: .inf", "a: -1", "a: +1", "a: .5"),
    *("a: 0b1", "a: on\nOff: y", "a: (b)", "a: ~b"),
    *("a: b~",),
    *("a: @b", "a: `b", "a: ,b", "a: b,", "a: #b", "a: b #c", "a: b# c", "a: :b", "a: ?b", "a: -b"),
    *("a: --",),
)  # fmt: skip
"""Texts at the rim of YAML; most are outside of the plain part, and some have faults."""

FAULTY = [
    edited((name, old, new))[name]
    for name, old, new in [
        *(("rules/all.yaml", *row[:2]) for row in REFUSED.values()),
        *(row[:3] for row in FAULTS.values()),
    ]
]
"""Each fault that other tests put into the tiny pack."""


def is_read_by_both(text):
    """Hold what is read quickly against the reader of all of YAML; tell whether there is any."""
    quick, budget = read_quickly("a.yaml", text, MOST_PIECES), Budget()
    if quick is None:
        return False
    tree, problems = parse_fully("a.yaml", text, budget)
    assert not problems
    assert quick == (tree, MOST_PIECES - budget.pieces)
    return True


@st.composite
def shipped_parts(draw):
    """Some lines of a shipped file, spoiled in up to four places."""
    lines = SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))].splitlines(keepends=True)
    begin = draw(st.integers(0, len(lines) - 1))
    part = lines[begin : begin + draw(st.integers(1, 15))]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(part) - 1))
        part[at : at + 1] = draw(SPOILED)(part[at], draw)
        part = part or ["\n"]
    return "".join(part)


def _put_in(line, draw):
    at = draw(st.integers(0, len(line)))
    return [line[:at] + draw(PIECES | st.characters()) + line[at:]]


def _take_out(line, draw):
    at = draw(st.integers(0, len(line)))
    return [line[:at] + line[at + draw(st.integers(1, 3)) :]]


PIECES = st.sampled_from(
    [
        *("a", "b", "1", "é", " ", "  ", "\n", "\n\n", ":", ": ", "- ", "-", ",", ", ", "#", " #"),
        *("? ", "?"),
        *("[", "]", "{", "}", "'", '"', "''", "\\", ">-", ">", "|", "|-", "~", "*a", "&a ", "!"),
        *("%", "@", "`"),
        *("---", "...", "\t", "\r", "\x85", "\u2028", "\ufeff", "\u00a0", "a: ", "a: b", "- a"),
        *("[a]", "{a: b}"),
        *("a:\n", ": >-\n", "\n  ", "\n    ", "\n- ", "\n  - ", "\n    a: ", "\n# c\n", " # c\n"),
        *("[a, b]", "'a'"),
    ]
)  # fmt: skip
SPOILED = st.sampled_from(
    [
        _put_in,
        _put_in,
        _take_out,
        lambda line, _: [line, line],
        lambda _, __: [],
        lambda line, _: [f" {line}"],
        lambda line, _: [f"  {line}"],
        lambda line, _: [line.removeprefix(" ")],
        lambda line, _: [line.removeprefix("  ")],
        lambda line, _: [line, "\n"],
        lambda line, _: [line.removesuffix("\n")],
    ]
)
COMPOSED = st.lists(PIECES, max_size=14).map("".join)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", " ", "  ", "   ", "    "]),
        st.sampled_from(["", "", "", "- ", "- - ", "-", "# "]),
        st.sampled_from(["", "a:", "b:", "c: ", "a: ", "b: ", "d e: "]),
        st.sampled_from(["", "x", "y z", "x: y", "'x'", '"y"', ">-", "~", "x # y"])
        | st.sampled_from(["[x]", "[x, {y: z}]", "{x: y}"]),
    ).map("".join),
    max_size=8,
).map("\n".join)  # fmt: skip
thorough = settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])


class TestAgreement:
    @pytest.mark.parametrize("name", sorted(SHIPPED))
    def test_a_shipped_file_is_read_quickly_and_to_the_same_tree(self, name):
        assert is_read_by_both(SHIPPED[name])

    @pytest.mark.parametrize("text", PLAIN)
    def test_a_plain_text_is_read_quickly_and_to_the_same_tree(self, text):
        assert is_read_by_both(text)

    @pytest.mark.parametrize("text", [*PITFALLS, *FAULTY])
    def test_a_text_at_the_rim_is_read_to_the_same_tree_or_left_alone(self, text):
        is_read_by_both(text)

    @pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
    def test_a_text_that_fuzzers_start_from_is_read_to_the_same_tree_or_left_alone(self, path):
        _, _, text = path.read_bytes().partition(b"\n")

        is_read_by_both(text.decode(errors="replace"))

    @thorough
    @given(shipped_parts())
    def test_a_spoiled_part_of_a_shipped_file_is_too(self, text):
        is_read_by_both(text)

    @thorough
    @given(COMPOSED | ROWS | st.text(max_size=30))
    def test_any_text_put_together_from_pieces_of_yaml_is_too(self, text):
        is_read_by_both(text)


class TestParse:
    @pytest.mark.parametrize("text", [*TINY.values(), *PITFALLS, *FAULTY])
    def test_says_what_the_reader_of_all_of_yaml_says(self, text):
        said = parse("a.yaml", text, budget := Budget())

        assert said == parse_fully("a.yaml", text, fully := Budget())
        assert budget.pieces == fully.pieces

    @pytest.mark.parametrize("pieces", range(21))
    def test_stops_at_the_same_piece(self, pieces):
        text = "a: [b, {c: d}]\ne:\n  - f\n  - ~\n"

        said = parse("a.yaml", text, budget := Budget(pieces))

        assert said == parse_fully("a.yaml", text, fully := Budget(pieces))
        assert budget.pieces == fully.pieces
        assert bool(said[1]) is (pieces < 19)
