"""What surrounds every route: from the outside inwards, in the order of `around`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from api.http.middleware.faults import Faults
from api.http.middleware.headers import SecurityHeaders
from api.http.middleware.heads import Heads
from api.http.middleware.observing import Observing
from api.http.middleware.origins import Origins

if TYPE_CHECKING:
    from api.service import Service

_WORTH_PACKING_BYTES = 16_384
_EXPOSED = [
    *("Location", "Content-Location", "Link", "ETag", "Retry-After", "Preference-Applied", "Idempotency-Replayed"),
    *("X-Request-ID", "RateLimit", "RateLimit-Policy"),
]


def around(service: Service) -> list[Middleware]:
    """Return the middleware of an app, outermost first."""
    return [
        Middleware(Observing, metrics=service.metrics),
        Middleware(SecurityHeaders),
        *_cross_origin(service.settings.cors_origins),
        Middleware(Faults, metrics=service.metrics),
        Middleware(Origins, settings=service.settings),
        Middleware(Heads),
        # A region's assets shrink to a seventh in a few milliseconds; small answers gain nothing, streams stay whole.
        Middleware(GZipMiddleware, minimum_size=_WORTH_PACKING_BYTES, compresslevel=4),
    ]


def _cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """Return what lets pages of other origins call, and read refusals and faults as well as answers."""
    if not origins:
        return []
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],
        expose_headers=_EXPOSED,
    )
    return [cors]
