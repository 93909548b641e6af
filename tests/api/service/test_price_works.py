"""Work on prices, as a worker does it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from price_bodies import conflict, small_market, sums

from api import price_checks, price_requests
from api.inline_sources import market_from
from api.jobs import prices, qubo
from api.jobs.kinds import work_of
from api.jobs.work import Stopped, Workplace
from api.price_answers import BacktestAnswer, EstimationAnswer, PriceTestAnswer, SimulationAnswer
from api.price_requests import PricePlanRequest
from api.refusals import figures_told
from pricing import model
from pricing.pass_plan import PassPlan
from pricing.plan import plan_prices
from pricing.proposal import PricePlan
from regional_assets.errors import InputError
from regional_assets.model import Region
from regional_assets.region import find_region


class Ear:
    """A reporter that keeps what it hears, and asks for the end where it was told to."""

    def __init__(self, *, until: Callable[[Ear], bool] | None = None) -> None:
        self._until = until
        self.stages: list[str] = []
        self.shares: list[float] = []
        self.offers: list[tuple[bytes, dict[str, Any]]] = []

    def tell(self, share: float | None = None, stage: str | None = None) -> None:
        if stage is not None:
            self.stages.append(stage)
        if share is not None:
            self.shares.append(share)

    def offer(self, answer: bytes, **facts: Any) -> None:
        self.offers.append((answer, facts))

    def stop_requested(self) -> bool:
        return self._until is not None and self._until(self)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """Return a workplace."""
    return Workplace(tmp_path, tmp_path / "scratch")


@pytest.fixture(scope="module")
def echizen() -> Region:
    """Return the bundled region."""
    return find_region("echizen")


def plan_of(market: dict[str, Any]) -> dict[str, Any]:
    """Return a plan for a market, quickly."""
    found = plan_prices(market_from(PricePlanRequest.model_validate({"market": market}).market), iterations=1)
    plain: dict[str, Any] = json.loads(found.model_dump_json())
    return plain


def refused(work: Callable[..., bytes], body: dict[str, Any], workplace: Workplace) -> dict[str, str]:
    """Return what work refuses, by place."""
    with pytest.raises(InputError) as error:
        work(json.dumps(body).encode(), None, Ear(), workplace)
    return {problem.where: problem.message.en for problem in error.value.problems}


def test_prices_are_those_of_the_command_line(echizen: Region, workplace: Workplace) -> None:
    """The work adds nothing to what the engine proposes, and hands out prices before costs and test are known."""
    ear, body = Ear(), {"market": small_market(), "iterations": 20, "seed": 7, "horizons": 20}
    found = PricePlan.model_validate_json(prices.plan(json.dumps(body).encode(), echizen, ear, workplace))
    market = market_from(PricePlanRequest.model_validate(body).market)
    expected = plan_prices(market, iterations=20, seed=7)
    assert found.comparison is not None
    assert found.comparison.horizons == 20
    assert found.model_copy(update={"comparison": None, "seconds": expected.seconds}) == expected
    early = [PricePlan.model_validate_json(answer) for answer, _ in ear.offers]
    assert [each.rules_cost_yen is None for each in early] == [True, False]
    assert {"objective", "bound", "gap", "seconds"} <= ear.offers[0][1].keys()
    assert list(dict.fromkeys(ear.stages)) == ["compiling", "prices", "rule-costs", "simulation"]
    assert ear.shares == sorted(ear.shares)
    assert ear.shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("work", "body", "parts"),
    [
        (prices.plan, {"market": small_market(), "iterations": 1, "rule_costs": False}, ["prices"]),
        (
            prices.plan,
            {"market": small_market(), "iterations": 1, "solver": "qubo", "reads": 2},
            ["prices", "annealer"],
        ),
        (prices.simulate, {"market": small_market(), "horizons": 2}, ["prices"]),
        (prices.backtest, {"records": "echizen-workshops", "market": small_market(), "folds": 1}, ["prices"]),
        (prices.backtest, {"records": "echizen-workshops", "folds": 1}, []),
        (prices.price_pass, {"pass": "echizen-pass", "horizons": 2}, ["prices"]),
        (qubo.export, {"source": {"kind": "market", "market": "echizen-workshops"}}, ["prices", "annealer"]),
    ],
)
def test_whoever_waits_for_compiling_is_told(
    work: Callable[..., bytes],
    body: dict[str, Any],
    parts: list[str],
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is compiled is that which the work needs, in a stage of its own, before anything is solved."""
    ear, begun = Ear(), []

    def compiling(part: str) -> Callable[[], None]:
        return lambda: begun.append((part, ear.stages[-1], len(ear.offers)))

    monkeypatch.setattr(prices, "compile_prices", compiling("prices"))
    monkeypatch.setattr(prices, "compile_annealer", compiling("annealer"))
    monkeypatch.setitem(qubo._COMPILED, "market", (compiling("prices"), compiling("annealer")))
    work(json.dumps(body).encode(), None, ear, workplace)
    assert begun == [(part, "compiling", 0) for part in parts]


def test_a_plan_that_is_stopped_keeps_its_prices(workplace: Workplace) -> None:
    """Stopped before the costs of rules, a plan has prices that keep the rules, and says that it was stopped."""
    ear = Ear(until=lambda ear: bool(ear.offers))
    body = {"market": small_market(), "iterations": 20}
    found = PricePlan.model_validate_json(prices.plan(json.dumps(body).encode(), None, ear, workplace))
    assert found.limit == "stopped"
    assert found.comparison is None
    assert all(price is not None and price <= 2400 for product in found.products for price in product.path)


def test_a_test_that_is_stopped_leaves_the_prices_that_were_handed_out(workplace: Workplace) -> None:
    """The plan without its test is what was offered last."""
    ear = Ear(until=lambda ear: "simulation" in ear.stages)
    body = {"market": small_market(), "iterations": 1, "horizons": 10_000}
    with pytest.raises(Stopped):
        prices.plan(json.dumps(body).encode(), None, ear, workplace)
    assert PricePlan.model_validate_json(ear.offers[-1][0]).rules_cost_yen is not None


def test_places_that_the_region_does_not_have_are_flagged(echizen: Region, workplace: Workplace) -> None:
    """Prices do not hang on the map, so that a market is priced wherever its places are known or not."""
    market = small_market()
    market["products"][1]["asset"] = "nowhere"
    body = {"market": market, "iterations": 1, "rule_costs": False, "horizons": 0}
    found = PricePlan.model_validate_json(prices.plan(json.dumps(body).encode(), echizen, Ear(), workplace))
    assert found.assumed[0].code == "ASSETS_UNKNOWN"
    assert "nowhere" in found.assumed[0].text.in_("en")
    assert "urushi-painting-class" not in found.assumed[0].text.in_("en")


def test_rules_that_conflict_are_refused_by_name(workplace: Workplace) -> None:
    """Whether a plan is to be made, given or tested."""
    told = refused(prices.plan, {"market": conflict()}, workplace)
    assert "floor" in told["market.rules"]
    assert "lid" in told["market.rules"]
    given = {"market": conflict(), "plan": plan_of(small_market()), "horizons": 2}
    assert refused(prices.simulate, given, workplace) == told
    test = {"market": conflict(), "product": "loom-19", "dates": _dates(4), "sales_per_date": 5}
    assert refused(prices.plan_test, test, workplace) == told


def test_a_sampler_is_judged_like_that_of_the_command_line(workplace: Workplace) -> None:
    """Its reads become prices; what it did is told."""
    scarce = small_market(capacities=[each | {"units": 5} for each in small_market()["capacities"]])
    body = {"market": scarce, "iterations": 1, "rule_costs": False, "horizons": 0}
    sampled = body | {"solver": "qubo", "sampler": "steepest-descent", "reads": 5}
    found = PricePlan.model_validate_json(prices.plan(json.dumps(sampled).encode(), None, Ear(), workplace))
    assert found.sampling is not None
    assert (found.sampling.sampler, found.sampling.reads) == ("steepest-descent", 5)


def test_a_long_simulation_hands_out_its_first_horizons(workplace: Workplace) -> None:
    """So that stopping it leaves something."""
    market = small_market()
    ear = Ear(until=lambda ear: bool(ear.offers))
    body = {"market": market, "plan": plan_of(market), "horizons": 10_000, "policies": ["static"]}
    with pytest.raises(Stopped):
        prices.simulate(json.dumps(body).encode(), None, ear, workplace)
    early = SimulationAnswer.model_validate_json(ear.offers[0][0])
    assert early.comparison.horizons == 100
    assert [outcome.policy for outcome in early.comparison.outcomes] == ["static"]
    assert not early.simulated


def test_a_plan_for_another_market_is_refused(workplace: Workplace) -> None:
    """A price that is not on the ladder cannot be posted."""
    plan = plan_of(small_market())
    plan["products"][0]["path"] = [7, 7]
    told = refused(prices.simulate, {"market": small_market(), "plan": plan, "horizons": 2}, workplace)
    assert list(told) == ["plan.products[0].path"]


def test_bundled_records_are_learnt_from_and_flagged(workplace: Workplace) -> None:
    """Simulated records make simulated answers."""
    body = {"records": "echizen-workshops"}
    found = EstimationAnswer.model_validate_json(prices.estimate(json.dumps(body).encode(), None, Ear(), workplace))
    assert found.simulated
    assert found.method == "choices-by-segment"
    assert found.rows > 4_000
    backtest = body | {"folds": 1, "plan": plan_of(small_market()), "market": None}
    foretold = BacktestAnswer.model_validate_json(
        prices.backtest(json.dumps(backtest).encode(), None, Ear(), workplace)
    )
    assert foretold.simulated
    assert 0 < (foretold.coverage or 0) <= 1


def test_daily_sums_are_told_by_their_header(workplace: Workplace) -> None:
    """What the records cannot tell is null, as JSON knows no other word for it."""
    body = {"records": {"csv": sums(), "name": "店 2026.csv"}, "randomised": True}
    answer = prices.estimate(json.dumps(body).encode(), None, Ear(), workplace)
    assert b"NaN" not in answer
    found = EstimationAnswer.model_validate_json(answer)
    assert (found.source, found.rows, found.simulated, found.method) == ("店 2026.csv", 60, False, "sales")
    assert found.weekdays is not None
    assert len(found.weekdays) == 7


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ("date,price,quantity\nx,1000,3\n2026-01-02,-1,3\n", ["records.csv:2 date", "records.csv:3 price"]),
        ("date,amount\n2026-01-02,3\n", ["columns.price"]),
        ("\x00", ["lack a column"]),
        ("date,price,quantity\n9999-12-31,1000,3\n9999-12-30,900,4\n", ["nothing can be computed"]),
        (
            "date,price,quantity\n"
            + "".join(f"{year}-{month:02}-01,{year},3\n" for year in range(1000, 1800) for month in range(1, 13)),
            ["too large"],
        ),
    ],
)
def test_records_that_cannot_be_used_are_refused_with_their_lines(
    records: str, words: list[str], workplace: Workplace
) -> None:
    """Bad rows, missing columns, dates at the end of the calendar, more columns than memory."""
    with pytest.raises(InputError) as error:
        prices.estimate(json.dumps({"records": {"csv": records}}).encode(), None, Ear(), workplace)
    assert {problem.where for problem in error.value.problems} == {"records"}
    told = " ".join(problem.message.en for problem in error.value.problems)
    assert all(word in told for word in words), told


def test_problems_of_records_are_told_up_to_a_hundred(workplace: Workplace) -> None:
    """And that there are more."""
    csv = "date,price,quantity\n" + "x,1,1\n" * 500
    with pytest.raises(InputError) as error:
        prices.estimate(json.dumps({"records": {"csv": csv}}).encode(), None, Ear(), workplace)
    assert len(error.value.problems) == 101
    assert "400 more" in error.value.problems[-1].message.en


def test_figures_that_no_formula_bears_are_told_as_such() -> None:
    """Chances that vanish and sums beyond all numbers are somebody's input, not a fault of the program."""
    with pytest.raises(InputError) as refused, figures_told("market"):
        math.exp(1000)
    assert [problem.where for problem in refused.value.problems] == ["market"]
    with pytest.raises(RuntimeError), figures_told("market"):
        raise RuntimeError


def test_a_price_test_is_drawn_by_lot(workplace: Workplace) -> None:
    """Every date has one of two prices; the same seed draws the same."""
    body = {"market": small_market(), "product": "loom-19", "dates": _dates(8), "sales_per_date": 20, "seed": 3}
    payload = json.dumps(body).encode()
    found = PriceTestAnswer.model_validate_json(prices.plan_test(payload, None, Ear(), workplace))
    assert {price for _, price in found.assignment} == set(found.prices) == {1900, 2100}
    assert len(found.assignment) == 8
    assert prices.plan_test(payload, None, Ear(), workplace) == found.model_dump_json().encode()


def test_a_pass_is_priced(workplace: Workplace) -> None:
    """The bundled one is made up, and says so."""
    body = {"pass": "echizen-pass", "horizons": 2}
    found = PassPlan.model_validate_json(prices.price_pass(json.dumps(body).encode(), None, Ear(), workplace))
    assert found.simulated
    assert found.price is not None
    assert found.splits


def test_limits_are_those_of_the_page() -> None:
    """Whoever writes a client reads them there."""
    page = (Path(__file__).parents[3] / "docs" / "prices.md").read_text(encoding="utf-8")
    table = page.partition("## Over HTTP")[2].partition("## Time")[0]
    market = (model.MOST_PRODUCTS, model.MOST_CAPACITIES, model.MOST_SEGMENTS, model.MOST_RULES, model.MOST_PERIODS)
    told = ", ".join(f"{each:,}" for each in (*market, model.MOST_DAYS))
    work = (price_checks.MOST_CELLS, price_checks.MOST_PAIRS, price_checks.MOST_CUSTOMERS)
    limits = [told, *(f"{each:,}" for each in (*work, price_checks.MOST_RECORD_CELLS, price_requests.MOST_HORIZONS))]
    assert [limit for limit in limits if f"| {limit} |" not in table] == []


def test_kinds_of_price_jobs_are_known() -> None:
    """Workers find the functions by the names of the kinds."""
    named = {
        "price-plan": prices.plan,
        "price-simulation": prices.simulate,
        "price-backtest": prices.backtest,
        "price-estimate": prices.estimate,
        "price-test": prices.plan_test,
        "pass-price": prices.price_pass,
    }
    assert {kind: work_of(kind) for kind in named} == named


def _dates(count: int) -> list[str]:
    return [f"2027-01-{day:02}" for day in range(1, count + 1)]
