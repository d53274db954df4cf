"""Files of a megabyte in which every few bytes are a piece: refused in time, without a heap."""

import resource
import time

import pytest

from intake import packs
from intake.core.errors import PackError
from tests.conftest import TODAY
from tests.fuzz.test_corpus import MOST_KILOBYTES, MOST_SECONDS
from tests.packs.builders import TINY
from tests.web.every_form import ROUNDS

DENSE = {
    "commas": "a: [" + "b," * 490_000 + "c]\n",
    "dashes": "- a\n" * 249_000,
    "keys": "".join(f"k{n}: v\n" for n in range(90_000)),
    "one key again and again": "a: b\n" * 199_000,
    "tags": "- !x a\n" * 140_000,
    "anchors": "- &a b\n" * 140_000,
    "nested maps": "a:\n" + "- {b: {c: {d: e}}}\n" * 50_000,
    "words": "a: >-\n" + "  aaaa bbbb\n" * 80_000,
    "paragraphs": "- >-\n  b\n" * 110_000,
    "paragraphs before many blank lines": ("- >-\n  b\n" + "\n" * 90) * 9_900,
    "line ends": "\n" * 990_000,
}


@pytest.mark.parametrize("text", DENSE.values(), ids=DENSE)
@pytest.mark.skipif(ROUNDS == 1, reason="takes half a minute: 'make fuzz' runs it")
def test_a_pack_of_as_many_files_as_may_be_is_refused_in_time(text):
    files = {**TINY, **{f"rules/{n}.yaml": text for n in (1, 2)}}
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    with pytest.raises(PackError) as caught:
        packs.load_texts(files, TODAY)

    assert time.process_time() - begun < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES
    assert len(caught.value.problems) < 1000
