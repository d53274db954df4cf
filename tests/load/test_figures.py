"""What the table at the end of a load says."""

import pytest

from tests.load.figures import Figures, Promise, p95, told
from tests.load.soak import Growth


@pytest.mark.parametrize(
    ("waits", "expected"), [([], 0.0), ([7.0], 7.0), (list(map(float, range(100, 0, -1))), 96.0)]
)
def test_the_ninety_fifth_of_a_hundred_counts(waits, expected):
    assert p95(waits) == expected


def test_the_kind_of_page_that_is_waited_for_longest_counts():
    figures = Figures()
    for kind, wait in (("save", 1.0), ("send", 3.0), ("show", 2.0)):
        figures.add(kind, wait)

    assert figures.worst(("save", "send", "show")) == ("send", 3.0)


@pytest.mark.parametrize(
    ("first", "rest", "least", "kept"),
    [(100, 200, 0, True), (100, 201, 0, False), (0, 8, 4, True), (0, 8.1, 4, False)],
)
def test_what_has_more_than_doubled_has_grown(first, rest, least, kept):
    assert Growth("memory", first, rest, least).is_kept is kept


@pytest.mark.parametrize("kept", [True, False])
def test_one_promise_that_is_not_kept_is_marked_and_told(capsys, kept):
    promises = [Promise("D1 errors", "0", "0", is_kept=True), Promise("D2 lists", "1", "2", kept)]

    assert told(promises) is kept
    assert capsys.readouterr().out.count("NOT KEPT") == (not kept)
