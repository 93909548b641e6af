"""What the page weighs on its way to the browser."""

from __future__ import annotations

from typing import Final

from benchmarks.desk.browser import chromium, first_visit, lacking
from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.server import serving

_LIMIT_KB: Final = 600
_TITLE: Final = "Weight of the page with its map, compressed"
# Sizes of bodies as they were sent, the page itself included.
_LOADED: Final = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map((entry) => ({ address: new URL(entry.name).pathname, size: entry.encodedBodySize }))"""


def run(*, is_quick: bool) -> Section:
    """Add up everything that is loaded until there is a map."""
    if reason := lacking():
        return Section(_TITLE, {}, "", {}, reason)
    with serving(workers=1) as server, chromium() as browser, first_visit(browser, server.url) as page:
        page.locator(".map[data-map=ready]").wait_for()
        loaded = page.evaluate(_LOADED)
    kilobytes = dict.fromkeys(("scripts of the desk", "style", "map library", "answers of the API", "page"), 0.0)
    for entry in loaded:
        kilobytes[_part(entry["address"])] += entry["size"] / 1000
    page_kb = sum(size for part, size in kilobytes.items() if part != "answers of the API")
    rows = [[part, f"{size:.0f}"] for part, size in kilobytes.items()]
    table = markdown_table(["part", "kB"], [*rows, ["all but answers", f"{page_kb:.0f}"]])
    promises = {f"at most {_LIMIT_KB} kB": page_kb <= _LIMIT_KB}
    return Section(_TITLE, {"kilobytes": kilobytes, "page_kb": page_kb}, table, {} if is_quick else promises)


def _part(address: str) -> str:
    if "/v1" in address:
        return "answers of the API"
    if "/map/maplibre" in address:
        return "map library"
    if address.endswith(".css"):
        return "style"
    return "scripts of the desk" if address.endswith(".js") else "page"
