"""
Conditional requests (RFC 9110, 13): change a thing only as one knows it, and fetch it only if it is new.

::

    @router.put(...)
    async def replace(if_match: IfMatch = None, ...):
        expected = expected_tags(if_match)
"""

import re
from typing import Annotated, Any

from fastapi import Header

from api.http.problems import ProblemError
from api.problems import Flaw
from api.texts import text

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')

IfMatch = Annotated[
    str | None,
    Header(
        description="`ETag` of what is to be changed, as it was last seen; `*` for whatever is there. Required.",
        max_length=1_000,
    ),
]
IfNoneMatch = Annotated[str | None, Header(description="`ETag` of what the caller has.", max_length=1_000)]

ETAG_HEADER = {"ETag": {"schema": {"type": "string"}, "description": "Changes with the content."}}
KNOWN: dict[int | str, dict[str, Any]] = {304: {"description": "It is what the caller has."}}
"""For ``responses=`` of a route that asks `has_already`."""


def expected_tags(if_match: str | None) -> frozenset[str] | None:
    """
    Return the entity tags of which a thing must have one to be changed; None for any (``*``).

    Raises
    ------
    ProblemError
        428 without the header; 400 where it makes no sense.
    """
    if if_match is None:
        detail = text("precondition.missing")
        raise ProblemError(428, "precondition-required", detail, [Flaw(detail, header="If-Match")])
    if if_match.strip() == "*":
        return None
    tags = _tags(if_match)
    if not tags:
        detail = text("precondition.malformed")
        raise ProblemError(400, "bad-request", detail, [Flaw(detail, header="If-Match", value=if_match)])
    # Weak tags never match here: what is only equivalent may differ in what is to be changed.
    return frozenset(tag for weak, tag in tags if not weak)


def stale(etag: str) -> ProblemError:
    """Return the refusal of a change of what has changed since; ``etag`` is how it is now."""
    detail = text("precondition.stale", etag=etag)
    return ProblemError(412, "precondition-failed", detail, [Flaw(detail, header="If-Match")], {"ETag": etag})


def has_already(if_none_match: str | None, etag: str) -> bool:
    """Whether a caller has what it asks for."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(tag == etag for _, tag in _tags(if_none_match))


def _tags(value: str) -> list[tuple[bool, str]]:
    """Return entity tags with their quotes, each with whether it is weak; none where the list is malformed."""
    found, place = [], 0
    while place < len(value):
        match = _TAG.match(value, place)
        if match is None:
            return []
        found.append((match[1] is not None, f'"{match[2]}"'))
        place = match.end()
    return found
