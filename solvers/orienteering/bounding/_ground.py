"""A trip problem laid out for its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solvers.orienteering.bounding._days import day_kinds
from solvers.orienteering.bounding._prices import Pricer, days_longest, grid_of
from solvers.orienteering.bounding._routes import Translator
from solvers.orienteering.bounding._rows import Rows

if TYPE_CHECKING:
    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.problem import TripProblem


@dataclass(frozen=True, slots=True)
class Ground:
    """
    Hold what all steps of a proof work on.

    Parameters
    ----------
    problem
        A valid problem.
    kinds
        Its kinds of day.
    rows
        The rules that join days.
    pricer
        Turns prices into priced days.
    translator
        Turns plans into day-routes and back.
    """

    problem: TripProblem
    kinds: tuple[DayKind, ...]
    rows: Rows
    pricer: Pricer
    translator: Translator


def lay_ground(problem: TripProblem) -> Ground | None:
    """Return the layout of a valid problem; None where its numbers are too large for exact sums."""
    kinds = day_kinds(problem)
    rows = Rows(problem, kinds)
    ticks = [int(problem.day_latest[kind.days[0]] - problem.day_earliest[kind.days[0]]) for kind in kinds]
    grid = grid_of(rows, days_longest(kinds, ticks))
    if grid < 1:
        return None
    return Ground(problem, kinds, rows, Pricer(rows, grid), Translator(kinds))
