"""The description of the API (OpenAPI 3.1), made from the views and shapes themselves."""

from __future__ import annotations

import inspect
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from pydantic.json_schema import models_json_schema
from werkzeug.routing import AnyConverter

from intake import __version__
from intake.web.access import Access
from intake.web.api_base import JSON, Operation, Shape
from intake.web.api_problems import API_PATH, PROBLEM_JSON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flask import Flask
    from pydantic.json_schema import JsonSchemaMode
    from werkzeug.routing import Rule

_SCHEMAS = "#/components/schemas/"
_ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_OF_A_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


class Wrong(Shape):
    """A part of what was sent that cannot be taken."""

    pointer: str
    detail: str


class Problem(Shape):
    """What is wrong and what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Wrong, ...] = ()


def description(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application's API."""
    found = list(_operations(app))
    refs, schemas = _schemas(found)
    paths: dict[str, dict[str, Any]] = {}
    for rule, view, said in found:
        for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"}):
            made = _operation(rule, view, said, refs)
            paths.setdefault(_path(rule), {})[method.lower()] = made
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Intake",
            "version": __version__,
            "description": (
                "Reads what patients answered and what the rules found, and begins intakes."
                " The rules find reasons to wait, to look, to ask. Nothing here says that a patient"
                " may be treated: a named clinician decides. Unknown is a value of its own."
            ),
        },
        "servers": [{"url": API_PATH}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
        },
    }


def _operations(app: Flask) -> Iterator[tuple[Rule, Callable[..., Any], Operation]]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        said = getattr(view, "operation", None)
        if isinstance(said, Operation):
            yield rule, view, said


def _schemas(
    found: list[tuple[Rule, Callable[..., Any], Operation]],
) -> tuple[Mapping[type[Shape], dict[str, Any]], dict[str, Any]]:
    """Return how each shape is referred to, and what stands there."""
    told = [(one, "serialization") for _, _, said in found if (one := said.says)]
    taken = [(one, "validation") for _, _, said in found if (one := said.takes)]
    wanted: dict[tuple[type[Shape], JsonSchemaMode], None] = dict.fromkeys(
        [*told, *taken, (Problem, "serialization")]  # type: ignore[list-item]
    )
    refs, made = models_json_schema(list(wanted), ref_template=_SCHEMAS + "{model}")
    return {cast("type[Shape]", one): ref for (one, _), ref in refs.items()}, made["$defs"]


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule).removeprefix(API_PATH)


def _operation(
    rule: Rule,
    view: Callable[..., Any],
    said: Operation,
    refs: Mapping[type[Shape], dict[str, Any]],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": rule.endpoint.partition(".")[2],
        "summary": said.summary,
        "description": _description(view),
        "responses": dict(_answers(rule, said, refs)),
    }
    if parameters := [*_of_path(rule), *_of_query(said)]:
        made["parameters"] = parameters
    if said.takes:
        content = {JSON: {"schema": refs[said.takes]}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _description(view: Callable[..., Any]) -> str:
    role = "For a reader's token."
    if view.open_to is Access.SYSTEM_SCHEDULER:  # type: ignore[attr-defined]  # `open_to` sets it
        role = "For a scheduler's token."
    if view.open_to is Access.SYSTEM:  # type: ignore[attr-defined]
        role = "For any token."
    return f"{inspect.getdoc(view)}\n\n{role}"


def _of_path(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"<(?:[^:<>]+:)?(\w+)>", rule.rule):
        converter = rule._converters[name]
        schema: dict[str, Any] = dict(_ID)
        if isinstance(converter, AnyConverter):
            schema = {"type": "string", "enum": sorted(converter.items)}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _of_query(said: Operation) -> Iterator[dict[str, Any]]:
    if said.asks is None:
        return
    schema = said.asks.model_json_schema(ref_template=_SCHEMAS + "{model}")
    for name, one in schema["properties"].items():
        words = one.pop("description", None)
        yield {
            "name": name,
            "in": "query",
            "schema": _resolved(one, schema.get("$defs", {})),
            **({"description": words} if words else {}),
        }


def _resolved(one: Any, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a part of a schema
    """Write out what a part of a query refers to; none of it refers to itself."""
    if isinstance(one, list):
        return [_resolved(part, known) for part in one if part != {"type": "null"}]
    if not isinstance(one, dict):
        return one
    if "$ref" in one:
        return _resolved(known[one["$ref"].removeprefix(_SCHEMAS)], known)
    return {name: _resolved(part, known) for name, part in one.items() if name != "default"}


def _answers(
    rule: Rule, said: Operation, refs: Mapping[type[Shape], dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    fine: dict[str, Any] = {"description": said.summary}
    if said.says:
        fine["content"] = {JSON: {"schema": refs[said.says]}}
    elif said.files:
        fine["content"] = {kind.partition(";")[0]: {} for kind in said.files}
    yield str(said.status.value), fine
    if said.also:
        yield str(said.also.value), fine
    wrong = {"content": {PROBLEM_JSON: {"schema": refs[Problem]}}}
    for status in sorted({*_ALWAYS, *_problems(rule, said)}):
        yield str(status.value), {"description": status.phrase, **wrong}


def _problems(rule: Rule, said: Operation) -> Iterator[HTTPStatus]:
    yield from said.problems
    if rule.arguments:
        yield HTTPStatus.NOT_FOUND
    if said.takes or said.asks:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if said.takes:
        yield from _OF_A_BODY


def described_here() -> dict[str, Any]:
    """Return the description of the API that answers the present request."""
    return description(current_app)
