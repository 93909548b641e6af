"""Every screen of the planning desk, and how to get there: to be photographed, and to be looked at by axe."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
from desk_browser import Visit
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from benchmarks.service.server import Server

DAYS: Final = ["2026-12-05", "2026-12-06"]
"""A weekend in early winter, when most places of the bundled region are open."""

_SEARCH: Final = {"iterations": 3_000}
_WAIT: Final = {"Prefer": "wait=60"}
_ROWS: Final = """名称,名称_英語,緯度,経度,開始時間,終了時間,料金(基本)
紙の美術館,Paper Museum,35.90,136.20,09:00,17:00,500円
鏡の滝,Mirror Falls,,,,,無料
,,35.91,136.21,,,
"""
_NUMBERS: Final = itertools.count()


@dataclass(frozen=True, slots=True)
class Samples:
    """
    Name what the screens show of one server.

    Parameters
    ----------
    url
        Of the server.
    trip, refused, prices
        Ids of a trip with alternatives, of one that nothing can meet, and of a proposal of prices.
    """

    url: str
    trip: str
    refused: str
    prices: str


def make_samples(server: Server) -> Samples:
    """Plan what the screens show."""
    hub = {"asset": "fukui-station"}
    days = [{"date": DAYS[0], "start": hub}, {"date": DAYS[1], "end": hub}]
    interests = {"craft": 1.5, "food": 1, "culture": 1}
    trips = "v1/regions/echizen/trips"
    with httpx.Client(base_url=server.url, headers=_WAIT, timeout=90) as client:

        def ask(path: str, body: dict[str, Any]) -> str:
            answer = client.post(path, json=body)
            answer.raise_for_status()
            return str(answer.json()["id"])

        return Samples(
            server.url,
            trip=ask(trips, {"days": days, "interests": interests, "alternatives": 2, "solver": _SEARCH}),
            refused=ask(trips, {"days": DAYS, "budget_jpy": 0, "must": ["papyrus-washi-workshop"], "solver": _SEARCH}),
            prices=ask(
                "v1/regions/echizen/price-plans", {"market": "echizen-workshops", "horizons": 60, "iterations": 20}
            ),
        )


def key(page: Page, name: str) -> Locator:
    """Return the element that keeps its focus under a name; names that end in ``*`` are beginnings."""
    return page.locator(f'[data-key^="{name[:-1]}"]' if name.endswith("*") else f'[data-key="{name}"]').first


def _map_is_drawn(page: Page) -> None:
    """Wait for the map, where there is one to be seen."""
    if page.locator(".map:visible").count():
        expect(page.locator(".map:visible").first).to_have_attribute("data-map", "ready" if _draws(page) else "none")


def _draws(page: Page) -> bool:
    return bool(page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))"))


# ---- the trip desk ----


def _trip_empty(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/trip/echizen")
    expect(key(page, "start")).not_to_have_value("")
    expect(page.locator(".trip-recent")).to_be_attached()
    _map_is_drawn(page)


def _trip_plan(visit: Visit, samples: Samples) -> None:
    page = visit.go(f"#/trip/echizen/{samples.trip}")
    expect(page.locator(".trip-plan .day").nth(1)).to_be_visible()
    _map_is_drawn(page)


def _trip_map(visit: Visit, samples: Samples) -> None:
    _trip_plan(visit, samples)
    if key(visit.page, "tab-map").is_visible():
        key(visit.page, "tab-map").click()
    _map_is_drawn(visit.page)


def _trip_place(visit: Visit, samples: Samples) -> None:
    _trip_map(visit, samples)
    key(visit.page, "find").fill("maruoka castle")
    expect(visit.page.locator(".picker-list [role=option]").first).to_be_visible()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".trip-card h3")).to_be_visible()


def _trip_menu(visit: Visit, samples: Samples) -> None:
    _trip_plan(visit, samples)
    key(visit.page, "more-*").click()
    expect(visit.page.get_by_role("menu")).to_be_visible()


def _trip_why(visit: Visit, samples: Samples) -> None:
    _trip_plan(visit, samples)
    key(visit.page, "fold-why").click()
    visit.page.locator('.trip-plan button[data-key^="why-"]').first.click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    expect(visit.page.locator("dialog .loading, dialog .progress")).to_have_count(0)


def _trip_alternatives(visit: Visit, samples: Samples) -> None:
    _trip_plan(visit, samples)
    if not key(visit.page, "compare").count():
        key(visit.page, "fold-alternatives").click()
    key(visit.page, "compare").click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()


def _trip_explained(visit: Visit, samples: Samples) -> None:
    _trip_plan(visit, samples)
    for name in ("why", "combinations", "costs", "assumptions", "about"):
        fold = key(visit.page, f"fold-{name}")
        if fold.count() and fold.evaluate("node => !node.parentElement.open"):
            fold.click()


def _trip_files(visit: Visit, samples: Samples) -> None:
    _trip_plan(visit, samples)
    key(visit.page, "plan-save").click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()


def _trip_running(visit: Visit, samples: Samples) -> None:
    body = {"days": [DAYS[0]], "solver": {"time_limit_s": 60}}
    job = httpx.post(f"{samples.url}/v1/regions/echizen/trips", json=body).json()
    try:
        page = visit.go(f"#/trip/echizen/{job['id']}")
        expect(page.locator(".trip-status .progress")).to_be_visible()
        expect(page.locator(".trip-plan .day").first).to_be_visible()
    finally:
        # The page shows how it was until it hears of that.
        visit.page.context.set_offline(True)
        httpx.delete(job["links"]["self"])


def _trip_refused(visit: Visit, samples: Samples) -> None:
    page = visit.go(f"#/trip/echizen/{samples.refused}")
    expect(page.locator(".trip-status [role=alert]")).to_be_visible()


# ---- the price desk ----


def _prices_start(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/prices/echizen")
    expect(key(page, "bundled")).to_be_visible()


def _prices_market(visit: Visit, samples: Samples) -> None:
    _prices_start(visit, samples)
    key(visit.page, "bundled").click()
    expect(visit.page.locator(".prices-table tbody").first).to_be_visible()


def _prices_proposal(visit: Visit, samples: Samples) -> None:
    page = visit.go(f"#/prices/echizen/{samples.prices}")
    expect(key(page, "accept")).to_be_enabled()
    expect(page.locator(".prices-why").first).to_be_visible()


def _prices_simulation(visit: Visit, samples: Samples) -> None:
    _prices_proposal(visit, samples)
    key(visit.page, "simulation-horizons").fill("20")
    key(visit.page, "simulate").click()
    expect(visit.page.locator(".prices-simulation tbody tr")).to_have_count(4)
    visit.page.locator(".prices-simulation").scroll_into_view_if_needed()


def _prices_by_hand(visit: Visit, samples: Samples) -> None:
    _prices_proposal(visit, samples)
    key(visit.page, "by-hand-*").click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()


# ---- the region desk ----


def _region_table(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/region/echizen")
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.locator(".region-tabs [data-key=view-gaps] .hint")).to_be_visible()
    _map_is_drawn(page)


def _region_gaps(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/region/echizen?view=gaps")
    expect(page.locator(".region-group summary").first).to_be_visible()
    page.locator(".region-group summary").first.click()
    _map_is_drawn(page)


def _region_about(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/region/echizen?view=about")
    expect(page.locator(".region-about h2").first).to_be_visible()


def _region_edit(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/region/echizen/maruoka-castle")
    expect(page.locator(".region-form")).to_be_visible()
    expect(key(page, "delete")).to_be_enabled()
    _map_is_drawn(page)


def _region_import(visit: Visit, samples: Samples) -> None:
    page = visit.go("#/region/echizen?view=import")
    expect(key(page, "import-file")).to_be_attached()


def _region_report(visit: Visit, samples: Samples) -> None:
    _region_import(visit, samples)
    page = visit.page
    region = f"screen-{next(_NUMBERS)}"
    file: Any = {"name": f"{region}.csv", "mimeType": "text/csv", "buffer": _ROWS.encode()}
    page.set_input_files("#region-file", [file])
    key(page, "import-send").click()
    expect(page.locator(".region-report")).to_be_visible()
    # Others are not to find it in their list of regions.
    httpx.delete(f"{samples.url}/v1/regions/{region}", headers={"If-Match": "*"})


# ---- what stands around them ----


def _key(visit: Visit, samples: Samples) -> None:
    visit.expected.append("401")
    refusal = {"title": "x", "detail": "x"}

    def refuse(route: Route) -> None:
        route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(refusal))

    visit.page.route("**/v1/regions?*", refuse)
    visit.go()
    expect(visit.page.get_by_role("dialog")).to_be_visible()


def _offline(visit: Visit, samples: Samples) -> None:
    visit.expected.append("ERR_INTERNET_DISCONNECTED")
    _trip_plan(visit, samples)
    visit.page.context.set_offline(True)
    expect(visit.page.locator("#banner")).to_be_visible()


def _away(visit: Visit, samples: Samples) -> None:
    visit.expected.append("ERR_FAILED")
    for address in ("**/v1/regions?*", "**/readyz"):
        visit.page.route(address, lambda route: route.abort())
    visit.go()
    expect(visit.page.locator("main .notice")).to_be_visible()
    expect(visit.page.locator("#banner")).to_be_visible()


def _unknown_region(visit: Visit, samples: Samples) -> None:
    visit.go("#/prices/nowhere")
    expect(visit.page.locator("main .notice")).to_be_visible()


SCREENS: Final[dict[str, Callable[[Visit, Samples], None]]] = {
    "trip-empty": _trip_empty,
    "trip-plan": _trip_plan,
    "trip-map": _trip_map,
    "trip-place": _trip_place,
    "trip-menu": _trip_menu,
    "trip-why": _trip_why,
    "trip-alternatives": _trip_alternatives,
    "trip-explained": _trip_explained,
    "trip-files": _trip_files,
    "trip-running": _trip_running,
    "trip-refused": _trip_refused,
    "prices-start": _prices_start,
    "prices-market": _prices_market,
    "prices-proposal": _prices_proposal,
    "prices-simulation": _prices_simulation,
    "prices-by-hand": _prices_by_hand,
    "region-table": _region_table,
    "region-gaps": _region_gaps,
    "region-about": _region_about,
    "region-edit": _region_edit,
    "region-import": _region_import,
    "region-report": _region_report,
    "key": _key,
    "offline": _offline,
    "away": _away,
    "unknown-region": _unknown_region,
}
"""How to get to each screen, in any language and width; some close the connection behind them."""


@contextmanager
def quiet(visit: Visit) -> Iterator[None]:
    """Look at a screen whose connection may be closed; in the end it is there again."""
    visit.expected += ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"]
    try:
        yield
    finally:
        visit.page.context.set_offline(False)
