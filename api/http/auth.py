"""
Who asks, and what they may: `require` on every route but those of health and documentation.

::

    @router.post("/v1/regions/{region_id}/trips")
    async def plan(caller: Annotated[Caller, require("plan")], ...) -> Response: ...
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from starlette.concurrency import run_in_threadpool

from api.http.problems import ProblemError
from api.keys import SCOPES, Scope
from api.problems import Flaw
from api.texts import text

if TYPE_CHECKING:
    from api.service import Service

HEADER = "X-API-Key"
_LONGEST_KEY = 200

# For the OpenAPI document; `admit` reads the header.
_SCHEME = APIKeyHeader(name=HEADER, scheme_name="ApiKey", auto_error=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Say who asks.

    Parameters
    ----------
    key_id
        Public part of the key; None where no keys are needed.
    name
        For the log.
    scopes
        What the caller may do; ``admin`` includes all.
    """

    key_id: str | None
    name: str
    scopes: frozenset[Scope]

    @property
    def owner(self) -> str:
        """Return under which name jobs belong to this caller."""
        return self.key_id or "local"

    @property
    def sees(self) -> str | None:
        """Return whose jobs this caller sees, as `JobStore` takes it: None for everybody's."""
        return None if self.may("admin") else self.owner

    def may(self, scope: Scope) -> bool:
        """Whether the caller has a scope."""
        return scope in self.scopes or "admin" in self.scopes


LOCAL = Caller(None, "local", frozenset(SCOPES))
"""Whoever asks where no keys are needed."""


class Required:
    """
    Let only callers through that have one of several scopes; give the caller to the route.

    Parameters
    ----------
    scopes
        Any of these will do; a test reads them from every route.
    """

    def __init__(self, scopes: tuple[Scope, ...]) -> None:
        self.scopes = scopes

    async def __call__(self, request: Request, _key: str | None = Depends(_SCHEME)) -> Caller:
        """Return the caller; see `admit`."""
        return await admit(request, self.scopes)


def require(*scopes: Scope) -> Any:
    """Return the dependency that lets only callers with one of the scopes in, and gives the `Caller` to the route."""
    return Security(Required(scopes), scopes=list(scopes))


async def admit(request: Request, scopes: tuple[Scope, ...]) -> Caller:
    """
    Return who asks, and count the request against their limits.

    `api.http.doors.Door` calls it before it reads the body; when the dependency asks again, the answer stands.

    Raises
    ------
    ProblemError
        401 without a valid key, 403 without any of the scopes, 429 beyond a limit.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        service: Service = request.app.state.service
        known = await _identified(service, request)
        request.state.caller = known
        service.limits.count(request, known.key_id or address_of(request), starts_work=_starts_work(request, scopes))
    if not any(known.may(scope) for scope in scopes):
        detail = text("auth.scope", needed=" / ".join(scopes), scopes=", ".join(sorted(known.scopes)))
        raise ProblemError(403, "forbidden", detail)
    return known


def address_of(request: Request) -> str:
    """Return from where a request comes."""
    return request.client.host if request.client else "unknown"


def _starts_work(request: Request, scopes: tuple[Scope, ...]) -> bool:
    """Whether a request makes the server work: it needs more than leave to look, and does not stop anything."""
    return "read" not in scopes and request.method != "DELETE"


async def _identified(service: "Service", request: Request) -> Caller:
    if not service.settings.needs_keys:
        return LOCAL
    presented = request.headers.getlist(HEADER)
    if len(presented) == 1 and len(presented[0]) <= _LONGEST_KEY:
        key = await run_in_threadpool(service.keys.find, presented[0])
        if key is not None:
            return Caller(key.id, key.name, key.scopes)
    # Whoever tries keys is slowed down like everybody.
    service.limits.count(request, address_of(request), starts_work=False)
    detail = text("auth.refused" if presented else "auth.missing", header=HEADER)
    challenge = {"WWW-Authenticate": f'ApiKey realm="meguri", header="{HEADER}"'}
    raise ProblemError(401, "unauthorized", detail, [Flaw(detail, header=HEADER)], challenge)
