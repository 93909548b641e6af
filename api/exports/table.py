"""Assets as a CSV table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regional_assets.model import Asset

# What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Full-width signs are formulas to Japanese spreadsheets.
_WIDE_FORMULA_STARTS = ("＝", "＋", "－", "＠")

Cell = str | int | float | None


def assets_csv(assets: Iterable[Asset]) -> str:
    """
    Return assets as CSV text, one row each, with a byte-order mark so that spreadsheets read Japanese.

    Lists are joined by ``;``, hours are those of OSM syntax with the original wording beside them, and unknown values
    are empty. A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    rows = [_row(asset) for asset in assets]
    return spreadsheet_csv(list(rows[0]) if rows else ["id"], (row.values() for row in rows))


def spreadsheet_csv(columns: Sequence[str], rows: Iterable[Iterable[Cell]]) -> str:
    """Return rows as CSV text for spreadsheets: with a byte-order mark, and nothing in it is run as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows(map(harmless, row) for row in rows)
    return "\ufeff" + stream.getvalue()


def harmless(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet runs; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS + _WIDE_FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _row(asset: Asset) -> dict[str, Cell]:
    opening, price, visit, description = asset.opening, asset.price, asset.visit_minutes, asset.description
    return {
        "id": asset.id,
        "kind": str(asset.kind),
        "name_ja": asset.name.ja,
        "name_en": asset.name.en,
        "lon": asset.lon,
        "lat": asset.lat,
        "address": asset.address,
        "municipality": asset.municipality,
        "operator": asset.operator,
        "description_ja": description.ja if description else None,
        "description_en": description.en if description else None,
        "hours_osm": opening.osm if opening else None,
        "hours_text": opening.text if opening else None,
        "price_adult": price.adult,
        "price_child": price.child,
        "price_student": price.student,
        "price_senior": price.senior,
        "price_resident": price.resident,
        "price_text": price.text,
        "visit_minutes": visit.typical,
        "appeal": asset.appeal,
        "indoor": asset.indoor,
        "wheelchair": asset.wheelchair,
        "stroller": asset.stroller,
        "meals": _joined(asset.meals),
        "tags": _joined(asset.tags),
        "themes": _joined(asset.themes),
        "serves": _joined(asset.serves),
        "uses": _joined(asset.uses),
        "url": asset.url,
        "checked": "yes" if asset.checked else "no",
        "assumed": _joined(fact.field for fact in asset.assumed),
        "sources": _joined(source.name for source in asset.sources),
    }


def _joined(parts: Iterable[str]) -> str:
    return ";".join(parts)
