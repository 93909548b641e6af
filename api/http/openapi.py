"""The OpenAPI document: what the routes say, and what holds for all of them."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from importlib.metadata import version
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from api.http.examples import dated
from api.http.field_docs import describe_fields
from api.http.problems import refusal_schema
from api.jobs.model import Answer
from api.problems import ProblemBody
from api.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.service_settings import ServiceSettings

_ALWAYS = (400, 422, 429, 500, 503)
_WITH_KEY = (401, 403)
_WITH_BODY = (413, 415)
_METHODS = ("get", "put", "post", "patch", "delete")

TAGS = ("trips", "regions", "prices", "annealers", "jobs", "operations")

_REFERENCE = "#/components/schemas/"
# How the framework names what has no name of its own in Python, or one that two rooms use.
_GENERIC = re.compile(r"(?P<of>Answer|Page)_(?P<what>\w+?)(?:Answer|Body)?_")
_SUFFIXES = {"Answer": "Job", "Page": "Page"}
_NAMES = {
    "Body_importRegion": "RegionImport",
    "pricing__proposal__Sampling": "PriceSampling",
    "routing__itinerary__Sampling": "TripSampling",
    "ProblemBody": "Problem",
    "FlawBody": "Flaw",
    "RegionBody": "Region",
}


class OpenApi:
    """
    Keep the OpenAPI document of an app: made when it is first asked for, which takes a second; dated anew every day.

    Parameters
    ----------
    app
        With all its routes.
    settings
        Whether keys are needed, and how the world calls the server.
    """

    def __init__(self, app: FastAPI, settings: ServiceSettings) -> None:
        self._app = app
        self._settings = settings
        self._lock = threading.Lock()
        self._undated: dict[str, Any] | None = None
        self._dated: tuple[dt.date, dict[str, Any], bytes] | None = None

    def document(self) -> dict[str, Any]:
        """Return the document of today: examples hold dates."""
        return self._today()[0]

    def encoded(self) -> bytes:
        """Return the document of today as JSON."""
        return self._today()[1]

    def _today(self) -> tuple[dict[str, Any], bytes]:
        # Several requests may be the first; one of them makes it.
        with self._lock:
            today = dt.date.today()
            if self._undated is None:
                self._undated = undated_document(self._app, self._settings)
            if self._dated is None or self._dated[0] != today:
                document = dated(self._undated, today)
                self._dated = today, document, json.dumps(document, ensure_ascii=False).encode()
            return self._dated[1:]


def install(app: FastAPI) -> None:
    """Let an app tell of itself as `OpenApi` does; `of_app` finds it."""
    app.state.openapi = OpenApi(app, app.state.service.settings)
    app.openapi = app.state.openapi.document  # type: ignore[method-assign]


def of_app(app: FastAPI) -> OpenApi:
    """Return what tells of an app."""
    found: OpenApi = app.state.openapi
    return found


def undated_document(app: FastAPI, settings: ServiceSettings) -> dict[str, Any]:
    """
    Return the OpenAPI 3.1 document of an app; dates of its examples are still to be filled in.

    Parameters
    ----------
    app
        With all its routes.
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
        # What is read and what is written have one shape and one name, in generated clients as well.
        separate_input_output_schemas=False,
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _add_problem(schemas)
    for schema in schemas.values():
        describe_fields(schema)
    _describe_answers(schemas)
    for operations in made["paths"].values():
        for method in _METHODS:
            if method in operations:
                _complete(operations[method], needs_keys=settings.needs_keys)
    renamed: dict[str, Any] = _renamed(made, {f"{_REFERENCE}{name}": _public_name(name) for name in schemas})
    renamed["components"]["schemas"] = {_public_name(name): renamed["components"]["schemas"][name] for name in schemas}
    for name, schema in renamed["components"]["schemas"].items():
        schema["title"] = name
    return renamed


def _public_name(name: str) -> str:
    """Return how the document calls a schema: ``TripRequest``, ``ItineraryJob``, ``RegionPage``."""
    generic = _GENERIC.fullmatch(name)
    return generic["what"] + _SUFFIXES[generic["of"]] if generic else _NAMES.get(name, name)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Return a part of a document with schemas called by their public names."""
    if isinstance(value, dict):
        return {key: _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return f"{_REFERENCE}{names[value]}" if isinstance(value, str) and value in names else value


def _describe_answers(schemas: dict[str, Any]) -> None:
    """Say of each answer what is said of jobs: models made by a parameter have no docstring of their own."""
    job = schemas["Job"]["properties"]
    for schema in schemas.values():
        if schema.get("properties", {}).keys() == {*job, "result"}:
            schema["description"] = cleandoc(Answer.__doc__ or "")
            describe_fields(schema)
            for name, field in job.items():
                schema["properties"][name].setdefault("description", field["description"])


def _add_problem(schemas: dict[str, Any]) -> None:
    """Add the shape of refusals, which no route names as its model."""
    if "ProblemBody" not in schemas:
        schema = ProblemBody.model_json_schema(mode="serialization", ref_template=f"{_REFERENCE}{{model}}")
        schemas.update(schema.pop("$defs"))
        schemas["ProblemBody"] = schema


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
