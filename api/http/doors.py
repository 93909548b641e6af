"""
Routes that look before they read: `Router` for every file under `api.http.routes`.

Before a body is read, a route knows who asks, whether they may and how often they did, that every query parameter is
known, and that the body is of a kind and size that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args, get_origin

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from api.http.auth import Required, admit
from api.http.bodies import BoundedRequest, is_form, is_json
from api.http.problems import ProblemError
from api.http.rehearsing import with_further_flaws
from api.problems import Flaw
from api.texts import text

if TYPE_CHECKING:
    from api.keys import Scope
    from api.service import Service

_LISTS = (list, tuple, set, frozenset)


class _IdConvertor(StringConvertor):
    """Match an id without dots, so that ``/v1/trips/{trip_id:id}`` is not the path of ``/v1/trips/1.gpx`` as well."""

    regex = "[^/.]+"


register_url_convertor("id", _IdConvertor())


class Door(APIRoute):
    """One route, with its checks in front."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        scopes = scopes_of(self.dependant)
        parameters = dict(_query_parameters(self.dependant))
        # What these do that stays, they do in `start_job`.
        starts_job = self.status_code == 202 and not isinstance(getattr(self.body_field, "field_info", None), Form)

        async def answer_checked(request: Request) -> Response:
            if scopes:
                await admit(request, scopes)
            _check_query(request, parameters)
            if self.body_field is None:
                return await answer(request)
            service: Service = request.app.state.service
            is_upload = isinstance(self.body_field.field_info, Form)
            _check_media_type(request, is_upload=is_upload)
            settings = service.settings
            limit = settings.upload_limit_bytes if is_upload else settings.body_limit_bytes
            bounded = BoundedRequest(request, limit)
            try:
                return await answer(bounded)
            except RequestValidationError as error:
                if starts_job:
                    raise await with_further_flaws(error, bounded, answer) from None
                raise

        return answer_checked


class Router(APIRouter):
    """Collect routes; every path is given whole, ``/v1`` included."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Door, redirect_slashes=False, **options)


def scopes_of(dependant: Dependant) -> tuple[Scope, ...]:
    """Return the scopes of which a route requires one; empty where it is open to all."""
    return next((part.call.scopes for part in _all_of(dependant) if isinstance(part.call, Required)), ())


def _all_of(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _all_of(part)


def _query_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the name of each query parameter, and whether it may be repeated."""
    for part in _all_of(dependant):
        for field in part.query_params:
            kind = field.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                for name, inner in kind.model_fields.items():
                    yield inner.alias or name, _is_list(inner.annotation)
            else:
                yield field.alias, _is_list(kind)


def _is_list(kind: Any) -> bool:
    """Whether a parameter of this type may be repeated, also where it may be left out (``list[X] | None``)."""
    return get_origin(kind) in _LISTS or any(get_origin(form) in _LISTS for form in get_args(kind))


def _check_query(request: Request, parameters: Mapping[str, bool]) -> None:
    flaws: dict[str, Flaw] = {}
    for name, value in request.query_params.multi_items():
        if name not in parameters:
            accepted = ", ".join(sorted(parameters)) or "–"
            flaws[name] = Flaw(text("query.unknown", accepted=accepted), parameter=name, value=value)
        elif not parameters[name] and len(request.query_params.getlist(name)) > 1:
            flaws[name] = Flaw(text("query.repeated"), parameter=name, value=value)
    if flaws:
        raise ProblemError(422, "invalid-input", errors=flaws.values())


def _check_media_type(request: Request, *, is_upload: bool) -> None:
    given = request.headers.get("content-type", "")
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if not given and not has_body:
        return  # That it is missing is told with all other problems.
    is_accepted = is_form(given) if is_upload else is_json(given)
    if not is_accepted:
        accepted = "multipart/form-data" if is_upload else "application/json"
        detail = text("body.media_type", given=given or "–", accepted=accepted)
        raise ProblemError(415, "unsupported-media-type", detail, [Flaw(detail, header="Content-Type", value=given)])
