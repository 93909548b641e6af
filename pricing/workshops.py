"""The bundled market of Echizen workshops: SIMULATED, to try things out before there are data of one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pricing.model import Market

MARKET_FILE: Final = "market.json"
BOOKINGS_FILE: Final = "simulated_bookings.csv"
TRUTH_FILE: Final = "simulated_truth.json"


def workshops_folder() -> Path:
    """Return the folder of the bundled market; its README says what is in it, and that all of it is simulated."""
    return Path(str(resources.files("pricing"))) / "data" / "echizen-workshops"


def load_workshops() -> Market:
    """Return the bundled market; its ``simulated`` is true."""
    from pricing.reading import read_market

    return read_market(workshops_folder() / MARKET_FILE)
