"""What surrounds every route: from the outside inwards, in the order of `around`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from api.http.middleware.faults import Faults
from api.http.middleware.headers import SecurityHeaders
from api.http.middleware.observing import Observing
from api.http.middleware.origins import Origins

if TYPE_CHECKING:
    from api.service import Service

_EXPOSED = [
    *("Location", "Content-Location", "Link", "ETag", "Retry-After", "Preference-Applied", "Idempotency-Replayed"),
    *("X-Request-ID", "RateLimit", "RateLimit-Policy"),
]


def around(service: Service) -> list[Middleware]:
    """Return the middleware of an app, outermost first."""
    layers = [
        Middleware(Observing, metrics=service.metrics),
        Middleware(SecurityHeaders),
        Middleware(Faults, metrics=service.metrics),
        Middleware(Origins, settings=service.settings),
    ]
    if service.settings.cors_origins:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(service.settings.cors_origins),
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["*"],
                expose_headers=_EXPOSED,
            )
        )
    return layers
