"""The map by itself: what stands on it, what pressing it tells, and what is there where none can be drawn."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from desk_browser import PATIENCE_MS, WIDTHS, Visit, visiting

from benchmarks.service.server import Server

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("PIL", reason="Pillow is not installed")
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=PATIENCE_MS)

Come = Callable[..., Visit]

ITEMS: Final = "v1/regions/echizen/collections/assets/items?limit=1000"
OSM: Final = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
 <node id="1" version="1" lat="35.9" lon="136.2"><tag k="tourism" v="museum"/><tag k="name" v="紙の博物館"/></node>
 <node id="2" version="1" lat="35.890" lon="136.19"/><node id="3" version="1" lat="35.905" lon="136.21"/>
 <node id="4" version="1" lat="35.895" lon="136.22"/>
 <way id="5" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>
 <way id="6" version="1"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="natural" v="water"/></way>
</osm>
"""
PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def a_plan(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return two days of stops, some of which would cover each other, with ways between them."""
    placed = [each for each in features if each["geometry"] and each["properties"]["kind"] != "hub"]
    placed.sort(key=lambda each: (-each["properties"]["appeal"], each["id"]))
    first = placed[0]["geometry"]["coordinates"]
    near = [first[0] + 0.0008, first[1] + 0.0004]
    days = []
    for day in range(2):
        steps: list[dict[str, Any]] = []
        for row, feature in enumerate(placed[5 * day : 5 * day + 5]):
            at = near if day == 0 and row == 1 else feature["geometry"]["coordinates"]
            place = {"asset": feature["id"], "name": feature["properties"]["name"], "lon": at[0], "lat": at[1]}
            if steps:
                begin = [steps[-1]["lon"], steps[-1]["lat"]]
                steps.append({"type": "travel", "asset": None, "geometry": [begin, at], "estimated": row == 2, **place})
            steps.append({"type": "stay" if row == 4 else "visit", "geometry": None, **place})
        days.append({"steps": steps})
    return days


SHOW: Final = """async ([main, features, days, region, chosen]) => {
  const { createMap } = await import(main.replace("main.js", "map/map.js"));
  const node = document.createElement("div");
  document.querySelector("main").hidden = true;
  document.body.append(node);
  node.style.setProperty("height", "calc(100vh - 60px)");
  window.told = [];
  window.chart = createMap(node, {
    label: () => "The map",
    onAsset: (id) => told.push(id),
    onPoint: (at) => told.push(at),
    onReady: (is) => told.push(is),
  });
  chart.setRegion(region);
  chart.setAssets(features, { chosen: new Set(), dimmed: new Set() });
  chart.setPlan(days, {});
  if (chosen) chart.select(chosen, { fly: true });
}"""
NOWHERE: Final = {"id": "echizen", "bbox": [135.96, 35.77, 136.66, 36.28], "links": []}


@pytest.fixture(scope="module")
def features(desk_server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{desk_server.url}/{ITEMS}").json()["features"]
    return found


def chart(
    visit: Visit,
    *,
    features: Any = (),
    days: Any = None,
    region: Any = NOWHERE,
    select: str | None = None,
    wait: bool = True,
) -> Page:
    """Put a map, and nothing else, into the page."""
    page = visit.go("#/nothing")
    expect(page.locator("main .notice")).to_be_visible()
    main = page.locator('script[src$="js/main.js"]').evaluate("script => script.src")
    page.evaluate(SHOW, [main, list(features), days, region, select])
    if wait:
        expect(page.locator(".map[data-map=ready]")).to_be_visible()
    return page


def boxes(page: Page, selector: str) -> list[dict[str, Any]]:
    """Return the boxes of what is to be seen, each with its text."""
    found: list[dict[str, Any]] = page.locator(selector).evaluate_all(
        """nodes => nodes.filter((node) => node.checkVisibility({ visibilityProperty: true })).map((node) => {
          const { left, top, right, bottom } = node.getBoundingClientRect();
          return { left, top, right, bottom, text: node.textContent };
        })"""
    )
    return found


def meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two boxes cover each other, by more than the rounding of pixels."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    return bool(across > 1 and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 1)


NAMES: Final = ".map-label:not(.off), .map-name"
FIXED: Final = ".map-controls, .map-legend, .map-credit, .maplibregl-ctrl-scale, .map-pin"


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_names_cover_neither_each_other_nor_what_else_stands_on_the_map(
    visit: Come, features: list[dict[str, Any]], width: str
) -> None:
    """Pins are numbered through each day and stand side by side; names find room or are left out, at every zoom."""
    size = {"width": WIDTHS[width][0], "height": WIDTHS[width][1]}
    page = chart(visit(viewport=size, reduced_motion="reduce"), features=features, days=a_plan(features))
    assert [each["text"] for each in boxes(page, ".map-pin")] == ["1", "2", "3", "4", "", "1", "2", "3", "4", ""]
    for press in (None, "Zoom in", "Zoom in", "Show everything"):
        if press:
            page.get_by_role("button", name=press).click()
            page.wait_for_timeout(300)
        names, fixed = boxes(page, NAMES), boxes(page, FIXED)
        assert len(names) >= 4
        stage = boxes(page, ".map-stage")[0]
        seen = [each for each in fixed if meet(each, stage)]
        covered = [(one["text"], other["text"]) for one, other in combinations(names, 2) if meet(one, other)]
        covered += [(one["text"], other["text"]) for one in names for other in seen if meet(one, other)]
        assert covered == []
    pins = boxes(page, ".map-pin")
    assert not [pair for pair in combinations(pins, 2) if meet(*pair)]


def test_pins_places_and_ground_tell_when_they_are_pressed(visit: Come, features: list[dict[str, Any]]) -> None:
    """By mouse and by keyboard; a pin that gets the focus comes into view; arrow keys move the map."""
    days = a_plan(features)
    page = chart(visit(reduced_motion="reduce"), features=features, days=days)
    assert page.evaluate("[told, chart.available]") == [[True], True]
    stop = days[0]["steps"][0]
    pin = page.get_by_role("button", name=f"Day 1, {stop['name']['en']}", exact=True)
    pin.click()
    pin.press("Enter")
    assert page.evaluate("told.slice(1)") == [stop["asset"]] * 2

    # A place outside of the plan is what lies in the middle of the map once it was flown to.
    in_plan = {step["asset"] for day in days for step in day["steps"]}
    other = max(
        (each for each in features if each["id"] not in in_plan), key=lambda each: each["geometry"]["coordinates"]
    )
    page.evaluate("id => chart.select(id, { fly: true })", other["id"])
    middle = page.locator(".map-stage").bounding_box()
    assert middle is not None
    x, y = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2
    page.wait_for_timeout(500)
    page.mouse.click(x, y)
    assert page.evaluate("told.at(-1)") == other["id"]
    page.mouse.click(x + 90, y + 90)
    lon, lat = page.evaluate("told.at(-1)")
    assert (lon, lat) == pytest.approx(other["geometry"]["coordinates"], abs=0.02)

    assert not meet(boxes(page, ".map-stop")[0], boxes(page, ".map-stage")[0])
    pin.focus()
    page.wait_for_timeout(200)
    assert meet(boxes(page, ".map-stop")[0], boxes(page, ".map-stage")[0])
    before = boxes(page, ".map-stop")[0]["left"]
    page.get_by_role("region", name="The map").press("ArrowRight")
    page.wait_for_timeout(600)
    assert boxes(page, ".map-stop")[0]["left"] < before


def test_a_place_that_is_chosen_before_there_is_a_map_is_flown_to(visit: Come, features: list[dict[str, Any]]) -> None:
    """A link to a place is quicker than the map's library."""
    page = chart(visit(reduced_motion="reduce"), features=features, select="maruoka-castle")
    page.wait_for_timeout(500)
    [name] = [each for each in boxes(page, ".map-name.ringed") if each["text"] == "Maruoka Castle"]
    stage = boxes(page, ".map-stage")[0]
    assert abs(name["left"] - (stage["left"] + stage["right"]) / 2) < 40


def ground_colour(page: Page) -> Any:
    """Return the colour of the map where nothing stands."""
    box = page.locator(".map-stage").bounding_box()
    assert box is not None
    clip: Any = {"x": box["x"] + box["width"] - 200, "y": box["y"] + box["height"] - 6, "width": 4, "height": 4}
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as picture:
        return picture.convert("RGB").getpixel((1, 1))


def colour_of(page: Page, name: str) -> tuple[int, ...]:
    """Return a colour of the page's tokens."""
    value = page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name)", name)
    return tuple(bytes.fromhex(value.strip().removeprefix("#")))


def test_the_map_takes_on_the_light_of_the_page(visit: Come, features: list[dict[str, Any]]) -> None:
    """What was drawn stays on it, whatever came while it was being drawn anew."""
    page = chart(visit(color_scheme="light", reduced_motion="reduce"), features=features)
    light = colour_of(page, "--beyond")
    assert ground_colour(page) == light
    page.get_by_role("button", name="Appearance").click()
    page.evaluate("days => { chart.render(); chart.setPlan(days, {}); }", a_plan(features))
    dark = colour_of(page, "--beyond")
    assert dark != light
    page.wait_for_timeout(1_500)
    assert ground_colour(page) == dark
    expect(page.locator(".map-pin")).to_have_count(10)


def test_without_webgl_a_sentence_stands_in_for_the_map(
    visit_without_map: Come, features: list[dict[str, Any]]
) -> None:
    """In the language of the page; nothing that is asked of the map fails."""
    visit = visit_without_map()
    page = chart(visit, features=features, days=a_plan(features), wait=False)
    expect(page.locator(".map-none")).to_contain_text("This browser draws no map")
    page.evaluate("chart.select('x', { fly: true }), chart.fit()")
    page.get_by_role("button", name="日本語").click()
    page.evaluate("chart.render()")
    expect(page.locator(".map-none")).to_have_text(
        "このブラウザーでは地図を描けません(WebGL が使えません)。一覧と時間割はそのまま使えます。"
    )
    page.evaluate("chart.destroy()")
    assert page.evaluate("[told, chart.available]") == [[False], False]


def test_a_region_with_streets_has_them_under_its_map(visit: Come, desk_server: Server) -> None:
    """Its own tiles, asked of this server alone, drawn in full; who made them is named, with a link to the licence."""
    parts: Any = [("osm", ("town.osm", OSM.encode())), ("id", (None, "map-town"))]
    with httpx.Client(base_url=desk_server.url, timeout=PATIENCE_MS / 1_000) as client:
        answer = client.post("/v1/regions:import", files=parts, headers={"Prefer": "wait=60"})
        assert answer.json()["state"] == "succeeded"
        region = client.get("/v1/regions/map-town").json()
        found = client.get("/v1/regions/map-town/collections/assets/items").json()["features"]
        # As a proxy that speaks TLS would have it named.
        for each in region["links"]:
            each["href"] = each["href"].replace(desk_server.url, "https://elsewhere.example")
    came = visit(reduced_motion="reduce")
    page = chart(came, features=found, region=region)
    expect(page.locator(".map[data-tiles=drawn]")).to_be_visible()
    assert [each for each in came.requests if ".mvt" in each]
    credit = page.locator(".map-credit").get_by_role("link")
    expect(credit).to_have_text("© OpenStreetMap contributors (ODbL-1.0)")
    expect(credit).to_have_attribute("href", "https://www.openstreetmap.org/copyright")
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(2**24) or ()}
    assert colour_of(page, "--water") in colours
    expect(page.locator(".map-tick")).to_have_count(0)


@pytest.fixture
def server_with_base_map(tmp_path: Path) -> Iterator[Server]:
    settings = {"map_tiles_url": "https://tiles.example/v1/{z}/{x}/{y}.png", "map_attribution": "A & B <tiles>"}
    server = Server(tmp_path, workers=1, **settings)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.end()


def test_a_base_map_of_the_operators_choice_is_drawn_and_named(browser: Browser, server_with_base_map: Server) -> None:
    """Its pictures are asked for without our key, and nothing else is asked of their server."""
    with visiting(browser, server_with_base_map.url, reduced_motion="reduce") as came:
        came.friends = ["https://tiles.example/v1/"]
        asked: list[dict[str, str]] = []

        def give(route: Route) -> None:
            asked.append(route.request.all_headers())
            route.fulfill(body=PIXEL, content_type="image/png", headers={"Access-Control-Allow-Origin": "*"})

        came.page.route("https://tiles.example/**", give)
        came.page.add_init_script("sessionStorage.setItem('meguri.key', 'secret')")
        page = chart(came)
        expect(page.locator(".map-credit")).to_have_text("A & B <tiles>")
        expect(page.locator(".map-tick")).to_have_count(0)
        assert asked
        assert "secret" not in json.dumps(asked)
