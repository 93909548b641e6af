"""What callers are told while the database is locked, away or full: it passes, and nothing was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.http.problems import ProblemError, problem_response
from api.storage import storage_problem
from api.texts import text

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

_RETRY_AFTER_S = 5


def install(app: FastAPI) -> None:
    """Answer with 503 where the database, or the disk, cannot serve at the moment."""

    async def refuse(request: Request, error: Exception) -> Response:
        problem = storage_problem(error)
        if problem is None:
            # A fault of the program.
            raise error
        structlog.get_logger("api.outages").warning("storage unavailable", problem=problem)
        request.app.state.service.metrics.refused(f"storage_{problem}")
        headers = {"Retry-After": str(_RETRY_AFTER_S)}
        refusal = ProblemError(503, "storage-unavailable", text(f"storage_http.{problem}"), headers=headers)
        return problem_response(request, refusal)

    for kind in (SQLAlchemyError, OSError):
        app.add_exception_handler(kind, refuse)
