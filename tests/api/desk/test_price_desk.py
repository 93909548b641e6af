"""The price desk: prices are proposed, understood, tested, changed by hand and taken along."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from desk_browser import PATIENCE_MS, WIDTHS, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE: Final = '<img src=x onerror="document.title=1">'
LOOM: Final = f"{HOSTILE} {'loom' * 20}"


@pytest.fixture(autouse=True)
def _patience() -> None:
    """Wait for prices as long as for anything else: two cores may be busy with other tests."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE_MS)


def market(**changes: Any) -> dict[str, Any]:
    """Return two looms on one day, whose names are markup and formulas, and a lid on their prices."""
    looms = {"loom-am": "10:00", "loom-pm": "14:00"}
    whole = {
        "id": "hostile",
        "name": {"ja": f"市場{HOSTILE}", "en": f"Market {HOSTILE}"},
        "today": "2026-12-01",
        "periods": [{"first": "2026-12-01", "last": "2026-12-10"}, {"first": "2026-12-11", "last": "2026-12-20"}],
        "capacities": [{"id": f"seats-{loom}", "name": {"en": f"seats {HOSTILE}"}, "units": 40} for loom in looms],
        "products": [
            {
                "id": loom,
                "name": {"ja": "=1+1", "en": LOOM},
                "operator": "house",
                "date": "2026-12-19",
                "start": start,
                "capacities": {f"seats-{loom}": 1},
                "ladder": [1000, 1500, 1900, 2000, 2100, 2500],
                "current": 2000,
            }
            for loom, start in looms.items()
        ],
        "segments": [
            {
                "id": "visitors",
                "name": {"en": f"visitors {HOSTILE}"},
                "arrivals": [100, 100],
                "sensitivity": 1.0,
                "appeal": dict.fromkeys(looms, 1.0),
            }
        ],
        "rules": [{"type": "range", "id": "lid", "cap": 2400}],
    }
    return whole | changes


def choose_file(page: Page, key: str, name: str, content: str) -> None:
    """Choose a file that is not on disk."""
    page.locator(f"[data-key='{key}']").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content.encode()}
    )


def propose(page: Page, *, horizons: int = 20) -> None:
    """Propose prices with little effort, and wait for all that comes with them."""
    from playwright.sync_api import expect

    page.locator("[data-key='horizons']").fill(str(horizons))
    page.locator("[data-key='further']").click()
    page.locator("[data-key='iterations']").fill("1")
    page.locator("[data-key='propose']").click()
    expect(page.locator("[data-key='accept']")).to_be_enabled()


def set_by_hand(page: Page, product: str, price: int) -> None:
    """Set the price of a product in its window, and wait for the test of it."""
    from playwright.sync_api import expect

    page.locator(f"[data-key='by-hand-{product}']").click()
    page.locator("[data-key='hand-price']").select_option(str(price))
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".prices-by-hand dl")).to_be_visible()


def saved(page: Page, key: str) -> tuple[str, list[dict[str, str]]]:
    """Return name and rows of the table that a button saves."""
    with page.expect_download() as download:
        page.locator(f"[data-key='{key}']").click()
    content = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    return download.value.suggested_filename, list(csv.DictReader(io.StringIO(content)))


def serious(page: Page) -> list[str]:
    """Return what axe-core finds serious or worse."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def sticks_out(page: Page) -> bool:
    """Whether the page can be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_first_visitor_prices_the_example(visit_without_map: Callable[..., Visit]) -> None:
    """Load, propose, read the reasons, simulate, set one price by hand, export, accept, and open all again by link."""
    from playwright.sync_api import expect

    visitor = visit_without_map(reduced_motion="reduce")
    page = visitor.go("#/prices/echizen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Work out prices")
    assert serious(page) == []
    page.get_by_role("button", name="Open the example workshops").click()
    expect(page.get_by_text("This holds made-up data")).to_be_visible()
    expect(page.locator(".prices-table tbody")).to_have_count(10)

    propose(page)
    expect(page.locator(".prices-headline")).to_contain_text(re.compile(r"95% interval .*20 simulated horizons"))
    expect(page.locator(".prices-headline")).to_contain_text("A bound is no forecast")
    expect(page.locator(".prices-headline svg")).to_have_attribute(
        "aria-label", re.compile("Today's prices, tested: ¥")
    )
    expect(page.locator(".prices-why").first).to_contain_text("now ¥")
    expect(page.locator(".prices-rules")).to_contain_text("All rules together cost ¥")
    expect(page.locator(".path-grid svg")).to_have_count(6)
    slots = page.get_by_role("table", name="How full each slot gets, by date and time: Proposal")
    expect(slots.get_by_role("rowheader", name="Knife making 10:00")).to_be_visible()
    page.get_by_role("radio", name="Change").check()
    expect(page.locator(".heat-cell").first).to_have_text(re.compile(r"^[+−±]\d+ pt$"))

    page.get_by_role("button", name="Compare on simulated customers").click()
    expect(page.get_by_role("heading", name="Compare on simulated customers")).to_be_focused()
    page.locator("[data-key='simulation-horizons']").fill("30")
    page.locator("[data-key='simulate']").click()
    expect(page.locator(".prices-simulation")).to_contain_text("After 30 booking horizons")
    expect(page.locator(".prices-simulation tbody tr")).to_have_count(4)

    name, rows = saved(page, "csv")
    plan = page.url.rpartition("/")[2]
    assert name == f"prices-{plan}.csv"
    assert len(rows) == 40
    assert "set_by_hand" not in rows[0]

    product = "knife-1000-2027-04-17"
    set_by_hand(page, product, 12000)
    expect(page.locator(".prices-by-hand .notice")).to_contain_text("at most 25% from today's price")
    expect(page.locator(".prices-by-hand")).to_contain_text("Against the proposal")
    expect(page.locator(".prices-row-by-hand")).to_contain_text("¥12,000")
    name, rows = saved(page, "csv")
    assert name == f"prices-{plan}-by-hand.csv"
    changed = [row for row in rows if row["set_by_hand"] == "yes"]
    assert [(row["product"], row["proposed_yen"], row["simulated"]) for row in changed] == [(product, "12000", "yes")]
    page.locator("[data-key='accept']").click()
    expect(page.get_by_text("noted in this browser only")).to_be_visible()
    name, rows = saved(page, "csv")
    assert name == f"prices-{plan}-by-hand-accepted.csv"
    assert all(row["accepted_on"] for row in rows)
    assert serious(page) == []
    assert not sticks_out(page)

    page.goto("about:blank")
    visitor.go(f"#/prices/echizen/{plan}")
    expect(page.locator(".prices-row-by-hand")).to_contain_text("¥12,000")
    expect(page.get_by_text("noted in this browser only")).to_be_visible()
    expect(page.locator(".prices-by-hand")).to_contain_text("Against the proposal")
    page.locator("[data-key='undo-all']").click()
    expect(page.locator(".prices-row-by-hand")).to_have_count(0)


def test_the_desk_speaks_japanese_and_fits_a_phone(visit_without_map: Callable[..., Visit]) -> None:
    """In the dark; another language keeps what is there, a stay at another desk as well."""
    from playwright.sync_api import expect

    width, height = WIDTHS["phone"]
    visitor = visit_without_map(
        locale="ja-JP", color_scheme="dark", viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    page = visitor.go("#/prices/echizen")
    page.get_by_role("button", name="見本の工房体験を開く").click()
    propose(page, horizons=0)
    expect(page.locator(".prices-headline")).to_contain_text("模擬の客では検証していません")
    expect(page.locator(".prices-why").first).to_contain_text("円へ")
    expect(page.get_by_role("table", name="日付と時間ごとの埋まり方(提案)")).to_be_visible()
    assert not sticks_out(page)
    assert serious(page) == []
    left_over = page.locator("main").inner_text()
    assert "prices." not in left_over
    page.get_by_role("link", name="旅程").click()
    expect(page.locator(".prices-table")).to_have_count(0)
    page.get_by_role("link", name="価格").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator(".prices-why").first).to_contain_text("now ¥")
    assert not sticks_out(page)


def test_a_market_of_ones_own_is_refused_with_reasons_or_shown_as_text(visit_without_map: Callable[..., Visit]) -> None:
    """No JSON; flaws at their places; rules that exclude each other; names of markup, and formulas in the table."""
    from playwright.sync_api import expect

    width, height = WIDTHS["phone"]
    visitor = visit_without_map(viewport={"width": width, "height": height})
    visitor.expected = ["status of 422"]
    page = visitor.go("#/prices/echizen")
    choose_file(page, "own", "broken.json", '{"id": 1,\n oops}')
    expect(page.get_by_text("this is no JSON from line 2 on")).to_be_visible()
    wrong = market()
    wrong["products"][1]["ladder"] = [2000, 1000]
    wrong["segments"][0]["arrivals"] = [1]
    choose_file(page, "own", "wrong.json", json.dumps(wrong))
    expect(page.locator(".notice.bad li")).to_have_count(2)
    expect(page.locator(".notice.bad")).to_contain_text("products › 2 (loom-pm) › ladder: ")

    excluding = [{"type": "range", "id": "floor", "floor": 2400}, {"type": "range", "id": "lid", "cap": 1200}]
    choose_file(page, "own", "conflict.json", json.dumps(market(rules=excluding)))
    page.locator("[data-key='propose']").click()
    expect(page.locator(".prices-progress .notice.bad")).to_contain_text("floor")

    choose_file(page, "other", "mine.json", json.dumps(market()))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Market {HOSTILE}")
    propose(page)
    expect(page.get_by_role("rowheader", name=LOOM).first).to_be_visible()
    set_by_hand(page, "loom-am", 2500)
    expect(page.locator(".prices-by-hand .notice")).to_contain_text("2,400")
    assert page.locator("main img").count() == 0
    assert page.title() != "1"
    assert not sticks_out(page)
    _, rows = saved(page, "csv")
    assert {row["name_ja"] for row in rows} == {"'=1+1"}

    page.locator("[data-key='around']").click()
    expect(page.locator(".prices-progress .notice.bad")).to_contain_text("lid")
    expect(page.locator(".prices-row-by-hand")).to_contain_text("¥2,500")
    set_by_hand(page, "loom-am", 1900)
    expect(page.locator(".prices-by-hand")).to_contain_text("All rules are kept")
    page.locator("[data-key='around']").click()
    expect(page.locator(".prices-by-hand")).to_contain_text("made a rule: ¥1,900")
    expect(page.locator(".prices-why", has_text="by hand")).to_have_count(1)
    expect(page.locator("[data-key='accept']")).to_be_enabled()
    page.locator("[data-key='release-by-hand-1']").click()
    expect(page.locator(".prices-by-hand")).to_be_hidden()
    expect(page.locator(".prices-headline")).to_contain_text("20 simulated horizons")


def test_records_tell_of_demand_and_of_the_past(visit_without_map: Callable[..., Visit]) -> None:
    """The example's bookings stand beside what the market states; prices are drawn by lot; unknown plans are told."""
    from playwright.sync_api import expect

    visitor = visit_without_map()
    visitor.expected = [r"status of (404|422)"]
    page = visitor.go("#/prices/echizen/01a20a14-aa16-7f74-b336-000000000000")
    expect(page.locator(".notice.bad")).to_be_visible()
    page.get_by_role("button", name="Open the example workshops").click()
    page.locator("[data-key='records-bundled']").click()
    expect(page.locator(".prices-demand")).to_contain_text("Learnt from made-up records")
    expect(page.locator(".prices-demand .dot-of-estimated").first).to_be_visible()
    page.locator("[data-key='backtest']").click()
    expect(page.locator(".prices-backtest")).to_contain_text("Dates within their 95% interval")
    page.locator("[data-key='test-product']").select_option("frame-1000-2027-04-17")
    # Nobody knows what it sells before there is a proposal.
    expect(page.locator("[data-key='test-sales']")).to_have_value("")
    page.locator("[data-key='plan-test']").click()
    expect(page.locator("[data-key='test-sales']")).to_have_attribute("aria-invalid", "true")
    page.locator("[data-key='test-sales']").fill("5")
    page.locator("[data-key='plan-test']").click()
    expect(page.locator(".prices-lots li")).to_have_count(20)
    assert serious(page) == []
