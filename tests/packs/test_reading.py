"""YAML is read as text; everything clever in it is refused with a place."""

import pytest

from intake import packs
from intake.packs.reading import MAX_DEPTH, parse
from tests.conftest import TODAY
from tests.packs.builders import RULES, TINY, edited, line_of, problems_in

R = "rules/all.yaml"

BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)

REFUSED = {
    "alias": ("title: Under eighteen", "title: *x", "an alias (*x)"),
    "anchor": ("title: Under", "title: &x Under", "an anchor (&x)"),
    "tag": ("title: Under", "title: !!python/name:os.system Under", "a tag ("),
    "own tag": ("title: Under", "title: !x Under", "a tag ("),
    "tag on a list": ("covers: [C-AGE]", "covers: !!set [C-AGE]", "a tag ("),
    "merge key": ("    floor: yes", "    <<: {floor: yes}", "'<<' is not a key here"),
    "duplicate key": ("    floor: yes", "    floor: yes\n    floor: no", "'floor' stands twice"),
    "key that is a list": (
        "    floor: yes",
        "    ? [floor]\n    : yes",
        "a key that is not a word",
    ),
    "key that is nothing": ("    floor: yes", "    ~: yes", "a key that is not a word"),
    "second document": ("  - id: under-age", "---\n  - id: under-age", "a second document"),
    "tab": ("    floor: yes", "\tfloor: yes", "a tab stands here; use spaces"),
    "open quote": ("title: Under", 'title: "Under', "cannot be read"),
    "open bracket": (
        "covers: [C-AGE]",
        "covers: [C-AGE",
        "a bracket that was opened is not closed",
    ),
    "two colons": ("title: Under", "title: a: Under", "a colon too many"),
    "NUL": ("title: Under", "title: \0 Under", "this is not YAML"),
    "escape character": ("title: Under", "title: \x1b[2J Under", "this is not YAML"),
    "too deep": ("covers: [C-AGE]", f"covers: {'[' * 30}{']' * 30}", "nested too deep"),
    "3,000 brackets": ("covers: [C-AGE]", f"covers: {'[' * 3000}", "nested too deep"),
    "3,000 braces": ("covers: [C-AGE]", f"covers: {'{' * 3000}", "nested too deep"),
    "3,000 dashes": ("covers: [C-AGE]", f"covers:\n      {'- ' * 3000}", "nested too deep"),
}
MARKS = {
    "duplicate key": "floor: no",
    "key that is a list": "? [floor]",
    "second document": "---",
    **dict.fromkeys(("NUL", "escape character", "open quote", "open bracket"), ""),
}
"""Where a fault is noticed, if not on the last line of the edit; blank: further on."""


class TestScalars:
    @pytest.mark.parametrize(
        "written",
        ["no", "NO", "yes", "on", "012", "0o17", "1e3", "190:20:30", "2024-01-01", "null", "true",
         ".inf", "1_000", "0x1F", "=", "3.10"],
    )  # fmt: skip
    def test_stay_the_text_that_is_written(self, written):
        node, problems = parse("a.yaml", f"a: {written}\n{written}: [{written}]\n")

        assert not problems
        assert node.plain() == {"a": written, written: [written]}

    @pytest.mark.parametrize("written", ["", "~"], ids=["blank", "tilde"])
    def test_nothing_is_nothing(self, written):
        node, _ = parse("a.yaml", f"a: {written}\n")

        assert node.plain() == {"a": None}

    @pytest.mark.parametrize("written", ['""', "''", '"~"'])
    def test_in_quotes_are_texts(self, written):
        node, _ = parse("a.yaml", f"a: {written}\n")

        assert node.plain() == {"a": written.strip("'\"")}

    def test_long_text_is_folded(self):
        node, _ = parse("a.yaml", "a: >-\n  one\n  two\nb: |-\n  one\n  two\n")

        assert node.plain() == {"a": "one two", "b": "one\ntwo"}

    def test_an_old_version_of_yaml_changes_nothing(self):
        node, problems = parse("a.yaml", "%YAML 1.1\n---\na: no\n")

        assert not problems
        assert node.plain() == {"a": "no"}

    def test_no_is_kept_as_the_answer_no(self):
        pack = packs.load_texts(TINY, TODAY)

        assert pack.vignettes[0].answers["cold_sore_ever"] == "no"


class TestLines:
    def test_are_counted_from_one_through_comments_and_blank_lines(self):
        node, _ = parse("a.yaml", "# first\n\na:\n  - b: c\n  - d\n")

        assert node.child("a").place == "a.yaml:3"
        assert [part.line for part in node.child("a").value] == [4, 5]


class TestRefused:
    @pytest.mark.parametrize(("old", "new", "words"), REFUSED.values(), ids=REFUSED)
    def test_with_a_place(self, old, new, words, request):
        texts = edited((R, old, new))
        mark = MARKS.get(request.node.callspec.id, new.strip().splitlines()[-1])
        place = f"{R}:{line_of(texts[R], mark)}: " if mark else f"{R}:"

        problems = problems_in(texts)

        assert [p for p in problems if p.startswith(place) and words in p], problems

    def test_a_bomb_of_aliases_is_never_unfolded(self):
        problems = problems_in({**TINY, "rules/bomb.yaml": BOMB})

        assert any(p.startswith("rules/bomb.yaml:2: an alias (*a0)") for p in problems)
        assert all(len(problem) < 500 for problem in problems)

    def test_a_thing_that_holds_itself_is_refused(self):
        problems = problems_in({**TINY, "rules/self.yaml": "rules: &r [*r]\n"})

        assert any("an alias (*r) is not allowed" in p for p in problems)

    def test_a_lone_surrogate_is_refused(self):
        problems = problems_in(edited((R, "title: Under", "title: \ud800 Under")))

        assert any(p.startswith(f"{R}:") for p in problems)

    def test_several_are_all_said(self):
        texts = edited((R, "title: Under", "title: &a Under"), (R, "[C-AGE]", "!x [C-AGE]"))

        problems = problems_in(texts)

        assert [p.split(": ")[0] for p in problems] == [
            f"{R}:{line_of(RULES, 'title: Under')}",
            f"{R}:{line_of(RULES, '[C-AGE]')}",
        ]

    @pytest.mark.parametrize(("depth", "is_taken"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
    def test_only_beyond_the_deepest_level(self, depth, is_taken):
        node, problems = parse("a.yaml", "[" * depth + "x" + "]" * depth)

        assert (node is not None) is is_taken
        assert bool(problems) is not is_taken
