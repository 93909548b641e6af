"""How soon the desk is there for somebody who comes for the first time."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.desk.browser import chromium, first_paint_ms, first_visit, lacking, now_ms
from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.server import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_RUNS: Final = 5
_PAINT_MS: Final = 500
_USABLE_MS: Final = 2_000
_TITLE: Final = "From the address to a page that can be used"


def run(*, is_quick: bool) -> Section:
    """Measure first paint, a plan button that can be pressed, and a map."""
    if reason := lacking():
        return Section(_TITLE, {}, "", {}, reason)
    count = 1 if is_quick else _RUNS
    with serving(workers=1) as server, chromium() as browser:
        _visit(browser, server.url)
        visits = [_visit(browser, server.url) for _ in range(count)]
    names = ("first paint", "plan button", "map")
    medians = {name: median(visit[name] for visit in visits) for name in names}
    rows = [
        [name, f"{medians[name]:.0f}", *(f"{value:.0f}" for value in sorted(visit[name] for visit in visits))]
        for name in names
    ]
    table = markdown_table(["ms until", "median", *(str(number) for number in range(1, count + 1))], rows)
    promises = {
        f"first paint within {_PAINT_MS} ms": medians["first paint"] <= _PAINT_MS,
        f"usable within {_USABLE_MS} ms": medians["plan button"] <= _USABLE_MS,
    }
    return Section(_TITLE, {"median_ms": medians, "visits_ms": visits}, table, {} if is_quick else promises)


def _visit(browser: Browser, url: str) -> dict[str, float]:
    with first_visit(browser, url) as page:
        button = page.locator("[data-key=plan]")
        button.wait_for()
        button.click(trial=True)
        usable = now_ms(page)
        page.locator(".map[data-map=ready]").wait_for()
        return {"first paint": first_paint_ms(page), "plan button": usable, "map": now_ms(page)}
