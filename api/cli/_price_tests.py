"""Files of a price test: all of it for programs, and the dates with their prices for a spreadsheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli._planning import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pricing.price_test import PriceTest


def write_test_files(found: PriceTest, payload: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write a price test into a folder; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["date,product,price_yen", *(f"{date},{found.product},{price}" for date, price in found.assignment)]
    contents = {
        "price-test.json": json.dumps(payload, ensure_ascii=False, indent=2) + "\n",
        "price-test.csv": "\r\n".join(rows) + "\r\n",
    }
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
