"""The trip desk as its users go through it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import pytest
from desk_browser import PATIENCE_MS, WIDTHS, Visit

from benchmarks.service.server import Server

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=PATIENCE_MS)

Come = Callable[..., Visit]

DESKTOP: Final[Any] = {"width": WIDTHS["desktop"][0], "height": WIDTHS["desktop"][1]}
PHONE: Final[Any] = {"width": WIDTHS["phone"][0], "height": WIDTHS["phone"][1]}
A_TRIP: Final = re.compile(r"#/trip/[a-z]+/[0-9a-f-]{36}$")


def key(page: Page, name: str) -> Locator:
    """Return the element that keeps its focus under a name."""
    return page.locator(f'[data-key="{name}"]')


def wait_for_plan(page: Page) -> str:
    """Wait until a plan is there and nothing is searched for any more; return the id of the trip."""
    expect(page).to_have_url(A_TRIP)
    expect(page.locator(".trip-plan .day").first).to_be_visible()
    expect(page.locator(".trip-status .progress")).to_have_count(0)
    return page.url.rpartition("/")[2]


def planned(server: Server, trip_id: str) -> dict[str, Any]:
    """Return the itinerary of a trip."""
    result: dict[str, Any] = httpx.get(f"{server.url}/v1/trips/{trip_id}").json()["result"]
    return result


def stops(itinerary: dict[str, Any]) -> dict[str, str]:
    """Return when each place is visited, to the minute."""
    steps = [step for day in itinerary["days"] for step in day["steps"] if step["type"] in ("visit", "meal")]
    return {step["asset"]: step["arrive"][:16] for step in steps}


def act(page: Page, asset: str, entry: str) -> None:
    """Choose an entry of the menu of a stop."""
    page.locator(f'.step[data-asset="{asset}"] [aria-haspopup="menu"]').click()
    page.locator(f".stop-menu {entry}").click()


def find(page: Page, words: str) -> None:
    """Search for a place, and choose the first that is found, by keyboard."""
    key(page, "find").fill(words)
    expect(page.locator(".picker-list [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".trip-card h3")).to_be_focused()


def press_what_was_found(page: Page) -> None:
    """Close the card of a place, and press the place itself: the map shows it in the middle of what the card left."""
    page.wait_for_timeout(500)
    card, ground = (page.locator(each).bounding_box() for each in (".trip-card", ".trip-map-view"))
    assert card is not None
    assert ground is not None
    key(page, "card-close").click()
    x = (card["x"] + card["width"] + ground["x"] + ground["width"]) / 2
    page.mouse.click(x, ground["y"] + ground["height"] / 2)


def serious_faults(page: Page) -> list[str]:
    """Return what axe finds that keeps people out."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def test_a_first_visitor_plans_two_days_and_makes_them_their_own(visit: Come, desk_server: Server) -> None:
    """One press plans the coming weekend; a stop goes, one is added on the map, one is booked; the link reopens it."""
    page = visit(viewport=DESKTOP, reduced_motion="reduce").go()
    page.get_by_role("button", name="Plan the trip").click()
    first = planned(desk_server, wait_for_plan(page))
    expect(page.locator(".map-stop").first).to_be_visible()
    today = dt.datetime.now(ZoneInfo("Asia/Tokyo")).date()
    dates = [dt.date.fromisoformat(day["date"]) for day in first["days"]]
    assert [date.weekday() for date in dates] == [5, 6]
    assert 0 < (dates[0] - today).days <= 7
    assert first["request"]["days"][0]["start"]["asset"] == "fukui-station"

    removed, kept, *_ = stops(first)
    act(page, removed, ".danger")
    # Few others are near these two.
    added = "ichijo-taki" if "ichijo-taki" not in stops(first) else "hokojima"
    find(page, added)
    press_what_was_found(page)
    expect(page.locator(".trip-card h3")).to_be_focused()
    key(page, "card-must").click()
    act(page, kept, '[data-key$="-lock"]')
    page.locator(".trip-plan .pending .primary").click()
    expect(page.locator(".trip-plan .pending")).to_have_count(0)
    second = planned(desk_server, wait_for_plan(page))
    assert removed not in stops(second)
    assert added in stops(second)
    assert stops(second)[kept] == second["request"]["pins"][0]["arrive"][:16]

    find(page, removed)
    key(page, "card-why").click()
    expect(page.get_by_role("dialog")).to_contain_text("avoid")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("越前（福井県嶺北）をめぐる")
    expect(page.locator(".trip-plan .day")).to_have_count(2)

    other = visit(viewport=DESKTOP, locale="ja-JP").go(page.url.rpartition("/#")[2].join(["#", ""]))
    wait_for_plan(other)
    other.get_by_text("行きたい場所・避けたい場所・予約").click()
    expect(key(other, f"avoid-{removed}")).to_be_visible()
    expect(key(other, f"must-{added}")).to_be_visible()
    expect(key(other, f"pin-time-{kept}")).to_have_value(stops(second)[kept][11:])


def test_a_trip_is_planned_by_keyboard_and_without_a_map(visit_without_map: Come, desk_server: Server) -> None:
    """Every choice has keys; what differs from the defaults is asked for, and nothing else; axe finds no barrier."""
    page = visit_without_map(viewport=DESKTOP).go()
    expect(key(page, "start")).to_have_value("Fukui Station")
    key(page, "count").focus()
    page.keyboard.press("ArrowUp")
    key(page, "start").focus()
    page.keyboard.type("sabae sta")
    expect(page.locator(".picker-list [role=option]").first).to_contain_text("Sabae Station")
    page.keyboard.press("Enter")
    expect(key(page, "start")).to_have_value("Sabae Station")
    expect(key(page, "start")).to_be_focused()
    key(page, "interest-craft").focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    expect(key(page, "interest-food")).to_be_focused()
    page.locator('[data-key="pace-normal"]').focus()
    page.keyboard.press("ArrowRight")
    assert serious_faults(page) == []
    key(page, "plan").focus()
    page.keyboard.press("Enter")
    request = planned(desk_server, wait_for_plan(page))["request"]
    assert len(request["days"]) == 1
    assert request["days"][0]["start"] == {"asset": "sabae-station", "lon": None, "lat": None}
    assert request["pace"] == "busy"
    assert (request["interests"]["craft"], request["interests"]["food"]) == (2, 1)
    assert request["lodging"] == "choose"
    find(page, "eiheiji temple")
    expect(page.locator(".trip-card")).to_contain_text("Hours")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert serious_faults(page) == []


def test_on_a_phone_the_plan_comes_forward_and_nothing_sticks_out(visit_without_map: Come) -> None:
    """Three tabs; what was planned stays while another desk is looked at; axe finds no barrier."""
    page = visit_without_map(viewport=PHONE, locale="ja-JP").go()
    assert serious_faults(page) == []
    page.get_by_role("button", name="計画する").click()
    wait_for_plan(page)
    expect(page.get_by_role("button", name="計画", exact=True)).to_have_attribute("aria-pressed", "true")
    assert serious_faults(page) == []
    for tab in ("地図", "条件", "計画"):
        page.get_by_role("button", name=tab, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("link", name="価格").click()
    expect(page.locator("main.desk-prices h1")).to_be_visible()
    page.get_by_role("link", name="旅程").click()
    wait_for_plan(page)


def test_what_cannot_be_planned_is_said_where_it_can_be_mended(visit_without_map: Come, desk_server: Server) -> None:
    """Flaws at their fields, in the language of the page; conflicts in words, and the plan before stays."""
    visitor = visit_without_map(viewport=DESKTOP)
    visitor.expected.append("422")
    page = visitor.go()
    key(page, "first").fill("2026-01-10")
    key(page, "plan").click()
    expect(key(page, "first")).to_have_attribute("aria-invalid", "true")
    expect(key(page, "first")).to_be_focused()
    expect(page.locator(".trip-request .field .fault", has_text="is in the past")).to_be_visible()
    page.get_by_role("button", name="日本語").click()
    expect(page.locator(".trip-request .field .fault", has_text="過去の日付")).to_be_visible()
    page.get_by_role("button", name="English").click()
    page.get_by_text("Nights and budget").click()
    key(page, "budget").fill("-5")
    key(page, "plan").click()
    expect(key(page, "budget")).to_have_attribute("aria-invalid", "true")
    expect(key(page, "budget")).to_have_value("-5")

    day = dt.datetime.now(ZoneInfo("Asia/Tokyo")).date() + dt.timedelta(7)
    key(page, "first").fill(day.isoformat())
    key(page, "budget").fill("")
    key(page, "plan").click()
    before = wait_for_plan(page)
    key(page, "budget").fill("0")
    find(page, "papyrus-washi-workshop")
    key(page, "card-must").click()
    key(page, "plan").click()
    alert = page.locator(".trip-status [role=alert]")
    expect(alert).to_contain_text("No plan can meet this request")
    expect(alert.get_by_role("listitem").first).to_contain_text("budget")
    assert page.url.rpartition("/")[2] != before
    expect(page.locator(".trip-plan .day").first).to_be_visible()
    assert planned(desk_server, page.url.rpartition("/")[2])["status"] == "infeasible"


def test_an_unknown_trip_is_told_and_planning_goes_on_from_there(visit_without_map: Come) -> None:
    """The address of a trip that is not there says so, and the way to a new one is beside it."""
    visitor = visit_without_map(viewport=PHONE)
    visitor.expected.append("404")
    page = visitor.go("#/trip/echizen/01900000-0000-7000-8000-000000000000")
    expect(page.get_by_text("There is no such trip here")).to_be_visible()
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("There is no such trip here")).to_have_count(0)
    expect(page.get_by_role("button", name="Plan the trip")).to_be_visible()
    # In place of a plan that was there, it stands above the trips that are.
    key(page, "plan").click()
    made = wait_for_plan(page)
    page.evaluate("location.hash = '#/trip/echizen/01900000-0000-7000-8000-000000000000'")
    expect(page.get_by_text("There is no such trip here")).to_be_visible()
    expect(page.locator(f".trip-empty a[href$='{made}']")).to_be_visible()


def test_a_search_is_stopped_and_outlives_a_lost_connection(visit_without_map: Come) -> None:
    """Asked for without a connection, it begins when there is one; stopped, the best plan so far stays."""
    visitor = visit_without_map(viewport=DESKTOP)
    visitor.expected.append("ERR_INTERNET_DISCONNECTED")
    page = visitor.go()
    expect(key(page, "start")).to_have_value("Fukui Station")
    page.get_by_text("Search", exact=True).click()
    key(page, "search").select_option("60")
    page.context.set_offline(True)
    key(page, "plan").click()
    expect(page.locator("#banner")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    expect(page.locator(".trip-plan .day").first).to_be_visible()
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.locator(".trip-status .progress").get_by_role("button", name="Stop").click()
    wait_for_plan(page)
    expect(page.locator(".trip-status")).to_contain_text("Stopped early")


ELSEWHERE: Final[dict[str, Any]] = {
    "days": [
        {"date": "2099-12-05", "start": {"asset": "sabae-station"}, "after": "10:00"},
        {"date": "2099-12-07", "end": {"lon": 136.2, "lat": 35.95}, "before": "16:00"},
    ],
    "party": {"adults": 1, "children": 2, "resident": True, "needs": ["stroller"]},
    "access_unknown": "allow",
    "lodging": "none",
    "budget_jpy": 50_000,
    "mode": "bicycle",
    "pace": "relaxed",
    "themes": ["zen"],
    "must": ["eiheiji"],
    "avoid": ["tojinbo"],
    "limits": {"per_kind": {"food": 2}},
    "meals": {"lunch": None},
    "hours_unknown": "refuse",
    "max_candidates": 100,
    "compare_combinations": False,
    "solver": {"iterations": 300, "seed": 3},
}


def test_a_trip_made_elsewhere_is_asked_for_again_as_it_was(visit_without_map: Come, desk_server: Server) -> None:
    """Also what the form has no field for: days apart, points on the map, limits by kind, seeds."""
    answer = httpx.post(
        f"{desk_server.url}/v1/regions/echizen/trips", json=ELSEWHERE, headers={"Prefer": "wait=60"}, timeout=90
    ).json()
    page = visit_without_map(viewport=PHONE, locale="ja-JP").go(f"#/trip/echizen/{answer['id']}")
    assert wait_for_plan(page) == answer["id"]
    page.get_by_role("button", name="条件", exact=True).click()
    with page.expect_request(lambda request: request.method == "POST"):
        key(page, "plan").click()
    expect(page).not_to_have_url(re.compile(answer["id"]))
    again = planned(desk_server, wait_for_plan(page))
    assert again["request"] == answer["result"]["request"]


HOSTILE: Final = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'


def test_names_that_are_markup_are_shown_as_they_are(visit_without_map: Come, desk_server: Server) -> None:
    """Whatever a region's places, tags and remarks are called: text it stays, everywhere."""
    places = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [136.2 + number / 500, 35.94]},
            "properties": {
                "id": f"place-{number}",
                "name": {"ja": f"{HOSTILE}{number}", "en": f"{HOSTILE}{number}"},
                "kind": kind,
                "description": {"ja": HOSTILE, "en": HOSTILE},
                "municipality": HOSTILE,
                "tags": ["<b>tag</b>", "station"] if kind == "hub" else ["<b>tag</b>"],
                "themes": ["<i>theme</i>"],
                "appeal": 60,
                "visit_minutes": {"min": 20, "typical": 30, "max": 40},
                "sources": [{"name": HOSTILE}],
            },
        }
        for number, kind in enumerate(["hub", "culture", "craft", "nature", "food"])
    ]
    document = json.dumps({"type": "FeatureCollection", "features": places})
    form = {"id": "hostile", "name_ja": HOSTILE, "name_en": HOSTILE, "licence": HOSTILE}
    files = {"geofile": ("places.geojson", document, "application/geo+json")}
    answer = httpx.post(
        f"{desk_server.url}/v1/regions:import", data=form, files=files, headers={"Prefer": "wait=60"}, timeout=90
    )
    assert answer.json()["state"] == "succeeded", answer.text
    page = visit_without_map(viewport=DESKTOP).go("#/trip/hostile")
    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    expect(key(page, "start")).to_have_value(f"{HOSTILE}0")
    page.get_by_role("button", name="Plan the trip").click()
    wait_for_plan(page)
    find(page, "place-1")
    expect(page.locator(".trip-card h3")).to_have_text(f"{HOSTILE}1")
    key(page, "card-must").click()
    page.get_by_text("Places wanted, avoided, booked").click()
    expect(page.locator(".wish").first).to_contain_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main b:has-text('tag'), main script").count() == 0
