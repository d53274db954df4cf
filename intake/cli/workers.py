"""Work on all cores: pieces of a long command, done by copies of this program that it starts."""

from __future__ import annotations

import os
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from intake.cli.surroundings import open_clinic
from intake.core.errors import StateError
from intake.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from intake.storage import Store

P = TypeVar("P")
R = TypeVar("R")

CUT_OFF = "A process of this command was ended from outside, perhaps for want of memory."


def cores() -> int:
    """Return how many cores this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def workers(
    store: Store, number: int, make: Callable[[Store], Callable[[P], R]]
) -> Iterator[Callable[[Iterable[P]], Iterator[R]]]:
    """Lend what does pieces of work and gives back what came of them in their order.

    Args:
        store: The clinic's, for work in this process alone; any other opens it for itself.
        number: How many processes; 1 is this one.
        make: Makes what does a piece. It goes to other processes, as do pieces and results.

    Raises:
        StateError: a process was ended from outside.
    """
    if number == 1:
        act = make(store)
        yield lambda pieces: map(act, pieces)
        return
    pool = ProcessPoolExecutor(
        number, mp_context=get_context("spawn"), initializer=_be_ready, initargs=(make,)
    )
    try:
        yield partial(_in_order, pool, 2 * number)
    except BrokenProcessPool as error:
        raise StateError(CUT_OFF) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, most: int, pieces: Iterable[P]) -> Iterator[R]:
    """Yield what comes of pieces in their order.

    So many at most are under way or wait to be taken: a million would be held in memory otherwise.
    """
    under_way: deque[Future[R]] = deque()
    for piece in pieces:
        under_way.append(pool.submit(_do, piece))
        if len(under_way) > most:
            yield under_way.popleft().result()
    for last in under_way:
        yield last.result()


_MAKES: list[Callable[[Store], Callable[[Any], Any]]] = []
_ACTS: list[Callable[[Any], Any]] = []
"""What a process that was started for it works with, made with the first piece."""


def _be_ready(make: Callable[[Store], Callable[[Any], Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    Thread(target=_end_with_the_command, daemon=True).start()
    _MAKES.append(make)


def _end_with_the_command() -> None:
    """End this process as soon as the one that started it is gone, however that ended.

    It would wait for work for ever otherwise, with the clinic open.
    """
    if command := parent_process():
        command.join()
        os._exit(1)


def _do(piece: object) -> Any:  # noqa: ANN401 - whatever comes of it
    if not _ACTS:
        _ACTS.append(_MAKES[0](open_clinic(read_settings())))
    return _ACTS[0](piece)
