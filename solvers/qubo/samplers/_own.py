"""The samplers that Meguri brings, and how each is set where the caller says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
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
    module, class_name
        Where its class comes from, and what it is called: one handed in is known by package and name.
    settings
        Keywords for a typical scale of energies, next to those the caller gives.
    is_reproducible
        Whether the same seed gives the same reads.
    extra
        The extra of Meguri that brings it; None where Meguri always does.
    most_variables
        Largest model it takes.
    """

    module: str
    class_name: str
    settings: Settings
    is_reproducible: bool = True
    extra: str | None = None
    most_variables: int | None = None

    @property
    def package(self) -> str:
        """Return the package of the class."""
        return self.module.partition(".")[0]

    def make(self) -> Any:
        """Return a new one; raise ImportError where its package is missing."""
        return self.wrapped(getattr(import_module(self.module), self.class_name)())

    def wrapped(self, sampler: Any) -> Any:
        """Return a sampler of this kind as one of dimod's kind, which OpenJij's are not quite."""
        if self.package != "openjij":
            return sampler
        from solvers.qubo.samplers._openjij import OpenJijSampler

        return OpenJijSampler(sampler)


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
    "sa": Kind("dwave.samplers", "SimulatedAnnealingSampler", _annealed),
    # It stops by the clock, so the same seed goes as far as the machine is fast.
    "tabu": Kind("dwave.samplers", "TabuSampler", nothing, is_reproducible=False),
    "steepest-descent": Kind("dwave.samplers", "SteepestDescentSolver", nothing),
    "group-moves": Kind("solvers.qubo.samplers.group_moves", "GroupMoveSampler", nothing),
    "exact": Kind("dimod", "ExactSolver", nothing, most_variables=20),
    "random": Kind("dwave.samplers", "RandomSampler", nothing),
    "openjij-sa": Kind("openjij", "SASampler", _openjij_annealed, extra="openjij"),
    "openjij-sqa": Kind("openjij", "SQASampler", _openjij_quantized, extra="openjij"),
}
"""In the order in which they are listed."""
