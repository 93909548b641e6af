"""Limits of a server on what one request may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.texts import text
from regional_assets.errors import Problem


def over_limits(limits: Iterable[tuple[str, float | None, float]]) -> Iterator[Problem]:
    """
    Yield what asks for more than this server gives.

    Parameters
    ----------
    limits
        Field, its value (``None``: nothing was asked for), and the most that is accepted.
    """
    for field, value, most in limits:
        if value is not None and value > most:
            yield Problem(field, value, text("trip_request.over_limit", value=f"{value:g}", most=f"{most:g}"))
