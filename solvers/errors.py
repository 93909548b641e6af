"""
Errors of the puzzles.

::

    SolverError
    ├── ProblemError (also ValueError)    arrays that do not describe a problem
    └── SolutionError (also ValueError)   a plan that does not belong to its problem
"""

from __future__ import annotations


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


class SolutionError(SolverError, ValueError):
    """Refuse a plan whose indices point outside its problem."""
