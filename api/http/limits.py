"""How often a caller may ask: one limit for all requests, one for those that start work."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.http.problems import ProblemError
from api.texts import text

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.metrics import Metrics
    from api.service_settings import ServiceSettings


class RequestLimits:
    """
    Count requests in moving windows, in the memory of this server.

    Parameters
    ----------
    settings
        ``rate_limit`` counts every request, ``expensive_rate_limit`` those that start work.
    metrics
        Where refusals are counted.
    """

    def __init__(self, settings: ServiceSettings, metrics: Metrics) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._all = parse(settings.rate_limit)
        self._work = parse(settings.expensive_rate_limit)
        self._metrics = metrics

    def count(self, request: Request, who: str, *, starts_work: bool) -> None:
        """
        Count a request, and leave in its state what the answer tells of the limit.

        Raises
        ------
        ProblemError
            429 beyond a limit, with ``Retry-After``.
        """
        self._hit(request, "all", who)
        if starts_work:
            self._hit(request, "work", who)

    def _hit(self, request: Request, name: str, who: str) -> None:
        limit = self._work if name == "work" else self._all
        is_within = self._limiter.hit(limit, name, who)
        stats = self._limiter.get_window_stats(limit, name, who)
        reset_s = max(1, math.ceil(stats.reset_time - time.time()))
        # The fields of the IETF's draft: the narrower limit, told last, is what counts for this request.
        request.state.limit_headers = {
            "RateLimit-Policy": f'"{name}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{name}";r={stats.remaining};t={reset_s}',
        }
        if not is_within:
            self._metrics.refused("rate_limit")
            detail = text("limits.too_many", amount=limit.amount, seconds=limit.get_expiry(), wait=reset_s)
            raise ProblemError(429, "too-many-requests", detail, headers={"Retry-After": str(reset_s)})


class Slots:
    """
    Count what each caller holds open.

    Parameters
    ----------
    most
        At once for one caller.
    metrics
        Where refusals are counted.
    what
        What it is, ``streams`` or ``rendering``: an entry of the catalogue, and the reason in the metrics.
    """

    def __init__(self, most: int, metrics: Metrics, what: str) -> None:
        self._most = most
        self._metrics = metrics
        self._what = what
        self._open: dict[str, int] = {}

    def take(self, who: str) -> None:
        """
        Take a slot; `free` gives it back.

        Raises
        ------
        ProblemError
            429 when all are taken.
        """
        taken = self._open.get(who, 0)
        if taken >= self._most:
            self._metrics.refused(self._what)
            detail = text(f"limits.{self._what}", most=self._most)
            raise ProblemError(429, "too-many-requests", detail, headers={"Retry-After": "5"})
        self._open[who] = taken + 1

    def free(self, who: str) -> None:
        """Give a slot back."""
        left = self._open[who] - 1
        if left:
            self._open[who] = left
        else:
            del self._open[who]

    @property
    def open(self) -> int:
        """Return how many are taken, by all callers."""
        return sum(self._open.values())
