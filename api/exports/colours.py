"""Colours of days and kinds: those of the map page, so that a trip looks the same everywhere."""

from __future__ import annotations

from typing import Final

DAY_COLOURS: Final = ("#0f62a8", "#c04a00", "#00795a", "#a2457f", "#8a6500", "#226f96", "#a3262e")
"""One after the other, and again from the first."""

KIND_COLOURS: Final = {
    "culture": "#4477aa",
    "craft": "#ee6677",
    "food": "#228833",
    "nature": "#66ccee",
    "lodging": "#aa3377",
    "event": "#ccbb44",
    "hub": "#bbbbbb",
}


def day_colour(number: int) -> str:
    """Return the colour of a day, counted from 1."""
    return DAY_COLOURS[(number - 1) % len(DAY_COLOURS)]
