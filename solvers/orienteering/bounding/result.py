"""What a proof tells on the way and in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solvers.orienteering.problem import TripSolution


@dataclass(frozen=True, slots=True)
class BoundProgress:
    """
    Tell how far a proof is.

    Parameters
    ----------
    bound
        Upper bound so far, never rising.
    objective
        Best plan so far; None while there is none.
    rounds
        Rounds of pricing done.
    seconds
        Time since the start.
    """

    bound: int
    objective: int | None
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BoundResult:
    """
    Hold what was proven.

    Parameters
    ----------
    bound
        No plan that keeps all hard rules has a higher objective. On a problem without such plans it says nothing.
    optimal
        The best plan known, ``solution`` or else the incumbent, has exactly this objective.
    solution
        A plan better than the incumbent, if one was found, that keeps all hard rules.
    columns
        Day-routes met on the way as (day, options, lodging before, lodging after), without repetitions and each
        within its windows: material for recombination.
    method
        What gave the bound: ``trivial``, ``column-generation``, ``labelling``, ``enumeration``.
    rounds
        Rounds of pricing.
    seconds
        Time used.
    """

    bound: int
    optimal: bool
    solution: TripSolution | None
    columns: tuple[tuple[int, tuple[int, ...], int, int], ...]
    method: str
    rounds: int
    seconds: float
