"""
Posted prices whose expected sales stay within capacity, as an integer program.

Binary ``y`` says what is posted; per segment and stretch of like periods ``u = 1 / (1 + sum of weights shown)`` and
``z = u * y``: ``u + sum of weight z = 1``, ``z <= u``, ``z <= y / (1 + weight)``, ``z >= u - (1 - y)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.revenue._linear import Program, solve_integer
from solvers.revenue._price_rules import rule_program
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue._linear import Outcome
    from solvers.revenue._rows import Rows
    from solvers.revenue.problem import ChoiceProblem

MOST_PAIRS: Final = 400
"""Pairs of a segment and an alternative, over all phases, up to which the program is built: more take minutes."""

_NODES: Final = 20_000
"""Limit on the search, in nodes rather than seconds, so that the outcome can be reproduced."""


@dataclass(slots=True, eq=False)
class _Matrix:
    """Collect the entries of a sparse matrix and the sides of its rows."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, entries: list[tuple[int, float]], lower: float, upper: float) -> None:
        """Add a row."""
        self.rows += [len(self.upper)] * len(entries)
        self.columns += [column for column, _ in entries]
        self.numbers += [number for _, number in entries]
        self.lower.append(lower)
        self.upper.append(upper)


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Hold customers of one segment in like periods of a phase: how many, and what they could buy."""

    phase: int
    segment: int
    customers: float
    alternatives: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class StaticOutcome:
    """
    Hold what the program found.

    Parameters
    ----------
    posted
        None where it found nothing.
    """

    posted: NDArray[np.int64] | None
    status: str
    bound: float


def solve_static(
    problem: ChoiceProblem, rows: Rows, phase_of: NDArray[np.int64], *, seconds: float | None
) -> StaticOutcome | None:
    """Solve the program; return None where it is too large to try."""
    stretches = _stretches(problem, rows, phase_of)
    if sum(len(stretch.alternatives) for stretch in stretches) > MOST_PAIRS:
        return None
    phase, alternative = np.nonzero(rows.may)
    scale = max(float(problem.price.max()) * float(problem.arrivals.sum()), 1e-9)
    program = _program(problem, rows, stretches, phase, alternative, scale)
    outcome = solve_integer(program, seconds=seconds, nodes=_NODES)
    return StaticOutcome(
        _posted(problem, rows, phase, alternative, outcome), outcome.status, max(0.0, outcome.bound * scale)
    )


def _posted(
    problem: ChoiceProblem,
    rows: Rows,
    phase: NDArray[np.int64],
    alternative: NDArray[np.int64],
    outcome: Outcome,
) -> NDArray[np.int64] | None:
    if outcome.values is None:
        return None
    posted = np.full(rows.may_close.shape, CLOSED)
    on = outcome.values[: len(phase)] > 0.5
    posted[phase[on], problem.product[alternative[on]]] = alternative[on]
    return posted


def _stretches(problem: ChoiceProblem, rows: Rows, phase_of: NDArray[np.int64]) -> list[_Stretch]:
    customers: dict[tuple[int, int, bytes], float] = {}
    for period, phase in enumerate(phase_of):
        on_sale = problem.on_sale[period, problem.product] if problem.on_sale.size else True
        for segment in np.flatnonzero(problem.arrivals[:, period] > 0):
            can = rows.may[phase] & (problem.attraction[segment] > 0) & on_sale
            key = (int(phase), int(segment), can.tobytes())
            customers[key] = customers.get(key, 0.0) + float(problem.arrivals[segment, period])
    return [
        _Stretch(phase, segment, number, np.flatnonzero(np.frombuffer(can, np.bool_)))
        for (phase, segment, can), number in customers.items()
    ]


def _program(
    problem: ChoiceProblem,
    rows: Rows,
    stretches: list[_Stretch],
    phase: NDArray[np.int64],
    alternative: NDArray[np.int64],
    scale: float,
) -> Program:
    from scipy.sparse import csr_matrix, hstack, vstack

    rules = rule_program(rows, phase, alternative, np.zeros(len(phase)))
    posted_column = np.full(rows.may.shape, -1)
    posted_column[phase, alternative] = np.arange(len(phase))
    matrix, column = _Matrix(), len(phase)
    objective = [0.0] * column
    taken: list[list[tuple[int, float]]] = [[] for _ in range(problem.resources)]
    for stretch in stretches:
        u, weights = column, problem.attraction[stretch.segment] / problem.no_purchase[stretch.segment]
        objective.append(0.0)
        total = [(u, 1.0)]
        by_product: dict[int, list[tuple[int, float]]] = {}
        for place, index in enumerate(stretch.alternatives):
            z, y, weight = u + 1 + place, int(posted_column[stretch.phase, index]), float(weights[index])
            product = int(problem.product[index])
            sold = stretch.customers * weight
            objective.append(sold * float(problem.price[index]) / scale)
            total.append((z, weight))
            by_product.setdefault(product, []).append((z, 1.0))
            matrix.add([(z, 1.0), (y, -1 / (1 + weight))], -np.inf, 0.0)
            matrix.add([(u, 1.0), (z, -1.0), (y, 1.0)], -np.inf, 1.0)
            for resource in np.flatnonzero(problem.use[:, product]):
                taken[resource].append((z, sold * float(problem.use[resource, product])))
        matrix.add(total, 1.0, 1.0)
        for prices in by_product.values():
            matrix.add([*prices, (u, -1.0)], -np.inf, 0.0)
        column += 1 + len(stretch.alternatives)
    for entries, capacity in zip(taken, problem.capacity, strict=True):
        size = max(float(capacity), 1.0)
        matrix.add([(z, number / size) for z, number in entries], -np.inf, float(capacity) / size)
    flow = csr_matrix((matrix.numbers, (matrix.rows, matrix.columns)), shape=(len(matrix.upper), column))
    padding = csr_matrix((rules.matrix.shape[0], column - len(phase)))
    whole = np.zeros(column, np.bool_)
    whole[: len(phase)] = True
    return Program(
        np.array(objective),
        vstack([hstack([rules.matrix, padding]), flow], format="csr"),
        np.concatenate([rules.lower, matrix.lower]),
        np.concatenate([rules.upper, matrix.upper]),
        np.zeros(column),
        np.ones(column),
        whole,
    )
