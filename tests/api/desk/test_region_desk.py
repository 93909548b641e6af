"""The region desk as boards use it: import, see the gaps, mend them, and meet others who do the same."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

# The conftest beside this file has made it importable.
from desk_browser import PATIENCE_MS

from benchmarks.service.server import Server

if TYPE_CHECKING:
    from desk_browser import Visit
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADER: Final = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_英語,POIコード,住所,方書,緯度,経度,利用可能曜日,"
    "開始時間,終了時間,利用可能日時特記事項,料金(基本),料金(詳細),説明,説明_英語,アクセス方法,駐車場情報,バリアフリー情報,連絡先名称,"
    "連絡先電話番号,連絡先内線番号,画像,画像_ライセンス,URL,備考"
)
ROWS: Final = (
    "182010,1,福井県,試験市,紙の美術館,,Paper Museum,,試験市1,,35.90,136.20,火水木金土日,09:00,17:00,"
    "月曜休館,,一般500円,,,,,,,,,,,,",
    "182010,2,福井県,試験市,漆の工房,,Lacquer Workshop,,試験市2,,35.91,136.21,,,,ご都合次第,,応相談,,,,,,,,,,,,",
    "182010,3,福井県,試験市,鏡の滝,,Mirror Falls,,試験市3,,,,,,,,,無料,,,,,,,,,,,,",
    "182010,4,福井県,試験市,,,,,試験市4,,35.9,136.2,,,,,,,,,,,,,,,,,,",
)
HOSTILE: Final = '<img src=x onerror="document.title=1">'
REFUSED: Final = r"status of (409|412|422)"
"""Refusals that the page tells of are in the browser's log, too."""


@pytest.fixture(scope="module", autouse=True)
def _patience() -> None:
    """Give a crowded machine time."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    sync_api.expect.set_options(timeout=PATIENCE_MS)


def place(asset_id: str, name: str, lon: float = 136.2, lat: float = 35.9, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "id": asset_id,
            "kind": "craft",
            "name": {"en": name},
            "visit_minutes": {"min": 10, "typical": 30, "max": 60},
            "sources": [{"name": "Test"}],
            **properties,
        },
    }


def town(server: Server, region_id: str, *features: dict[str, Any]) -> str:
    """Make a region; return the address of its assets."""
    content = json.dumps({"type": "FeatureCollection", "features": features})
    answer = httpx.post(
        f"{server.url}/v1/regions:import",
        data={"id": region_id, "name_en": f"Town {region_id}"},
        files={"geofile": ("places.geojson", content)},
        headers={"Prefer": "wait=60"},
        timeout=90,
    )
    job = answer.json()
    while job["state"] in ("queued", "running"):
        time.sleep(0.2)
        job = httpx.get(job["links"]["self"]).json()
    assert job["state"] == "succeeded", job
    return f"{server.url}/v1/regions/{region_id}/collections/assets/items"


def patch(address: str, **properties: Any) -> None:
    """Change an asset as somebody else would."""
    answer = httpx.patch(address, json={"properties": properties}, headers={"If-Match": "*"})
    assert answer.status_code == httpx.codes.OK, answer.text


def stays_inside(page: Page) -> None:
    """Check that nothing sticks out sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def told(page: Page, words: str) -> None:
    """Check what users of screen readers were told last."""
    from playwright.sync_api import expect

    expect(page.locator("#announcer")).to_contain_text(words)


def is_accessible(page: Page) -> None:
    """Check that axe finds nothing serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page).response["violations"]
    serious = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
    assert serious == []


def test_a_board_imports_its_open_data_mends_a_gap_and_plans_with_it(
    visit_without_map: Callable[..., Visit], desk_server: Server, tmp_path: Path
) -> None:
    """From a municipal CSV to a trip: all refusals at their fields, every row accounted for, worst gaps first."""
    from playwright.sync_api import expect

    csv = tmp_path / "shiken_tourism.csv"
    csv.write_text("\n".join((HEADER, *ROWS, "")), encoding="utf-8-sig")
    visit = visit_without_map()
    visit.expected = [REFUSED]
    page = visit.go("#/region/echizen")
    page.get_by_role("button", name="Import").click()
    page.set_input_files("#region-file", [csv])
    expect(page.get_by_label("Id of the region")).to_have_value("shiken_tourism")
    page.get_by_label("Id of the region").fill("Shiken City")
    send = page.get_by_role("button", name="Import").last
    send.click()
    expect(page.locator("#main .field", has_text="Id of the region").locator(".fault")).to_contain_text("wrong form")
    page.get_by_label("Id of the region").fill("shiken")
    page.get_by_label("Japanese name").fill("試験市")
    page.get_by_label("Licence").fill("CC BY 4.0")
    send.click()

    expect(page.get_by_text("The region shiken is there, with 3 places.")).to_be_visible()
    expect(page.get_by_text("3 of 4 rows taken, 1 refused")).to_be_visible()
    expect(page.get_by_text("has no name")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("試験市")
    page.get_by_role("button", name="See the gaps").click()
    groups = page.locator(".region-group summary")
    expect(groups.first).to_contain_text("Position unknown")
    groups.first.click()
    page.locator(".region-finding", has_text="Mirror Falls").click()

    latitude = page.get_by_role("textbox", name="Latitude")
    expect(latitude).to_be_focused()
    latitude.fill("95")
    # Digits as wide as Japanese letters are digits.
    page.get_by_role("textbox", name="Longitude").fill("１３６.２０５")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field", has=latitude).locator(".fault")).to_contain_text("90")
    latitude.fill("35.905")
    page.get_by_role("button", name="Save").click()
    told(page, "Mirror Falls was saved")
    expect(groups.first).not_to_contain_text("Position unknown")
    is_accessible(page)

    found = httpx.get(f"{desk_server.url}/v1/regions/shiken/assets.geojson").json()["features"]
    [falls] = [each for each in found if each["properties"]["name"]["en"] == "Mirror Falls"]
    assert falls["geometry"]["coordinates"] == [136.205, 35.905]
    # What the form did not change is as the file had it.
    assert falls["properties"]["price"]["text"] == "無料"
    page.get_by_role("link", name="Plan a trip here").click()
    page.locator("[data-key=plan]").click()
    stop = page.locator(".trip-plan .day").get_by_role("button", name="Mirror Falls", exact=True)
    expect(stop.first).to_be_visible()


def test_somebody_else_who_was_faster_is_noticed_and_both_changes_can_hold(
    visit_without_map: Callable[..., Visit], desk_server: Server
) -> None:
    """Who saves second sees what differs, field by field, and decides; what only the other changed stays."""
    from playwright.sync_api import expect

    items = town(desk_server, "two-boards", place("shop", "Shop"), place("mill", "Mill"))
    visit = visit_without_map()
    visit.expected = [REFUSED, r"status of 404"]
    page = visit.go("#/region/two-boards/shop")
    name, adult = page.get_by_role("textbox", name="English name"), page.get_by_role("textbox", name="Adult")
    expect(page.get_by_role("button", name="Delete")).to_be_enabled()
    name.fill("My Shop")
    adult.fill("800")
    patch(f"{items}/shop", name={"en": "Their Shop"}, price={"adult": 900}, url="https://example.org/")

    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert").filter(has_text="Somebody else has changed")
    expect(conflict).to_contain_text("Their Shop")
    expect(conflict).to_contain_text("https://example.org/")
    is_accessible(page)
    conflict.get_by_role("group", name="English name").get_by_label("Theirs").check()
    conflict.get_by_role("button", name="Save it so").click()
    told(page, "Their Shop was saved")
    now = httpx.get(f"{items}/shop").json()["properties"]
    assert (now["name"]["en"], now["price"]["adult"], now["url"]) == ("Their Shop", 800, "https://example.org/")

    page.locator("tbody").get_by_role("button", name="Mill").click()
    expect(page.get_by_role("heading", name="Mill")).to_be_focused()
    expect(page.get_by_role("button", name="Delete")).to_be_enabled()
    page.get_by_role("textbox", name="Website").fill("https://example.org/mill")
    assert httpx.delete(f"{items}/mill", headers={"If-Match": "*"}).status_code == httpx.codes.NO_CONTENT
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Add it again").click()
    told(page, "Mill was saved")
    assert httpx.get(f"{items}/mill").json()["properties"]["url"] == "https://example.org/mill"


def test_a_place_is_added_kept_through_everything_and_taken_away(
    visit_without_map: Callable[..., Visit], desk_server: Server
) -> None:
    """What was typed outlives a switch of language and other desks; refusals stand at fields; deleting asks first."""
    from playwright.sync_api import expect

    items = town(
        desk_server,
        "growing",
        place("shop", "Shop", price={"adult": 500}, assumed=[{"field": "price", "rule": {"en": "a guess"}}]),
    )
    visit = visit_without_map()
    visit.expected = [REFUSED]
    page = visit.go("#/region/growing")
    page.get_by_role("button", name="Add a place").click()
    page.get_by_role("textbox", name="Japanese name").fill("茶屋")
    page.get_by_role("combobox", name="Kind").select_option("food")
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("textbox", name="日本語名")).to_have_value("茶屋")
    page.get_by_role("navigation", name="画面の切り替え").get_by_role("link", name="価格").click()
    expect(page.locator("main.desk-prices")).to_be_attached()
    page.get_by_role("navigation", name="画面の切り替え").get_by_role("link", name="地域データ").click()
    page.get_by_role("button", name="資源を追加").click()
    expect(page.get_by_role("textbox", name="日本語名")).to_have_value("茶屋")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".region-panel").get_by_role("alert")).to_contain_text("required")
    for field, minutes in (("at least", "20"), ("usually", "30"), ("at most", "sixty")):
        page.get_by_role("textbox", name=f"Visit {field}").fill(minutes)
    page.get_by_role("button", name="Add it").click()
    most = page.get_by_role("textbox", name="Visit at most")
    expect(page.locator(".field", has=most).locator(".fault")).to_be_visible()
    most.fill("60")
    page.get_by_text("Compose from weekdays and times").click()
    page.locator("[data-key=compose-mon]").uncheck()
    page.get_by_role("button", name="Add to the hours").click()
    expect(page.get_by_role("textbox", name="Hours", exact=True)).to_have_value("Tu-Su 09:00-17:00")
    page.get_by_role("button", name="Add a closing rule").click()
    page.get_by_role("combobox", name="Closed").select_option("annual")
    page.get_by_role("button", name="Add a start").click()
    page.get_by_role("textbox", name="Adult").fill("0")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("tbody tr.chosen")).to_contain_text("free")
    [made] = [each for each in httpx.get(items).json()["features"] if each["id"] != "shop"]
    asset = made["properties"]
    assert (asset["opening"]["osm"], asset["opening"]["closed"]) == (
        "Tu-Su 09:00-17:00",
        [{"type": "annual", "first": "12-29", "last": "01-03"}],
    )
    assert (asset["price"]["adult"], asset["slots"][0]["start"], made["geometry"]) == (0, "10:00", None)

    # A price that somebody stated is no longer assumed.
    page.locator("tbody").get_by_role("button", name="Shop").click()
    page.get_by_role("button", name="It is right").click()
    page.get_by_role("button", name="Save").click()
    told(page, "Shop was saved")
    assert httpx.get(f"{items}/shop").json()["properties"].get("assumed", []) == []

    # What is typed while the answer is under way is no part of what was saved, and stays.
    held: list[Route] = []
    address, website, save = (
        page.get_by_role("textbox", name="Address"),
        page.get_by_role("textbox", name="Website"),
        page.get_by_role("button", name="Save", exact=True),
    )
    page.route("**/items/shop", lambda route: held.append(route))
    address.fill("1 Main Street")
    with page.expect_request("**/items/shop"):
        save.click()
    address.fill("2 Main Street")
    website.fill("https://example.org/shop")
    held.pop().continue_()
    page.unroute("**/items/shop")
    expect(save).to_be_enabled()
    assert httpx.get(f"{items}/shop").json()["properties"]["address"] == "1 Main Street"
    expect(address).to_have_value("2 Main Street")
    expect(website).to_have_value("https://example.org/shop")
    save.click()
    expect(save).to_be_disabled()
    assert httpx.get(f"{items}/shop").json()["properties"]["address"] == "2 Main Street"

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert httpx.get(f"{items}/shop").status_code == httpx.codes.NOT_FOUND

    page.get_by_role("link", name="About").click()
    for ending in ("csv", "geojson"):
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile(f"^{ending}$", re.IGNORECASE)).click()
        assert download.value.suggested_filename == f"growing-assets.{ending}"
    page.get_by_role("button", name="Delete this region").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("something else")
    dialog.get_by_role("button", name="Delete this region").click()
    expect(dialog).to_contain_text("That is not the id")
    dialog.get_by_role("textbox").fill("growing")
    dialog.get_by_role("button", name="Delete this region").click()
    expect(dialog).to_be_hidden()
    assert httpx.get(f"{desk_server.url}/v1/regions/growing").status_code == httpx.codes.NOT_FOUND


def test_a_long_table_is_searched_filtered_sorted_and_walked_through_by_keyboard(
    visit_without_map: Callable[..., Visit], desk_server: Server
) -> None:
    """5,000 places come in pages; arrows lead from row to row, Enter into the form, and closing it back."""
    from playwright.sync_api import expect

    town(
        desk_server,
        "many",
        # Apart from each other: the check compares the names of all that lie close together.
        *(
            place(f"p{number}", f"Place {number}", lon, lat, price={"adult": number} if number % 2 else {})
            for number in range(5_000)
            for lon, lat in [(136 + number % 70 / 100, 35 + number // 70 / 100)]
        ),
    )
    page = visit_without_map().go("#/region/many")
    rows = page.locator("tbody tr")
    expect(page.get_by_text("1 to 100 of 5,000 places")).to_be_visible()
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Price", exact=True).click()
    page.get_by_role("button", name="Price", exact=True).click()
    expect(rows.first).to_contain_text("Place 4999")
    expect(page.get_by_role("columnheader", name="Price")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Next").click()
    expect(rows.first).to_contain_text("Place 4799")
    page.get_by_label("Only places with this gap").select_option(label="Price unknown (2,500)")
    page.get_by_role("searchbox").fill("place 124")
    expect(rows).to_have_count(10)

    page.get_by_role("searchbox").press("Tab")
    first = rows.first.get_by_role("button")
    first.focus()
    first.press("ArrowDown")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_be_focused()
    assert page.url.endswith(f"#/region/many/{rows.nth(1).get_attribute('data-asset')}")
    page.get_by_role("button", name="Close").press("Enter")
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    page.get_by_role("searchbox").fill("nowhere")
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(rows).to_have_count(100)


def test_names_that_are_markup_stay_text(visit: Callable[..., Visit], desk_server: Server) -> None:
    """In table, map, gaps, form, sources and dialogs; and pressing a place on the map opens its row."""
    from playwright.sync_api import expect

    facts: dict[str, Any] = dict.fromkeys(("municipality", "address", "operator"), HOSTILE)
    sources = [{"name": HOSTILE, "licence": HOSTILE}]
    opening = {"text": HOSTILE, "unread": [HOSTILE]}
    hostile = place("evil", HOSTILE, url="javascript:alert(1)", sources=sources, opening=opening, **facts)
    town(desk_server, "markup", hostile, *(place(f"p{number}", HOSTILE, 136.2 + number / 100) for number in (1, 2)))
    page = visit().go("#/region/markup")
    expect(page.locator("[data-map=ready]")).to_be_attached()
    expect(page.locator("tbody tr").first).to_contain_text(HOSTILE)
    page.get_by_role("link", name="Data gaps").click()
    expect(page.locator(".region-group summary").first).to_be_visible()
    for group in page.locator(".region-group summary").all():
        group.click()
    expect(page.locator(".region-finding", has_text=HOSTILE).first).to_be_visible()
    page.get_by_role("link", name="About").click()
    expect(page.locator(".region-sources")).to_contain_text(HOSTILE)
    page.get_by_role("link", name="Places").click()
    page.locator("tbody").get_by_role("button").first.click()
    expect(page.get_by_text(f"Not understood: {HOSTILE}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
    page.keyboard.press("Escape")
    assert page.locator("img, [onerror], a[href^=javascript]").count() == 0
    assert "Meguri" in page.title()

    # A position from the map: also the one of another place, where that is pressed.
    page.get_by_role("button", name="Set on the map").click()
    expect(page.get_by_text("Press the place on the map.")).to_be_visible()
    ground = page.locator(".region-map canvas")
    box = ground.bounding_box()
    assert box is not None
    ground.click(position={"x": box["width"] / 3, "y": box["height"] * 0.75})
    expect(page.get_by_text("Press the place on the map.")).to_be_hidden()
    expect(page.get_by_role("textbox", name="Latitude")).not_to_have_value("35.9")
    page.get_by_role("button", name="Discard changes").click()
    page.get_by_role("button", name="Close").click()
    page.locator(".region-map [data-key=fit]").click()
    middle = ground.bounding_box()
    assert middle is not None
    ground.click(position={"x": middle["width"] / 2, "y": middle["height"] / 2})
    expect(page.locator("tbody tr.chosen")).to_have_count(1)


def test_every_view_is_accessible_on_a_tablet(visit_without_map: Callable[..., Visit]) -> None:
    """No serious finding of axe, nothing that sticks out sideways; other widths: `test_accessibility`."""
    from playwright.sync_api import expect

    viewport = {"width": 1024, "height": 800}
    visit = visit_without_map(viewport=viewport, color_scheme="dark", locale="ja-JP")
    for part in ("", "?view=gaps", "?view=about", "?view=import", "/eiheiji"):
        page = visit.go(f"#/region/echizen{part}")
        expect(page.locator("[data-key=view-gaps] .hint")).to_be_visible()
        if "gaps" in part:
            page.locator(".region-group summary").first.click()
        stays_inside(page)
        is_accessible(page)


def test_what_cannot_be_imported_or_read_is_said(
    visit_without_map: Callable[..., Visit], desk_server: Server, tmp_path: Path
) -> None:
    """Files are refused at their rows, all at once; a server that is away is waited for; unknown addresses say so."""
    from playwright.sync_api import expect

    town(desk_server, "taken", place("shop", "Shop"))
    for name, content in (
        ("words.csv", "hello\nthere\n"),
        ("broken.geojson", "{"),
        ("good.csv", "\n".join((HEADER, *ROWS))),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
    visit = visit_without_map()
    visit.expected = [REFUSED, r"status of (404|503)", r"ERR_"]
    page = visit.go("#/region/echizen?view=import")
    page.set_input_files("#region-file", [tmp_path / "words.csv", tmp_path / "broken.geojson"])
    page.get_by_label("Id of the region").fill("fresh")
    send = page.get_by_role("button", name="Import").last
    send.click()
    files = page.locator(".region-files li")
    expect(files.nth(1).locator(".fault")).to_contain_text("broken.geojson")
    files.nth(1).get_by_role("button").click()
    send.click()
    expect(files.nth(0).locator(".fault")).to_contain_text("words.csv")
    files.nth(0).get_by_role("button").click()
    page.set_input_files("#region-file", [tmp_path / "good.csv"])
    page.get_by_label("Id of the region").fill("taken")
    send.click()
    expect(page.locator("#main .field", has_text="Id of the region").locator(".fault")).to_contain_text("taken")
    page.get_by_label("Replace a region of that id").check()
    send.click()
    expect(page.get_by_text("The region taken is there, with 3 places.")).to_be_visible()

    visit.go("#/region/echizen/no-such-place")
    expect(page.locator(".region-panel").get_by_role("alert")).to_be_visible()
    page.route("**/assets.geojson", lambda route: route.abort())
    page.reload()
    visit.go("#/region/taken")
    expect(page.get_by_role("alert").filter(has_text="could not be reached")).to_be_visible()
    page.unroute("**/assets.geojson")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("tbody tr")).to_have_count(3)


@pytest.mark.shared_data
def test_a_prefecture_of_real_open_data_is_imported_and_looked_through(
    visit_without_map: Callable[..., Visit], shared: Path
) -> None:
    """石川県: every row is accounted for, its doubts can be read, and a place leads to the field to mend."""
    from playwright.sync_api import expect

    visit = visit_without_map(locale="ja-JP")
    page = visit.go("#/region/echizen?view=import")
    page.set_input_files("#region-file", [shared / "data" / "ishikawa" / "csv" / "170003_tourism.csv"])
    page.get_by_label("地域の ID").fill("ishikawa")
    page.get_by_label("日本語名").fill("石川県")
    page.get_by_role("button", name="取り込む").last.click()
    rows = page.get_by_text(re.compile("行のうち"))
    expect(rows).to_be_visible()
    read, taken, refused = (int(each.replace(",", "")) for each in re.findall(r"([\d,]+)行", rows.inner_text()))
    assert read == taken + refused
    assert taken > 500
    page.get_by_role("button", name="不足している情報を見る").click()
    group = page.locator(".region-group").first
    group.locator("summary").click()
    group.locator("button.region-finding").first.click()
    expect(page.locator(".region-panel :focus")).to_be_visible()
    is_accessible(page)
