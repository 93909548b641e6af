"""
Unknown fields, told together with what else is wrong with a request.

A body with a field that nobody knows never reaches its route, so that what the route would find wrong with the rest
would only be told at the next try. Such a request is therefore gone through once more without these fields, up to where
work would begin: `rehearsed` ends it there.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from api.http.bodies import BoundedRequest
from api.http.problems import ProblemError, flaws_of_validation, real_steps, refusal_of
from regional_assets.errors import InputError


class RehearsedError(Exception):
    """Tell that nothing else is wrong with a request."""


def rehearsed(request: Request) -> None:
    """
    End a request that is only gone through: called before anything is done that stays.

    Raises
    ------
    RehearsedError
        If it is such a request.
    """
    if getattr(request.state, "is_rehearsal", False):
        raise RehearsedError


async def with_further_flaws(
    error: RequestValidationError, request: BoundedRequest, answer: Callable[[Request], Awaitable[Any]]
) -> Exception:
    """
    Return the refusal of a request with all that is wrong with it.

    Parameters
    ----------
    error
        What was found.
    request
        Read already.
    answer
        Goes through the request; before it does anything that stays, it calls `rehearsed`.
    """
    body = _without_unknown_fields(error)
    if body is None:
        return error
    request.replace_json(body)
    request.state.is_rehearsal = True
    try:
        await answer(request)
    except InputError as further:
        refusal = refusal_of(further)
    except ProblemError as further:
        refusal = further
    except (RehearsedError, RequestValidationError):
        # Nothing, or what was found the first time as well.
        return error
    else:
        return error
    if refusal.status_code != 422:
        return error
    return ProblemError(422, "invalid-input", errors=[*flaws_of_validation(error), *refusal.flaws])


def _without_unknown_fields(error: RequestValidationError) -> Any:
    """Return the body without fields that are not known; None where there are none, or it is not clear which."""
    found = [flaw["loc"] for flaw in error.errors() if flaw["type"] == "extra_forbidden"]
    unknown = [loc for place, *loc in found if place == "body"]
    body = copy.deepcopy(error.body)
    forms: dict[tuple[int | str, ...], tuple[int | str, ...]] = {}
    for *way, field in unknown:
        steps = tuple(real_steps(way, error.body))
        # Where a table may have several forms, what one does not know another may.
        if forms.setdefault(steps, tuple(way)) != tuple(way):
            return None
        table = body
        for step in steps:
            table = table[step]
        table.pop(field, None)
    return body if unknown else None
