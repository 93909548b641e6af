"""Every screen, wide and narrow, light and dark: nobody is kept out, nothing sticks out, nothing is cut off."""

from __future__ import annotations

import os
from itertools import cycle, product
from typing import TYPE_CHECKING, Any, Final

import pytest
from desk_browser import PATIENCE_MS, WIDTHS

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
from axe_playwright_python.sync_playwright import Axe
from desk_screens import SCREENS, Samples, make_samples, quiet
from playwright.sync_api import Page, ViewportSize, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk_browser import Visit

    from benchmarks.service.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=PATIENCE_MS)

SETTLED_MS: Final = 400
"""What is told in another language comes from the server."""

MOST_TABS: Final = 400
"""The longest way by Tab that is looked at."""

CUT_OFF: Final = """() => {
  const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && node.clientWidth > 1 && !node.closest(".visually-hidden, .map-stage, .skip-link");
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const hasText = (node) => [...node.childNodes].some(isText);
  const isCut = (node) => {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(node);
    return (overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1 && textOverflow !== "ellipsis")
      || (["hidden", "clip"].includes(overflowY) && node.scrollHeight > node.clientHeight + 2);
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => node instanceof HTMLElement && isSeen(node) && (hasText(node) || node.localName === "select"))
    .filter(isCut).map((node) => `${node.localName}.${node.className}: ${node.textContent.slice(0, 40)}`);
}"""
"""Text that its box cuts off; where dots say so, it is meant to be."""

STICKS_OUT: Final = """() => {
  const named = (node) => `${node.localName}.${node.className} sticks out`;
  const isScroller = (node) => ["auto", "scroll"].includes(getComputedStyle(node).overflowX)
    && !node.closest("[tabindex='0']") && !/input|textarea|select/.test(node.localName);
  const isScrolled = (node) => isScroller(node) && node.scrollWidth > node.clientWidth + 1;
  const all = [...document.querySelectorAll("body *")];
  const isWide = document.documentElement.scrollWidth > innerWidth;
  const beyond = all.filter((node) => isWide && node.getBoundingClientRect().right > innerWidth + 1).slice(0, 5);
  return [...beyond, ...all.filter(isScrolled)].map(named);
}"""
"""What makes the page, or a part of it, scroll sideways; wide tables do so on purpose, and take the focus for it."""

TABBED: Final = """() => {
  const active = document.activeElement;
  if (!active || active === document.body) return false;
  // Dates have several fields of their own; whoever comes round again has seen everything.
  active.dataset.tabs = Number(active.dataset.tabs ?? 0) + 1;
  return active.dataset.tabs < 6;
}"""

UNREACHED: Final = """() => {
  const scope = document.querySelector("dialog[open]") ?? document;
  const isUsable = (node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true });
  const isReached = (node) => node.dataset.tabs
    // Of radio buttons, arrow keys reach the others.
    || (node.type === "radio" && [...scope.querySelectorAll("[data-tabs]")].some((each) => each.name === node.name));
  return [...scope.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((node) => isUsable(node) && !isReached(node)).map((node) => node.outerHTML.slice(0, 160));
}"""


@pytest.fixture(scope="module")
def samples(desk_server: Server) -> Samples:
    return make_samples(desk_server)


def serious_faults(page: Page, **options: Any) -> list[str]:
    """Return what axe finds that keeps people out."""
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:4]
    ]


def barriers(page: Page) -> list[str]:
    """Return everything that is wrong with a screen as it is now."""
    return [*page.evaluate(STICKS_OUT), *page.evaluate(CUT_OFF), *serious_faults(page)]


def size(width: str) -> ViewportSize:
    """Return the size of a device."""
    across, down = WIDTHS[width]
    return {"width": across, "height": down}


def unreached_by_tab(page: Page) -> list[str]:
    """Return what can be used but does not get the focus on the way through the page by Tab."""
    rounds = 0
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        # Between the last and the first, the focus leaves the page.
        rounds += not page.evaluate(TABBED)
        if rounds > 1:
            break
    found: list[str] = page.evaluate(UNREACHED)
    return found


LOOKS: Final = (("desktop", "light", "en"), ("phone", "dark", "ja"))
"""Between them every width, scheme and language; the other scheme is looked at for its contrast, too."""


def seen() -> list[tuple[str, tuple[str, str, str]]]:
    """Return which screens are looked at in which looks: each in one, by turns, or in all of them where asked to."""
    if os.environ.get("MEGURI_TEST_EVERY_LOOK"):
        return list(product(SCREENS, LOOKS))
    return list(zip(SCREENS, cycle(LOOKS), strict=False))


@pytest.mark.parametrize(("screen", "look"), seen(), ids=lambda value: value if isinstance(value, str) else value[0])
def test_every_screen_is_open_to_everybody(
    visit_without_map: Callable[..., Visit], samples: Samples, screen: str, look: tuple[str, str, str]
) -> None:
    """Wide and narrow, light and dark, in both languages: no barrier for axe, nothing sticks out or is cut off."""
    width, scheme, language = look
    visit = visit_without_map(viewport=size("desktop"), color_scheme=scheme, reduced_motion="reduce")
    SCREENS[screen](visit, samples)
    page = visit.page
    with quiet(visit):
        page.set_viewport_size(size(width))
        if language == "ja" and not page.get_by_role("dialog").count():
            page.locator("[data-key=language]").click()
        page.wait_for_timeout(SETTLED_MS)
        assert barriers(page) == []
        page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
        assert serious_faults(page, runOnly=["color-contrast"]) == []


@pytest.mark.parametrize("screen", ["trip-plan", "prices-proposal", "region-edit", "region-import", "trip-why"])
def test_everything_can_be_reached_by_tab(
    visit_without_map: Callable[..., Visit], samples: Samples, screen: str
) -> None:
    """What is pressed, chosen or filled in gets the focus on the way through; nothing holds it back."""
    visit = visit_without_map(reduced_motion="reduce")
    SCREENS[screen](visit, samples)
    assert unreached_by_tab(visit.page) == []
