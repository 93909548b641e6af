"""Which methods an address takes: told by ``OPTIONS``, and where another one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api.http.problems import ProblemError, problem_response

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


def install(app: FastAPI) -> None:
    """Let an app tell all methods of an address: the framework itself looks at one of its routes only."""

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        allowed = _allowed(app, request)
        if not allowed:
            return problem_response(request, ProblemError(405, "method-not-allowed", headers=error.headers))
        headers = {"Allow": ", ".join(allowed)}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
        return problem_response(request, ProblemError(405, "method-not-allowed", headers=headers))

    app.add_exception_handler(405, refuse)


def _allowed(app: FastAPI, request: Request) -> list[str]:
    found = [method for method in _METHODS if _is_taken(app, request, method)]
    if "GET" in found:
        found.append("HEAD")
    return sorted([*found, "OPTIONS"]) if found else []


def _is_taken(app: FastAPI, request: Request, method: str) -> bool:
    asked = {**request.scope, "method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in app.router.routes)
