"""Static files under addresses that change with their content, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The fingerprints of the files in a folder.

    Attributes:
        version: One fingerprint of all of them.
    """

    def __init__(self, folder: Path) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        self._of = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            for path in files
        }
        self.version = hashlib.sha256("".join(self._of.values()).encode()).hexdigest()[:12]

    def of(self, name: str) -> str | None:
        """Return the fingerprint of a file; None when there is none."""
        return self._of.get(name)


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

    app.url_defaults(fingerprinted)
    app.after_request(kept_for_ever)
    return assets
