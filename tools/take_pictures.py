"""
Photograph the demo's map for the README: ``python tools/take_pictures.py [DEMO_FOLDER]``, after ``make demo``.

Needs Chromium on the path, and fonts for Japanese.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "demo.png"
SIZE = {"width": 1280, "height": 800}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DRAWN_MS = 4_000
"""Software rendering takes a few seconds to draw the map."""


def main() -> None:
    """Open the map page and write its picture."""
    page_file = Path(sys.argv[1] if len(sys.argv) > 1 else "demo").resolve() / "map.html"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None or not page_file.is_file():
        sys.exit(f"needs Chromium on the path and {page_file.name} in {page_file.parent}: run `make demo` first")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport=SIZE)
        page.goto(page_file.as_uri())
        page.wait_for_timeout(DRAWN_MS)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()
    print(PICTURE)


if __name__ == "__main__":
    main()
