"""A price plan as pictures, spreadsheet and page."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from price_samples import sample_market, sample_plan

from api.exports.price_report import canvas
from api.exports.price_report import page as page_module
from api.exports.price_report.page import report_page
from api.exports.price_report.pictures import Picture, pictures
from api.exports.price_report.report import DemandCurve, PriceReport, TradeOffCurve, TradeOffPoint
from api.exports.price_report.spreadsheet import prices_csv
from api.texts import section
from regional_assets.model import Name
from regional_assets.text import Language

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_LANGUAGES: tuple[Language, ...] = ("ja", "en")
HOSTILE = '</script><script>window.hacked=1</script><img src="x" onerror="window.hacked=1">'


@pytest.fixture(scope="module")
def report() -> PriceReport:
    """Return a report with every picture."""
    market = sample_market()
    first = market.products[0]
    sales = tuple(9.0 - 0.5 * step for step in range(len(first.ladder)))
    curve = DemandCurve(
        first.id, first.ladder, sales, tuple(each - 1 for each in sales), tuple(each + 1 for each in sales)
    )
    points = tuple(TradeOffPoint(324_000.0 - 2_000 * step, 60.0 + 4 * step, step == 0) for step in range(4))
    return PriceReport(market, sample_plan(market), (curve,), (TradeOffCurve("visitors", points),))


@pytest.fixture(scope="module")
def page(report: PriceReport) -> str:
    """Return the page of the full report; it opens in English."""
    return report_page(report, language="en")


def _picture(report: PriceReport, name: str) -> Picture:
    return next(picture for picture in pictures(report) if picture.name == name)


def _letters(svg: bytes) -> str:
    return " ".join(text.strip() for text in ElementTree.fromstring(svg).itertext() if text.strip())


def test_a_full_report_has_five_pictures_that_repeat_byte_for_byte(report: PriceReport) -> None:
    """Each is drawn as SVG in both languages; drawn again it is the same file."""
    found = pictures(report)
    assert [picture.name for picture in found] == ["price-path", "occupancy", "revenue", "demand", "trade-off-visitors"]
    for picture in found:
        assert picture.render("ja", "svg") == picture.render("ja", "svg")
    assert _picture(report, "revenue").render("en", "png").startswith(b"\x89PNG")


def test_pictures_are_left_out_where_nothing_is_known(report: PriceReport) -> None:
    """Without a test, curves and trade-offs there are only prices and occupancy."""
    bare = PriceReport(report.market, report.plan.model_copy(update={"comparison": None}))
    assert [picture.name for picture in pictures(bare)] == ["price-path", "occupancy"]
    assert '<html lang="ja">' in report_page(bare, language="ja")


def test_an_svg_keeps_its_text_in_the_language_asked_for(report: PriceReport) -> None:
    """Letters stay letters, so that whoever shows the file brings the font."""
    japanese, english = (_letters(_picture(report, "revenue").render(each, "svg")) for each in ("ja", "en"))
    assert "提案の料金" in japanese
    assert "the proposal" in english
    assert "万円" in japanese


def test_ids_of_two_pictures_never_meet(page: str) -> None:
    """All pictures of a page can stand in one document."""
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_png_without_japanese_font_is_lettered_in_english(
    report: PriceReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No boxes: a PNG falls back to English, an SVG stays Japanese; both are drawn without a warning."""
    assert canvas.letters_for("en", "png") == "en"
    monkeypatch.setattr(canvas, "japanese_font", lambda: None)
    assert canvas.letters_for("ja", "png") == "en"
    assert canvas.letters_for("ja", "svg") == "ja"
    picture = _picture(report, "occupancy")
    assert picture.render("ja", "png") == Picture("occupancy", picture.title, lambda _: picture.draw("en")).render(
        "ja", "png"
    )
    assert "和紙" in _letters(picture.render("ja", "svg"))


@pytest.mark.parametrize("hostile", [r"$\badcmd{$ $x^{$", "\x01\x0b\u202e", "x" * 10_000])
def test_any_name_can_be_drawn(report: PriceReport, hostile: str) -> None:
    """Neither signs of formulas, nor control characters, nor length stop a page or get a picture out of hand."""
    name = Name(en=hostile)
    products = tuple(product.model_copy(update={"name": name}) for product in report.market.products)
    capacities = tuple(capacity.model_copy(update={"name": name}) for capacity in report.market.capacities)
    changes = {"name": name, "products": products, "capacities": capacities}
    page = report_page(PriceReport(report.market.model_copy(update=changes), report.plan))
    assert len(page) < 2_000_000


def test_drawing_leaves_the_library_as_it_was(report: PriceReport) -> None:
    """Settings of a notebook that draws besides stay its own."""
    import matplotlib as mpl

    mpl.rcParams["font.size"] = 17.0
    before = dict(mpl.rcParams)
    _picture(report, "price-path").render("en", "svg")
    assert dict(mpl.rcParams) == before


def test_the_spreadsheet_has_a_row_per_product_and_a_column_per_period(report: PriceReport) -> None:
    """Prices, reasons in both languages, and the mark of made-up data stand in it; formulas are defused."""
    hostile = report.market.products[0].model_copy(update={"name": Name(ja="=1+1", en="=1+1")})
    market = report.market.model_copy(update={"products": (hostile, *report.market.products[1:])})
    text = prices_csv(PriceReport(market, report.plan))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert text.startswith("\ufeff")
    assert len(rows) == len(report.plan.products)
    assert [rows[0][f"from_{period.first}"] for period in market.periods] == ["2400", "2400", "2500"]
    assert rows[0]["name_ja"] == "'=1+1"
    assert (rows[0]["reasons_ja"], rows[0]["simulated"]) == ("週末の枠は早く埋まる", "yes")


def test_the_page_tells_what_the_plan_tells(report: PriceReport, page: str) -> None:
    """Headline with interval, simulated banner, every reason in both languages, rule costs with total, assumptions."""
    assert '<html lang="en">' in page
    for words in ("+¥24,000", "+¥20,500 to +¥27,500", "+24,000円", "SIMULATED", "【模擬データ】", "5,100円", "¥1,200"):
        assert words in page
    for reason in (*report.assumed, *(each for product in report.plan.products for each in product.reasons)):
        assert all(escape(reason.text.in_(language)) in page for language in _LANGUAGES)
    assert len(report.assumed) == 2
    assert page.count('scope="row"') == 16 + 16 + 4 + 4 + 1


@pytest.mark.parametrize(("low", "high", "key"), [(-5_000.0, 9_000.0, "unsure"), (-9_000.0, -1_000.0, "worse")])
def test_the_page_says_when_the_test_shows_no_gain(
    report: PriceReport, low: float, high: float, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interval that holds zero, or lies below it, is told as what it is."""
    monkeypatch.setattr(page_module, "pictures", lambda report: [])
    comparison = report.plan.comparison
    assert comparison is not None
    more = comparison.outcomes[1].more_than_today
    assert more is not None
    less = more.model_copy(update={"low": low, "high": high})
    outcomes = (comparison.outcomes[0], comparison.outcomes[1].model_copy(update={"more_than_today": less}))
    plan = report.plan.model_copy(update={"comparison": comparison.model_copy(update={"outcomes": outcomes})})
    assert section("price")[key].ja in report_page(PriceReport(report.market, plan))


# In a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium, or skip."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, page: str) -> Path:
    """Return the page of the full report on the disk."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.browser
def test_the_page_opens_from_disk_switches_languages_and_asks_for_nothing(browser: Browser, page_file: Path) -> None:
    """One request for the page itself, no complaint, one language at a time, on any width."""
    page = browser.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(page_file.as_uri())
    assert "¥2,400" in page.locator("#prices").inner_text()
    assert page.locator("figure svg:visible").count() == 5
    page.locator(".languages button[lang=ja]").click()
    assert page.locator("html").get_attribute("lang") == "ja"
    assert page.title().startswith("二つの工房")
    assert "週末の枠は早く埋まる" in page.locator("#prices").inner_text()
    assert "weekend" not in page.locator("main").inner_text()
    for width in (390, 1100):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_WIDE) == []
    assert complaints == []
    assert requests == [page_file.as_uri()]


@pytest.mark.browser
def test_hostile_names_are_shown_and_not_run(browser: Browser, tmp_path: Path, report: PriceReport) -> None:
    """Markup in a name is text to page and pictures."""
    name = Name(en=HOSTILE)
    products = tuple(product.model_copy(update={"name": name}) for product in report.market.products)
    market = report.market.model_copy(update={"name": name, "products": products})
    file = tmp_path / "report.html"
    file.write_text(report_page(PriceReport(market, report.plan, report.curves)), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.locator("h1").inner_text() == HOSTILE


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, page_file: Path, scheme: str) -> None:
    """Headings, cells, notes and letters of pictures have a contrast of 4.5 at least (WCAG 2, AA)."""
    page = browser.new_context(color_scheme="dark" if scheme == "dark" else "light").new_page()
    page.goto(page_file.as_uri())
    assert page.evaluate(CONTRAST) == []


TOO_WIDE = """() => [...document.querySelectorAll(".scroll")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.innerText)"""

CONTRAST = """() => {
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([red, green, blue]) => [red, green, blue].map((each) => each / 255)
    .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("h1, h2, p, th, td, li, b, figcaption, .note, .range, svg text")) {
    if (!element.checkVisibility() || !element.textContent.trim()) continue;
    const style = getComputedStyle(element);
    // Cells of the heat map have grounds of their own.
    if (element.matches("svg text") && element.textContent.trim().endsWith("%")) continue;
    const colour = parts(element.matches("svg text") ? style.fill : style.color);
    const [high, low] = [light(colour), light(ground(element))].sort((one, other) => other - one);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push([element.tagName, element.textContent.trim(), colour.join()]);
  }
  return faint;
}"""
