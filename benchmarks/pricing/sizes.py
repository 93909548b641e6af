"""Time of bounds and proposals in made-up markets of two sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.pricing.section import Given, Section
from benchmarks.timing import timed
from solvers.revenue.posted_prices import posted_prices
from solvers.revenue.problem import ChoiceProblem
from solvers.revenue.sales_based import sales_based

if TYPE_CHECKING:
    from solvers.revenue._linear import LinearSolver

_SOLVERS: tuple[LinearSolver, ...] = ("glop", "pdlp", "highs-ipm", "highs-simplex")


_LIMIT_S = 20.0
"""For each solver of the sales-based program; its bound is valid wherever it stops."""


@dataclass(frozen=True, slots=True)
class Size:
    """
    Hold how large a market is.

    Parameters
    ----------
    seen
        Products that each segment considers.
    limit_s
        Seconds within which bound and proposal are promised.
    """

    name: str
    products: int
    levels: int
    segments: int
    periods: int
    seen: int
    limit_s: float


SMALL = Size("40 products x 6 prices x 5 segments x 5 periods", 40, 6, 5, 5, 40, 1.0)
LARGE = Size("200 x 8 x 20 x 30, each segment sees 20 products", 200, 8, 20, 30, 20, 60.0)


def made_up_market(size: Size, seed: int) -> ChoiceProblem:
    """
    Return a market in which some 1.2 customers come for each unit.

    Every product has a capacity of its own, a ladder from 60 % to 160 % of its usual price, and an appeal per segment;
    segments differ in how prices move them.
    """
    draw = np.random.default_rng(seed)
    product = np.repeat(np.arange(size.products), size.levels)
    usual = draw.integers(10, 40, size.products) * 100.0
    price = (usual[:, None] * np.linspace(0.6, 1.6, size.levels)).round(-2).ravel()
    attraction = np.zeros((size.segments, len(product)))
    for segment in range(size.segments):
        seen = draw.permutation(size.products)[: size.seen]
        sensitivity = draw.uniform(0.5, 3.0)
        appeal = draw.normal(0, 1, size.products) + sensitivity * usual / 1000 * 1.2
        is_seen = np.isin(product, seen)
        attraction[segment, is_seen] = np.exp(appeal[product] - sensitivity * price / 1000)[is_seen]
    arrivals = draw.uniform(0.5, 1.5, (size.segments, size.periods))
    return ChoiceProblem(
        product=product,
        price=price,
        use=np.eye(size.products),
        capacity=draw.integers(5, 15, size.products).astype(np.float64),
        arrivals=arrivals * 12.0 * size.products / arrivals.sum(),
        attraction=attraction,
        no_purchase=np.full(size.segments, size.seen / 6),
    )


def run(given: Given) -> Section:
    """Measure the small size, and the large one unless a quick run is asked for."""
    rows = [_measure(size, given.seed) for size in ((SMALL,) if given.is_quick else (SMALL, LARGE))]
    head = (
        "| market | solver of the sales-based program: seconds | bound, yen | proposal, yen | gap |"
        " bound and proposal, s |\n|---|---|--:|--:|--:|--:|\n"
    )
    table = head + "\n".join(
        f"| {row['market']} | {', '.join(f'{name} {time:.2f}' for name, time in row['solver_seconds'].items())} |"
        f" {row['bound']:,.0f} | {row['revenue']:,.0f} | {row['gap']:.1%} | {row['seconds']:.2f} |"
        for row in rows
    )
    met = {f"{row['market']}: bound and proposal within {row['limit_s']:g} s": row["is_in_time"] for row in rows}
    return Section("Sizes: made-up markets", {"markets": rows}, table, met)


def _measure(size: Size, seed: int) -> dict[str, Any]:
    problem = made_up_market(size, seed)
    # Loaded and compiled beforehand: a service is warm.
    posted_prices(made_up_market(Size("warm", 4, 2, 2, 2, 4, 1.0), seed), iterations=1)
    relaxed = {name: timed(lambda name=name: sales_based(problem, solver=name, seconds=_LIMIT_S)) for name in _SOLVERS}  # type: ignore[misc]
    proposal = timed(lambda: posted_prices(problem, seed=seed))
    return {
        "market": size.name,
        "limit_s": size.limit_s,
        "solver_seconds": {name: result.seconds for name, result in relaxed.items()},
        "solver_bounds": {name: result.answer.bound for name, result in relaxed.items()},
        "bound": proposal.answer.bound,
        "revenue": proposal.answer.revenue,
        "gap": proposal.answer.gap,
        "seconds": proposal.seconds,
        "cpu_seconds": proposal.cpu_seconds,
        "is_in_time": proposal.seconds <= size.limit_s,
    }
