"""A server over TLS on which each measure against what a visit leaves can be switched off."""

from __future__ import annotations

import re
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    Environ = dict[str, Any]

COOKIE, REDIRECT, SCRIPT, WINDOWS = "cookie", "redirect", "script", "windows"
MEASURES = (COOKIE, REDIRECT, SCRIPT, WINDOWS)
ENDING = ("/tablet/review", "/tablet/end", "/tablet/thanks")
GUARDS = (
    b'addEventListener("pagehide", () => document.body.replaceChildren());',
    b'addEventListener("pageshow", (event) => event.persisted && location.reload());',
)
"""The lines of the script that empty a page which is left, and ask anew for one that was kept."""
SEAL = re.compile(rb' integrity="[^"]*"')
"""What a page says that its files must be."""


class Without:
    """The application without some of its measures.

    No cookie changes, no redirect, no guards, or windows that tell each other nothing.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], measures: Iterable[str]) -> None:
        self._app, self._off = app, frozenset(measures)

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        kept: list[Any] = []
        body = b"".join(self._app(environ, lambda *args: kept.append(args)))
        status, headers = kept[-1][:2]
        if COOKIE in self._off and path in ENDING:
            headers = [pair for pair in headers if pair[0] != "Set-Cookie"]
        if REDIRECT in self._off:
            headers = [(n, v.replace("/tablet/end", "/tablet/thanks")) for n, v in headers]
            headers = [pair for pair in headers if pair[0] != "Clear-Site-Data"]
            body = body.replace(b'"/tablet/end"', b'"/tablet/thanks"')
        if {SCRIPT, WINDOWS} & self._off:
            body = SEAL.sub(b"", body)
        if SCRIPT in self._off and path.endswith("/intake.js"):
            assert all(line in body for line in GUARDS)
            for line in GUARDS:
                body = body.replace(line, b"")
        if WINDOWS in self._off and path.endswith("/turn.js"):
            body = b""
        headers = [(n, v) for n, v in headers if n != "Content-Length"]
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


class Served:
    """An application served over TLS on a free port, with a certificate made for the test."""

    def __init__(self, app: Callable[..., Iterable[bytes]], folder: Path) -> None:
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        self._server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.address = f"https://localhost:{self._server.server_port}"

    def __enter__(self) -> Served:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
