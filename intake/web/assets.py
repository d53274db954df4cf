"""Static files under addresses that change with their content, so that browsers may keep them.

Beside its address a page says what each file must be, so that browsers run nothing else.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

FOR_EVER = "public, max-age=31536000, immutable"


def integrity_of(content: bytes) -> str:
    """Return what a browser holds a file against before it uses it.

    Source: Subresource Integrity, W3C.
    """
    return f"sha384-{b64encode(hashlib.sha384(content).digest()).decode()}"


class Assets:
    """The fingerprints of the files in a folder."""

    def __init__(self, folder: Path) -> None:
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        self._of = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in files.items()}
        self._integrity = {name: integrity_of(body) for name, body in files.items()}

    def of(self, name: str) -> str | None:
        """Return the fingerprint of a file; None when there is none."""
        return self._of.get(name)

    def integrity(self, name: str) -> str:
        """Return what browsers hold a file against.

        Raises:
            KeyError: there is no such file.
        """
        return self._integrity[name]


def init_assets(app: Flask) -> Assets:
    """Give every static file an address that holds its fingerprint."""
    assets = Assets(Path(app.static_folder or ""))

    def fingerprinted(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (found := assets.of(values.get("filename", ""))):
            values["v"] = found

    def kept_for_ever(answer: Response) -> Response:
        """Let browsers keep a file that was asked for by its present fingerprint.

        The file is read and closed here: Flask-Compress leaves those open that it streams, and
        a browser that goes away in the middle of an answer keeps servers from closing the rest.
        """
        if request.endpoint == "static" and answer.direct_passthrough:
            file = answer.response
            answer.direct_passthrough = False
            answer.get_data()
            file.close()  # type: ignore[union-attr]  # what `send_file` gives can be closed
        name = (request.view_args or {}).get("filename", "")
        mark = request.args.get("v")
        if request.endpoint == "static" and mark and mark == assets.of(name):
            answer.headers["Cache-Control"] = FOR_EVER
        return answer

    app.jinja_env.globals["integrity"] = assets.integrity
    app.url_defaults(fingerprinted)
    app.after_request(kept_for_ever)
    return assets
