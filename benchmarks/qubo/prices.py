"""Prices of the bundled workshops under many a demand, chosen by the default sampler."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.qubo.answered import LIMIT_S, PROMISED, SAMPLER, is_promise_kept, summary, summary_table
from benchmarks.qubo.section import Given
from benchmarks.sections import Section
from pricing.model import Market, Segment
from pricing.packing import pack_prices
from pricing.workshops import load_workshops
from solvers.qubo.result import PackingResult
from solvers.qubo.sampling import solve_by_sampling

MARKETS: Final = 100
QUICK_MARKETS: Final = 3
PROOF_EFFORT: Final = 10.0
"""For the optimum of a packing problem, in about seconds; not counted as the sampler's."""

BUSY: Final = (0.4, 2.0)
"""Least and most customers of a segment and period, as a share of the bundled market's."""

MOVED: Final = (0.7, 1.4)
"""Least and most sensitivity to prices, as a share of the bundled market's."""

APPEAL: Final = 0.3
"""Standard deviation of what is added to each appeal."""


def run(given: Given) -> Section:
    """Choose prices in variations of the market; one whose base no price can improve counts as no problem."""
    rng = np.random.default_rng(given.seed)
    market = load_workshops()
    answers: list[PackingResult] = []
    while len(answers) < (QUICK_MARKETS if given.is_quick else MARKETS):
        packed = pack_prices(varied(market, rng))
        if packed.problem.items:
            answers.append(
                solve_by_sampling(
                    packed.problem,
                    sampler=SAMPLER,
                    reads=given.reads,
                    seed=given.seed,
                    is_allowed=packed.task.keeps_rules,
                    proof_effort=PROOF_EFFORT,
                )
            )
    figures = summary(answers)
    return Section(
        f"Real price plans: {len(answers)} variations of the bundled workshops",
        figures,
        summary_table(figures),
        {f"{PROMISED:.0%} of proven optima reached within {LIMIT_S:g} s": is_promise_kept(figures)},
    )


def varied(market: Market, rng: np.random.Generator) -> Market:
    """Return a market with other customers: how many come when, how prices move them, what they like."""
    return market.model_copy(update={"segments": tuple(_varied(segment, rng) for segment in market.segments)})


def _varied(segment: Segment, rng: np.random.Generator) -> Segment:
    busy = rng.uniform(*BUSY, len(segment.arrivals))
    return segment.model_copy(
        update={
            "arrivals": tuple((busy * segment.arrivals).tolist()),
            "sensitivity": segment.sensitivity * float(rng.uniform(*MOVED)),
            "sensitivity_range": None,
            "appeal": {product: liked + float(rng.normal(0, APPEAL)) for product, liked in segment.appeal.items()},
        }
    )
