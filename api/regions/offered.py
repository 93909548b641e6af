"""Which assets are offered within a span of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from regional_assets.model import Asset

_DAYS_OF_A_YEAR = 366


def is_offered(asset: Asset, first: dt.date | None, last: dt.date | None) -> bool:
    """
    Whether an asset is offered on at least one day of a span.

    An event counts by its dates, a seasonal asset by its season (both must meet the span where it has both). One that
    has neither is offered at any time, or nobody knows when: it counts as offered. Opening hours do not matter.

    Parameters
    ----------
    asset
        Asset.
    first, last
        First and last day of the span, local; None where it has no beginning or no end.
    """
    return (not asset.dates or _is_held(asset, first, last)) and (not asset.season or _is_in_season(asset, first, last))


def _is_held(asset: Asset, first: dt.date | None, last: dt.date | None) -> bool:
    from_day, to_day = (day.isoformat() if day is not None else None for day in (first, last))
    return any(
        (to_day is None or dates.first <= to_day) and (from_day is None or dates.last >= from_day)
        for dates in asset.dates
    )


def _is_in_season(asset: Asset, first: dt.date | None, last: dt.date | None) -> bool:
    if first is None or last is None or (last - first).days >= _DAYS_OF_A_YEAR:
        return True
    spans = list(_within_a_year(f"{first:%m-%d}", f"{last:%m-%d}"))
    return any(
        from_day <= until and to_day >= since
        for season in asset.season
        for from_day, to_day in _within_a_year(season.first, season.last)
        for since, until in spans
    )


def _within_a_year(first: str, last: str) -> Iterator[tuple[str, str]]:
    """Yield a span of days of every year as spans that do not go past the end of a year."""
    if first <= last:
        yield first, last
    else:
        yield first, "12-31"
        yield "01-01", last
