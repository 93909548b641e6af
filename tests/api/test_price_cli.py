"""`meguri price` and `meguri pass`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from price_samples import sample_market, sample_plan, small_market
from rich.console import Console
from typer.testing import CliRunner

from api.cli import app
from api.cli._price_options import Reading
from api.cli._pricing import load_market
from api.demand_records import bundled_bookings
from api.price_wording import bound_words, later_words, percent_words, short_date_words, signed_yen_words
from api.table_parts import figures_table
from api.wording import yen_words
from pricing.model import OverrideRule, RangeRule
from pricing.pass_plan import PassPlan
from pricing.proposal import Comparison, PricePlan
from regional_assets.errors import InputError


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def market_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small market on the disk."""
    path = tmp_path_factory.mktemp("market") / "market.json"
    path.write_text(small_market().model_dump_json(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def plan(market_file: Path) -> PricePlan:
    """Return the plan that the command makes of the small market."""
    return PricePlan.model_validate_json(run("price", "plan", market_file, "--horizons", "20", "--json").stdout)


def test_a_plan_as_json_is_whole(plan: PricePlan) -> None:
    """Standard output is one plan: every product, capacity and rule, tested, with costs that add up."""
    market = small_market()
    assert [each.product for each in plan.products] == [product.id for product in market.products]
    assert [each.capacity for each in plan.capacities] == [capacity.id for capacity in market.capacities]
    assert {each.rule for each in plan.rule_costs} == {"step", "range"}
    assert sum(each.cost_yen for each in plan.rule_costs) == plan.rules_cost_yen
    assert plan.simulated
    assert plan.comparison is not None
    assert [outcome.policy for outcome in plan.comparison.outcomes] == ["today", "static", "dynamic", "rule-based"]
    assert len(plan.comparison.outcomes[0].revenues_yen) == plan.comparison.horizons == 20


def test_what_is_printed_is_what_the_json_says(plan: PricePlan, market_file: Path) -> None:
    """Headline, prices, rule costs and intervals are the plan's figures."""
    printed = run("price", "plan", market_file, "--horizons", "20", "--lang", "en").stdout
    flat = " ".join(printed.split())
    assert plan.comparison is not None
    today, proposal = plan.comparison.outcomes[:2]
    assert proposal.more_than_today is not None
    more = proposal.more_than_today.mean
    share = percent_words(more / today.revenue_yen.mean, signed=True)
    earns = yen_words(round(proposal.revenue_yen.mean), "en")
    before = yen_words(round(today.revenue_yen.mean), "en")
    headline = f"The proposal earns {earns}, today's prices {before}: {signed_yen_words(more, 'en')} ({share})"
    assert headline in flat
    for product in plan.products:
        assert f"{yen_words(product.current, 'en')} → {yen_words(product.proposed, 'en')}" in flat
        assert product.reasons[0].text.in_("en") in flat
    assert f"all rules together {yen_words(plan.rules_cost_yen, 'en')}" in flat
    for outcome in plan.comparison.outcomes:
        low, high = (yen_words(round(end), "en") for end in (outcome.revenue_yen.low, outcome.revenue_yen.high))
        assert f"{low} to {high}" in flat
    assert "SIMULATED" in flat


def test_names_stay_however_wide_the_figures_are() -> None:
    """The column of names keeps its width where figures take all the room."""
    table = figures_table("policy", ["revenue", "more"])
    table.add_row("today", "9" * 30, "9" * 30)
    page = Console(width=50, file=io.StringIO(), record=True)
    page.print(table)
    text = page.export_text()
    assert "today" in text
    assert text.count("9") == 60


def test_a_plan_tells_from_when_on_later_prices_hold() -> None:
    """A path that goes down and up again is worded by dates, without the days after the product's own."""
    market = sample_market()
    plan = sample_plan(market)
    periods = market.periods
    product = market.products[0].model_copy(update={"date": periods[1].last})
    market = market.model_copy(update={"products": (product, *market.products[1:])})
    planned = plan.products[0].model_copy(update={"path": (2_400, 2_200, 2_400)})
    day = short_date_words(periods[1].first, "en")
    assert later_words(planned, market, "en") == f"¥2,200 from {day}"
    planned = planned.model_copy(update={"path": (2_400, None, 2_400)})
    assert later_words(planned, market, "ja") == f"{short_date_words(periods[1].first, 'ja')}から販売なし"


def test_a_plan_speaks_japanese(market_file: Path) -> None:
    """`--lang ja` words everything in Japanese, the banner too."""
    printed = run("price", "plan", market_file, "--horizons", "0", "--lang", "ja").stdout
    assert "【模擬データ】" in printed
    assert "規則の費用" in printed
    assert "SIMULATED" not in printed
    assert "What" not in printed


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "at most 3.0% below the best (proven)."),
        (
            {"objective": "visitors", "gap": 0.2},
            "Of its aim it is at most 20.0% below the best (proven). As to revenue",
        ),
        ({"objective": "visitors", "gap": 0.0, "status": "optimal"}, "Of its aim it is the best there is (proven)."),
    ],
)
def test_a_gap_is_told_of_what_it_is_the_gap_of(changes: dict[str, Any], told: str) -> None:
    """The bound in yen is that of revenue, whatever the aim."""
    plan = sample_plan(sample_market(), **changes)
    assert told in bound_words(plan, "en")
    assert "目標" in bound_words(plan, "ja") or not changes


def test_an_untested_plan_says_so(market_file: Path) -> None:
    """Without a test nothing is claimed beyond the model."""
    result = run("price", "plan", market_file, "--horizons", "0")
    assert "not tested by simulation" in " ".join(result.stdout.split())
    assert "95% interval" not in result.stdout


def test_files_are_written(market_file: Path, tmp_path: Path) -> None:
    """Plan, spreadsheet, page and pictures stand in the folder; the plan is the one of --json, notes go to stderr."""
    out = tmp_path / "prices"
    words = ("price", "plan", market_file, "--horizons", "20", "--trade-off", "visitors", "--out", out)
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    pictures = {"price-path", "occupancy", "revenue", "demand", "trade-off-visitors"}
    files = {
        "plan.json",
        "prices.csv",
        "report.html",
        *(f"{name}.{form}" for name in pictures for form in ("svg", "png")),
    }
    assert {path.name for path in out.iterdir()} == files
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert plan == json.loads(result.stdout)
    rows = list(csv.DictReader(io.StringIO((out / "prices.csv").read_text(encoding="utf-8-sig"))))
    assert [int(row["proposed_yen"]) for row in rows] == [product["proposed"] for product in plan["products"]]
    assert (out / "demand.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "trade-off-visitors.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "report.html" in result.stderr


def test_the_same_seed_gives_the_same_plan(plan: PricePlan, market_file: Path) -> None:
    """Only the seconds differ."""
    again = PricePlan.model_validate_json(run("price", "plan", market_file, "--horizons", "20", "--json").stdout)
    assert again.model_copy(update={"seconds": plan.seconds}) == plan


def test_policies_are_compared_on_a_plan_of_ones_own(plan: PricePlan, market_file: Path, tmp_path: Path) -> None:
    """`simulate --plan` plays the given plan: the same customers bring the same revenue as in its own test."""
    file = tmp_path / "plan.json"
    file.write_text(plan.model_dump_json(), encoding="utf-8")
    words = ("price", "simulate", market_file, "--plan", file, "--horizons", "20", "--policy", "static,dynamic")
    answer = json.loads(run(*words, "--json").stdout)
    comparison = Comparison.model_validate(answer["comparison"])
    assert answer["simulated"] is True
    assert plan.comparison is not None
    assert [outcome.policy for outcome in comparison.outcomes] == ["static", "dynamic"]
    assert comparison.outcomes[0].revenue_yen == plan.comparison.outcomes[1].revenue_yen
    printed = run(*words, "--lang", "en").stdout
    assert yen_words(round(comparison.outcomes[1].revenue_yen.mean), "en") in printed
    assert "SIMULATED" in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan", "nowhere"), ["MARKET: there is no market 'nowhere'"]),
        (("plan", "x", "--seed", "a", "--horizons", "-1"), ["--horizons: '-1'", "--seed: 'a'"]),
        (("plan", "x", "--objective", "fame"), ["--objective: 'fame' cannot be used; accepted: revenue, visitors"]),
        (("plan", "x", "--seconds", "0"), ["--seconds: '0' cannot be used; accepted: seconds above 0"]),
        (
            ("plan", "x", "--seconds", "1", "--iterations", "5"),
            ["--seconds: exclude each other: --iterations, --seconds"],
        ),
        (("simulate", "x", "--horizons", "1"), ["--horizons: '1' cannot be used; accepted: a whole number from 2 to"]),
        (("simulate", "x", "--policy", "greedy"), ["--policy: 'greedy' cannot be used; accepted: today, static"]),
        (("estimate", "nowhere.csv"), ["RECORDS: there is no file of records 'nowhere.csv'"]),
    ],
)
def test_what_cannot_be_used_is_told_in_both_languages(words: tuple[str, ...], told: list[str]) -> None:
    """One line for each problem, exit code 2; Japanese where that is asked for, and both in JSON."""
    result = run("price", *words, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert [line.split(": ", 1)[0] for line in result.stderr.splitlines()] == ["error"] * len(told)
    for part in told:
        assert part in result.stderr
    assert run("price", *words, "--lang", "ja").stderr.startswith("エラー:")
    errors = json.loads(run("price", *words, "--json").stdout)["errors"]
    assert all(error["message"]["ja"] != error["message"]["en"] for error in errors if "fame" not in str(error))


def _edited(change: Any, tmp_path: Path) -> Path:
    plain = json.loads(small_market().model_dump_json())
    change(plain)
    path = tmp_path / "market.json"
    path.write_text(json.dumps(plain), encoding="utf-8")
    return path


def _negative_price(market: Any) -> None:
    market["products"][1]["ladder"][0] = -100


def _twice(market: Any) -> None:
    market["products"][1]["id"] = market["products"][0]["id"]


def _no_units(market: Any) -> None:
    market["capacities"][0]["units"] = 0


@pytest.mark.parametrize(
    ("change", "where"),
    [(_negative_price, "products[1] ladder[0]"), (_twice, "products[1] id"), (_no_units, "capacities[0] units")],
)
def test_a_market_that_makes_no_sense_is_refused_by_row(change: Any, where: str, tmp_path: Path) -> None:
    """The message names file, row and field; no traceback."""
    result = run("price", "plan", _edited(change, tmp_path), "--lang", "en")
    assert result.exit_code == 2, result.output
    assert where in result.stderr
    assert "Traceback" not in result.output


def test_rules_that_exclude_each_other_are_named(tmp_path: Path) -> None:
    """Both rules stand in the message, and the exit code is that of bad input."""
    market = small_market()
    first = market.products[0].id
    rules = (
        OverrideRule(id="by-hand", price=1_400, products=(first,)),
        RangeRule(id="floor", floor=2_000, products=(first,)),
    )
    path = tmp_path / "market.json"
    path.write_text(market.model_copy(update={"rules": rules}).model_dump_json(), encoding="utf-8")
    result = run("price", "plan", path, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert "by-hand" in result.stderr
    assert "floor" in result.stderr


@pytest.mark.parametrize("content", ["{", '{"market": 1}'])
def test_a_file_that_is_no_plan_is_refused(content: str, market_file: Path, tmp_path: Path) -> None:
    """Neither broken JSON nor another object passes for a plan."""
    file = tmp_path / "plan.json"
    file.write_text(content, encoding="utf-8")
    result = run("price", "simulate", market_file, "--plan", file, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert "plan.json" in result.stderr


def test_a_plan_for_another_market_is_refused(market_file: Path, tmp_path: Path) -> None:
    """A plan is only simulated in the market it was made for."""
    file = tmp_path / "plan.json"
    file.write_text(sample_plan(sample_market()).model_dump_json(), encoding="utf-8")
    result = run("price", "simulate", market_file, "--plan", file, "--horizons", "5")
    assert result.exit_code == 2, result.output


# Records

SUMS = "\n".join(
    ["date,quantity,price"]
    + [
        f"2026-{4 + day // 28:02d}-{day % 28 + 1:02d},{20 + (7 * day) % 11},{2_000 + 100 * ((3 * day) % 7)}"
        for day in range(84)
    ]
)


def test_daily_sums_are_studied(tmp_path: Path) -> None:
    """Method, estimates, means by weekday and remarks stand in the JSON; the same figures are printed."""
    file = tmp_path / "sums.csv"
    file.write_text(SUMS, encoding="utf-8")
    result = run("price", "estimate", file, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["method"] == "sales"
    assert answer["rows"] == 84
    assert len(answer["weekdays"]) == 7
    assert answer["elasticity"] is None
    assert answer["remarks"]
    printed = run("price", "estimate", file, "--lang", "en").stdout
    assert "No effect of the price can be taken" in printed
    assert f"{answer['steps'][0]['elasticity']['value']:+.2f}" in printed


def test_prices_that_never_changed_are_refused(tmp_path: Path) -> None:
    """Without variation nothing can be told of the price: exit code 2 with what would help."""
    file = tmp_path / "sums.csv"
    rows = [f"2026-04-{day:02d},{20 + day % 5},2000" for day in range(1, 31)]
    file.write_text("\n".join(["date,quantity,price", *rows]), encoding="utf-8")
    result = run("price", "estimate", file, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert "price" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("language", "told"), [("en", " (columns found: day, guests, yen)"), ("ja", "(ある列: day, guests, yen)")]
)
def test_missing_columns_are_told_with_those_there_are(language: str, told: str, tmp_path: Path) -> None:
    """The message lists the file's own columns and the options that name them; with those the file is read."""
    file = tmp_path / "sums.csv"
    file.write_text(SUMS.replace("date,quantity,price", "day,guests,yen"), encoding="utf-8")
    result = run("price", "estimate", file, "--quantity-column", "guests", "--lang", language)
    assert result.exit_code == 2, result.output
    assert f"date, price{told}" in result.stderr
    assert "--date-column, --price-column, --revenue-column" in result.stderr
    columns = ("--date-column", "day", "--quantity-column", "guests", "--price-column", "yen")
    assert run("price", "estimate", file, *columns, "--json").exit_code == 0


def test_bad_rows_are_told_by_line(tmp_path: Path) -> None:
    """Every bad row of a file of bookings has its line; leniently they are left out and told as a remark."""
    lines = ["booked_on,date,product,price"]
    lines += [f"2026-04-01,2026-04-{day:02d},tour,{2_000 + 100 * (day % 5)}" for day in range(2, 30)]
    lines += ["2026-05-09,2026-05-01,tour,2000", "2026-04-01,2026-05-02,tour,-5"]
    file = tmp_path / "bookings.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = run("price", "estimate", file, "--lang", "en")
    assert result.exit_code == 2
    assert "bookings.csv:30" in result.stderr
    assert "bookings.csv:31" in result.stderr
    lenient = json.loads(run("price", "estimate", file, "--lenient", "--json").stdout)
    assert "ROWS_LEFT_OUT" in [remark["code"] for remark in lenient["remarks"]]
    assert lenient["habits"]["cancelled"]["value"] == 0


def test_the_bundled_records_are_foretold_and_replayed(tmp_path: Path) -> None:
    """Booked, foretold and replayed figures stand in the JSON and are printed; made-up records say so."""
    plan = sample_plan(load_market("echizen-workshops"), comparison=None)
    file = tmp_path / "plan.json"
    file.write_text(plan.model_dump_json(), encoding="utf-8")
    words = ("price", "backtest", "echizen-workshops", "--folds", "1", "--plan", file)
    answer = json.loads(run(*words, "--json").stdout)
    assert answer["simulated"] is True
    assert answer["folds"] == 1
    assert answer["prices"]
    assert {each["fold"] for each in answer["dates"]} == {1}
    flat = " ".join(run(*words, "--lang", "en").stdout.split())
    assert "SIMULATED" in flat
    for figure in (answer["actual_yen"], answer["foretold_yen"], answer["proposed_yen"]["mean"]):
        assert yen_words(round(figure), "en") in flat


def test_made_up_prices_make_a_made_up_answer(tmp_path: Path) -> None:
    """Records of one's own are replayed at prices of the bundled market, as over HTTP."""
    file = tmp_path / "own.csv"
    file.write_text(bundled_bookings()[0], encoding="utf-8")
    plan = tmp_path / "plan.json"
    plan.write_text(sample_plan(load_market("echizen-workshops"), comparison=None).model_dump_json(), encoding="utf-8")
    words = ("price", "backtest", file, "--folds", "1")
    assert json.loads(run(*words, "--json").stdout)["simulated"] is False
    assert json.loads(run(*words, "--plan", plan, "--json").stdout)["simulated"] is True
    flat = " ".join(run(*words, "--plan", plan, "--lang", "en").stdout.split())
    assert "SIMULATED" in flat
    assert "own.csv" in flat


def test_records_that_do_not_tell_what_was_on_offer_cannot_be_foretold(tmp_path: Path) -> None:
    """The refusal says what is missing."""
    rows = [f"2026-04-01,2026-04-{day:02d},tour,2000" for day in range(2, 30)]
    file = tmp_path / "bookings.csv"
    file.write_text("\n".join(["booked_on,date,product,price", *rows]), encoding="utf-8")
    result = run("price", "backtest", file, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output


TEST = ("price", "test", "echizen-workshops", "--product", "lacquer-1000-2027-04-17", "--sales", "8")


def test_a_price_test_is_planned_and_written(tmp_path: Path) -> None:
    """Every date has one of two prices, in JSON, in the table for a spreadsheet, and in print."""
    words = (*TEST, "--dates", "2027-04-01..2027-05-30,2027-06-02", "--weekdays", "sat,sun", "--mode", "standard")
    result = run(*words, "--json", "--out", tmp_path / "test")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert len(answer["assignment"]) == 18 + 1
    assert {price for _, price in answer["assignment"]} == set(answer["prices"])
    assert answer["simulated"] is True
    rows = list(csv.DictReader(io.StringIO((tmp_path / "test" / "price-test.csv").read_text(encoding="utf-8"))))
    assert [[row["date"], int(row["price_yen"])] for row in rows] == answer["assignment"]
    printed = run(*words, "--lang", "en").stdout
    assert "Wed 2 Jun" in printed
    assert yen_words(answer["prices"][1], "en") in printed
    assert "SIMULATED" in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--dates", "soon"), "--dates: 'soon' cannot be used"),
        (("--dates", "2027-05-01..2027-04-01"), "--dates: '2027-05-01..2027-04-01' cannot be used"),
        (("--dates", "2027-04-01..2029-04-01"), "at most 366 days"),
        (
            ("--dates", "2027-04-03", "--weekdays", "someday"),
            "--weekdays: 'someday' cannot be used; accepted: mon, tue",
        ),
        (
            ("--dates", "2027-04-03", "--precision", "-1"),
            "--precision: '-1' cannot be used; accepted: a number above 0",
        ),
    ],
)
def test_a_price_test_that_makes_no_sense_is_refused(words: tuple[str, ...], told: str) -> None:
    """Wrong dates, days and numbers are named."""
    result = run(*TEST, *words, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert told in result.stderr


# Passes


@pytest.fixture(scope="module")
def pass_plan() -> PassPlan:
    """Return what the command finds for the bundled pass."""
    return PassPlan.model_validate_json(run("pass", "echizen-pass", "--horizons", "20", "--json").stdout)


def test_a_pass_is_priced_and_shared(pass_plan: PassPlan, tmp_path: Path) -> None:
    """Price, splits that sum to the takings, the banner, and the files; printed figures are those of the JSON."""
    assert pass_plan.price is not None
    result = run("pass", "echizen-pass", "--horizons", "20", "--lang", "en", "--out", tmp_path / "pass")
    flat = " ".join(result.stdout.split())
    assert result.exit_code == 0, result.output
    assert "SIMULATED" in flat
    assert f"Sold at {yen_words(pass_plan.price, 'en')}: {pass_plan.passes.mean:,.0f} passes" in flat
    totals = {sum(share.payout_yen for share in split.shares) for split in pass_plan.splits}
    assert len(totals) == 1
    assert yen_words(totals.pop(), "en") in flat
    for share in pass_plan.splits[0].shares:
        assert yen_words(share.payout_yen, "en") in flat
    written = json.loads((tmp_path / "pass" / "pass.json").read_text(encoding="utf-8"))
    assert written["price"] == pass_plan.price
    rows = list(csv.DictReader(io.StringIO((tmp_path / "pass" / "splits.csv").read_text(encoding="utf-8-sig"))))
    assert len(rows) == len(pass_plan.splits) * len(pass_plan.members)
    assert {row["simulated"] for row in rows} == {"yes"}


def test_a_pass_speaks_japanese() -> None:
    """`--lang ja` words all of it in Japanese."""
    printed = run("pass", "echizen-pass", "--horizons", "2", "--lang", "ja").stdout
    assert "売上の分け方" in printed
    assert "takings" not in printed


def test_a_pass_that_is_not_there_is_refused() -> None:
    """The message says what is accepted."""
    result = run("pass", "nowhere", "--lang", "en")
    assert result.exit_code == 2
    assert "PASS: there is no pass 'nowhere'; the path of a JSON file or a folder is accepted, or echizen-pass" in (
        result.stderr.replace("\n", " ")
    )


# Numbers as they are typed


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("+7", 7), (" 12 ", 12), ("９", 9), (None, 5)])
def test_whole_numbers_are_read(typed: str | None, number: int) -> None:
    """Full-width digits are digits; what was not typed is the default."""
    assert Reading().whole("--n", typed, 5) == number


@pytest.mark.parametrize("typed", ["", "1.5", "-1", "11", "1e3", "9" * 5_000])
def test_what_is_no_whole_number_is_refused(typed: str) -> None:
    """However long."""
    reading = Reading()
    reading.whole("--n", typed, 5, most=10)
    with pytest.raises(InputError, match="--n"):
        reading.done()
