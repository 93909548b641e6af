"""
Photograph the planning desk: ``python tools/photograph_desk.py OUT [--only trip-plan prices]``, or ``--readme``.

Every screen in three widths, light and dark, in both languages, from a server of its own:
``trip-plan-1440-dark-ja.png`` and so on, and sheets of several on which much can be looked at quickly. ``--readme``
writes the two pictures of the README instead. Needs the extra ``dev``, Chromium on the path, and fonts for Japanese.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "api" / "desk")]

from desk_browser import SOFTWARE_GL, Visit, launch  # noqa: E402 - tests are no package
from desk_screens import SCREENS, Samples, make_samples  # noqa: E402

from benchmarks.service.server import serving  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import ViewportSize

Scheme = Literal["light", "dark"]

SIZES: Final[tuple[ViewportSize, ...]] = (
    {"width": 1440, "height": 900},
    {"width": 1024, "height": 768},
    {"width": 390, "height": 844},
)
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
LOCALES: Final = {"ja": "ja-JP", "en": "en-GB"}
SETTLED_MS: Final = 900
"""Names on the map are set when it has come to rest."""

README: Final = {"desk-trip": ("trip-plan", "en"), "desk-prices": ("prices-proposal", "en")}
IMAGES: Final = ROOT / "docs" / "images"

SHEET_WIDTH: Final = 2_000
SHEET_HEIGHTS: Final = {1440: 450, 1024: 450, 390: 844}


def main() -> None:
    """Photograph what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, help="folder of the pictures")
    parser.add_argument("--only", nargs="+", default=[], help="screens, or beginnings of their names")
    parser.add_argument("--widths", nargs="+", type=int, default=[size["width"] for size in SIZES])
    parser.add_argument("--readme", action="store_true", help="write the pictures of the README")
    given = parser.parse_args()
    if not given.readme and given.out is None:
        parser.error("name a folder, or --readme")
    with sync_playwright() as playwright, serving(workers=1) as server:
        samples = make_samples(server)
        browser = launch(playwright, *SOFTWARE_GL)
        if given.readme:
            photograph_for_readme(browser, samples)
        else:
            names = [name for name in SCREENS if not given.only or name.startswith(tuple(given.only))]
            photograph_all(browser, samples, given.out, names, given.widths)
        browser.close()


def photograph_all(browser: Browser, samples: Samples, out: Path, names: list[str], widths: list[int]) -> None:
    """Write a picture of each screen in each look, then the sheets."""
    out.mkdir(parents=True, exist_ok=True)
    sizes = [size for size in SIZES if size["width"] in widths]
    for size, language in itertools.product(sizes, LOCALES):
        for name in names:
            for scheme, picture in photographs(browser, samples, name, size, language):
                file = out / f"{name}-{size['width']}-{scheme}-{language}.png"
                file.write_bytes(picture)
        for scheme in SCHEMES:
            look = f"{size['width']}-{scheme}-{language}"
            files = [file for name in names if (file := out / f"{name}-{look}.png").is_file()]
            for number, sheet in enumerate(sheets(files, SHEET_HEIGHTS[size["width"]])):
                sheet.save(out / f"sheet-{look}-{number}.png")
                print(out / f"sheet-{look}-{number}.png")


def photographs(
    browser: Browser, samples: Samples, name: str, size: ViewportSize, language: str
) -> Iterator[tuple[Scheme, bytes]]:
    """Go to a screen, and yield its picture in the light and in the dark; a screen that fails is told and left out."""
    locale = LOCALES[language]
    with browser.new_context(viewport=size, locale=locale, color_scheme="light", reduced_motion="reduce") as context:
        visit = Visit(context, samples.url)
        try:
            SCREENS[name](visit, samples)
            for scheme in SCHEMES:
                visit.page.emulate_media(color_scheme=scheme)
                visit.page.wait_for_timeout(SETTLED_MS)
                yield scheme, visit.page.screenshot()
        except Exception as error:
            print(f"{name} at {size['width']} in {language}: {str(error).splitlines()[0]}", file=sys.stderr)


def photograph_for_readme(browser: Browser, samples: Samples) -> None:
    """Write the pictures of the README."""
    for file, (name, language) in README.items():
        locale = LOCALES[language]
        with browser.new_context(viewport=SIZES[0], locale=locale, reduced_motion="reduce") as context:
            visit = Visit(context, samples.url)
            SCREENS[name](visit, samples)
            visit.page.wait_for_timeout(SETTLED_MS)
            path = IMAGES / f"{file}.png"
            visit.page.screenshot(path=path)
        with Image.open(path) as picture:
            picture.convert("RGB").save(path, optimize=True)
        print(path, f"{path.stat().st_size / 1_000:.0f} kB")


def sheets(files: list[Path], height: int) -> Iterator[Image.Image]:
    """Yield sheets of pictures side by side, each as high as said and in the order given."""
    rows_per_sheet = max(1, 1_800 // height)
    pictures = [Image.open(file) for file in files]
    small = [picture.resize((picture.width * height // picture.height, height)) for picture in pictures]
    if not small:
        return
    per_row = max(1, SHEET_WIDTH // (small[0].width + 8))
    per_sheet = per_row * rows_per_sheet
    for first in range(0, len(small), per_sheet):
        batch = small[first : first + per_sheet]
        sheet = Image.new("RGB", (per_row * (small[0].width + 8), rows_per_sheet * (height + 8)), "#c08")
        for row, picture in enumerate(batch):
            sheet.paste(picture, ((row % per_row) * (picture.width + 8), (row // per_row) * (height + 8)))
        yield sheet


if __name__ == "__main__":
    main()
