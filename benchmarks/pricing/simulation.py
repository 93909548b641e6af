"""Booking horizons of the bundled simulated workshops: how fast they are played, and what four policies earn."""

from __future__ import annotations

from typing import Final

from benchmarks.pricing.section import Given, Section
from benchmarks.report import markdown_table
from benchmarks.timing import timed
from pricing.plan import plan_prices
from pricing.policies import POLICY_WORDS
from pricing.proposal import Comparison, Interval
from pricing.simulation import compare
from pricing.workshops import load_workshops

TITLE: Final = "Booking simulation"
HORIZONS: Final = 1000
MOST_SECONDS: Final = 5.0


def run(given: Given) -> Section:
    """Plan the bundled market, and play its horizons under every policy."""
    market = load_workshops()
    horizons = 100 if given.is_quick else HORIZONS
    plan = plan_prices(market, seed=given.seed, with_rule_costs=False)
    # The first call compiles.
    compare(market, plan, horizons=2, seed=given.seed)
    took = timed(lambda: compare(market, plan, horizons=horizons, seed=given.seed))
    stated = took.answer
    drawn = compare(market, plan, horizons=horizons, seed=given.seed, demand="drawn-from-ranges")
    means = {outcome.policy: outcome.revenue_yen for outcome in stated.outcomes}
    live = next(outcome.more_than_today for outcome in stated.outcomes if outcome.policy == "dynamic")
    assert live is not None
    return Section(
        TITLE,
        {
            "products": len(market.products),
            "horizons": horizons,
            "seconds": round(took.seconds, 3),
            "bound_yen": round(plan.bound_yen),
            "as-stated": _figures(stated),
            "drawn-from-ranges": _figures(drawn),
        },
        "\n\n".join(
            [
                f"{horizons} horizons of {len(market.products)} products under four policies in {took.seconds:.2f} s; "
                f"no prices under the rules earn more than ¥{plan.bound_yen:,.0f} in expectation. The market is "
                "simulated: the figures show the method, not Echizen.",
                _table("Demand as stated", stated),
                _table("Sensitivities drawn from their ranges in every horizon", drawn),
            ]
        ),
        {
            f"{horizons} horizons x {len(market.products)} products x 4 policies in at most {MOST_SECONDS:g} s": (
                took.seconds <= MOST_SECONDS
            ),
            "no policy that keeps the rules exceeds the bound beyond its interval": all(
                means[name].low <= plan.bound_yen for name in ("static", "dynamic", "rule-based")
            ),
            "live prices earn more than today's, beyond the interval": live.low > 0,
        },
    )


def _figures(comparison: Comparison) -> dict[str, object]:
    return {
        outcome.policy: {
            "revenue_yen": outcome.revenue_yen.model_dump(),
            "more_than_today": None if outcome.more_than_today is None else outcome.more_than_today.model_dump(),
            "sales": outcome.sales.model_dump(),
            "mean_occupancy": sum(outcome.occupancy.values()) / len(outcome.occupancy),
        }
        for outcome in comparison.outcomes
    }


def _table(title: str, comparison: Comparison) -> str:
    rows = [
        [
            f"{outcome.policy}: {POLICY_WORDS[outcome.policy].en}",
            _yen(outcome.revenue_yen),
            "" if outcome.more_than_today is None else _yen(outcome.more_than_today),
            f"{outcome.sales.mean:.1f}",
            f"{100 * sum(outcome.occupancy.values()) / len(outcome.occupancy):.0f} %",
        ]
        for outcome in comparison.outcomes
    ]
    head = ["policy", "revenue (95 % interval)", "more than today (paired)", "sales", "seats used"]
    return f"{title}:\n\n{markdown_table(head, rows)}"


def _yen(interval: Interval) -> str:
    return f"¥{interval.mean:,.0f} (¥{interval.low:,.0f} to ¥{interval.high:,.0f})"
