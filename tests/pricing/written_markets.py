"""Small markets as files: tables with two rates of one slot, and one JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from small_markets import market

PRODUCTS = """id,name_ja,name_en,operator,date,start,rate,capacities,ladder,current,cost,off_peak,local_spend
loom,機織り,Weaving,house,2026-12-20,10:00,public,seats=1;table=2,1000;1500;2000,1500,,yes,
loom-r,機織り 住民,,house,2026-12-20,10:00,resident,seats;table=2,500;1000,1000,200,,800
"""
CAPACITIES = "id,name_ja,units,booked,booked_yen\nseats,席,20,3,4500\ntable,机,30,,\n"
SEGMENTS = (
    "id,name_ja,arrivals,sensitivity,sensitivity_low,sensitivity_high,appeal,source\n"
    "all,客,10;12.5,1.2,0.8,1.6,loom=1.5;loom-r=-0.5,stated\n"
)
HEAD = {
    "id": "mill",
    "name": {"ja": "水車小屋"},
    "today": "2026-12-01",
    "periods": [{"first": "2026-12-01", "last": "2026-12-10"}, {"first": "2026-12-11", "last": "2026-12-20"}],
}


def folder(at: Path, **files: str) -> Path:
    """Write a folder that is right but for the files given."""
    texts = {
        "market.json": json.dumps(HEAD),
        "products.csv": PRODUCTS,
        "capacities.csv": CAPACITIES,
        "segments.csv": SEGMENTS,
    }
    for name, text in {**texts, **{name.replace("_", "."): text for name, text in files.items()}}.items():
        (at / name).write_text(text, encoding="utf-8")
    return at


def file(at: Path, **changes: Any) -> Path:
    """Write a market as one JSON file, with some of its fields changed."""
    raw = json.loads(market().model_dump_json())
    (at / "market.json").write_text(json.dumps(raw | changes), encoding="utf-8")
    return at / "market.json"
