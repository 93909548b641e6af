"""Prices that make the bound low, found by walking down along cheap estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._beam import beam
from solvers.orienteering.bounding._ng_sets import cycles
from solvers.orienteering.bounding._routes import traced
from solvers.orienteering.bounding._rows import DayRoute

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._ground import Ground
    from solvers.orienteering.bounding._ledger import Ledger
    from solvers.orienteering.bounding._memories import Memories
    from solvers.orienteering.bounding._prices import Prices

_FEW: Final = 1
"""Labels kept at a place in a slice of the day."""

_PATIENCE: Final = 4
"""Rounds without a better estimate after which steps become shorter."""

_SHORTER: Final = 1.6
"""How much shorter."""

_SMALLEST_AIM: Final = 1e-3
"""Least distance from estimate to plan that a step aims at, as a share of the plan."""


class Descent:
    """
    Walk down the dual of a trip of one day, with Polyak's steps towards the best plan (Polyak 1969).

    The estimates come from a beam, which may miss the best route: they are no bounds.

    Parameters
    ----------
    ground, ledger
        The problem and its books, which must know a plan.
    memories
        What labels remember; it grows along the cycles of the routes met. It may be exchanged between walks.
    """

    def __init__(self, ground: Ground, ledger: Ledger, memories: Memories) -> None:
        self._ground = ground
        self._ledger = ledger
        self.memories = memories
        rows = ground.rows.rows
        self._limits = np.array([row.limit for row in rows], np.float64)
        self._lowest = np.array([0.0 if row.sense == "<=" else -np.inf for row in rows])
        self._highest = np.array([0.0 if row.sense == ">=" else np.inf for row in rows])
        self._extras = np.zeros((len(ground.rows.extras), len(rows)))
        for number, row in enumerate(rows):
            for extra, entry in row.extras.items():
                self._extras[extra, number] = entry
        self._worth = np.array([extra.value for extra in ground.rows.extras], np.float64)
        self._most = np.array([extra.most for extra in ground.rows.extras], np.float64)
        self._table = np.full((ground.kinds[0].options.size, 1), _labels.BOUNDLESS, np.int64)
        self._prices = np.zeros(len(rows))
        self._offered: set[tuple[int, ...]] = set()

    @property
    def prices(self) -> Prices:
        """Return the best prices so far."""
        return self._ground.pricer.prices(self._prices.tolist())

    def walk(self, rounds: int, growing: range, most: int) -> float:
        """
        Go so many steps.

        Parameters
        ----------
        rounds
            Steps.
        growing
            Steps in which memories grow.
        most
            Groups that may be remembered at one option.

        Returns
        -------
        estimate
            About what the bound would be under the best prices; infinite when there was no time for a step.
        """
        here, best, length, waited = self._prices.copy(), np.inf, 1.0, 0
        for step in range(rounds):
            if self._ledger.left <= 0 or self._ledger.is_closed:
                break
            value, route = self._estimate(here)
            added = self.memories.grow([route.visits], most) if step in growing else 0
            if value < best or added:
                # With more to remember, earlier estimates are too high to compare with.
                best, self._prices, waited = value, here, 0
            else:
                waited += 1
                if waited == _PATIENCE:
                    length, waited, here = length / _SHORTER, 0, self._prices
                    continue
            slope = self._slope(here, route)
            steepness = float(slope @ slope)
            if steepness == 0:
                break
            objective = float(self._ledger.objective or 0)
            aim = max(value - objective, _SMALLEST_AIM * abs(objective))
            here = np.clip(here - length * aim / steepness * slope, self._lowest, self._highest)
        return best

    def _estimate(self, duals: NDArray[np.float64]) -> tuple[float, DayRoute]:
        """Return about what the bound would be under prices, and a route that would give it."""
        pricer = self._ground.pricer
        prices = pricer.prices(duals.tolist())
        day = pricer.day(0, prices, self.memories.masks(), self.memories.meters)
        labels = beam(day, self._table, _labels.WORST, _FEW, self._ledger.stop)
        empty = pricer.empty(0, prices)
        best, route = _labels.WORST, DayRoute(0, 0, 0, ())
        if labels.option.size and labels.best > _labels.WORST:
            best, route = labels.best, traced(0, labels, int(np.argmax(labels.total)))
        if empty is not None and empty[0] > best:
            best, route = empty[0], DayRoute(0, empty[1], empty[2], ())
        self._offer(route)
        return (pricer.constant(prices) + best) / pricer.grid, route

    def _offer(self, route: DayRoute) -> None:
        """Offer a route as a plan where it is one."""
        if route.visits not in self._offered and not cycles(self._ground.kinds[0], route.visits):
            self._offered.add(route.visits)
            self._ledger.offer(self._ground.translator.plan([route]))

    def _slope(self, duals: NDArray[np.float64], route: DayRoute) -> NDArray[np.float64]:
        """Return how the bound changes with each price where it is free to move."""
        slope = self._limits.copy()
        for row, use in self._ground.rows.coefficients(route).items():
            slope[row] -= use
        gains = self._worth - self._extras @ duals
        slope -= (self._most * (gains > 0)) @ self._extras
        slope[(duals <= self._lowest) & (slope > 0)] = 0
        slope[(duals >= self._highest) & (slope < 0)] = 0
        return slope
