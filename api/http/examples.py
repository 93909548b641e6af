"""
Named examples of the OpenAPI document, one JSON file each under ``api/http/examples``.

Dates in them are written ``{today+14}``: days from the day on which the document is made, so that an example can be
sent as it stands. A test sends every one of them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from importlib import resources
from typing import Any

from fastapi.openapi.models import Example

_DATE = re.compile(r"\{today\+(\d+)\}")
_SATURDAY = re.compile(r"\{saturday\+(\d+)\}")


def examples(*names: str) -> dict[str, Example]:
    """
    Return examples for ``Body(openapi_examples=examples("trips/two-days"))``.

    Parameters
    ----------
    names
        Files under ``api/http/examples`` without their ending. Each is ``{"summary": ..., "value": ...}``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    return {name: _read(name) for name in names}


def dated(value: Any, today: dt.date) -> Any:
    """Return an example with its dates filled in; ``{saturday+7}`` counts from the coming Saturday."""
    if isinstance(value, dict):
        return {name: dated(inner, today) for name, inner in value.items()}
    if isinstance(value, list):
        return [dated(inner, today) for inner in value]
    if not isinstance(value, str):
        return value
    saturday = today + dt.timedelta(days=(5 - today.weekday()) % 7)
    value = _SATURDAY.sub(lambda match: _later(saturday, match[1]), value)
    return _DATE.sub(lambda match: _later(today, match[1]), value)


def _later(day: dt.date, days: str) -> str:
    return (day + dt.timedelta(days=int(days))).isoformat()


def _read(name: str) -> Example:
    file = resources.files("api.http") / "examples" / f"{name}.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    return Example(summary=content["summary"], value=content["value"])
