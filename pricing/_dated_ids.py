"""Ids of products that are one date of an offer: ``washi-2026-04-29-am`` is the offer ``washi-am`` on that day."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

_DATE: Final = re.compile(r"[-_./:]?((?:19|20)\d{2})-?(\d{2})-?(\d{2})")
_SEPARATORS: Final = "-_./:"


def offer_and_day(product: str) -> tuple[str, dt.date | None]:
    """Return the id without the date that stands in it, and that date; the id itself and None where there is none."""
    found = _DATE.search(product)
    if found is None:
        return product, None
    try:
        day = dt.date(*(int(part) for part in found.groups()))
    except ValueError:
        return product, None
    return _DATE.sub("", product).strip(_SEPARATORS) or product, day
