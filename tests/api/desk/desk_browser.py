"""The planning desk in a real Chromium: pages that note everything that goes wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SOFTWARE_GL: Final = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_GL: Final = ("--disable-3d-apis",)
PATIENCE_MS: Final = 90_000
"""WebGL in software takes a second on an idle machine, and over half a minute on a crowded one."""

WIDTHS: Final = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium; skip where there is none."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    return playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *flags])


class Visit:
    """
    Hold one visitor's page with all it asked for and complained about.

    Parameters
    ----------
    context
        A context of its own: nobody else's language, key or storage.
    url
        Of the server.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.errors: list[str] = []
        self.requests: list[str] = []
        # A refusal that the page tells its user about is no fault of the page, though the browser logs it.
        self.expected: list[str] = []
        # Other servers that the operator of this one has named.
        self.friends: list[str] = []
        self.page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _note(self, complaint: str) -> None:
        self.errors.append(complaint)

    def go(self, place: str = "") -> Page:
        """Open an address inside the page, as ``#/trip/echizen``."""
        self.page.goto(f"{self.url}/{place}")
        return self.page

    @property
    def unexpected(self) -> list[str]:
        """Return what the page complained about, besides what the test brings about."""
        return [each for each in self.errors if not any(re.search(pattern, each) for pattern in self.expected)]

    @property
    def outside(self) -> list[str]:
        """Return requests to anywhere but the server."""
        return [each for each in self.requests if not each.startswith((self.url, "blob:", "data:", *self.friends))]

    def check(self) -> None:
        """Fail if the page complained, or asked another server."""
        assert self.unexpected == []
        assert self.outside == []


@contextmanager
def visiting(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:
    """
    Visit a server as somebody new; in the end, check that nothing went wrong unnoticed.

    Parameters
    ----------
    options
        Of the browser's context: ``viewport``, ``color_scheme``, ``locale``.
    """
    with browser.new_context(**{"locale": "en-GB", "accept_downloads": True, **options}) as context:
        visit = Visit(context, url)
        yield visit
        visit.check()
