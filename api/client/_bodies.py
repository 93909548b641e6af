"""Requests as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def json_body(request: BaseModel | Mapping[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """
    Return the arguments of `Connection._send` that send a request as JSON.

    Of a model, only what was said is sent: the server's defaults hold, and an older server is not told of fields that
    it does not know.
    """
    if isinstance(request, BaseModel):
        content = request.model_dump_json(exclude_unset=True, by_alias=True)
    else:
        content = json.dumps(request, ensure_ascii=False, allow_nan=False)
    return {"content": content.encode(), "headers": {"Content-Type": media_type}}
