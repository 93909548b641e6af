"""The self-contained map page, without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import numpy as np
import pytest

from api.exports._page_streets import pack_streets
from api.exports.map_page import json_for_html, map_page
from regional_assets.model import Asset, Name, Region
from routing.itinerary import Itinerary
from routing.streets import StreetNetwork

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)"><!-- ${title}'


def _data(page: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


def test_the_page_allows_its_own_scripts_and_nothing_else(itinerary: Itinerary, region: Region) -> None:
    """The policy names the hash of every script and style of the page, and no host."""
    page = map_page(itinerary, region)
    match = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert match is not None
    policy = unescape(match[1])
    inline = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", page, re.DOTALL)
    assert len(inline) == 4
    for text in inline:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_loads_nothing(itinerary: Itinerary, region: Region) -> None:
    """No element of the page points anywhere."""
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", map_page(itinerary, region), flags=re.DOTALL)
    assert not re.search(r"\b(?:src|href|srcset|action)\s*=", page)


def test_hostile_names_stay_text(itinerary: Itinerary, region: Region) -> None:
    """A name can neither end the element it stands in nor reach the title as markup."""
    hostile = itinerary.model_copy(update={"region_name": Name(en=HOSTILE)})
    page = map_page(hostile, region)
    assert "alert(1)</script>" not in page
    assert "<img" not in page
    assert _data(page)["title"] == [HOSTILE, HOSTILE]


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028", "a & b"])
def test_json_survives_its_way_through_html(text: str) -> None:
    """What goes in comes out, and no character of markup stands in between."""
    written = json_for_html({"text": text})
    assert json.loads(written) == {"text": text}
    assert not set("<>&\u2028\u2029") & set(written)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("http://[", False),
    ],
)
def test_only_web_addresses_become_links(itinerary: Itinerary, region: Region, url: str, kept: bool) -> None:
    """A link that a browser would run is dropped."""
    assets = tuple(_with_url(asset, url) for asset in region.assets)
    data = _data(map_page(itinerary, region.model_copy(update={"assets": assets})))
    places = [*data["others"], *(step for day in data["days"] for step in day["steps"] if step.get("kind"))]
    assert {place["url"] for place in places} == {url if kept else None}


def _with_url(asset: Asset, url: str) -> Asset:
    return asset.model_copy(update={"url": url})


def test_the_page_shows_what_the_itinerary_holds(itinerary: Itinerary, region: Region) -> None:
    """Stops are numbered by day, other places carry their reason, and texts come in both languages."""
    data = _data(map_page(itinerary, region, language="ja"))
    assert data["language"] == "ja"
    first = [step for step in data["days"][0]["steps"] if step["type"] in ("visit", "meal", "stay")]
    assert [step["number"] for step in first] == [1, 2, 3, 4, None]
    others = {place["name"][1]: place for place in data["others"]}
    assert others["Winter Craft Fair"]["why"] == ["12月5日・6日は開かれない", "not held on 5 and 6 December"]
    assert data["excluded"][0]["why"][1] == "closed on every day of the trip (1)"
    assert all(len(pair) == 2 for pair in data["texts"].values())


def test_a_request_without_a_plan_still_makes_a_page(itinerary: Itinerary, region: Region) -> None:
    """An empty itinerary is a page too."""
    empty = itinerary.model_copy(update={"status": "infeasible", "days": (), "combination_effect": None})
    data = _data(map_page(empty, region))
    assert data["days"] == []
    assert len(data["others"]) == len(region.assets)


def _network(lines: list[list[tuple[float, float]]]) -> StreetNetwork:
    """Return a walking network whose lines are given; each is a street of its own."""
    count = len(lines)
    ends = [point for line in lines for point in (line[0], line[-1])]
    rows = np.arange(count, dtype=np.int32)
    return StreetNetwork(
        mode="car",
        node_lon=np.array([lon for lon, _ in ends]),
        node_lat=np.array([lat for _, lat in ends]),
        edge_from=(2 * rows).astype(np.int32),
        edge_to=(2 * rows + 1).astype(np.int32),
        edge_length_m=np.full(count, 100.0, dtype=np.float32),
        edge_seconds=np.full(count, 10.0, dtype=np.float32),
        edge_is_step_free=np.ones(count, dtype=np.bool_),
        edge_line=rows,
        edge_is_forward=np.ones(count, dtype=np.bool_),
        line_start=np.cumsum([0, *(len(line) for line in lines)]).astype(np.int64),
        line_coordinates=np.round(np.array([p for line in lines for p in line]) * 1e7).astype(np.int32),
        component=np.zeros(2 * count, dtype=np.int32),
    )


NEAR = [(136.0, 36.0), (136.001, 36.0), (136.001, 36.001)]
FAR = [(137.0, 37.0), (137.001, 37.0)]
LEG = ((136.0, 36.0), (136.002, 36.002))


def test_streets_near_the_trip_are_packed_as_differences() -> None:
    """Streets elsewhere are left out; coordinates are whole numbers of 1e-5 degree."""
    assert pack_streets(_network([FAR, NEAR]), [LEG]) == [[13_600_000, 3_600_000, 100, 0, 0, 100]]


def test_streets_stay_within_their_budget_nearest_first() -> None:
    """What lies farther from the trip goes first."""
    beside = [(lon + 0.004, lat) for lon, lat in NEAR]
    packed = pack_streets(_network([beside, NEAR]), [LEG], most_bytes=50)
    assert packed == [[13_600_000, 3_600_000, 100, 0, 0, 100]]


def test_the_page_names_the_makers_of_its_streets(itinerary: Itinerary, region: Region) -> None:
    """OpenStreetMap is credited on the map and among the sources."""
    lines = [[(136.19, 35.94), (136.24, 35.948)]]
    data = _data(map_page(itinerary, region, networks={"car": _network(lines)}))
    assert len(data["streets"]) == 1
    assert "OpenStreetMap" in data["credit"][0]
    assert any("© OpenStreetMap contributors (ODbL-1.0)" in line[1] for line in data["footer"])


def test_streets_of_another_maker_are_credited_too(itinerary: Itinerary, region: Region) -> None:
    """A board's own street layer is named on the map."""
    network = replace(_network([[(136.19, 35.94), (136.24, 35.948)]]), source="town-roads.shp", licence="CC BY 4.0")
    assert _data(map_page(itinerary, region, networks={"car": network}))["credit"][0] == "town-roads.shp (CC BY 4.0)"
