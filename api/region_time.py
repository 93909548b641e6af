"""Dates where a region lies."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from regional_assets.model import Region


def local_today(region: Region) -> dt.date:
    """Return today's date where the region lies."""
    return dt.datetime.now(ZoneInfo(region.time_zone)).date()
