"""A map of about 60,000 street edges."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks.desk.browser import chromium, first_visit, lacking, now_ms
from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.server import serving
from benchmarks.shared_data import shared_folder
from benchmarks.timing import timed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_LAYER: Final = "data/yamaguchi-ube/osm/ube_roads_osmnx_walk_shp.zip"
_EAST_DEG: Final = 0.108
"""How far the second copy lies from the first: right beside it."""
_CORNER: Final = (131.2185, 33.9229, 131.3261, 34.0014)
_PLACES: Final = 12
_REGION: Final = "streets"
_RUNS: Final = 5
_LIMIT_MS: Final = 6_000
_BUILD_S: Final = 600.0
_TITLE: Final = "A region of 60,000 street edges, drawn"


def run(*, is_quick: bool) -> Section:
    """Import the streets over HTTP, and open a trip desk of the region."""
    layer = shared_folder() / _LAYER
    if reason := lacking() or ("" if layer.is_file() else f"the maintainers' folder lacks {_LAYER}"):
        return Section(_TITLE, {}, "", {}, reason)
    with tempfile.TemporaryDirectory(prefix="meguri-bench-streets-") as scratch:
        edges, count = _side_by_side(layer, Path(scratch) / "edges.gpkg", copies=1 if is_quick else 2)
        with serving(workers=1) as server, chromium() as browser:
            built = timed(lambda: _import(server.url, edges))
            address = f"{server.url}/#/trip/{_REGION}"
            _draw(browser, address)
            times = [_draw(browser, address) for _ in range(1 if is_quick else _RUNS)]
    figures = {"edges": count, "build_s": built.seconds, "median_ms": median(times), "visits_ms": times}
    row = [f"{count:,}", f"{built.seconds:.0f}", f"{median(times):.0f}", f"{min(times):.0f}", f"{max(times):.0f}"]
    table = markdown_table(["edges", "imported in s", "drawn after ms (median)", "least", "most"], [row])
    promises = {f"drawn within {_LIMIT_MS / 1000:g} s of the address": median(times) <= _LIMIT_MS}
    return Section(_TITLE, figures, table, {} if is_quick else promises)


def _side_by_side(layer: Path, target: Path, *, copies: int) -> tuple[Path, int]:
    """Write a layer of streets so many times, one beside the other; return the file and its number of rows."""
    import geopandas as gpd
    import pandas as pd

    streets = gpd.read_file(layer)[["highway", "geometry"]].to_crs(4326)
    shifted = [streets.assign(geometry=streets.translate(xoff=number * _EAST_DEG)) for number in range(copies)]
    whole = gpd.GeoDataFrame(pd.concat(shifted, ignore_index=True), crs=4326)
    whole.to_file(target, layer="streets")
    return target, len(whole)


def _import(url: str, edges: Path) -> None:
    west, south, east, north = _CORNER
    width, height = east - west, north - south
    shares = [(number + 0.5) / _PLACES for number in range(_PLACES)]
    places = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [west + share * width, south + share * height],
            },
            "properties": {"name": f"Place {number}", "kind": "culture"},
        }
        for number, share in enumerate(shares, 1)
    ]
    geofile = json.dumps({"type": "FeatureCollection", "features": places}).encode()
    with edges.open("rb") as opened, httpx.Client(base_url=url, timeout=_BUILD_S) as client:
        answer = client.post(
            "/v1/regions:import",
            data={"id": _REGION, "name_en": "Streets", "licence": "ODbL-1.0"},
            files=[("geofile", ("places.geojson", geofile)), ("edges", ("edges.gpkg", opened))],
        ).raise_for_status()
        job = answer.json()["links"]["self"]
        while (state := client.get(job).json())["state"] in {"queued", "running"}:
            time.sleep(0.2)
    if state["state"] != "succeeded":
        msg = f"the region could not be made: {state['problem']}"
        raise RuntimeError(msg)


def _draw(browser: Browser, address: str) -> float:
    """Return when all tiles in view were drawn, in milliseconds from the beginning of the navigation."""
    with first_visit(browser, address) as page:
        page.locator(".map[data-tiles=drawn]").wait_for()
        return now_ms(page)
