"""The API's blueprint, and how its views read what they are sent and write what they return."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, request
from pydantic import BaseModel, ConfigDict, ValidationError

from intake.exports.strict_json import read_json
from intake.web.api_problems import API_PATH, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue

bp = Blueprint("api", __name__, url_prefix=API_PATH)

JSON = "application/json"


class Shape(BaseModel):
    """Something that is sent; what it does not know of is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a view does, as the description of the API says it.

    Attributes:
        summary: In a few words.
        says: The shape of what it returns; None for nothing, or for what *files* names.
        status: With which it answers when all is well.
        also: With which else: when there was nothing to do.
        takes: The shape of the body; None for no body.
        asks: The shape of the query; None for no query.
        files: The kinds of file it returns instead of a shape.
        problems: What may be wrong beside what is always told.
    """

    summary: str
    says: type[Shape] | None = None
    status: HTTPStatus = HTTPStatus.OK
    also: HTTPStatus | None = None
    takes: type[Shape] | None = None
    asks: type[Shape] | None = None
    files: tuple[str, ...] = ()
    problems: tuple[HTTPStatus, ...] = ()


def operation(
    **said: Any,  # noqa: ANN401 - the fields of Operation
) -> Callable[[Callable[..., Any]], Callable[..., ResponseReturnValue]]:
    """Describe a view, hand it what was sent as shapes, and write what it returns.

    The view gets *asked* and *body* where it takes them. It stands under `open_to`, so that nobody
    learns what a body may hold who may not send one.

    Args:
        said: The fields of `Operation`.
    """
    described = Operation(**said)

    def wrap(view: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def answered(**path: str) -> ResponseReturnValue:
            try:
                made = view(**path, **_sent(described))
            except ValidationError as error:
                return _unreadable(error)
            return made if isinstance(made, Response) else written(made, described.status)

        answered.operation = described  # type: ignore[attr-defined]  # read by the description
        return answered

    return wrap


def written(made: Shape | None, status: HTTPStatus) -> Response:
    """Write what a view returns; what is not known is left out."""
    if made is None:
        return Response(status=HTTPStatus.NO_CONTENT)
    return Response(made.model_dump_json(exclude_none=True), status, content_type=JSON)


def _sent(described: Operation) -> Mapping[str, Shape]:
    sent: dict[str, Shape] = {}
    if described.asks:
        sent["asked"] = described.asks.model_validate(_query(described.asks))
    if described.takes:
        if not request.is_json:
            abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        sent["body"] = described.takes.model_validate_json(_body())
    return sent


def _body() -> str:
    """Return the JSON that was sent; a key that stands twice is none, as nobody knows which."""
    try:
        text = request.get_data(cache=False).decode()
        read_json(text)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)
    return text


def _query(shape: type[Shape]) -> dict[str, str | list[str]]:
    """Return the query; what may be there once and is there twice stays a list, and fails."""
    given = request.args.to_dict(flat=False)
    several = {name for name, one in shape.model_fields.items() if _takes_several(one.annotation)}
    return {
        name: values if name in several or len(values) > 1 else values[0]
        for name, values in given.items()
    }


def _takes_several(kind: object) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def _unreadable(error: ValidationError) -> Response:
    """Name every part that is wrong; what was sent is not said again: it may be a patient's."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in found):
        return problem(HTTPStatus.BAD_REQUEST, "The body is no JSON that can be read.")
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "What was sent cannot be taken. Mend what is named and send it again.",
        errors=[
            {"pointer": _pointer(one["loc"]), "detail": one["msg"].removeprefix(_OF_PYDANTIC)}
            for one in found
        ],
    )


_OF_PYDANTIC = "Value error, "
"""What is put before words of ours."""


def _pointer(place: tuple[int | str, ...]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
