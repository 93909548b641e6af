"""A server and a browser for tests of the planning desk."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.service.server import Server, serving

sys.path.insert(0, str(Path(__file__).parent))

from desk_browser import NO_GL, SOFTWARE_GL, Visit, launch, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright


# For each module: while Playwright runs, no test of the same process may run an event loop of its own.
@pytest.fixture(scope="module")
def _playwright() -> Iterator[Playwright]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    """Return Chromium with WebGL in software."""
    browser = launch(_playwright, *SOFTWARE_GL)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def browser_without_gl(_playwright: Playwright) -> Iterator[Browser]:
    """Return Chromium that can draw no map; it is quicker, too."""
    browser = launch(_playwright, *NO_GL)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def desk_server() -> Iterator[Server]:
    """Return a server with the bundled region. Tests share it: whoever changes a region works on one of their own."""
    with serving(workers=1) as server:
        yield server


@pytest.fixture
def visit(browser: Browser, desk_server: Server) -> Iterator[Callable[..., Visit]]:
    """Return how to come as a new visitor: ``visit(viewport=…, locale="ja-JP")``; all is checked in the end."""
    with ExitStack() as stack:

        def come(**options: Any) -> Visit:
            return stack.enter_context(visiting(browser, desk_server.url, **options))

        yield come


@pytest.fixture
def visit_without_map(browser_without_gl: Browser, desk_server: Server) -> Iterator[Callable[..., Visit]]:
    """Return how to come as a visitor whose browser draws no map."""
    with ExitStack() as stack:

        def come(**options: Any) -> Visit:
            return stack.enter_context(visiting(browser_without_gl, desk_server.url, **options))

        yield come
