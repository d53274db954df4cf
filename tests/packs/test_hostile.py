"""Whatever a pack holds, loading gives a pack or says what is wrong; nothing else happens."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import packs
from intake.core.errors import PackError
from intake.core.rules import RulePack
from tests.conftest import TODAY
from tests.packs.builders import TINY

NASTY = (
    *("²", "٣", "nan", "infinity", "-inf", "1e400", "-1", "0", "012", "NO", "no", "~", "null"),
    *("*a", "&a x", "!!x y", "!x", "<<: {a: b}", "%YAML 1.1", "---", "...", "\0", "\x1b", "\t"),
    *("[", "]", "{", "}", "{}", "[]", "[[]]", ": ", "- ", "? ", "|", ">-", "'", '"', "#", "@", "`"),
    *("\ufeff", "\u2028", "\x85", "\r", "\n", "\r\n", "  ", "é", "😀", "yes", "all: []", "not:"),
    *("2026-02-30", "0000-00-00", "99999 years", "0 days", "face_planned", "cold_sore_ever"),
)


@st.composite
def spoiled_packs(draw):
    """The tiny pack with one to three small edits to its files."""
    texts = dict(TINY)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(texts)))
        lines = texts[name].splitlines(keepends=True)
        index = draw(st.integers(0, len(lines) - 1)) if lines else 0
        line = lines[index] if lines else ""
        key, colon, _ = line.partition(": ")
        piece = draw(st.sampled_from(NASTY) | st.text(max_size=5))
        at = draw(st.integers(0, len(line)))
        lines[index : index + 1] = draw(
            st.sampled_from(
                [
                    *[[f"{key}{colon}{piece}\n"]] * 4,
                    [line[:at] + piece + line[at:]],
                    [line[:at] + line[at + 1 :]],
                    [line, line],
                    [],
                    [f"  {line}"],
                    [line.removeprefix("  ")],
                ]
            )
        )
        texts[name] = "".join(lines)
    return texts


def is_loaded_or_refused(texts):
    """Load a pack; tell whether the outcome is one of the two that may be."""
    try:
        return isinstance(packs.load_texts(texts, TODAY), RulePack)
    except PackError as error:
        return bool(error.problems) and all(
            re.match(r"[^\n]+:\d+: \S", problem) for problem in error.problems
        )


FILE_NAMES = st.text("abz/.-_ :é😀", min_size=1, max_size=20).map("rules/{}.yaml".format)
quick = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.sampled_from(sorted(TINY)), st.text(max_size=300))
def test_any_text_in_the_place_of_a_file_is_refused_with_a_place(name, text):
    assert is_loaded_or_refused({**TINY, name: text})


@quick
@given(FILE_NAMES, st.text(max_size=50))
def test_any_file_beside_the_others_is_refused_with_a_place(name, text):
    assert is_loaded_or_refused({**TINY, name: text})


@settings(quick, max_examples=400)
@given(spoiled_packs())
def test_a_good_pack_with_small_edits_is_loaded_or_refused_with_a_place(texts):
    assert is_loaded_or_refused(texts)
