"""What the server does by itself, beside answering: a thread that looks every so often."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Event, Thread


class Rounds(ABC):
    """Looks every so often whether something is to be done, until it is stopped."""

    name: str

    def __init__(self) -> None:
        self._stopping = Event()
        self._thread: Thread | None = None

    @property
    def are_made(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None

    def start(self) -> None:
        """Begin to look."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = Thread(target=self._go_round, name=self.name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let what is being done end, and look no more."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join()
        self._thread = None

    def goes_on(self) -> bool:
        """Whether nobody has asked to stop."""
        return not self._stopping.is_set()

    @abstractmethod
    def look(self) -> float:
        """Do what is due; returns after how many seconds to look again. Nothing goes further."""

    def _go_round(self) -> None:
        while self.goes_on():
            self._stopping.wait(self.look())
