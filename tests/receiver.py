"""A system that receives events: a real server on this computer, which answers as it is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


@dataclass
class Receiver:
    """What came, and what is answered to what comes next; 204 when nothing else is said."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.came]


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Check a message as its receiver would, from the words of Standard Webhooks alone."""
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.split("_", 1)[1])
    mac = base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
    return f"v1,{mac}" in headers["webhook-signature"].split(" ")


def receiving() -> tuple[Receiver, HTTPServer]:
    """Begin to receive; `shutdown` of the server ends it."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            named = {name.lower(): value for name, value in self.headers.items()}
            receiver.came.append((self.path, named, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    return receiver, server
