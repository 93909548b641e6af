"""
Bodies of requests: JSON that is read strictly, and limits that hold while reading.

::

    async def plan(body: Annotated[TripRequest, StrictJson], ...) -> Response: ...

What the schema of the body says is what is accepted: ``"1"`` is no integer, and no key is given twice.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import isfinite
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from api.http.problems import MOST_FLAWS, ProblemError, flaws_of_validation, more_flaws
from api.problems import Flaw
from api.texts import text
from regional_assets.text import Text

DEEPEST = 64
"""Levels of lists and tables inside each other; deeper ones would exhaust the stack of a reader."""

_LARGEST = 2**63
_LARGE = 2**16
_MOST_FILES = 200
_MOST_FIELDS = 50
_LONGEST_FIELD_BYTES = 2**14
_MOST_SORTED = 20_000
"""Flaws of a body, beyond which none is named: something else was sent than what is asked for."""
# A string that never ends is one as well: looked for from each of its quotes, it would take the square of its length.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_STEPS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


@dataclass(frozen=True)
class _Strict:
    """Validate a body once more as JSON, strictly, whatever the framework made of it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the type itself for documentation, with a strict reader around it."""
        reader = _Reader(source)
        return core_schema.no_info_wrap_validator_function(lambda value, _: reader.read(value), handler(source))


class _Reader:
    def __init__(self, source: Any) -> None:
        self._source = source

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        # Made late: while the schema of the body is being built, its types may not all be complete.
        return TypeAdapter(self._source)

    def read(self, value: Any) -> Any:
        """
        Return the validated body.

        Raises
        ------
        ValidationError
            With every problem; the framework joins it with those of parameters.
        ProblemError
            422 where there are more problems than an answer names.
        """
        try:
            return self._adapter.validate_json(json.dumps(value, ensure_ascii=False), strict=True)
        except ValidationError as error:
            if error.error_count() <= MOST_FLAWS:
                raise
            raise _full_of_flaws(error, value) from None


StrictJson = _Strict()


class RepeatedKeyError(ValueError):
    """Refuse a table with two values for one key."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def read_json(raw: bytes) -> Any:
    """
    Parse a JSON document that comes from outside.

    Whole numbers written with a fraction or exponent (``1.0``) become integers: JSON knows one kind of number.

    Raises
    ------
    ProblemError
        400, naming what is wrong and where: text that is not UTF-8, syntax, a repeated key, numbers that are not
        finite or beyond 64 bits, half characters, NUL, more than `DEEPEST` levels.
    """
    if _depth(raw) > DEEPEST:
        raise _broken(text("body.deep", most=DEEPEST))
    try:
        parsed = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_table,
            parse_constant=_no_number,
            parse_float=_number,
            parse_int=_integer,
        )
        # A lone half of a character survives parsing, and breaks whoever writes it down later.
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken(text("body.no_utf8", byte=error.start)) from None
    except UnicodeEncodeError:
        raise _broken(text("body.surrogate")) from None
    except RepeatedKeyError as error:
        raise _broken(text("body.repeated", name=error.key)) from None
    except json.JSONDecodeError as error:
        raise _broken(text("body.no_json", line=error.lineno, column=error.colno)) from None
    except ValueError:
        raise _broken(text("body.number")) from None
    if _NUL.search(raw):
        raise _broken(text("body.nul"))
    return parsed


def is_json(content_type: str) -> bool:
    """Whether a header ``Content-Type`` says that the body is JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def is_form(content_type: str) -> bool:
    """Whether a header ``Content-Type`` says that the body is a form with files; in UTF-8, not in any of 100 codes."""
    media_type, parameters = parse_options_header(content_type)
    return media_type == b"multipart/form-data" and parameters.get(b"charset", b"utf-8").lower() == b"utf-8"


class BoundedRequest(Request):
    """
    A request whose body may not be larger than a limit, told or not told in advance.

    Parameters
    ----------
    request
        The request as it came.
    limit_bytes
        Most that is read.
    """

    def __init__(self, request: Request, limit_bytes: int) -> None:
        refuse_announced(request, limit_bytes)
        super().__init__(request.scope, _bounded(request.receive, limit_bytes))
        self._parsed: Any = None

    async def form(self, **_limits: Any) -> FormData:  # type: ignore[override]
        """
        Return the fields and files of the body; fields stand in memory, so that they are few and short.

        Raises
        ------
        ProblemError
            400 where they are too many or too long, or the body is no form.
        """
        try:
            return await super().form(
                max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD_BYTES
            )
        except ProblemError:
            raise
        except HTTPException as error:
            raise ProblemError(400, "bad-request", text("form.broken", reason=error.detail)) from None

    def replace_json(self, content: Any) -> None:
        """Let `json` return something else from now on."""
        self._parsed = content

    async def json(self) -> Any:
        """Return the body as `read_json` reads it."""
        if self._parsed is None:
            body = await self.body()
            # Other requests go on meanwhile.
            self._parsed = read_json(body) if len(body) < _LARGE else await run_in_threadpool(read_json, body)
        return self._parsed


def refuse_announced(request: Request, limit_bytes: int) -> None:
    """
    Refuse a body that is said to be too large, before any of it is read.

    Raises
    ------
    ProblemError
        413.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > limit_bytes):
        raise _too_large(limit_bytes)


def _bounded(receive: Receive, limit_bytes: int) -> Receive:
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > limit_bytes:
                raise _too_large(limit_bytes)
        return message

    return bounded


def _too_large(limit_bytes: int) -> ProblemError:
    # The rest of the body is not read: the connection cannot be used for another request.
    return ProblemError(413, "too-large", text("body.large", most=limit_bytes), headers={"Connection": "close"})


def _depth(raw: bytes) -> int:
    brackets = _BRACKET.findall(_STRING.sub(b"", raw))
    return max(accumulate(_STEPS[bracket] for bracket in brackets), default=0)


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        raise RepeatedKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return table


def _integer(digits: str) -> int:
    # Compared by length first: converting thousands of digits takes long.
    value = int(digits) if len(digits) <= 20 else _LARGEST
    if not -_LARGEST <= value < _LARGEST:
        raise ValueError
    return value


def _number(digits: str) -> float | int:
    value = float(digits)
    if not isfinite(value):
        raise ValueError
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _no_number(_constant: str) -> float:
    raise ValueError


def _full_of_flaws(error: ValidationError, body: Any) -> ProblemError:
    """Return the refusal of a body with more flaws than an answer names: to make words of all would take minutes."""
    count = error.error_count()
    if count > _MOST_SORTED:
        return ProblemError(
            422, "invalid-input", errors=[Flaw(text("flaws.far_too_many", number=f"{count:,}"), pointer="")]
        )
    first = [{**flaw, "loc": ("body", *flaw["loc"])} for flaw in error.errors(include_url=False)[:MOST_FLAWS]]
    flaws = flaws_of_validation(RequestValidationError(first, body=body))
    return ProblemError(422, "invalid-input", errors=[*flaws, *more_flaws(count - MOST_FLAWS)])


def _broken(detail: Text) -> ProblemError:
    return ProblemError(400, "malformed-json", detail, [Flaw(detail, pointer="")])
