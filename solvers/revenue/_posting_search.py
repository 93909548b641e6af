"""Search for posted prices: ascend product by product, then shake a few and ascend again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.compiling import plain
from solvers.revenue._fluid import new_flow, overflow, refresh
from solvers.revenue._posting_kernel import (
    Posting,
    improve_pairs,
    improve_product,
    keep,
    set_path,
    take_back,
    try_path,
)
from solvers.revenue._rows import activity
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.revenue._fluid import Market
    from solvers.revenue._rows import Rows

ROUNDS = 8
"""Shakes where no limit is given."""

_SLIGHT = 1e-9
"""Least gain of another price, as a share of the revenue."""

_CLOSING = 1e-6
"""Least gain of closing a product: an open one is worth a rounding error."""

_WORK = 1.6e9
"""Changes times size of a market, some ten seconds: beyond it, prices of single phases stay as they are."""

_MOST_SHAKEN = 4
"""Products whose prices are drawn anew in a round."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """
    Hold the best posting of a search.

    Parameters
    ----------
    tried
        Changes of prices scored.
    """

    posted: NDArray[np.int64]
    revenue: float
    sold: NDArray[np.float64]
    overflow: float
    rounds: int
    tried: int


class Search:
    """
    Hold a posting and improve it; rules hold before and after every step.

    Parameters
    ----------
    start
        Shape ``(F, P)``: a posting that keeps the rules.
    """

    def __init__(self, market: Market, rows: Rows, start: NDArray[np.int64], seed: int) -> None:
        phases, products = start.shape
        self._market, self._rows = market, rows
        self._random = np.random.default_rng(seed)
        self._flow = new_flow(market)
        self._is_sold = _sold_in(market, phases)
        self._posting = Posting(
            posted=plain(start, np.int64),
            sums=activity(rows, start),
            is_sold=self._is_sold,
            chain=np.zeros((phases * products, 3), np.int64),
            touched=np.zeros((phases, products), np.bool_),
            queue=np.zeros(4 * len(rows.lower) + 64, np.int64),
            is_queued=np.zeros(len(rows.lower), np.bool_),
            first_phase=np.full(len(self._flow.total), phases, np.int64),
        )
        self._tried = np.zeros(1, np.int64)
        refresh(market, self._flow, self._posting.posted)

    def run(self, rounds: int | None, is_over: Callable[[], bool], enough: float) -> Found:
        """
        Ascend, then shake and ascend again.

        Parameters
        ----------
        rounds
            Shakes; None for `ROUNDS`, or fewer where the market is so large that they would take long.
        is_over
            Whether to stop; asked after each product.
        enough
            Score at which to stop: no posting earns more.
        """
        everything = np.arange(len(self._market.part))
        self._ascend(everything, False, is_over)
        if len(self._posting.posted) > 1:
            self._ascend(everything, True, is_over, self._affordable())
            self._pair(everything, is_over, self._affordable())
            self._ascend(everything, True, is_over, self._affordable())
        done, most = 0, ROUNDS if rounds is None else rounds
        while done < most and self._score() < enough and not is_over():
            if rounds is None and self._tried[0] >= self._affordable():
                break
            self._round(is_over)
            done += 1
        self._tidy()
        refresh(self._market, self._flow, self._posting.posted)
        return Found(
            posted=self._posting.posted.copy(),
            revenue=float(self._flow.sold @ self._market.price),
            sold=self._flow.sold.copy(),
            overflow=overflow(self._market, self._flow) if self._market.forbids else 0.0,
            rounds=done,
            tried=int(self._tried[0]),
        )

    def _score(self) -> float:
        return float(self._flow.total.sum())

    def _affordable(self) -> float:
        """Return how many changes may be scored, by size rather than by the clock: the same on every machine."""
        periods, products = self._market.on_sale.shape
        return float(_WORK) / float(periods * (len(self._market.seen) + 3 * products + len(self._market.capacity)))

    def _ascend(
        self, products: NDArray[np.int64], by_phase: bool, is_over: Callable[[], bool], most: float = float("inf")
    ) -> None:
        is_better = True
        while is_better and not is_over():
            before = self._score()
            scale = abs(before) + 1.0
            for product in products:
                improve_product(
                    self._market,
                    self._flow,
                    self._rows,
                    self._posting,
                    product,
                    by_phase,
                    _SLIGHT * scale,
                    _CLOSING * scale,
                    self._tried,
                )
                if is_over() or self._tried[0] >= most:
                    return
            is_better = self._score() > before + 1e-7 * scale

    def _pair(self, products: NDArray[np.int64], is_over: Callable[[], bool], most: float) -> None:
        """Change prices of two phases together; once only: after every shake it takes four times as long for 0.05 %."""
        scale = abs(self._score()) + 1.0
        for product in products:
            if is_over() or self._tried[0] >= most:
                return
            improve_pairs(
                self._market,
                self._flow,
                self._rows,
                self._posting,
                product,
                _SLIGHT * scale,
                _CLOSING * scale,
                self._tried,
            )

    def _round(self, is_over: Callable[[], bool]) -> None:
        market, phases = self._market, len(self._posting.posted)
        part = self._random.choice(len(market.part))
        own = market.products[market.product_start[market.part[part]] : market.product_start[market.part[part] + 1]]
        shaken = self._random.choice(own, min(len(own), int(self._random.integers(1, _MOST_SHAKEN + 1))), replace=False)
        before, saved = self._score(), self._saved()
        for product in shaken:
            ladder = market.ladder[market.ladder_start[product] : market.ladder_start[product + 1]]
            first = 0 if phases == 1 or self._random.random() < 0.5 else int(self._random.integers(phases))
            rung = int(self._random.integers(len(ladder) + 1))
            alternative = CLOSED if rung == len(ladder) else int(ladder[rung])
            length = set_path(market, self._rows, self._posting, product, alternative, first, phases - 1, -1, -1)
            if length > 0:
                keep(market, self._flow, self._posting, length)
        near = self._random.choice(own, min(len(own), 2 * _MOST_SHAKEN), replace=False)
        self._ascend(np.unique(np.concatenate([shaken, near])), phases > 1, is_over)
        if self._score() < before:
            self._restore(saved)

    def _saved(self) -> list[NDArray[np.generic]]:
        return [array.copy() for array in self._kept()]

    def _kept(self) -> list[NDArray[np.generic]]:
        posting, flow = self._posting, self._flow
        return [posting.posted, posting.sums, flow.left, flow.earned, flow.total]

    def _restore(self, saved: list[NDArray[np.generic]]) -> None:
        for array, old in zip(self._kept(), saved, strict=True):
            np.copyto(array, old)

    def _tidy(self) -> None:
        """Open what is closed for nothing, and close what is not sold, where the rules allow."""
        market, posting, phases = self._market, self._posting, len(self._posting.posted)
        loss = -_SLIGHT * (abs(self._score()) + 1.0)
        for phase, product in np.argwhere((posting.posted == CLOSED) & self._is_sold):
            # From the highest price down: it takes least from the others.
            for position in range(market.ladder_start[product + 1] - 1, market.ladder_start[product] - 1, -1):
                alternative = market.ladder[position]
                if posting.posted[phase, product] == CLOSED:
                    try_path(market, self._flow, self._rows, posting, product, alternative, phase, phase, -1, -1, loss)
        self._is_sold[:] = True
        for phase, product in np.argwhere((posting.posted != CLOSED) & ~_sold_in(market, phases)):
            length = set_path(market, self._rows, posting, product, CLOSED, phase, phase, -1, -1)
            if length == 1:
                keep(market, self._flow, posting, length)
            elif length > 1:
                take_back(self._rows, posting, length)


def _sold_in(market: Market, phases: int) -> NDArray[np.bool_]:
    """Return in which phases each product is on sale at all, shape ``(F, P)``."""
    sold = [market.on_sale[market.phase_start[f] : market.phase_start[f + 1]].any(axis=0) for f in range(phases)]
    return np.array(sold)
