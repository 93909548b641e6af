"""The linear programme over day-routes, in GLOP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import ortools.linear_solver.pywraplp as pywraplp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._rows import DayRoute, Rows


class Master:
    """
    Choose shares of day-routes so that all rows hold, for the duals' sake.

    Each row and each kind of day may be broken at a price, so that there is always an answer. Its values are floating
    point and steer the search only; bounds come from `_prices`.

    Parameters
    ----------
    rows
        The rules.
    fine
        Price of breaking a rule, in objective units.
    unit
        Objective units that the programme counts as one, for its tolerances.
    """

    def __init__(self, rows: Rows, *, fine: int, unit: float) -> None:
        self._rows = rows
        self._unit = unit
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString("random_seed: 1")
        infinity = self._solver.infinity()
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        problem = rows.problem
        self._limits = []
        self._scale = []
        for row in rows.rows:
            scale = 1.0 / max([1, *map(abs, row.visits.values())])
            low = row.limit * scale if row.sense != "<=" else -infinity
            high = row.limit * scale if row.sense != ">=" else infinity
            self._limits.append(self._solver.Constraint(low, high))
            self._scale.append(scale)
        self._days = [self._solver.Constraint(len(kind.days), len(kind.days)) for kind in rows.kinds]
        self.routes: list[DayRoute] = []
        self._shares: list[pywraplp.Variable] = []
        worth = problem.lodgings.score - problem.weights.cost * problem.lodgings.cost
        nights = {int(night): self._solver.Constraint(1, 1) for night in np.unique(problem.lodgings.night)}
        for stay in range(problem.lodgings.night.size):
            variable = self._variable(float(worth[stay]), infinity)
            nights[int(problem.lodgings.night[stay])].SetCoefficient(variable, 1)
            self._enter(variable, {at: row.stays[stay] for at, row in enumerate(rows.rows) if stay in row.stays})
        for number, extra in enumerate(rows.extras):
            variable = self._variable(float(extra.value), float(extra.most))
            self._enter(variable, {at: row.extras[number] for at, row in enumerate(rows.rows) if number in row.extras})
        for at, row in enumerate(rows.rows):
            for sign in {"<=": (-1,), ">=": (1,), "=": (-1, 1)}[row.sense]:
                if not self._never_broken(at):
                    self._limits[at].SetCoefficient(self._variable(-float(fine), infinity), sign)
        for constraint in self._days:
            constraint.SetCoefficient(self._variable(-float(fine), infinity), 1)

    def _never_broken(self, at: int) -> bool:
        """Say whether the row holds when nothing is taken, or has a priced way out."""
        row = self._rows.rows[at]
        holds = (row.sense == "<=" and row.limit >= 0) or (row.sense == ">=" and row.limit <= 0)
        return holds or any(self._rows.extras[extra].value <= 0 for extra in row.extras)

    def _variable(self, value: float, most: float) -> pywraplp.Variable:
        variable = self._solver.NumVar(0, most, "")
        self._objective.SetCoefficient(variable, value / self._unit)
        return variable

    def _enter(self, variable: pywraplp.Variable, entries: dict[int, int]) -> None:
        for at, value in entries.items():
            self._limits[at].SetCoefficient(variable, value * self._scale[at])

    def add(self, route: DayRoute, value: int, entries: dict[int, int]) -> None:
        """Offer one more day-route."""
        variable = self._variable(float(value), self._solver.infinity())
        self._days[route.kind].SetCoefficient(variable, 1)
        self._enter(variable, entries)
        self.routes.append(route)
        self._shares.append(variable)

    def forbid(self, numbers: list[int]) -> None:
        """Take offered routes out again, by their position in ``routes``."""
        for number in numbers:
            self._shares[number].SetUb(0)

    def solve(self) -> bool:
        """Solve; False when GLOP gave up, after which nothing else may be asked."""
        return bool(self._solver.Solve() == pywraplp.Solver.OPTIMAL)

    def duals(self) -> NDArray[np.float64]:
        """Return the rows' duals in objective units."""
        return np.array(
            [limit.dual_value() * scale * self._unit for limit, scale in zip(self._limits, self._scale, strict=True)]
        )

    def day_duals(self) -> NDArray[np.float64]:
        """Return what one more day of each kind would be worth."""
        return np.array([constraint.dual_value() * self._unit for constraint in self._days])

    def shares(self) -> list[tuple[int, float]]:
        """Return the routes taken, by position, with their shares."""
        return [
            (number, share)
            for number, variable in enumerate(self._shares)
            if (share := variable.solution_value()) > 1e-7
        ]
