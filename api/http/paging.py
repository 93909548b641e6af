"""
Pages of long lists: ``?limit=&cursor=`` in, ``{items, next}`` and a ``Link`` out.

::

    async def list_jobs(request: Request, page: Annotated[Paging, Depends()], ...):
        jobs = await run_in_threadpool(store.list, after=page.after, limit=page.limit + 1)
        return page_response(request, [...], last=jobs[page.limit - 1].id if len(jobs) > page.limit else None)
"""

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import URL
from starlette.responses import JSONResponse

from api.http.bodies import read_json
from api.http.problems import ProblemError
from api.problems import Flaw
from api.texts import text

LONGEST = 500
_LONGEST_CURSOR = 1_000
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """
    Hold one page of a list.

    Parameters
    ----------
    items
        In the order of the list.
    next
        URL of the following page; null on the last one.
    """

    items: list[Item]
    next: str | None


class Paging:
    """Read which page is asked for; a dependency."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=LONGEST, description="Most items on the page.")] = 50,
        cursor: Annotated[
            str | None,
            Query(max_length=_LONGEST_CURSOR, description="Where the page begins: from `next` of the page before."),
        ] = None,
    ) -> None:
        self.limit = limit
        self._cursor = cursor

    @property
    def after(self) -> Any:
        """
        Return what the page before ended with, as it was given to `cursor_of`; None for the first page.

        Raises
        ------
        ProblemError
            400 if the cursor is none of ours.
        """
        if self._cursor is None:
            return None
        try:
            padded = self._cursor + "=" * (-len(self._cursor) % 4)
            value = read_json(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, ProblemError):
            raise bad_cursor() from None
        if value is None:
            raise bad_cursor()
        return value


def bad_cursor() -> ProblemError:
    """Return the refusal of a cursor that was not made by us."""
    detail = text("query.cursor")
    return ProblemError(400, "bad-cursor", detail, [Flaw(detail, parameter="cursor")])


def cursor_of(last: Any) -> str:
    """Return the cursor of the page that follows an item; ``last`` is plain JSON, told by `Paging.after` later."""
    plain = json.dumps(last, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def next_url(request: Request, last: Any) -> str:
    """Return the URL of the following page: the one asked for, with the cursor put in."""
    return str(public_url(request).include_query_params(cursor=cursor_of(last)))


def page_response(
    request: Request, items: Sequence[Any], *, last: Any = None, headers: dict[str, str] | None = None
) -> Response:
    """
    Answer with a page.

    Parameters
    ----------
    items
        As JSON.
    last
        What the next page begins after; None where this is the last one.
    """
    following = None if last is None else next_url(request, last)
    link = {} if following is None else {"Link": f'<{following}>; rel="next"'}
    return JSONResponse({"items": list(items), "next": following}, headers={**link, **(headers or {})})


def public_url(request: Request) -> URL:
    """Return the URL of a request as the world calls it: by ``MEGURI_PUBLIC_URL``, else as it was sent."""
    base: str | None = request.app.state.service.settings.public_url
    if base is None:
        return request.url
    return URL(base + request.url.path + (f"?{request.url.query}" if request.url.query else ""))


def public_path(request: Request, path: str) -> str:
    """Return a path of ours as the world calls it: a proxy may have put a prefix in front."""
    base: str | None = request.app.state.service.settings.public_url
    return (URL(base).path if base else "") + path


def absolute_url(request: Request, path: str) -> str:
    """Return a path of ours as a URL that the world can call."""
    base: str | None = request.app.state.service.settings.public_url
    return (base or str(request.base_url).rstrip("/")) + path
