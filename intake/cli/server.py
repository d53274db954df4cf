"""The web server that the application runs in, and how much it takes from strangers."""

from __future__ import annotations

import logging
import socket
import struct
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest, InternalServerError

from intake.web import LARGE_BODIES
from intake.web.api_problems import API_PATH, CARDS_PATH
from intake.web.cookies import DESK_PATH
from intake.web.security import HEADERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Lock

    from _typeshed.wsgi import WSGIApplication
    from waitress.adjustments import _AdjustmentsParams
    from waitress.server import MultiSocketServer

THREADS = 8
DESK_THREADS = 3
"""Beside the others, for whoever is signed in at the desk: forty tablets at once would otherwise
stand before every list in one line, and a flood of sign-ins before everybody.

As many again send downloads, each of which holds its thread until a slow browser has most of it.
"""
SYSTEM_THREADS = 2
"""For other systems, so that however much they ask, no patient waits for them."""
DOWNLOADS = (f"{DESK_PATH}/export", f"{DESK_PATH}/audit/export")
"""What is sent line by line, and of any length."""
LONGEST_DOWNLOAD = 600
"""Seconds for which an answer may hold its thread when it is taken more slowly than it is made."""
LIMITS = {
    "threads": THREADS,
    # A service may have 1,024 open files; each request needs a few more for the database.
    "connection_limit": 300,
    "channel_timeout": 30,
    "cleanup_interval": 5,
    "asyncore_use_poll": True,
    # What is kept of them in a browser is a tenth of this; they are parsed whole.
    "max_request_header_size": 16_384,
    # Waitress refuses what is as large as this.
    "max_request_body_size": max(LARGE_BODIES.values()) + 1,
    # What patients answered, and documents about them, wait in memory and never in a file.
    "inbuf_overflow": sys.maxsize,
    "outbuf_overflow": sys.maxsize,
    "ident": None,
}
MOST_BEFORE_A_CHUNK = 1024
"""Bytes of the line that tells how long a chunk of a body is; a dozen are enough."""
UNSENT = (socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)
"""How much of an answer the system may keep for a browser; more would hide whether it takes any."""
RESET = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""Lets a connection end with a reset when it is closed."""

WORDS = {
    400: "This request could not be read. Go back and try again.\n",
    413: "That was too much at once. Shorten what you entered and try again.\n",
    431: "That was too much at once. Clear the cookies of this page and try again.\n",
    501: "This request was sent in a way that is not known here. Use another browser.\n",
}
"""What is said of requests that never reach the application."""
SOMETHING = "Something went wrong. Try again; if it stays, tell the desk.\n"


SAID_AS_IT_IS = ("Serving on", "total open connections")
"""How messages of the server begin that hold nothing of a request."""


class Parser(HTTPRequestParser):
    """Reads a request."""

    def received(self, data: bytes) -> int:
        """Take what has come of it; returns how many bytes that were.

        What stands between and behind the chunks of a body is put together anew with every packet,
        so that has an end, too.
        """
        taken = int(super().received(data))
        body = self.body_rcv
        if isinstance(body, ChunkedReceiver) and not self.completed:
            most = self.adj.max_request_header_size
            if len(body.control_line) > MOST_BEFORE_A_CHUNK or len(body.trailer) > most:
                self.error = BadRequest("too much around the chunks")
                self.completed = True
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read it; an address that is none is a fault of the request, and no accident here."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            msg = "the address cannot be read"
            raise ParsingError(msg) from None


class Refusal(ErrorTask):
    """An answer of the server itself, which looks like one of the application."""

    def execute(self) -> None:
        """Answer, and close the connection."""
        error = cast("HTTPRequestParser", self.request).error or InternalServerError("")
        body = WORDS.get(error.code, SOMETHING).encode()
        kind = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [*HEADERS.items(), *kind.items()]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Answer(WSGITask):
    """An answer of the application."""

    def execute(self) -> None:
        """Give it; one that fails half-way is broken off, or else it might look whole."""
        try:
            super().execute()
        except Exception:
            if self.wrote_header:
                cast("Channel", self.channel).break_off()
            raise


class Channel(HTTPChannel):
    """One connection of a browser."""

    parser_class = Parser
    task_class = Answer
    error_task_class = Refusal
    requests_lock: Lock
    begun = 0.0

    def handle_read(self) -> None:
        """Read on; the time a request may take begins with it, and not anew with every byte."""
        begun = self.last_activity if self.request is not None else None
        super().handle_read()
        if begun is not None and self.request is not None:
            self.last_activity = begun

    def service(self) -> None:
        """Answer one request, and close when others came along with it: their sender asks again.

        No browser sends several at once, and all their answers would wait here for one that reads
        none.
        """
        with self.requests_lock:
            first, *others = self.requests
            self.requests = [first]
        for one in others:
            one.close()
        if others:
            cast("dict[str, str]", first.headers)["CONNECTION"] = "close"
        self.begun = time.time()
        super().service()

    def is_lost(self, since: float) -> bool:
        """Tell whether nothing was asked or taken since then, and nothing is being worked on."""
        return self.last_activity < since and bool(self.total_outbufs_len or not self.requests)

    def is_held_up(self, since: float) -> bool:
        """Tell whether an answer that was begun before then waits for its browser."""
        much = self.adj.outbuf_high_watermark // 2  # over all of it nothing more is made
        return self.begun < since and bool(self.requests) and self.total_outbufs_len > much

    def break_off(self) -> None:
        """Close with a reset, by which a browser knows that an answer is not whole."""
        with suppress(OSError):
            cast("socket.socket", self.socket).setsockopt(*RESET)
        self.will_close = True  # which waits until the browser takes something

    def give_up(self) -> None:
        """Close, and wait for no browser to take what is left."""
        if self.total_outbufs_len:  # what the system has of it is of no use without the rest
            self.break_off()
        self.will_close = True
        with suppress(OSError):
            cast("socket.socket", self.socket).shutdown(socket.SHUT_RDWR)


def give_up_the_lost(server: BaseWSGIServer, now: float) -> None:
    """Close the connections on which nothing happened for too long, or one answer took too long."""
    since, begun = now - server.adj.channel_timeout, now - LONGEST_DOWNLOAD
    for channel in cast("dict[int, Channel]", server.active_channels).values():
        if channel.is_lost(since) or channel.is_held_up(begun):
            channel.give_up()


class Lines(ThreadedTaskDispatcher):
    """Lines of requests with threads of their own, so that none stands behind another's.

    One for the desk, one for its downloads, one for other systems, one for everybody else.
    """

    def __init__(self) -> None:
        super().__init__()
        self.desk, self.downloads = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self.systems = ThreadedTaskDispatcher()

    def set_thread_count(self, count: int) -> None:
        """Start or end the threads of all."""
        super().set_thread_count(count)
        for one in (self.desk, self.downloads):
            one.set_thread_count(DESK_THREADS if count else 0)
        self.systems.set_thread_count(SYSTEM_THREADS if count else 0)

    def add_task(self, task: Task) -> None:
        """Put a request, as the channel it came by, in its line."""
        requests = getattr(task, "requests", ())
        if is_download(requests):
            self.downloads.add_task(task)
        elif is_of_the_desk(requests):
            self.desk.add_task(task)
        elif is_of_a_system(requests):
            self.systems.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:  # noqa: FBT002 - as it is called
        """End all."""
        others = (self.desk, self.downloads, self.systems)
        lines = (super().shutdown, *(one.shutdown for one in others))
        ended = [one(cancel_pending, timeout) for one in lines]
        return all(ended)


def is_download(requests: Sequence[HTTPRequestParser]) -> bool:
    """Tell whether a request is for a table; the page that asks for one is under the same path."""
    return _path_of(requests) in DOWNLOADS and str(requests[0].command) == "POST"


def is_of_the_desk(requests: Sequence[HTTPRequestParser]) -> bool:
    """Tell whether a request is for a page of the desk that a sign-in opens."""
    path = _path_of(requests)
    return path.startswith(f"{DESK_PATH}/") and not path.startswith(f"{DESK_PATH}/sign-in")


def is_of_a_system(requests: Sequence[HTTPRequestParser]) -> bool:
    """Tell whether a request is for what other systems ask."""
    return _path_of(requests).startswith((f"{API_PATH}/", CARDS_PATH))


def _path_of(requests: Sequence[HTTPRequestParser]) -> str:
    """Return the path as the application will see it: of slashes at its beginning one is left."""
    path = str(getattr(requests[0], "path", "")) if requests else ""
    return f"/{path.lstrip('/')}"


def quieten(logger: logging.Logger) -> None:
    """Let a logger say what kind of fault there was and where, and nothing of a request."""
    logger.addFilter(_kind_and_place)


def _kind_and_place(record: logging.LogRecord) -> bool:
    if not str(record.msg).startswith(SAID_AS_IT_IS):
        kind = sys.exc_info()[0]
        what = kind.__name__ if kind else record.levelname.lower()
        record.msg = f"{what} at {record.filename}:{record.lineno}"
        record.args = record.exc_info = record.exc_text = None
    return True


def listening(
    app: WSGIApplication, *, host: str, port: int, proxies: int
) -> BaseWSGIServer | MultiSocketServer:
    """Take the port; `run` of what is returned then serves until the process is told to stop.

    Raises:
        OSError: the port cannot be taken.
    """
    quieten(logging.getLogger("waitress"))
    settings = {
        **LIMITS,
        "host": host,
        "port": port,
        # Those of our own web servers are read by the application, which counts them.
        "clear_untrusted_proxy_headers": proxies == 0,
    }
    sockets: dict[int, Any] = {}
    lines = Lines()
    lines.set_thread_count(THREADS)
    adjusted = cast("dict[str, _AdjustmentsParams]", settings)
    server = create_server(app, sockets, _dispatcher=lines, **adjusted)
    for one in sockets.values():  # a name may stand for several addresses
        if isinstance(one, BaseWSGIServer):
            one.channel_class = Channel
            one.adj.socket_options = [*one.adj.socket_options, UNSENT]
            one.maintenance = partial(give_up_the_lost, one)  # type: ignore[method-assign]
    return server
