"""The web server under the application: strangers who ask too much of it, and what it answers."""

import logging
import socket
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from flask import Flask, request

from intake.cli import server
from intake.web import LARGE_BODIES, MAX_BODY_BYTES
from intake.web.security import HEADERS
from tests.conftest import session_of

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@contextmanager
def served(app):
    """Serve an application on a free port until the block ends; gives its address."""
    listening = server.listening(app, host="127.0.0.1", port=0, proxies=0)
    thread = threading.Thread(target=listening.run)
    thread.start()
    try:
        yield ("127.0.0.1", listening.effective_port)
    finally:
        listening.trigger.pull_trigger(listening.close)
        thread.join()


@pytest.fixture
def address(app):
    with served(app) as address:
        yield address


@pytest.fixture
def impatient(monkeypatch):
    """Let the server wait for a second where it waits for half a minute."""
    for name in ("channel_timeout", "cleanup_interval"):
        monkeypatch.setitem(server.LIMITS, name, 1)


def ask(address, request):
    """Send bytes, and return all that comes back."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def healthy(address):
    with urlopen("http://{}:{}/healthz".format(*address), timeout=5) as answer:  # noqa: S310 - ours
        return answer.status == 200


def test_connections_that_ask_nothing_keep_nobody_out(address):
    with ExitStack() as open_ones:
        for _ in range(250):
            one = open_ones.enter_context(socket.create_connection(address, timeout=5))
            one.sendall(HALF)

        assert healthy(address)


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        (["GET /tablet/page"] * server.THREADS, "/desk/"),
        (["GET /desk/sign-in"] * server.THREADS, "/desk/cases/x"),
        (["GET /desk/"] * server.DESK_THREADS, "/tablet/"),
        (["GET /desk/"] * server.DESK_THREADS, "/desk/sign-in"),
        (["POST /desk/export"] * server.DESK_THREADS, "/desk/export"),
        (["POST /desk/audit/export"] * server.DESK_THREADS, "/desk/"),
        (["GET /api/v1/cases"] * server.SYSTEM_THREADS, "/tablet/"),
        (["POST /cds-services/x"] * server.SYSTEM_THREADS, "/desk/"),
    ],
    ids=[
        *("tablets", "sign-ins", "the desk", "the desk again", "tables", "tables of the trail"),
        *("other systems", "record systems"),
    ],
)
def test_who_holds_every_thread_of_one_line_keeps_nobody_of_the_other_out(held, asked):
    app, busy, go_on = Flask("lines"), threading.Semaphore(0), threading.Event()

    @app.route("/<path:path>", methods=["GET", "POST"])
    def hold(path):
        if f"{request.method} /{path}" == f"GET {asked}":
            return "here"
        busy.release()
        go_on.wait(20)
        return "there"

    with served(app) as address, ExitStack() as waiting:
        for line in held:
            one = waiting.enter_context(socket.create_connection(address, timeout=5))
            one.sendall(f"{line} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        for _ in held:
            assert busy.acquire(timeout=10)
        try:
            with urlopen("http://{}:{}{}".format(*address, asked), timeout=10) as answer:  # noqa: S310 - ours
                assert answer.read() == b"here"
        finally:
            go_on.set()


def test_the_line_of_downloads_is_for_what_the_desk_sends_line_by_line(app):
    found = [app.url_map.bind("").match(path, method="POST")[0] for path in server.DOWNLOADS]

    assert found == ["desk.export_now", "desk.export_audit"]


@pytest.mark.parametrize("path", ["/desk/", "//desk/cases/x"])
def test_a_page_of_the_desk_is_one_however_many_slashes_lead_to_it(path):
    assert server.is_of_the_desk([SimpleNamespace(path=path)])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("drop", [b"", b"X"], ids=["silent", "a byte at a time"])
def test_a_request_that_never_ends_is_given_up(app, drop):
    with served(app) as address, socket.create_connection(address, timeout=5) as slow:
        slow.sendall(HALF)
        slow.settimeout(0.2)

        assert is_closed_within(slow, seconds=6, drop=drop)


def is_closed_within(connection, seconds, drop):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection.sendall(drop)
            if connection.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def answering(size):
    """Return an application whose every page has so many bytes."""
    app = Flask("sized")
    app.add_url_rule("/", "page", lambda: "x" * size)
    app.add_url_rule("/healthz", "health", lambda: "ok")
    return app


def taking_little(address):
    """Return a connection whose browser has no room for an answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(10)
    connection.connect((address[0], int(address[1])))
    return connection


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("size", [60_000, 4_000_000, 30_000_000])
def test_connections_that_take_nothing_of_their_answers_lose_their_places(monkeypatch, size):
    monkeypatch.setitem(server.LIMITS, "connection_limit", 12)

    with served(answering(size)) as address, ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(taking_little(address)).sendall(GET)

        assert is_healthy_within(address, seconds=8)


def is_healthy_within(address, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return healthy(address)
        except OSError:
            continue
    return False


@pytest.mark.usefixtures("impatient")
def test_a_browser_that_takes_its_answer_slowly_gets_all_of_it():
    size, read = 1_000_000, 0

    with served(answering(size)) as address, taking_little(address) as slow:
        slow.sendall(GET)
        begun = time.monotonic()
        while read < size and (part := slow.recv(20_000)):
            read += len(part)
            time.sleep(len(part) / 250_000)

    assert read > size
    assert time.monotonic() - begun > 3


@pytest.mark.usefixtures("impatient")
def test_a_table_that_is_fetched_too_slowly_is_given_up(monkeypatch):
    monkeypatch.setattr(server, "LONGEST_DOWNLOAD", 2)
    app, ended = Flask("long"), threading.Event()

    @app.get("/")
    def table():
        answer = app.response_class("x" * 1000 for _ in range(60_000))
        answer.call_on_close(ended.set)
        return answer

    with served(app) as address, taking_little(address) as slow:
        slow.sendall(GET)
        end = time.monotonic() + 8
        with suppress(ConnectionResetError):
            while time.monotonic() < end and (part := slow.recv(20_000)):
                time.sleep(len(part) / 250_000)

        assert ended.wait(1)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_table_that_breaks_off_does_not_look_whole(version):
    app = Flask("broken")

    @app.get("/")
    def table():
        def rows():
            yield "name,day\r\n"
            msg = "the next row could not be read"
            raise OSError(msg)

        return rows()

    with served(app) as address, pytest.raises(ConnectionResetError):
        ask(address, GET.replace(b"1.1", version))


def test_of_requests_sent_together_the_first_is_answered():
    with served(answering(1000)) as address:
        answer = ask(address, GET * 42)

    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close\r\n" in answer


def test_half_a_minute_is_the_most_that_a_request_may_take():
    assert server.LIMITS["channel_timeout"] + server.LIMITS["cleanup_interval"] <= 35


@pytest.fixture
def spilled(monkeypatch):
    """Gather the temporary files that are made."""
    make, made = tempfile.TemporaryFile, []
    monkeypatch.setattr(
        tempfile, "TemporaryFile", lambda *args, **more: made.append(args) or make(*args, **more)
    )
    return made


LARGEST = max(LARGE_BODIES.values())
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


def post(path, size, kind=FORM, start=b"", length=b""):
    """Return a request with a body of so many bytes."""
    length = length or b"Content-Length: %d\r\n" % size
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" % path.encode()
    return head + kind + length + b"\r\n" + start + b"x" * (size - len(start))


def chunked(size):
    whole = post("/desk/packs", size, length=b"Transfer-Encoding: chunked\r\n")
    head, body = whole.split(b"\r\n\r\n", 1)
    return head + b"\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


FILE = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.yaml"\r\n\r\n'


@pytest.mark.parametrize(
    "request_",
    [
        post("/tablet/page/skin_now", MAX_BODY_BYTES),
        post("/tablet/page/skin_now", LARGEST),
        post("/desk/packs", LARGEST),
        post("/desk/packs", LARGEST, b"Content-Type: multipart/form-data; boundary=b\r\n", FILE),
        chunked(LARGEST - 100),
    ],
    ids=["a page", "too large a page", "a pack", "a pack as a file", "a pack in chunks"],
)
def test_no_body_that_is_taken_reaches_a_file(address, spilled, store, people, request_):
    cookie = f"Cookie: intake_desk={session_of(store, people.cleo)}\r\n".encode()

    answer = ask(address, request_.replace(b"\r\n", b"\r\n" + cookie, 1))

    assert answer.startswith(b"HTTP/1.1 ")
    assert spilled == []


def test_a_body_that_no_view_takes_is_refused_before_it_is_read(address, spilled):
    answer = ask(address, post("/desk/packs", LARGEST + 1)[:-LARGEST])

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert spilled == []


def test_no_answer_waits_in_a_file_for_a_slow_browser(spilled):
    app, size = Flask("large"), 12_000_000
    app.add_url_rule("/", "page", lambda: "x" * size)
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    with served(app) as address, socket.create_connection(address, timeout=10) as slow:
        slow.sendall(request)
        time.sleep(0.5)
        read = sum(map(len, iter(lambda: slow.recv(65536), b"")))

    assert read > size
    assert spilled == []


MARKER = "Wilhelmina-Marker"
CHUNKED = b"POST /desk/packs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
        (f"GET http://[{MARKER}]/ HTTP/1.1\r\n\r\n".encode(), 400),
        (f"GET /{MARKER} HTTP/1.1\r\n {MARKER}\r\n\r\n".encode(), 400),
        (post("/tablet", LARGEST + 1)[:-LARGEST], 413),
        ((b"GET / HTTP/1.1\r\nX: " + b"x" * 16_384)[:16_384], 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (CHUNKED + b"1;" + b"x" * 1023, 400),
        (CHUNKED + b"0\r\nX: " + b"x" * 16_382, 400),
    ],
    ids=["no header", "no address", "no first line", "too large", "headers too large", "gzip",
         "a line before a chunk", "lines after the chunks"],
)  # fmt: skip
def test_what_never_reaches_the_application_is_answered_like_the_rest(
    address, caplog, request_, status
):
    head, words = ask(address, request_).split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")

    assert lines[0].split()[1] == str(status)
    assert {f"{name}: {value}".lower() for name, value in HEADERS.items()} <= set(
        map(str.lower, lines)
    )
    assert "Cache-Control: no-store" in lines
    assert b"generated by" not in words
    assert words.rstrip().endswith(b".")
    assert MARKER not in words.decode() + caplog.text


def test_what_the_server_logs_repeats_nothing_of_a_request(caplog):
    logger = logging.getLogger("waitress")
    server.quieten(logger)

    try:
        urlsplit(f"http://[{MARKER}]/")
    except ValueError:
        logger.exception("Exception while serving %s", MARKER)

    assert caplog.text.count("\n") == 1
    assert "ValueError at test_server.py:" in caplog.text
    assert MARKER not in caplog.text


def test_the_server_still_says_that_it_is_full(caplog):
    logger = logging.getLogger("waitress")
    server.quieten(logger)

    logger.warning("total open connections reached the connection limit, no longer accepting")

    assert "connection limit" in caplog.text
