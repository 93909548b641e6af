"""
Column generation: how long to show each set, with capacity shared by all blocks.

``max sum of revenue(S) * share(S)`` with ``sum of use(S) * share(S) <= capacity`` and shares of a block at most 1
in sum. At duals ``d`` of capacity, ``capacity @ d`` plus the most valuable set of each block is a bound, whatever ``d``
is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue._linear import Program, solve_linear
from solvers.revenue._oracle import Offer, exact_offer, quick_offer, thorough_offer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.revenue._blocks import Block
    from solvers.revenue.problem import ChoiceProblem

Progress = Callable[[int, float, float], None]
"""Told the round, the revenue so far and the bound."""

_LOST = 1e-10
"""Share of the bound below which a set is not worth adding."""

PROOFS = 8
"""Rounds of integer programs at most."""

WORK = 1e5
"""Nodes times variables of each integer program where no limit on time is given: some ten seconds."""


@dataclass(slots=True, eq=False)
class Plan:
    """
    Hold how long which set is shown.

    Parameters
    ----------
    offers
        Block, and positions within its alternatives.
    shares
        Part of the block's customers who see it.
    revenue, bound
        Of the shares, and of any.
    duals
        Of capacity, at which the bound was found.
    """

    offers: list[tuple[int, NDArray[np.int64]]] = field(default_factory=list)
    shares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    revenue: float = 0.0
    bound: float = np.inf
    duals: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    rounds: int = 0

    @property
    def gap(self) -> float:
        """Return how far the revenue is below the bound, as a share of it."""
        return (self.bound - self.revenue) / max(abs(self.bound), 1e-9)


def chances(block: Block, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the chance that a customer buys each shown alternative, shape ``(l, len(chosen))``."""
    shown = block.weight[:, chosen]
    return np.asarray(shown / (1 + shown.sum(axis=1, keepdims=True)))


def generate(
    problem: ChoiceProblem,
    blocks: Sequence[Block],
    *,
    seconds: float | None = None,
    rounds: int | None = None,
    tolerance: float = 1e-9,
    proofs: int = PROOFS,
    work: float = WORK,
    start: NDArray[np.float64] | None = None,
    on_progress: Progress | None = None,
) -> Plan:
    """
    Add the most valuable sets until none pays.

    Parameters
    ----------
    seconds, rounds
        Limits; None for none.
    tolerance
        Gap at which to stop, as a share of the bound.
    proofs, work
        Rounds of integer programs at most, once search finds nothing more in blocks of several segments; and nodes
        times variables of each program, where no limit on time is given.
    start
        Shape ``(R,)``: duals to begin with; zeros where None.
    """
    master = _Master(problem, blocks)
    until = None if seconds is None else time.perf_counter() + seconds
    plan = Plan(duals=np.zeros(problem.resources))
    duals = np.zeros(problem.resources) if start is None else np.maximum(start, 0.0)
    worths = np.zeros(len(blocks))
    is_last = False
    while not is_last:
        plan.rounds += 1
        found = [quick_offer(block, master.worth(block, duals)) for block in blocks]
        if plan.rounds > 1 and not master.has_news(_paying(found, worths, plan.bound)):
            found = [
                thorough_offer(block, master.worth(block, duals), offer)
                for block, offer in zip(blocks, found, strict=True)
            ]
            if proofs > 0 and not master.has_news(_paying(found, worths, plan.bound)):
                proofs -= 1
                found = _proven(blocks, found, master, duals, until, work, tolerance * plan.bound / len(blocks))
        _tighten(plan, float(problem.capacity @ duals) + sum(offer.at_most for offer in found), duals)
        added = sum(master.add(*pair) for pair in _paying(found, worths, plan.bound))
        plan.shares, plan.revenue, duals, worths = master.solve()
        if on_progress is not None:
            on_progress(plan.rounds, plan.revenue, plan.bound)
        is_last = (
            (added == 0 and plan.rounds > 1)
            or plan.gap <= tolerance
            or (rounds is not None and plan.rounds >= rounds)
            or (until is not None and time.perf_counter() >= until)
        )
    plan.offers = master.offers
    return plan


def price_bound(problem: ChoiceProblem, blocks: Sequence[Block], duals: NDArray[np.float64]) -> float:
    """Return the bound that any duals of capacity prove, without exact search of blocks of several segments."""
    prices = np.maximum(duals, 0.0)
    value = sum(quick_offer(block, worth_of(problem, block, prices)).at_most for block in blocks)
    return float(problem.capacity @ prices + value)


def worth_of(problem: ChoiceProblem, block: Block, duals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a sale brings beyond the worth of the capacity it takes."""
    alternatives = block.alternatives
    return np.asarray(problem.price[alternatives] - (duals @ problem.use)[problem.product[alternatives]])


def _paying(found: Sequence[Offer], worths: NDArray[np.float64], bound: float) -> list[tuple[int, NDArray[np.int64]]]:
    """Return the blocks and sets that bring more than what the block is worth so far."""
    least = _LOST * max(abs(bound), 1e-9) / len(found) if np.isfinite(bound) else 0.0
    return [
        (index, offer.chosen)
        for index, (offer, worth) in enumerate(zip(found, worths, strict=True))
        if offer.value > worth + least
    ]


def _proven(
    blocks: Sequence[Block],
    found: Sequence[Offer],
    master: _Master,
    duals: NDArray[np.float64],
    until: float | None,
    work: float,
    slack: float,
) -> list[Offer]:
    """Return the best set of each block, and what none exceeds, as far as time allows."""
    exact = []
    for block, offer in zip(blocks, found, strict=True):
        left = None if until is None else until - time.perf_counter()
        if left is not None and left <= 0:
            exact.append(offer)
            continue
        worth, most = master.worth(block, duals), work if left is None else None
        exact.append(exact_offer(block, worth, offer, slack=slack, seconds=left, work=most))
    return exact


def _tighten(plan: Plan, bound: float, duals: NDArray[np.float64]) -> None:
    if bound < plan.bound:
        plan.bound, plan.duals = float(bound), duals


class _Master:
    """The linear program over the sets found so far."""

    def __init__(self, problem: ChoiceProblem, blocks: Sequence[Block]) -> None:
        self.problem = problem
        self.blocks = blocks
        self.offers: list[tuple[int, NDArray[np.int64]]] = []
        self._known: set[tuple[int, bytes]] = set()
        self._revenue: list[float] = []
        self._rows: list[NDArray[np.int64]] = []
        self._numbers: list[NDArray[np.float64]] = []
        # Rows and objective near 1, whatever the units: solvers' tolerances are absolute.
        self._row_scale = np.maximum(problem.capacity, 1.0)
        top = float(problem.price.max(initial=0.0))
        self._scale = max(top * float(problem.arrivals.sum()), 1e-9)

    def worth(self, block: Block, duals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what a sale brings beyond the worth of the capacity it takes."""
        return worth_of(self.problem, block, duals)

    def is_new(self, index: int, chosen: NDArray[np.int64]) -> bool:
        """Return whether a set shows anything and is not there yet."""
        return len(chosen) > 0 and (index, chosen.tobytes()) not in self._known

    def has_news(self, pairs: Sequence[tuple[int, NDArray[np.int64]]]) -> bool:
        """Return whether any of some sets is new."""
        return any(self.is_new(*pair) for pair in pairs)

    def add(self, index: int, chosen: NDArray[np.int64]) -> int:
        """Add a set; return 0 where it is known."""
        if not self.is_new(index, chosen):
            return 0
        self._known.add((index, chosen.tobytes()))
        block = self.blocks[index]
        sales = block.arrivals @ chances(block, chosen)
        alternatives = block.alternatives[chosen]
        use = self.problem.use[:, self.problem.product[alternatives]] @ sales / self._row_scale
        rows = np.flatnonzero(use > 0)
        self.offers.append((index, chosen))
        self._revenue.append(float(self.problem.price[alternatives] @ sales))
        self._rows.append(np.append(rows, self.problem.resources + index))
        self._numbers.append(np.append(use[rows], 1.0))
        return 1

    def solve(self) -> tuple[NDArray[np.float64], float, NDArray[np.float64], NDArray[np.float64]]:
        """Return shares, revenue, duals of capacity and of blocks."""
        from scipy.sparse import csc_matrix

        count, resources = len(self.offers), self.problem.resources
        if count == 0:
            return np.zeros(0), 0.0, np.zeros(resources), np.zeros(len(self.blocks))
        pointer = np.concatenate([[0], np.cumsum([len(rows) for rows in self._rows])])
        shape = (resources + len(self.blocks), count)
        matrix = csc_matrix((np.concatenate(self._numbers), np.concatenate(self._rows), pointer), shape=shape)
        upper = np.concatenate([self.problem.capacity / self._row_scale, np.ones(len(self.blocks))])
        revenue = np.array(self._revenue)
        program = Program(
            revenue / self._scale,
            matrix.tocsr(),
            np.full(shape[0], -np.inf),
            upper,
            np.zeros(count),
            np.full(count, np.inf),
        )
        outcome = solve_linear(program, "glop")
        if outcome.values is None:  # pragma: no cover - showing nothing is always possible
            raise ArithmeticError("the linear program over shown sets was not solved")
        shares = np.clip(outcome.values, 0.0, 1.0)
        duals = np.maximum(outcome.duals, 0.0) * self._scale
        return shares, float(revenue @ shares), duals[:resources] / self._row_scale, duals[resources:]
