"""The OpenAPI document: what the routes say, and what holds for all of them."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from api.http.examples import dated
from api.http.field_docs import describe_fields
from api.http.problems import ProblemBody, ProblemError, problem_response, refusal_schema
from api.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.service_settings import ServiceSettings

_ALWAYS = (400, 422, 429, 500, 503)
_WITH_KEY = (401, 403)
_WITH_BODY = (413, 415)
_METHODS = ("get", "put", "post", "patch", "delete")

TAGS = ("trips", "regions", "prices", "annealers", "jobs", "operations")


def install(app: FastAPI) -> None:
    """Let an app make its document as `document` does, once a day: examples hold dates; and go by it in refusals."""
    settings: ServiceSettings = app.state.service.settings
    made: dict[dt.date, dict[str, Any]] = {}

    def openapi() -> dict[str, Any]:
        today = dt.date.today()
        if today not in made:
            made.clear()
            made[today] = document(app, today, settings)
        return made[today]

    async def refuse_method(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        # The framework itself looks at the first route of an address only.
        allowed = ", ".join(await run_in_threadpool(_methods_at, openapi(), request.url.path))
        headers = {"Allow": allowed} if allowed else error.headers
        return problem_response(request, ProblemError(405, "method-not-allowed", headers=headers))

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_exception_handler(405, refuse_method)


def document(app: FastAPI, today: dt.date, settings: ServiceSettings) -> dict[str, Any]:
    """
    Return the OpenAPI 3.1 document of an app.

    Parameters
    ----------
    today
        What dates of examples are counted from.
    settings
        Whether keys are needed, and how the world calls the server.
    """
    made = get_openapi(
        title="Meguri",
        version=version("meguri"),
        summary=say("api.summary", "en"),
        description=say("api.description", "en"),
        routes=app.routes,
        tags=[{"name": name, "description": say(f"api_tag.{name}", "en")} for name in TAGS],
        servers=[{"url": settings.public_url}] if settings.public_url else None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _add_problem(schemas)
    for schema in schemas.values():
        describe_fields(schema)
    for operations in made["paths"].values():
        for method in _METHODS:
            if method in operations:
                _complete(operations[method], needs_keys=settings.needs_keys)
    filled: dict[str, Any] = dated(made, today)
    return filled


def _methods_at(document: dict[str, Any], path: str) -> list[str]:
    """Return the methods that an address takes: those of the first route that matches, as when it is called."""
    for template, operations in document["paths"].items():
        if compile_path(template)[0].match(path):
            return sorted(method.upper() for method in operations)
    return []


def _add_problem(schemas: dict[str, Any]) -> None:
    schema = ProblemBody.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs"))
    schemas["Problem"] = schema


def _complete(operation: dict[str, Any], *, needs_keys: bool) -> None:
    """Add what need not be said at every route: common refusals, and that no key need be sent where none is needed."""
    if "security" in operation and not needs_keys:
        operation["security"].append({})
    with_key = _WITH_KEY if "security" in operation else ()
    with_body = _WITH_BODY if "requestBody" in operation else ()
    responses = operation["responses"]
    for status in (*_ALWAYS, *with_key, *with_body):
        # FastAPI's own 422 has a shape of its own, which is never sent.
        if str(status) not in responses or status == 422:
            responses[str(status)] = refusal_schema(status)
    operation["responses"] = dict(sorted(responses.items()))
