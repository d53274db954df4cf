"""What is read of a request, and how much of it."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Request
from werkzeug.exceptions import BadRequest

MAX_BOUNDARY = 70
"""How long what parts a form's fields may be. Source: RFC 2046, 5.1.1."""


class BoundedRequest(Request):
    """A request of which nothing costs much to read, and whose files stay in memory.

    `MAX_CONTENT_LENGTH` says how large they may be.
    """

    def _get_file_stream(self, *_sizes: object, **_more: object) -> IO[bytes]:
        return BytesIO()

    def _load_form_data(self) -> None:
        """Read the form.

        Raises:
            BadRequest: it is none that a browser writes.
        """
        if len(self.mimetype_params.get("boundary", "")) > MAX_BOUNDARY:
            msg = "the boundary is too long"  # a pattern is made of it, and kept
            raise BadRequest(msg)
        super()._load_form_data()
        if None in self.form or None in self.files:
            msg = "a part has no name"
            raise BadRequest(msg)
