"""A small market and small files of records, as clients send them."""

from __future__ import annotations

import datetime as dt
from typing import Any

TODAY = dt.date(2026, 12, 1)


def small_market(**changes: Any) -> dict[str, Any]:
    """Return a loom with a seat on two days, 100 people in each of two periods, and one rule."""
    looms = {f"loom-{day}": f"2026-12-{day}" for day in (19, 20)}
    market = {
        "id": "small",
        "name": {"ja": "小さな市場", "en": "small market"},
        "today": TODAY.isoformat(),
        "periods": [{"first": "2026-12-01", "last": "2026-12-10"}, {"first": "2026-12-11", "last": "2026-12-20"}],
        "capacities": [{"id": f"seats-{loom}", "name": {"en": "seats"}, "units": 40} for loom in looms],
        "products": [
            {
                "id": loom,
                "name": {"ja": "機織り", "en": "=Weaving"},
                "operator": "house",
                "asset": "urushi-painting-class",
                "kind": "craft",
                "date": date,
                "start": "10:00",
                "capacities": {f"seats-{loom}": 1},
                "ladder": [1000, 1500, 1900, 2000, 2100, 2500],
                "current": 2000,
            }
            for loom, date in looms.items()
        ],
        "segments": [
            {
                "id": "visitors",
                "name": {"ja": "旅行者", "en": "visitors"},
                "arrivals": [100, 100],
                "sensitivity": 1.0,
                "sensitivity_range": [0.8, 1.2],
                "appeal": dict.fromkeys(looms, 1.0),
            }
        ],
        "rules": [{"type": "range", "id": "cap", "cap": 2400}],
    }
    return market | changes


def conflict() -> dict[str, Any]:
    """Return a market of which no prices keep both rules."""
    return small_market(
        rules=[{"type": "range", "id": "floor", "floor": 2400}, {"type": "range", "id": "lid", "cap": 1200}]
    )


def sums(rows: int = 60) -> str:
    """Return daily sums whose price changes."""
    first = dt.date(2026, 1, 1)
    lines = [
        f"{first + dt.timedelta(days=day)},{1000 + 100 * (day % 5)},{40 - 3 * (day % 5) + day % 3}"
        for day in range(rows)
    ]
    return "\n".join(["date,price,quantity", *lines, ""])
