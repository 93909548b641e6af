"""The map page in a real browser, opened from disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.exports.map_page import map_page
from regional_assets.model import Name, Region
from routing.itinerary import Itinerary

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SOFTWARE_GL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
_PATIENCE_MS = 180_000
"""WebGL in software takes a second on an idle machine, and over half a minute on a crowded one."""

HOSTILE = '</script><script>window.hacked=1</script><img src="x" onerror="window.hacked=1">'


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Browser]]:
    """Return how to start Chromium with further flags; all are closed in the end."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*flags: str) -> Browser:
            started.append(playwright.chromium.launch(executable_path=chromium, args=[*_FLAGS, *flags]))
            return started[-1]

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Browser:
    """Return Chromium with WebGL in software."""
    return launch(*_SOFTWARE_GL)


class _Opened:
    """Hold an open page with all it asked for and complained about."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.set_default_timeout(_PATIENCE_MS)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        page.locator("body[data-map]").wait_for()

    @property
    def outside(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "blob:", "data:"))]


def _written(folder: Path, itinerary: Itinerary, region: Region) -> Path:
    path = folder / "map.html"
    path.write_text(map_page(itinerary, region), encoding="utf-8")
    return path


def test_the_map_opens_from_disk_without_any_request(
    browser: Browser, tmp_path: Path, itinerary: Itinerary, region: Region
) -> None:
    """Nine stops and the station stand on the map; nothing is fetched, nothing goes wrong."""
    opened = _Opened(browser.new_page(), _written(tmp_path, itinerary, region))
    assert opened.page.locator("body").get_attribute("data-map") == "ready"
    assert opened.page.locator(".stop:not(.end)").count() == 9
    assert opened.page.locator(".stop.end").count() == 1
    assert opened.page.locator("canvas").count() == 1
    assert opened.errors == []
    assert opened.outside == []


def test_days_can_be_hidden_and_the_language_switched(
    browser: Browser, tmp_path: Path, itinerary: Itinerary, region: Region
) -> None:
    """List, markers, title and `lang` follow."""
    page = _Opened(browser.new_page(), _written(tmp_path, itinerary, region)).page
    page.locator(".chip").nth(1).click()
    assert page.locator("section.day").count() == 1
    assert page.locator(".stop:not(.end)").count() == 5
    page.locator(".languages button[lang=ja]").click()
    assert page.locator("html").get_attribute("lang") == "ja"
    assert page.locator("h1").inner_text() == "越前"
    assert "うるしの里会館" in page.locator("#days").inner_text()
    assert "Lacquerware" not in page.locator("body").inner_text()


def test_choosing_a_stop_marks_it_in_list_and_map(
    browser: Browser, tmp_path: Path, itinerary: Itinerary, region: Region
) -> None:
    """The list and the map point at the same place."""
    page = _Opened(browser.new_page(), _written(tmp_path, itinerary, region)).page
    page.locator("#days button.spot", has_text="Eiheiji Temple").click()
    assert "Eiheiji Temple" in page.locator(".popup").inner_text()
    chosen = page.locator("#days [aria-current=true]")
    assert chosen.get_attribute("data-step") == page.locator(".stop.selected").get_attribute("data-step")


def test_hostile_names_are_shown_and_not_run(
    browser: Browser, tmp_path: Path, itinerary: Itinerary, region: Region
) -> None:
    """Markup in names, descriptions and sources is text to the page."""
    name = Name(en=HOSTILE)
    steps = tuple(step.model_copy(update={"name": name}) for step in itinerary.days[0].steps)
    day = itinerary.days[0].model_copy(update={"steps": steps, "start": name})
    assets = tuple(asset.model_copy(update={"name": name, "description": name}) for asset in region.assets)
    hostile = itinerary.model_copy(update={"days": (day,), "region_name": name, "sources": (HOSTILE,)})
    path = _written(tmp_path, hostile, region.model_copy(update={"assets": assets}))
    opened = _Opened(browser.new_page(), path)
    opened.page.locator("#days button.spot").first.click()
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("h1").inner_text() == HOSTILE
    assert opened.errors == []
    assert opened.outside == []


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_sticks_out_on_any_screen(
    browser: Browser, tmp_path: Path, itinerary: Itinerary, region: Region, width: int
) -> None:
    """A phone needs no sideways scrolling."""
    page = browser.new_page(viewport={"width": width, "height": 844})
    opened = _Opened(page, _written(tmp_path, itinerary, region))
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_list_can_be_read_without_webgl(
    launch: Callable[..., Browser], tmp_path: Path, itinerary: Itinerary, region: Region
) -> None:
    """Where no map can be drawn, a sentence says so and the timetable stands."""
    opened = _Opened(launch("--disable-3d-apis").new_page(), _written(tmp_path, itinerary, region))
    assert opened.page.locator("body").get_attribute("data-map") == "none"
    assert "no WebGL" in opened.page.locator("#no-map").inner_text()
    assert "Takefu Knife Village" in opened.page.locator("#days").inner_text()
    assert opened.errors == []
