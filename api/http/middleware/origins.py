"""
Refusals of requests that a browser was tricked into, and of paths that nothing understands.

A server on the loopback that needs no keys trusts everybody who reaches it, so that two doors have to be shut: a page
of somebody else may send requests there (cross-site request forgery), or have its own name point there (DNS
rebinding), and then read the answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

from api.http.problems import ProblemError, problem_response
from api.problems import Flaw
from api.service_settings import is_loopback
from api.texts import text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from api.service_settings import ServiceSettings

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
_OWN_SITES = frozenset({"same-origin", "none"})


class Origins:
    """Look at where a request says it comes from and goes to."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app = app
        self._hosts = _hosts(settings)
        self._friends = frozenset(settings.cors_origins)
        self._needs_keys = settings.needs_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await problem_response(Request(scope), refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ProblemError | None:
        headers = Headers(scope=scope)
        if not scope["path"].isprintable() or b"%00" in scope["query_string"]:
            return ProblemError(400, "bad-request", text("origin.path"))
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            detail = text("origin.host", accepted=", ".join(sorted(self._hosts)))
            return ProblemError(400, "bad-request", detail, [Flaw(detail, header="Host", value=host)])
        if not self._needs_keys and _does_something(scope, headers) and self._is_foreign(headers, host):
            detail = text("origin.site")
            return ProblemError(403, "forbidden", detail, [Flaw(detail, header="Origin", value=headers.get("origin"))])
        return None

    def _is_foreign(self, headers: Headers, host: str) -> bool:
        """Whether a page of another origin makes its visitor's browser send this."""
        origin = headers.get("origin")
        if origin in self._friends:
            return False
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in _OWN_SITES
        # Programs send neither header; older browsers send the origin alone.
        return origin is not None and origin.partition("://")[2] != host


def _does_something(scope: Scope, headers: Headers) -> bool:
    """Whether a request does more than show a page: some answers are worked out when they are asked for."""
    is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest", "document") == "document"
    return scope["method"] not in _READS or (scope["path"].startswith("/v1") and not is_link)


def _hosts(settings: ServiceSettings) -> frozenset[str] | None:
    """Return the names under which requests are accepted; None for any."""
    if "*" in settings.allowed_hosts:
        return None
    named = settings.allowed_hosts
    if not named:
        if not is_loopback(settings.host):
            return None
        named = ("localhost", "127.0.0.1", "::1", settings.host)
    public = urlsplit(settings.public_url).hostname if settings.public_url else None
    return frozenset(_name(name) for name in (*named, public) if name)


def _name(host: str) -> str:
    """Return a host without its port and brackets, in lower case; nothing where it is no host."""
    if host.count(":") > 1 and not host.startswith("["):
        return host.lower()
    match = _HOST.fullmatch(host)
    return (match[1] or match[2]).lower() if match else ""
