"""
Errors of the puzzles.

::

    SolverError
    ├── ProblemError (also ValueError)    arrays that do not describe a problem
    │   └── TooManyUnitsError             more units and customers than can be valued one by one
    ├── SolutionError (also ValueError)   a plan that does not belong to its problem
    └── SamplerError (also ValueError)    a sampler that cannot be used, or not in this way
"""

from __future__ import annotations

from typing import Literal

SamplerFault = Literal[
    "unknown", "not_a_sampler", "structured", "remote", "missing_extra", "too_large", "setting", "failed"
]
"""What is wrong with a sampler; `SamplerError` tells each."""


class SolverError(Exception):
    """Base of every error this package raises on purpose."""


class ProblemError(SolverError, ValueError):
    """
    Refuse arrays that do not describe a problem.

    Parameters
    ----------
    problems
        One sentence per fault, each naming the field, the value and what would be accepted.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class TooManyUnitsError(ProblemError):
    """
    Refuse to value units one by one where both they and their customers are too many.

    Parameters
    ----------
    units
        How many there are to value.
    """

    def __init__(self, units: int) -> None:
        self.units = int(units)
        super().__init__((f"{self.units} units are too many to be valued one by one for so many customers",))


class SolutionError(SolverError, ValueError):
    """Refuse a plan whose indices point outside its problem."""


class SamplerError(SolverError, ValueError):
    """
    Refuse a sampler that cannot be used, or not in this way; nothing was sent to it unless it ``failed``.

    Parameters
    ----------
    fault
        ``unknown``: no sampler has this name. ``not_a_sampler``: no instance of ``dimod.Sampler``. ``structured``: it
        takes only models on its own graph. ``remote``: it would send the model away. ``missing_extra``: its package is
        not installed. ``too_large``: the model has more variables than it can take. ``setting``: it has no such
        setting, or not this value. ``failed``: it raised an error, or returned no sample set.
    sampler
        Its name in the registry, or its class.
    message
        One sentence: the value, and what would be accepted.
    facts
        Numbers of the message by name: of ``too_large``, ``variables`` of the model and the ``most`` accepted.
    """

    def __init__(self, fault: SamplerFault, sampler: str, message: str, **facts: int) -> None:
        self.fault = fault
        self.sampler = sampler
        self.facts = facts
        super().__init__(message)
