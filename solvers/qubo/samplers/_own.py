"""The samplers that Meguri brings, and how each is set where the caller says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from solvers.qubo.samplers._temperatures import beta_range

_SWEEPS: Final = 1000


Settings = Callable[[float, Mapping[str, Any]], Mapping[str, Any]]
"""Keywords of a sampler, from the typical scale of energies and the keywords that the caller gives."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    Describe a sampler before it is loaded.

    Parameters
    ----------
    make
        Return a new one.
    package, class_name
        Where its class comes from, and what it is called there: one handed in is known by them.
    settings
        Keywords for a typical scale of energies, next to those the caller gives.
    is_reproducible
        Whether the same seed gives the same reads.
    extra
        The extra of Meguri that brings it; None where Meguri always does.
    most_variables
        Largest model it takes.
    """

    make: Callable[[], Any]
    package: str
    class_name: str
    settings: Settings
    is_reproducible: bool = True
    extra: str | None = None
    most_variables: int | None = None


def _annealing() -> Any:
    from dwave.samplers import SimulatedAnnealingSampler

    return SimulatedAnnealingSampler()


def _tabu() -> Any:
    from dwave.samplers import TabuSampler

    return TabuSampler()


def _steepest_descent() -> Any:
    from dwave.samplers import SteepestDescentSampler

    return SteepestDescentSampler()


def _group_moves() -> Any:
    from solvers.qubo.samplers.group_moves import GroupMoveSampler

    return GroupMoveSampler()


def _exact() -> Any:
    from dimod import ExactSolver

    return ExactSolver()


def _random() -> Any:
    from dwave.samplers import RandomSampler

    return RandomSampler()


def _openjij_annealing() -> Any:
    from openjij import SASampler

    from solvers.qubo.samplers._openjij import OpenJijSampler

    return OpenJijSampler(SASampler())


def _openjij_quantum() -> Any:
    from openjij import SQASampler

    from solvers.qubo.samplers._openjij import OpenJijSampler

    return OpenJijSampler(SQASampler())


def nothing(_scale: float, _given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave a sampler its own defaults."""
    return {}


def _annealed(scale: float, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings that reach targets 2 to 4 times as fast as the sampler's own."""
    if "beta_schedule" in given:  # then it takes neither a range nor a number of sweeps
        return {"beta_schedule_type": "custom"}
    return {"num_sweeps": _SWEEPS, "beta_schedule_type": "geometric", "beta_range": beta_range(scale)}


def _openjij_annealed(scale: float, _given: Mapping[str, Any]) -> Mapping[str, Any]:
    first, last = beta_range(scale)
    return {"num_sweeps": _SWEEPS, "beta_min": first, "beta_max": last}


def _openjij_quantized(scale: float, _given: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Return settings in units of the scale.

    Those of OpenJij are in units of energy, and freeze models of points or yen at once. Measured on 100 routes of
    three days: a temperature of a hundredth of the scale, a field of a third of it and 8 replicas leave every read
    feasible; with its own settings few are.
    """
    return {"num_sweeps": _SWEEPS, "beta": 100.0 / scale, "gamma": 0.3 * scale, "trotter": 8}


OWN: Final[Mapping[str, Kind]] = {
    "sa": Kind(_annealing, "dwave", "SimulatedAnnealingSampler", _annealed),
    # It stops by the clock, so the same seed goes as far as the machine is fast.
    "tabu": Kind(_tabu, "dwave", "TabuSampler", nothing, is_reproducible=False),
    "steepest-descent": Kind(_steepest_descent, "dwave", "SteepestDescentSolver", nothing),
    "group-moves": Kind(_group_moves, "solvers", "GroupMoveSampler", nothing),
    "exact": Kind(_exact, "dimod", "ExactSolver", nothing, most_variables=20),
    "random": Kind(_random, "dwave", "RandomSampler", nothing),
    "openjij-sa": Kind(_openjij_annealing, "openjij", "SASampler", _openjij_annealed, extra="openjij"),
    "openjij-sqa": Kind(_openjij_quantum, "openjij", "SQASampler", _openjij_quantized, extra="openjij"),
}
"""In the order in which they are listed."""
