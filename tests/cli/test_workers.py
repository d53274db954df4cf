"""Pieces of work for many processes: in their order, and few of them at a time."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

import pytest

from intake.cli import workers


@pytest.fixture
def doubled(monkeypatch):
    monkeypatch.setattr(workers, "_do", lambda piece: 2 * piece)


@pytest.mark.parametrize("pieces", [0, 1, 3, 20])
def test_what_comes_of_pieces_comes_in_their_order(doubled, pieces):
    with ThreadPoolExecutor(2) as pool:
        assert list(workers._in_order(pool, 4, range(pieces))) == [2 * n for n in range(pieces)]


def test_no_more_are_taken_than_are_under_way(doubled):
    taken = count()

    with ThreadPoolExecutor(2) as pool:
        found = list(islice(workers._in_order(pool, 4, taken), 10))

    assert found == [2 * n for n in range(10)]
    assert next(taken) == 14
