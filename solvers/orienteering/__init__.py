"""Choosing and ordering visits: the team orienteering problem with time windows, extended to real trips."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
    from solvers.orienteering.evaluation import DaySchedule, Earned, Evaluation, Violation, evaluate
    from solvers.orienteering.infeasibility import find_contradictions, usable_options
    from solvers.orienteering.loading import load_search
    from solvers.orienteering.portfolio import SOLVERS, Solver, default_iterations, solve
    from solvers.orienteering.problem import (
        ANYWHERE,
        UNREACHABLE,
        Combinations,
        CountRules,
        Lodgings,
        Resources,
        Sets,
        TripProblem,
        TripSolution,
        Weights,
    )
    from solvers.orienteering.result import Conflict, Progress, SolveResult
    from solvers.orienteering.validation import validate

_HOMES = {
    "arrivals": ("ArrivalFunctions", "with_arrivals"),
    "evaluation": ("DaySchedule", "Earned", "Evaluation", "Violation", "evaluate"),
    "infeasibility": ("find_contradictions", "usable_options"),
    "loading": ("load_search",),
    "portfolio": ("SOLVERS", "Solver", "default_iterations", "solve"),
    "problem": (
        "ANYWHERE",
        "UNREACHABLE",
        "Combinations",
        "CountRules",
        "Lodgings",
        "Resources",
        "Sets",
        "TripProblem",
        "TripSolution",
        "Weights",
    ),
    "result": ("Conflict", "Progress", "SolveResult"),
    "validation": ("validate",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ANYWHERE",
    "SOLVERS",
    "UNREACHABLE",
    "ArrivalFunctions",
    "Combinations",
    "Conflict",
    "CountRules",
    "DaySchedule",
    "Earned",
    "Evaluation",
    "Lodgings",
    "Progress",
    "Resources",
    "Sets",
    "SolveResult",
    "Solver",
    "TripProblem",
    "TripSolution",
    "Violation",
    "Weights",
    "default_iterations",
    "evaluate",
    "find_contradictions",
    "load_search",
    "solve",
    "usable_options",
    "validate",
    "with_arrivals",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: numba and OR-Tools are heavy."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
