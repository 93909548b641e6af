"""Answers as models, also those of a newer server."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.client._errors import UnreadableError

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], content: bytes) -> Model:
    """
    Return an answer as a model; fields that this version does not know are left out.

    The API changes by addition, so a newer server may say more. The models of the rooms refuse unknown fields, since
    in a file written by hand they are slips of the pen.

    Raises
    ------
    UnreadableError
        If the answer is none of that model.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        unknown = [flaw["loc"] for flaw in error.errors(include_input=False) if flaw["type"] == "extra_forbidden"]
        if not unknown:
            raise UnreadableError(str(error)) from error
    document = json.loads(content)
    for place in unknown:
        _remove(document, place)
    try:
        return model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise UnreadableError(str(error)) from error


def _remove(document: Any, place: tuple[int | str, ...]) -> None:
    """Remove a field; a step of the place that is none of the document names a case of a union."""
    *way, last = place
    for step in way:
        inside = isinstance(document, list) and isinstance(step, int) and step < len(document)
        if inside or (isinstance(document, dict) and step in document):
            document = document[step]
    if isinstance(document, dict):
        document.pop(last, None)
