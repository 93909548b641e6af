"""
The words of refusals: what is wrong with a request, or made a job fail, in the shape of RFC 9457 and in both languages.

`api.http.problems` answers requests with them; nothing here knows of requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from api.texts import text
from regional_assets.errors import Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from regional_assets.text import Language

_SHOWN_CHARACTERS = 200
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class FlawBody(BaseModel):
    """
    Name one thing that is wrong with a request.

    Parameters
    ----------
    pointer
        JSON pointer (RFC 6901) into the body; empty for the whole of it.
    parameter, header
        Name of the query or path parameter, or of the header, where the flaw is not in the body.
    detail
        What is wrong and what would be accepted.
    value
        What was found there, where it is short.
    """

    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    detail: str
    value: Any = None


class ProblemBody(BaseModel):
    """
    Tell why a request, or a job, came to nothing (RFC 9457).

    Parameters
    ----------
    type
        Stable name of the kind of problem, a URN.
    title
        The kind in words.
    status
        HTTP status.
    detail
        What happened here.
    request_id
        To be named when asking about it; also in the header ``X-Request-ID`` and in the log.
    errors
        Every single flaw of the request.
    """

    type: str = Field(examples=["urn:meguri:problem:invalid-input"])
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FlawBody] = []


@dataclass(frozen=True, slots=True)
class Flaw:
    """
    Hold one flaw in both languages.

    Parameters
    ----------
    detail
        What is wrong and what would be accepted.
    pointer, parameter, header
        Where: one of them.
    value
        What was found there.
    """

    detail: Text
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    value: object = None

    def body(self, language: Language) -> dict[str, Any]:
        """Return the flaw as JSON, without what it does not have."""
        plain = {
            "pointer": self.pointer,
            "parameter": self.parameter,
            "header": self.header,
            "detail": self.detail.in_(language),
            "value": _shown(self.value),
        }
        return {name: value for name, value in plain.items() if value is not None}


def title_of(code: str) -> Text:
    """Return the words for a kind of problem."""
    return text(f"problem.{code.replace('-', '_')}")


def pointer_of(where: str) -> str:
    """Return a field as people write it (``days[0].date``) as a JSON pointer (``/days/0/date``)."""
    return json_pointer(index or name for index, name in _STEP.findall(where))


def flaws_of(problems: Iterable[Problem], *, under: str = "") -> tuple[Flaw, ...]:
    """Return problems of a body as flaws; ``under`` is the pointer of the part of the body that was checked."""
    return tuple(
        Flaw(problem.message, pointer=under + pointer_of(problem.where), value=problem.value) for problem in problems
    )


def problem_document(
    status: int, code: str, detail: Text, flaws: Sequence[Flaw], *, language: Language, request_id: str | None
) -> dict[str, Any]:
    """Return a problem as JSON."""
    return {
        "type": f"urn:meguri:problem:{code}",
        "title": title_of(code).in_(language),
        "status": status,
        "detail": detail.in_(language),
        "request_id": request_id,
        "errors": [flaw.body(language) for flaw in flaws],
    }


def json_pointer(steps: Iterable[str]) -> str:
    """Return names and numbers that lead to a part of a body as a JSON pointer."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _shown(value: object) -> object:
    """Return a value where it is plain and short; lists and tables stand where the flaw points to."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float) else None
