"""The plan on the trip desk: bars, lists, changes by hand, reasons, alternatives, files, paper."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from benchmarks.service.server import Server

if TYPE_CHECKING:
    from desk_browser import Visit
    from playwright.sync_api import Locator, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: Final = {"width": 390, "height": 844}
HOSTILE: Final = '<img src=x onerror="document.title=1">'

REQUEST: Final = {
    "days": [{"date": "2027-04-24"}, {"date": "2027-04-25"}],
    "interests": {"craft": 1.0, "food": 0.8, "culture": 0.5},
    "alternatives": 1,
    "solver": {"iterations": 3000},
}


@pytest.fixture(scope="session")
def trip(desk_server: Server) -> dict[str, Any]:
    """Return a trip of two days with an alternative, as its job."""
    return _planned(desk_server, REQUEST)


def _planned(server: Server, request: dict[str, Any]) -> dict[str, Any]:
    url = f"{server.url}/v1/regions/echizen/trips"
    answer = httpx.post(url, json=request, headers={"Prefer": "wait=60"}, timeout=90)
    job: dict[str, Any] = answer.raise_for_status().json()
    assert job["state"] == "succeeded"
    return job


def _open(visit: Visit, trip: dict[str, Any]) -> Page:
    page = visit.go(f"#/trip/echizen/{trip['id']}")
    page.locator(".plan .steps").first.wait_for()
    return page


def _spots(plan: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [[step for step in day["steps"] if step["type"] in ("visit", "meal", "stay")] for day in plan["days"]]


def _serious(page: Page, part: str = ".plan") -> list[str]:
    """Return what axe-core finds serious in a part of the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=part).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def _does_not_stick_out(page: Page) -> bool:
    within: bool = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return within


def _menu(page: Page, name: str) -> Locator:
    """Open the menu of a stop by keyboard."""
    page.get_by_role("button", name=f"Change {name}", exact=True).press("Enter")
    return page.get_by_role("menu", name=name)


def test_days_are_told_as_bars_to_scale_and_as_lists(
    visit_without_map: Callable[..., Visit], trip: dict[str, Any]
) -> None:
    """Parts are as long as their times, arrow keys tell each, lists name each stop; on a phone and in the dark, too."""
    page = _open(visit_without_map(viewport=PHONE, color_scheme="dark"), trip)
    itinerary = trip["result"]
    for index, spots in enumerate(_spots(itinerary)):
        day = page.locator(".day").nth(index)
        names = day.locator(".spot .step-name").all_text_contents()
        assert names == [step["name"]["en"] for step in spots]
        numbers = [text for text in day.locator(".spot .node").all_text_contents() if text]
        assert numbers == [str(number + 1) for number in range(len(numbers))]
        visits = [step for step in spots if step["type"] == "visit"]
        widths = [part.bounding_box()["width"] for part in day.locator(".bar-step.visit").all()]  # type: ignore[index]
        scales = [width / step["duration_s"] for width, step in zip(widths, visits, strict=True)]
        assert max(scales) / min(scales) == pytest.approx(1, abs=0.1)
    first = page.locator(".bar-step").first
    first.focus()
    page.keyboard.press("End")
    told = page.locator(".bar-told").first
    assert itinerary["days"][0]["steps"][-1]["name"]["en"] in (told.text_content() or "")
    page.keyboard.press("Enter")
    assert page.locator(".step.selected").count() == 1
    assert page.locator(".step-details").count() == 1
    # Chips take days away and bring them back.
    chip = page.get_by_role("button", name=re.compile("^Day 2"))
    chip.click()
    assert page.locator(".day").count() == 1
    chip.click()
    assert page.locator(".day").count() == len(itinerary["days"])
    assert _does_not_stick_out(page)
    assert _serious(page) == []


def test_stops_are_locked_moved_and_removed_and_then_planned_again(
    visit_without_map: Callable[..., Visit], trip: dict[str, Any]
) -> None:
    """By keyboard: what a move breaks is said before planning; the next plan keeps to what was asked."""
    from playwright.sync_api import expect

    page = _open(visit_without_map(), trip)
    first, second, third = (step["name"]["en"] for step in _spots(trip["result"])[0][:3])
    menu = _menu(page, first)
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=f"Change {first}", exact=True)).to_be_focused()
    # A press beside an open menu does what it would without.
    _menu(page, first)
    page.get_by_role("button", name="Save or share").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(menu).to_have_count(0)
    page.keyboard.press("Escape")
    _menu(page, first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Changes not planned yet")).to_contain_text(first)
    # Removed, taken back, removed again: it stays in the list, struck through.
    _menu(page, second).get_by_role("menuitem", name="Remove from the trip").click()
    expect(page.locator(".step.removed s")).to_have_text(second)
    page.locator(".step.removed").get_by_role("button", name=f"Undo for {second}").click()
    expect(page.locator(".step.removed")).to_have_count(0)
    _menu(page, second).get_by_role("menuitem", name="Remove from the trip").click()
    # In the middle of the night nothing is open.
    _menu(page, third).get_by_role("menuitem", name="Move to another time…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".notice.good")).to_be_visible()
    dialog.get_by_label("Time").fill("23:30")
    expect(dialog.locator(".notice.warn")).to_contain_text(third)
    assert _serious(page, "dialog") == []
    page.keyboard.press("Escape")
    page.locator(".pending").get_by_role("button", name="Plan again").click()
    expect(page.locator(".pending")).to_have_count(0)
    expect(page.locator(".spot .step-name", has_text=second)).to_have_count(0)
    expect(page.locator(".spot", has_text=first).locator(".badge.good")).to_have_text(re.compile("time locked"))
    # Who takes a removal back has the booking back as well.
    _menu(page, first).get_by_role("menuitem", name="Remove from the trip").click()
    page.locator(".step.removed").get_by_role("button", name=f"Undo for {first}").click()
    expect(page.locator(".step.removed")).to_have_count(0)
    expect(page.locator(".pending")).to_have_count(0)


def test_a_day_is_put_in_order_by_hand(visit_without_map: Callable[..., Visit], trip: dict[str, Any]) -> None:
    """Each order is judged by the server; one that cannot be kept cannot be chosen."""
    from playwright.sync_api import expect

    page = _open(visit_without_map(), trip)
    names = [step["name"]["en"] for step in _spots(trip["result"])[0] if step["type"] != "stay"]
    page.get_by_role("button", name="Change the order").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".notice")).to_be_visible()
    keep = dialog.get_by_role("button", name="Keep this order")
    expect(keep).to_be_disabled()
    dialog.get_by_role("button", name=f"{names[0]}: later").press("Enter")
    expect(dialog.locator(".order li span").nth(1)).to_have_text(names[0])
    # The focus goes with what was moved.
    expect(dialog.get_by_role("button", name=f"{names[0]}: later")).to_be_focused()
    expect(dialog.locator(".notice")).to_be_visible()
    expect(dialog.locator(".tried li").nth(1)).to_contain_text(names[0])
    is_kept = dialog.locator(".notice.good").count() == 1
    assert keep.is_enabled() == is_kept


def test_reasons_alternatives_and_files_are_at_hand(
    visit_without_map: Callable[..., Visit], trip: dict[str, Any]
) -> None:
    """Why a place is missing, what other plans differ in, and files of the plan that is shown."""
    from playwright.sync_api import expect

    visit = visit_without_map()
    page = _open(visit, trip)
    itinerary = trip["result"]
    for section in (
        "Why not this place?",
        "Combinations made",
        "Where the money goes",
        "What was assumed",
        "How it is valued",
    ):
        page.locator(".plan-more summary", has_text=section).click()
    missing = next(each for each in itinerary["excluded"] if each["code"] is None)
    page.get_by_role("searchbox", name="Search by name").fill(missing["name"]["en"])
    expect(page.get_by_role("searchbox", name="Search by name")).to_be_focused()
    page.locator(".why-name", has_text=missing["name"]["en"]).first.click()
    dialog = page.get_by_role("dialog", name=f"Why not {missing['name']['en']}?")
    expect(dialog.get_by_role("button", name="Add it and plan again")).to_be_visible()
    assert _serious(page, "dialog") == []
    dialog.get_by_role("button", name="Add it anyway, plan later").click()
    expect(page.locator(".pending")).to_contain_text(missing["name"]["en"])
    page.locator(".pending").get_by_role("button", name=f"Undo for {missing['name']['en']}").click()
    expect(page.locator(".pending")).to_have_count(0)

    page.locator(".plan-more summary", has_text="Compare with other plans").click()
    page.get_by_role("button", name="Show this one: Alternative 1").click()
    other = itinerary["alternatives"][0]
    assert page.locator(".spot .step-name").all_text_contents() == [
        s["name"]["en"] for day in _spots(other) for s in day
    ]
    assert _serious(page) == []
    page.get_by_role("button", name="Save or share").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="GeoJSON").click()
    assert download.value.suggested_filename.endswith("-1.geojson")
    places = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["features"]
    assert {each["properties"].get("asset") for each in places} >= set(other["gained"])
    # A server may lack what booklets need: it says so itself.
    problem = {"title": "Not here", "status": 501, "detail": "booklets (PDF) need an extra package"}
    page.route("**/*.pdf*", lambda route: route.fulfill(status=501, json=problem))
    visit.expected.append("501")
    page.get_by_role("dialog").get_by_role("button", name="Booklet").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("need an extra package")


def test_a_reason_that_takes_long_can_be_stopped(visit_without_map: Callable[..., Visit], trip: dict[str, Any]) -> None:
    """While the server plans with the place, what is known stands there; stopping asks the server to stop."""
    from playwright.sync_api import expect

    visit = visit_without_map(locale="ja-JP")
    stopped: list[str] = []
    url = f"{visit.url}/v1/jobs/long"
    links = {"self": url, "events": f"{url}/events", "result": f"{url}/result"}
    job = {
        "id": "long",
        "kind": "trip-explanation",
        "state": "running",
        "progress": {"share": 0.4},
        "links": links,
        "result": None,
    }

    def standing(route: Route) -> None:
        if route.request.method == "DELETE":
            stopped.append(route.request.url)
        route.fulfill(json={**job, "state": "stopped"} if stopped else job)

    def events(route: Route) -> None:
        # As if the connection broke again and again, until it is stopped.
        route.fulfill(content_type="text/event-stream", body="id: 1\nevent: progress\ndata: {}\n\n")

    visit.page.route("**/explanations/*", lambda route: route.fulfill(status=202, json=job))
    visit.page.route("**/v1/jobs/long", standing)
    visit.page.route("**/v1/jobs/long/events", events)
    page = _open(visit, trip)
    page.locator(".plan-more summary", has_text="入らなかった場所").click()
    page.locator(".why-name").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    dialog.get_by_role("button", name="止める").click()
    expect(dialog).to_contain_text("途中で止めた")
    assert stopped == [url]


def test_where_no_plan_is_possible_it_says_what_would_help(
    visit_without_map: Callable[..., Visit], desk_server: Server
) -> None:
    """Each conflict stands with advice, and with a button that takes back the wish it is about."""
    from playwright.sync_api import expect

    hopeless = _planned(desk_server, {"days": ["2027-04-24"], "must": ["mikuni-fireworks"]})
    page = visit_without_map().go(f"#/trip/echizen/{hopeless['id']}")
    conflict = page.locator(".conflicts li").first
    expect(conflict).to_contain_text(hopeless["result"]["conflicts"][0]["text"]["en"])
    expect(conflict).to_contain_text("Other dates would be needed")
    conflict.get_by_role("button", name="No longer insist on Mikuni Fireworks").click()
    expect(page.get_by_role("button", name="No longer insist on Mikuni Fireworks")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_a_plan_is_printed_whole(visit_without_map: Callable[..., Visit], trip: dict[str, Any], locale: str) -> None:
    """All stops with times, reasons, sums and sources are on A4 pages, in the language of the page; the form is not."""
    pypdf = pytest.importorskip("pypdf")
    language = locale[:2]
    page = _open(visit_without_map(locale=locale, color_scheme="dark"), trip)
    page.evaluate("document.fonts.ready")
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    width, height = (float(side) for side in pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)
    # Spaces stand between scripts, and radicals for signs, in what is read back.
    text = _plain("".join(each.extract_text() for each in pages))
    for day in _spots(trip["result"]):
        for step in day:
            assert _plain(step["name"][language]) in text
            assert step["arrive"][11:16] in text
    for source in trip["result"]["sources"]:
        assert _plain(source) in text
    assert _plain({"en": "Where the money goes", "ja": "費用の内訳"}[language]) in text
    assert _plain({"en": "Interests", "ja": "探し方"}[language]) not in text
    assert len(pages) < 9


# What printed signs are read back as, besides what Unicode itself calls the same.
_READ_BACK = str.maketrans({"‧": "・", "⻨": "麦", "⻲": "亀", "⻯": "竜"})


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).translate(_READ_BACK))


def test_names_of_places_cannot_inject(visit_without_map: Callable[..., Visit], trip: dict[str, Any]) -> None:
    """Markup in names is shown as it is written, and an address that a browser would run is no link."""
    changed = json.loads(
        json.dumps(trip).replace(_spots(trip["result"])[0][0]["name"]["en"], HOSTILE.replace('"', '\\"'))
    )
    asset = _spots(trip["result"])[0][0]["asset"]
    visit = visit_without_map()

    def with_bad_link(route: Route) -> None:
        collection = route.fetch().json()
        for each in collection["features"]:
            if each["id"] == asset:
                each["properties"]["url"] = "javascript:document.title=1"
        route.fulfill(json=collection)

    visit.page.route(f"**/v1/trips/{trip['id']}", lambda route: route.fulfill(json=changed))
    visit.page.route("**/collections/assets/items*", with_bad_link)
    page = _open(visit, trip)
    name = page.locator(".spot .step-name").first
    assert name.text_content() == HOSTILE
    name.click()
    page.locator(".step-details").wait_for()
    assert page.locator(".plan img, .step-details a").count() == 0
    assert page.title() != "1"
