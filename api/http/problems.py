"""
Refusals, told as RFC 9457 problems: one shape for every error of the API.

Raise `ProblemError`, or let an `InputError` pass: its problems become ``errors`` with JSON pointers, all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from api.http.languages import language_of_request
from api.problems import Flaw, flaws_of, json_pointer, problem_document, title_of
from api.texts import text
from regional_assets.errors import InputError, Problem, UnknownRegionError
from regional_assets.text import Text
from regional_assets.validation import problems_of

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic_core import ErrorDetails
    from starlette.requests import Request


MEDIA_TYPE = "application/problem+json"
MOST_FLAWS = 500
"""Most flaws that an answer names; a last one says that there are more: all of them would dwarf the request."""

_TOLD = 3


class ProblemError(HTTPException):
    """
    Refuse a request.

    Parameters
    ----------
    status
        HTTP status.
    code
        Kind of problem: an entry of the section ``problem`` of the catalogue, with ``_`` for ``-``.
    detail
        What happened here; by default the first flaws, or else the words of the kind.
    errors
        Single flaws; `MOST_FLAWS` of them are kept.
    headers
        Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: Text | None = None,
        errors: Iterable[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.flaws = _named(tuple(errors))
        self.text = detail or (_told(self.flaws) if self.flaws else title_of(code))
        super().__init__(status, self.text.en, dict(headers or {}))


def refusal_of(error: InputError) -> ProblemError:
    """Return what an input error of the rooms below says over HTTP."""
    if isinstance(error, UnknownRegionError):
        return ProblemError(404, "not-found", error.problems[0].message)
    return ProblemError(422, "invalid-input", errors=flaws_of(error.problems))


def problem_response(request: Request, error: ProblemError) -> JSONResponse:
    """Return a refusal as the answer to a request, in its language."""
    language = language_of_request(request)
    document = problem_document(
        error.status_code,
        error.code,
        error.text,
        error.flaws,
        language=language,
        request_id=getattr(request.state, "request_id", None),
    )
    headers = {**(error.headers or {}), "Content-Language": language}
    return JSONResponse(document, error.status_code, headers, MEDIA_TYPE)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """
    Return what OpenAPI says of refusals, for ``responses=`` of a route.

    Those that any route may answer with (400, 401, 403, 413, 415, 422, 429, 500, 503) are added to all by
    `api.http.openapi`.
    """
    return {status: refusal_schema(status) for status in statuses}


def refusal_schema(status: int) -> dict[str, Any]:
    """Return the OpenAPI response object of a refusal."""
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def install(app: FastAPI) -> None:
    """Let every refusal of an app, its own and those of the framework, be told as a problem."""

    async def refuse(request: Request, error: Exception) -> JSONResponse:
        return problem_response(request, _refusal(error))

    for kind in (HTTPException, RequestValidationError, InputError):
        app.add_exception_handler(kind, refuse)


def _refusal(error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, InputError):
        return refusal_of(error)
    if isinstance(error, RequestValidationError):
        return ProblemError(422, "invalid-input", errors=flaws_of_validation(error))
    assert isinstance(error, HTTPException)
    return _of_framework(error)


def _of_framework(error: HTTPException) -> ProblemError:
    """Return what starlette and FastAPI refuse by themselves: unknown paths and methods, broken forms."""
    codes = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
    code = codes.get(error.status_code, "bad-request" if error.status_code < 500 else "internal-error")
    return ProblemError(error.status_code, code, headers=error.headers)


def flaws_of_validation(error: RequestValidationError) -> list[Flaw]:
    """Return what the framework found wrong with parameters and body, one flaw for each place."""
    flaws: dict[tuple[str, str], Flaw] = {}
    for details in islice(error.errors(), MOST_FLAWS):
        place, *loc = details["loc"]
        if place == "body" and (form_flaw := _form_flaw(details)):
            flaws[place, form_flaw.pointer or ""] = form_flaw
            continue
        for problem in problems_of([cast("ErrorDetails", {**details, "loc": tuple(loc)})]):
            name = "/".join(str(part) for part in loc[:1])
            if place == "body":
                steps = real_steps(loc, error.body)
                if details["type"] == "missing" and loc:
                    steps.append(loc[-1])
                name = json_pointer(map(str, steps))
            known = flaws.get((place, name))
            flaws[place, name] = _flaw(place, name, problem) if known is None else _joined(known, problem.message)
    return [*flaws.values(), *more_flaws(len(error.errors()) - MOST_FLAWS)]


def _named(flaws: tuple[Flaw, ...]) -> tuple[Flaw, ...]:
    """Return the flaws that an answer names."""
    # One more: the last may say already that there are further ones.
    return flaws if len(flaws) <= MOST_FLAWS + 1 else (*flaws[:MOST_FLAWS], *more_flaws(len(flaws) - MOST_FLAWS))


def more_flaws(number: int) -> list[Flaw]:
    """Return what says that there are further flaws, where there are any."""
    return [Flaw(text("flaws.more", number=f"{number:,}"))] if number > 0 else []


def _form_flaw(details: Mapping[str, Any]) -> Flaw | None:
    """Return what is wrong where a file stands for a text, or a text for a file; the framework tells its own names."""
    pointer = json_pointer(map(str, details["loc"][1:]))
    if isinstance(details["input"], UploadFile):
        return Flaw(text("form.no_text"), pointer=pointer)
    is_no_file = isinstance(details["input"], str) and "UploadFile" in details["msg"]
    return Flaw(text("form.no_file"), pointer=pointer) if is_no_file else None


def _flaw(place: str, name: str, problem: Problem) -> Flaw:
    if place == "body":
        return Flaw(problem.message, pointer=name, value=problem.value)
    if place == "header":
        return Flaw(problem.message, header=name, value=problem.value)
    return Flaw(problem.message, parameter=name, value=problem.value)


def _joined(flaw: Flaw, further: Text) -> Flaw:
    """Return a flaw of a field that may have several forms with what is wrong with a further one."""
    if further.en in flaw.detail.en:
        return flaw
    detail = Text(ja=f"{flaw.detail.ja}。または: {further.ja}", en=f"{flaw.detail.en}; or: {further.en}")
    return Flaw(detail, flaw.pointer, flaw.parameter, flaw.header, flaw.value)


def real_steps(loc: Sequence[int | str], body: Any) -> list[int | str]:
    """Return the steps of a location that exist in the body: pydantic names forms of a value between them."""
    steps: list[int | str] = []
    found = body
    for part in loc:
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            continue
        steps.append(part)
    return steps


def _told(flaws: Sequence[Flaw]) -> Text:
    """Return the first flaws in one line, for those who read the detail alone."""
    more = "…" if len(flaws) > _TOLD else ""
    lines = [(flaw.pointer or flaw.parameter or flaw.header, flaw.detail) for flaw in flaws[:_TOLD]]
    return Text(
        ja="; ".join(f"{where}: {words.ja}" if where else words.ja for where, words in lines) + more,
        en="; ".join(f"{where}: {words.en}" if where else words.en for where, words in lines) + more,
    )
