"""What stands around the desks: addresses, languages, light, and all that goes wrong between page and server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from desk_browser import PATIENCE_MS, Visit, visiting

from api.keys import KeyStore
from api.storage.database import open_database
from benchmarks.service.server import Server

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

Come = Callable[..., Visit]

REFUSED_BY_NETWORK: Final = "Failed to load resource"
"""What Chromium logs of answers from 400 on, and of none."""

A_DAY: Final = {"days": ["2026-12-05"], "solver": {"time_limit_s": 60}}
REGIONS: Final = "**/v1/regions?*"
READY: Final = "**/readyz"


def core(page: Page, name: str) -> str:
    """Return the address of a module of the page's core."""
    main: str = page.locator('script[src$="js/main.js"]').evaluate("script => script.src")
    return main.replace("main.js", f"core/{name}.js")


def answer(status: int, body: object = None, **headers: str) -> Callable[[Route], None]:
    """Return a handler that answers in place of the server."""
    kind = "application/problem+json" if status >= 400 else "application/json"
    return lambda route: route.fulfill(status=status, content_type=kind, headers=headers, body=json.dumps(body or {}))


def first_day(page: Page) -> Any:
    """Return a field of the trip desk into which something can be typed."""
    return page.locator("main input[type=date]").first


# ---- where one is ----


def test_addresses_titles_and_focus_follow_each_other(visit_without_map: Come) -> None:
    """A desk has a title and takes the focus; back goes back; what is not there is said, with nothing in its place."""
    visit = visit_without_map()
    page = visit.go()
    expect(page).to_have_title("Trips · Echizen (northern Fukui) · Meguri: plan trips through a region")
    expect(page.locator("main h1")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.locator("main h1")).to_have_count(1)

    page.get_by_role("link", name="Prices", exact=True).click()
    expect(page).to_have_title("Prices · Echizen (northern Fukui) · Meguri: plan trips through a region")
    expect(page.locator("main")).to_be_focused()
    expect(page.get_by_role("link", name="Prices", exact=True)).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page).to_have_title("Trips · Echizen (northern Fukui) · Meguri: plan trips through a region")

    visit.go("#/prices/nowhere")
    expect(page.locator("main").get_by_role("alert")).to_have_text("This server has no region “nowhere”.")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("main").get_by_role("alert")).to_have_text("「nowhere」という地域はこのサーバーにありません。")
    expect(page.locator(".skip-link")).to_have_text("本文へ")
    page.locator("main").get_by_role("link", name="越前").click()
    expect(page).to_have_url(f"{visit.url}/#/prices/echizen")
    expect(page.locator("body")).to_have_attribute("data-desk", "prices")
    visit.go("#/nothing")
    expect(page.locator("main").get_by_role("alert")).to_have_text("このアドレスには何もありません。")
    page.get_by_role("link", name="はじめに戻る").click()
    expect(page.locator("body")).to_have_attribute("data-desk", "trip")


def test_a_later_address_overtakes_an_earlier_one_whose_desk_is_still_loading(visit_without_map: Come) -> None:
    """Whatever happens while a desk is on its way, one desk is there in the end: the one of the address, once."""
    visit = visit_without_map()
    held: list[Route] = []
    visit.page.route("**/js/prices/desk.js", lambda route: held.append(route))
    page = visit.go()
    expect(page.locator("body")).to_have_attribute("data-desk", "trip")
    page.evaluate("location.hash = '#/prices/echizen'")
    expect(page.locator("main .loading")).to_be_visible()
    page.get_by_role("button", name="日本語").click()
    page.evaluate("location.hash = '#/region/echizen'")
    expect(page.locator("body")).to_have_attribute("data-desk", "region")
    page.evaluate("location.hash = '#/prices/echizen'")
    expect(page.locator("main .loading")).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.locator("body")).to_have_attribute("data-desk", "prices")
    expect(page.locator("main h1")).to_have_count(1)
    expect(page.locator("main")).to_have_class("desk-prices")
    expect(page).to_have_title("価格 · 越前（福井県嶺北） · Meguri(巡り)旅の計画づくり")


def test_a_server_without_regions_says_where_to_get_one(visit_without_map: Come) -> None:
    """The way to the import stays open."""
    visit = visit_without_map(locale="ja-JP")
    visit.page.route(REGIONS, answer(200, {"items": [], "next": None}))
    page = visit.go()
    expect(page.locator("main")).to_contain_text("このサーバーには地域がまだありません。")
    page.locator("main").get_by_role("link").click()
    expect(page.locator("body")).to_have_attribute("data-desk", "region")
    expect(page.locator("main h1")).to_have_count(1)


@pytest.mark.parametrize("locale", ["ja-JP", "en-GB"])
def test_the_top_fits_a_small_phone_with_many_regions_of_long_names(visit_without_map: Come, locale: str) -> None:
    """Nothing sticks out, and of regions called the same each has its id; the third page of them is read, too."""
    visit = visit_without_map(viewport={"width": 320, "height": 640}, locale=locale)
    name = {
        "ja": "とても長い名前をもつ広域観光推進協議会の地域",
        "en": "A region named by a council of councils",
    }

    def more(route: Route) -> None:
        page = int(route.request.url.rpartition("page=")[2] or 0) if "page=" in route.request.url else 0
        items: list[dict[str, Any]] = [
            {"id": f"long-{page}-{row}", "name": name, "links": [], "bbox": None} for row in range(2)
        ]
        following = f"{visit.url}/v1/regions?limit=2&page={page + 1}" if page < 2 else None
        route.fulfill(json={"items": items, "next": following})

    visit.page.route(REGIONS, more)
    page = visit.go("#/prices/none")
    expect(page.locator(".region-choice option")).to_have_count(7)
    expect(page.locator(".region-choice option").last).to_contain_text("(long-2-1)")
    widths = page.evaluate("[document.documentElement, document.getElementById('top')].map((node) => node.scrollWidth)")
    assert max(widths) <= 320
    boxes = [each.bounding_box() for each in page.locator("#top :is(a, button, select)").all()]
    for box in boxes:
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


def test_language_and_light_are_kept_where_they_were_chosen(visit_without_map: Come) -> None:
    """A first press changes what is seen; both outlive a reload; without a choice the browser decides."""
    visit = visit_without_map(color_scheme="light")
    page = visit.go("#/prices/echizen")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("localStorage.length") == 0
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Appearance: Like this device").click()
    expect(page.get_by_role("button", name="Appearance: Dark")).to_be_focused()
    dark = page.evaluate(paper)
    assert dark != light
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("button", name="English")).to_be_focused()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert page.evaluate(paper) == dark
    page.get_by_role("button", name="表示の明るさ: 暗い").click()
    page.get_by_role("button", name="表示の明るさ: 明るい").click()
    expect(page.get_by_role("button", name="表示の明るさ: 端末に合わせる")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", dark)


# ---- the server is away, or refuses ----


def test_a_page_goes_on_by_itself_when_the_server_is_back(visit_without_map: Come) -> None:
    """Away at the first load; away later: a strip says so in either language, and what was typed is still there."""
    visit = visit_without_map()
    visit.expected = [REFUSED_BY_NETWORK]
    for address in (REGIONS, READY):
        visit.page.route(address, lambda route: route.abort())
    page = visit.go()
    banner = page.locator("#banner")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("The server could not be reached")
    expect(banner).to_have_text("The server cannot be reached. The page goes on as soon as it can.")
    page.get_by_role("button", name="日本語").click()
    expect(banner).to_have_text("サーバーに届きません。つながりしだい続けます。")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("サーバーに届きませんでした")
    page.unroute(REGIONS)
    page.unroute(READY)
    expect(page.locator("main h1")).to_contain_text("越前")
    expect(banner).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text("またつながりました。")

    first_day(page).fill("2027-03-06")
    page.context.set_offline(True)
    expect(banner).to_be_visible()
    # What sticks to the top does so below the strip.
    top, strip = page.locator("#top").bounding_box(), banner.bounding_box()
    assert top is not None
    assert strip is not None
    assert strip["y"] >= top["y"] + top["height"] - 1
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 1
    page.get_by_role("button", name="English").click()
    expect(banner).to_contain_text("The server cannot be reached.")
    page.get_by_role("link", name="Prices", exact=True).click()
    page.get_by_role("link", name="Trips", exact=True).click()
    expect(first_day(page)).to_have_value("2027-03-06")
    page.context.set_offline(False)
    expect(banner).to_be_hidden()
    expect(first_day(page)).to_have_value("2027-03-06")


def test_a_server_that_is_not_ready_is_not_taken_for_one_that_is(visit_without_map: Come) -> None:
    """It may answer all the same: only /readyz says when it can work."""
    visit = visit_without_map()
    visit.expected = [REFUSED_BY_NETWORK]
    visit.page.route(READY, answer(503, {"status": "not ready", "reasons": ["no workers"]}))
    page = visit.go()
    expect(page.locator("#banner")).to_contain_text("The server is not ready yet")
    page.get_by_role("link", name="Prices", exact=True).click()
    expect(page.locator("main h1")).to_have_count(1)
    expect(page.locator("#banner")).to_be_visible()
    page.unroute(READY)
    expect(page.locator("#banner")).to_be_hidden()


REFUSALS: Final[list[tuple[int, dict[str, object], dict[str, str], list[str]]]] = [
    (500, {"title": "Oh", "request_id": "id-of-5"}, {}, ["Oh", "Request id: id-of-5"]),
    (429, {"title": "Slow", "detail": "Too many."}, {"Retry-After": "7"}, ["Slow", "Too many.", "Try again in 7 s."]),
    (403, {"title": "No", "errors": [{"pointer": "/a/b", "detail": "not yours"}]}, {}, ["No", "a › b: not yours"]),
    (418, {}, {}, ["That did not work"]),
]


@pytest.mark.parametrize(("status", "body", "headers", "words"), REFUSALS, ids=[str(each[0]) for each in REFUSALS])
def test_refusals_are_told_in_the_words_of_the_server(
    visit_without_map: Come, status: int, body: dict[str, object], headers: dict[str, str], words: list[str]
) -> None:
    """What it says, what to do, and by what to ask about it; trying again is a button."""
    visit = visit_without_map()
    visit.expected = [REFUSED_BY_NETWORK]
    visit.page.route(REGIONS, answer(status, body, **headers))
    page = visit.go()
    for each in words:
        expect(page.locator("main").get_by_role("alert")).to_contain_text(each)
    page.unroute(REGIONS)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main h1")).to_have_count(1)


def test_an_answer_of_a_proxy_without_its_server_counts_as_none(visit_without_map: Come) -> None:
    """502 in HTML is no refusal by the server; the page waits for it."""
    visit = visit_without_map()
    visit.expected = [REFUSED_BY_NETWORK]
    for address in (REGIONS, READY):
        visit.page.route(address, lambda route: route.fulfill(status=502, content_type="text/html", body="Bad gateway"))
    page = visit.go()
    expect(page.locator("main").get_by_role("alert")).to_contain_text("The server could not be reached")
    page.unroute(REGIONS)
    page.unroute(READY)
    expect(page.locator("main h1")).to_have_count(1)


def test_event_streams_are_read_as_the_standard_has_it(visit_without_map: Come) -> None:
    """Any line end, split anywhere; comments; data of several lines; letters of several bytes; no blank."""
    visit = visit_without_map()
    page = visit.go("#/prices/echizen")
    stream = (
        ': hello\r\n\r\nid: 1\r\nevent: started\r\ndata: {"a":\r\ndata: "越"}\r\n\r\n'
        "retry: 5\n\n:\n\nid:2\ndata:[]\n\n\rdata: 3"
    )
    read = """async ([module, bytes, size]) => {
      const { eventsOf } = await import(module);
      const parts = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(new Uint8Array(bytes.slice(at, at + size)));
      const body = new ReadableStream({ pull: (to) => (parts.length ? to.enqueue(parts.shift()) : to.close()) });
      const found = [];
      for await (const event of eventsOf(body)) found.push(event);
      return found;
    }"""
    for size in (1, 2, 3, 1000):
        found = page.evaluate(read, [core(page, "event_stream"), list(stream.encode()), size])
        assert found == [
            {"id": "1", "type": "started", "data": {"a": "越"}},
            {"id": "2", "type": "message", "data": []},
        ]


def test_links_of_answers_are_asked_of_where_the_page_came_from(visit_without_map: Come) -> None:
    """Behind a proxy the server may name itself otherwise than the browser may call it."""
    visit = visit_without_map()
    page = visit.go("#/prices/echizen")
    ask = "async ([module, path]) => (await import(module)).address(path)"
    expected = {
        "v1/regions": "v1/regions",
        "/readyz": "readyz",
        "https://else.example/below/v1/jobs/1?after=2": "v1/jobs/1?after=2",
        "http://v1.example/v1": "v1",
    }
    for path, own in expected.items():
        assert page.evaluate(ask, [core(page, "address"), path]) == f"{visit.url}/{own}"


# ---- keys, and a server that dies ----


@pytest.fixture(scope="module")
def locked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Server]]]:
    """Return the folder of a server that needs keys, and the server; others may take its place."""
    home = tmp_path_factory.mktemp("locked")
    servers = [Server(home, auth="on", workers=1, lease_s=2)]
    try:
        servers[0].wait_until_ready()
        yield home, servers
    finally:
        servers[-1].end()


def new_key(home: Path, *scopes: str) -> str:
    """Make a key, as ``meguri keys create`` does."""
    engine = open_database(f"sqlite:///{home / 'meguri.db'}")
    try:
        return KeyStore(engine).create("a visitor", scopes)[1]
    finally:
        engine.dispose()


def give(page: Page, key: str, button: str = "Use it") -> None:
    """Answer the question for a key."""
    page.get_by_role("dialog").locator("input").fill(key)
    page.get_by_role("dialog").get_by_role("button", name=button).click()


def test_a_locked_server_asks_for_a_key_and_survives_its_death_during_a_job(
    browser_without_gl: Browser, locked_server: tuple[Path, list[Server]]
) -> None:
    """No key, wrong ones, one that may not plan, a good one; then the server dies while it plans; the next goes on."""
    home, servers = locked_server
    with ExitStack() as stack:
        visit = stack.enter_context(visiting(browser_without_gl, servers[0].url))
        visit.expected = [REFUSED_BY_NETWORK]
        page = visit.go()
        dialog = page.get_by_role("dialog", name="A key is needed")
        expect(dialog.locator("input")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("main .notice")).to_contain_text("open to whoever holds a key")
        page.get_by_role("button", name="Give a key").click()
        give(page, "mgr_wrong")
        for wrong in ("mgr_wrong", "鍵"):
            expect(dialog.locator(".fault")).to_have_text("This key was refused.")
            give(page, wrong)
            expect(dialog.locator(".fault")).to_have_text("This key was refused.")
            expect(dialog.locator("input")).to_be_focused()
        give(page, new_key(home, "read"))
        expect(page.locator("main h1")).to_have_count(1)
        expect(dialog).to_have_count(0)

        first_day(page).fill("2027-03-06")
        planner = """async ([module, body]) => {
          const { run } = await import(module);
          const work = window.work = { updates: 0, job: null, end: null };
          run({ path: "v1/regions/echizen/trips", body, onUpdate: (job) => { work.updates += 1; work.job = job; } })
            .then((job) => { work.end = job.state; }, (error) => { work.end = `${error.status} ${error.detail}`; });
        }"""
        page.evaluate(planner, [core(page, "api"), A_DAY])
        assert "403" in until(page, "window.work.end")
        # Whoever holds another key uses that one; the desk says what is missing, and asks.
        page.evaluate("async (module) => { (await import(module)).changeKey(); }", core(page, "api"))
        give(page, new_key(home, "read", "plan", "price"))

        page.evaluate(planner, [core(page, "api"), A_DAY])
        until(page, "window.work.job?.result && window.work.job.state === 'running'")
        servers[0].kill()
        expect(page.locator("#banner")).to_be_visible()
        page.evaluate("window.work.updates = 0")
        servers.append(Server(home, servers[0].port, auth="on", workers=1, lease_s=2))
        servers[-1].wait_until_ready()
        expect(page.locator("#banner")).to_be_hidden()
        until(page, "window.work.updates > 1 && window.work.job.state === 'running'")
        page.evaluate("async (module) => { await (await import(module)).stop(window.work.job); }", core(page, "api"))
        assert until(page, "window.work.end") == "stopped"
        assert page.evaluate("window.work.job.result.days.length") == 1
        expect(first_day(page)).to_have_value("2027-03-06")
        expect(page.get_by_role("dialog")).to_have_count(0)


def until(page: Page, expression: str) -> Any:
    """Wait until something in the page is so; the page's policy refuses to be asked by `wait_for_function`."""
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while time.monotonic() < deadline:
        found = page.evaluate(expression)
        if found:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"never: {expression}")
