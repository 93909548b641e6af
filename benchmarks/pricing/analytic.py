"""Cases with a closed form: exponential demand over time, and one price for all without capacity."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.pricing.section import Given, Section
from benchmarks.report import markdown_table
from benchmarks.timing import timed
from solvers.revenue.choice_decomposition import live_values, offer_at
from solvers.revenue.problem import ChoiceProblem
from solvers.revenue.single_resource import exponential_prices, exponential_values, ladder_values

TITLE: Final = "Closed forms"
RATE: Final = 20.0
UNITS: Final = 10
KNOWN: Final = 7.22310664
"""Gallego & van Ryzin's J at rate 20, ten units, one unit of time."""

TOLERANCE: Final = 1e-6
TIMES: Final = (1.0, 0.75, 0.5, 0.25, 0.1)


def run(given: Given) -> Section:
    """Compare numerical values with closed ones."""
    closed = float(exponential_values(rate=RATE, sensitivity=1.0, units=UNITS, duration=1.0)[UNITS])
    price = np.linspace(0.8, 4.8, 2_001 if given.is_quick else 8_001)
    took = timed(lambda: ladder_values(price=price, rate=RATE * np.exp(-price), units=UNITS, duration=1.0, steps=200))
    numerical = float(took.answer[0, UNITS])
    found, expected, spacing = _common_margin()
    return Section(
        TITLE,
        {
            "closed": closed,
            "numerical": numerical,
            "seconds": round(took.seconds, 3),
            "prices": exponential_prices(rate=RATE, sensitivity=1.0, units=UNITS, duration=np.array(TIMES)).tolist(),
            "times": list(TIMES),
            "common_margin": {"posted": found.tolist(), "closed": expected.tolist(), "ladder_step": spacing},
        },
        "\n\n".join([_values_table(closed, numerical, took.seconds), _price_table(), _margin_table(found, expected)]),
        {
            "closed form of Gallego & van Ryzin equals 7.22310664 to 1e-8": abs(closed - KNOWN) < 1e-8,
            "values on a ladder equal the closed form to 1e-6 of it": abs(numerical / closed - 1) < TOLERANCE,
            "prices without capacity are those of Lambert's W, to half a step of the ladder": bool(
                (np.abs(found - expected) <= spacing / 2 * (1 + 1e-6)).all()
            ),
        },
    )


def _common_margin() -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return live prices of three products with room for everybody, the best ones in closed form, and the spacing."""
    from scipy.special import lambertw

    cost, liking, sensitivity = np.array([300.0, 500.0, 0.0]), np.array([1.0, 2.0, 0.4]), 0.004
    ladder = np.arange(0.0, 2_000.0, 2.0)
    product = np.repeat(np.arange(3), len(ladder))
    margin = np.tile(ladder, 3)
    problem = ChoiceProblem(
        product=product,
        price=margin,
        use=np.eye(3),
        capacity=np.full(3, 200.0),
        arrivals=np.array([[30.0]]),
        attraction=np.exp(liking[product] - sensitivity * (margin + cost[product]))[None],
        no_purchase=np.ones(1),
    )
    posted = offer_at(problem, live_values(problem), at=0.0, left=np.full(3, 200))
    weight = np.exp(liking - sensitivity * cost - 1.0).sum()
    best = cost + (1.0 + lambertw(weight).real) / sensitivity
    return margin[posted] + cost, best, 2.0


def _values_table(closed: float, numerical: float, seconds: float) -> str:
    rows = [
        ["closed form", f"{closed:.8f}", ""],
        ["ladder, Runge-Kutta", f"{numerical:.8f}", f"{seconds:.2f}"],
        ["published", f"{KNOWN:.8f}", ""],
    ]
    return markdown_table(["Gallego & van Ryzin, a = 20, n = 10, t = 1", "J", "s"], rows)


def _price_table() -> str:
    prices = exponential_prices(rate=RATE, sensitivity=1.0, units=UNITS, duration=np.array(TIMES))
    rows = [[f"{left}", *(f"{price:.4f}" for price in prices[:, left - 1])] for left in (1, 2, 3, 5, 10)]
    return markdown_table(["units left", *(f"t = {time:g}" for time in TIMES)], rows)


def _margin_table(found: NDArray[np.float64], expected: NDArray[np.float64]) -> str:
    rows = [
        [f"{number}", f"{posted:.0f}", f"{best:.2f}"]
        for number, (posted, best) in enumerate(zip(found, expected, strict=True))
    ]
    return markdown_table(["product, room for all", "posted", "cost + (1 + W) / sensitivity"], rows)
