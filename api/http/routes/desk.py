"""The planning desk: its page at ``/``, and the files of the page."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from api.desk.files import desk
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.problems import ProblemError
from api.service_settings import ServiceSettings

router = Router(tags=["operations"])

_FOR_GOOD = "public, max-age=31536000, immutable"


@router.get("/", include_in_schema=False)
async def page(service: ServiceOf, language: LanguageOf) -> Response:
    """Return the page that everything else of the planning desk is loaded by."""
    found = await run_in_threadpool(desk)
    headers = {
        "Content-Security-Policy": policy_of(service.settings),
        "Cache-Control": "no-cache",
        "Content-Language": language,
    }
    return HTMLResponse(found.page(language), headers=headers)


@router.get("/desk/{digest}/{path:path}", include_in_schema=False)
async def file(request: Request, digest: Annotated[str, Path()], path: Annotated[str, Path()]) -> Response:
    """Return a file of the page; its address changes with its content."""
    found = await run_in_threadpool(desk)
    asked = found.files.get(path)
    if asked is None:
        raise ProblemError(404, "not-found")
    headers = {
        # A page loaded before an update still finds what it asks for, but nobody is to keep it under the old name.
        "Cache-Control": _FOR_GOOD if digest == found.digest else "no-store",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asked.packed, media_type=asked.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asked.content, media_type=asked.media_type, headers=headers)


def policy_of(settings: ServiceSettings) -> str:
    """
    Return the page's content security policy: its own files and this server, nothing else.

    The map library needs its worker as a blob, and pictures it makes itself. A base map of the operator's choice is the
    one exception, and only where the settings name one.
    """
    tiles = ""
    if settings.map_tiles_url is not None:
        address = urlsplit(settings.map_tiles_url)
        tiles = f" {address.scheme}://{address.netloc}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{tiles}",
            f"connect-src 'self'{tiles}",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
