"""What is read of a request, and how much of it."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import IO, TYPE_CHECKING

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_date
from werkzeug.utils import cached_property

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BOUNDARY = 100
"""How long what parts a form's fields may be.

RFC 2046, 5.1.1, allows 70; programs that write a time and a random number into it send 72 at times.
"""
MAX_COOKIES = 64
"""How many cookies of one name are looked at.

A browser sends one for each path that the address begins with, and for each host that ours belongs
to; the deepest address has a dozen of such paths.
"""
_DATES = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE")


class BoundedRequest(Request):
    """A request of which nothing costs much to read, and whose files stay in memory.

    `MAX_CONTENT_LENGTH` says how large they may be.
    """

    def __init__(self, environ: WSGIEnvironment, *, populate_request: bool = True) -> None:
        """Take a request; one that comes after all years is no date."""
        for name in _DATES:
            if _is_past_all_years(environ.get(name)):
                environ[name] = "never"  # matches nothing, as with any other word
        super().__init__(environ, populate_request=populate_request)

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies, of each name only as many different ones as a browser can have of it."""
        lists = super().cookies.lists()
        return ImmutableMultiDict(
            {name: list(dict.fromkeys(values))[:MAX_COOKIES] for name, values in lists}
        )

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


def _is_past_all_years(date: str | None) -> bool:
    with suppress(OverflowError):
        parse_date(date)
        return False
    return True
