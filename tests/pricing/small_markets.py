"""Small markets with hand-checked figures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pricing.model import Capacity, Market, Period, Product, Segment

TODAY = dt.date(2026, 12, 1)


def period(first: int, last: int) -> Period:
    """Return the days of December 2026 from ``first`` to ``last``."""
    return Period(first=TODAY.replace(day=first), last=TODAY.replace(day=last))


def product(name: str = "loom", **changes: Any) -> Product:
    """Return a seat on 20 December at ¥1,000 to ¥3,000, today ¥2,000."""
    fields: dict[str, Any] = {
        "id": name,
        "name": {"ja": f"{name}体験", "en": name},
        "operator": "house",
        "asset": "mill",
        "date": TODAY.replace(day=20),
        "start": "10:00",
        "capacities": {"seats": 1},
        "ladder": (1000, 1500, 2000, 2500, 3000),
        "current": 2000,
    }
    return Product(**fields | changes)


def segment(name: str = "visitors", **changes: Any) -> Segment:
    """Return 100 people in each of two periods who consider ``loom`` and lose 1 of appeal per ¥1,000."""
    fields: dict[str, Any] = {
        "id": name,
        "name": {"ja": "旅行者", "en": name},
        "arrivals": (100.0, 100.0),
        "sensitivity": 1.0,
        "appeal": {"loom": 1.0},
    }
    return Segment(**fields | changes)


def market(**changes: Any) -> Market:
    """Return one product, one segment, a capacity that never fills, and two periods of ten days."""
    fields: dict[str, Any] = {
        "id": "small",
        "name": {"ja": "小さな市場", "en": "small market"},
        "today": TODAY,
        "periods": (period(1, 10), period(11, 20)),
        "capacities": (Capacity(id="seats", name={"en": "seats"}, units=1000),),
        "products": (product(),),
        "segments": (segment(),),
    }
    return Market(**fields | changes)
