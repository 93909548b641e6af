"""Chromium, for measuring: every visit is somebody's first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WINDOW: Final = (1440, 900)
PATIENCE_MS: Final = 120_000
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The page may not evaluate text itself, its policy forbids it; this asks from outside.
_PAINT: Final = """() => new Promise((resolve) => {
  const found = performance.getEntriesByName("first-contentful-paint")[0];
  if (found) resolve(found.startTime);
  else new PerformanceObserver((list) => {
    const entry = list.getEntriesByName("first-contentful-paint")[0];
    if (entry) resolve(entry.startTime);
  }).observe({ type: "paint", buffered: true });
})"""


def lacking() -> str:
    """Return why nothing can be measured; empty where it can."""
    try:
        import playwright.sync_api  # noqa: F401 - only whether it is there
    except ImportError:
        return "playwright is not installed: pip install -e '.[dev]'"
    return "" if any(map(shutil.which, _NAMES)) else "no Chromium on this machine: apt install chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium until the block ends."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, _NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def first_visit(browser: Browser, url: str) -> Iterator[Page]:
    """Open an address with nothing cached."""
    with browser.new_context(viewport={"width": WINDOW[0], "height": WINDOW[1]}, locale="en-GB") as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url, wait_until="commit")
        yield page


def first_paint_ms(page: Page) -> float:
    """Return when the page first showed something, from the beginning of the navigation."""
    return float(page.evaluate(_PAINT))


def now_ms(page: Page) -> float:
    """Return the time since the beginning of the navigation."""
    return float(page.evaluate("() => performance.now()"))
