"""What-if curves with a band, elasticities and best prices with an interval, from segments and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._intervals import drawn_interval
from pricing._sensitivities import sensitivity_at
from pricing._words import reason
from pricing.estimation.results import Estimate
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pricing.model import Segment
    from pricing.proposal import Interval, Reason

GRID: Final = 240
"""Prices tried between the lowest and the highest before the best of them is refined."""


@dataclass(frozen=True, slots=True, eq=False)
class DemandCurve:
    """
    Hold expected sales at each price, with a band.

    Parameters
    ----------
    prices
        In yen.
    mean, low, high
        Expected sales over all periods: at the segments' own sensitivities, and between which 95 % of the draws lie.
    remarks
        What the band leaves out.
    """

    product: str
    prices: tuple[int, ...]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    draws: int
    seed: int
    remarks: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class BestPrice:
    """
    Hold the price that would earn most from a product by itself, in yen, as an interval.

    Parameters
    ----------
    price
        At the segments' own sensitivities, and between which 95 % of the draws lie.
    at_edge
        Share of draws whose best price is the lowest or the highest allowed.
    """

    product: str
    price: Interval
    at_edge: float
    draws: int
    seed: int
    remarks: tuple[Reason, ...]


def demand_curve(
    segments: Sequence[Segment],
    product: str,
    prices: Sequence[int],
    *,
    others: Mapping[str, int] | None = None,
    reference: int | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> DemandCurve:
    """
    Return expected sales of a product at each price, without limits of capacity.

    Parameters
    ----------
    others
        Prices of the other products on sale; only those named take customers away.
    reference
        Price at which sales are known (that of the records, today's): the band is narrow there. If left out, the band
        is as if appeals at no price were known.
    draws
        Sensitivities drawn from the ranges of the segments (normal, cut above 0).

    Raises
    ------
    InputError
        If no customers consider the product, or a price is negative.
    """
    _check(segments, product, prices, draws)
    worlds = _Worlds(segments, product, dict(others or {}), reference, draws, seed)
    sales = worlds.sales(np.asarray(prices, np.float64))
    low, high = np.quantile(sales[1:], (0.025, 0.975), axis=0)
    return DemandCurve(
        product,
        tuple(prices),
        sales[0],
        np.minimum(low, sales[0]),
        np.maximum(high, sales[0]),
        draws,
        seed,
        _remarks(segments),
    )


def elasticity_at(
    segments: Sequence[Segment],
    product: str,
    price: int,
    *,
    others: Mapping[str, int] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """
    Return by how many percent expected sales change per percent of the price, sales at the price being known.

    Raises
    ------
    InputError
        If no customers consider the product, the price is negative, or nobody at all buys at it.
    """
    _check(segments, product, [price], draws)
    worlds = _Worlds(segments, product, dict(others or {}), price, draws, seed)
    step = 1e-4
    around = worlds.sales(price * np.exp(np.array([-step, step])))
    if not (around > 0).all():
        message = Text(
            ja=f"{price:,} 円では一件も売れない見込みのため、弾力性がありません",
            en=f"nobody buys at ¥{price:,}: sales of 0 have no elasticity",
        )
        raise InputError([Problem("price", price, message)])
    slopes = np.diff(np.log(around), axis=1)[:, 0] / (2 * step)
    found = drawn_interval(slopes)
    return Estimate(product, found.mean, float(slopes[1:].std(ddof=1)), found.low, found.high)


def optimal_price_interval(
    segments: Sequence[Segment],
    product: str,
    *,
    lowest: int,
    highest: int,
    cost: int = 0,
    others: Mapping[str, int] | None = None,
    reference: int | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> BestPrice:
    """
    Return the price that earns most from a product by itself, as an interval: capacity and rules are the plan's affair.

    Parameters
    ----------
    lowest, highest
        Prices between which it is sought.
    cost
        Of one more sale.

    Raises
    ------
    InputError
        If no customers consider the product, or the range of prices makes no sense.
    """
    _check(segments, product, [lowest, highest], draws)
    if lowest >= highest:
        message = Text(ja=f"{highest} より低い必要があります: {lowest}", en=f"must be below {highest}: {lowest}")
        raise InputError([Problem("lowest", lowest, message)])
    worlds = _Worlds(segments, product, dict(others or {}), reference, draws, seed)
    grid = np.linspace(lowest, highest, GRID + 1)
    earned = worlds.sales(grid) * (grid - cost)
    best = earned.argmax(axis=1)
    found = _refined(grid, earned, best)
    at_edge = float(np.isin(best[1:], (0, GRID)).mean())
    remarks = _remarks(segments)
    if at_edge > 0.025:
        remarks += (
            reason(
                "BEST_PRICE_AT_EDGE",
                ja=f"標本の {at_edge:.0%} で最適料金が範囲の端({lowest:,} か {highest:,})になり、区間が切れています",
                en=f"in {at_edge:.0%} of draws the best price lies at an end of the range, {lowest:,} or {highest:,}, "
                "where the interval is cut off",
            ),
        )
    return BestPrice(product, drawn_interval(found), at_edge, draws, seed, remarks)


class _Worlds:
    """The segments as they are stated (first), and as they may be (draws)."""

    def __init__(
        self,
        segments: Sequence[Segment],
        product: str,
        others: dict[str, int],
        reference: int | None,
        draws: int,
        seed: int,
    ) -> None:
        self.segments = [segment for segment in segments if product in segment.appeal]
        self.product = product
        self.others = others
        self.reference = reference
        generator = np.random.default_rng(seed)
        # A score of 0 stands for what is stated.
        scores = [np.append(0.0, generator.normal(size=draws)) for _ in self.segments]
        self.sensitivity = np.stack([sensitivity_at(*each) for each in zip(self.segments, scores, strict=True)], axis=1)

    def sales(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return expected sales, shape ``(1 + draws, prices)``."""
        total = np.zeros((len(self.sensitivity), len(prices)))
        for place, segment in enumerate(self.segments):
            beta = self.sensitivity[:, place, None] / 1000
            # Where sales are known at a price, a stronger sensitivity goes with a higher appeal at no price.
            known = segment.sensitivity / 1000 - beta
            pivot = 0.0 if self.reference is None else -self.reference * known
            own = np.exp(segment.appeal[self.product] + pivot - beta * prices)
            rival = np.ones((len(beta), 1))
            for other, price in self.others.items():
                if other in segment.appeal and other != self.product:
                    held = 0.0 if self.reference is None else -price * known
                    rival = rival + np.exp(segment.appeal[other] + held - beta * price)
            total += sum(segment.arrivals) * own / (rival + own)
        return total


def _refined(grid: NDArray[np.float64], earned: NDArray[np.float64], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the top of the parabola through the best price and its neighbours, shape ``(rows,)``."""
    inside = (best > 0) & (best < GRID)
    rows, step = np.flatnonzero(inside), grid[1] - grid[0]
    found = grid[best].copy()
    left, middle, right = (earned[rows, best[rows] + side] for side in (-1, 0, 1))
    curve = left - 2 * middle + right
    bent = curve < 0
    shift = np.divide(left - right, 2 * curve, out=np.zeros(len(rows)), where=bent)
    found[rows] += step * shift
    return found


def _remarks(segments: Sequence[Segment]) -> tuple[Reason, ...]:
    unsure = [segment.id for segment in segments if segment.sensitivity_range is None]
    remarks: list[Reason] = []
    if unsure:
        listed = ", ".join(unsure)
        remarks.append(
            reason(
                "NO_RANGE",
                ja=f"感度の範囲が分からない客層があり、帯はその不確かさを含みません: {listed}",
                en=f"nobody said how sure the sensitivity of these is, so the band leaves that out: {listed}",
            )
        )
    stated = [segment.id for segment in segments if segment.source != "estimated"]
    if stated:
        listed = ", ".join(stated)
        remarks.append(
            reason(
                "NOT_ESTIMATED",
                ja=f"記録から推定したものではありません: {listed}",
                en=f"stated or made up, not estimated from records: {listed}",
            )
        )
    return tuple(remarks)


def _check(segments: Sequence[Segment], product: str, prices: Sequence[int], draws: int) -> None:
    problems: list[Problem] = []
    if not any(product in segment.appeal and sum(segment.arrivals) > 0 for segment in segments):
        known = ", ".join(
            sorted({name for segment in segments if sum(segment.arrivals) > 0 for name in segment.appeal})
        )
        message = Text(
            ja=f"「{product}」を検討する客がいません。使えるもの: {known}",
            en=f"no customers consider {product!r}; there are: {known}",
        )
        problems.append(Problem("product", product, message))
    if not prices or min(prices) < 0:
        message = Text(ja="0 以上の料金が一つ以上必要です", en="needs at least one price, none below 0")
        problems.append(Problem("prices", list(prices), message))
    if draws < 100:
        message = Text(ja=f"100 以上が必要です: {draws}", en=f"must be at least 100: {draws}")
        problems.append(Problem("draws", draws, message))
    if problems:
        raise InputError(problems)
