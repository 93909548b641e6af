"""Plans that keep every rule, out of any sampler's reads: aligned, judged, repaired and judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import SolutionError
from solvers.qubo._descent import descend
from solvers.qubo._improvement import improve
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.quadratic import energies, quadratic_of
from solvers.qubo.result import Decoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem
    from solvers.qubo.quadratic import Quadratic


def decode(problem: PackingProblem, states: NDArray[np.bool_], *, quadratic: Quadratic | None = None) -> Decoded:
    """
    Repair reads until each keeps every rule and no single replacement improves it.

    Whether a read keeps the rules as it came is judged by the problem's own data. Then steepest descent on H mends
    groups and conflicts, items that cost least per unit leave capacities over-used, and the best replacement inside a
    group is made until none improves. A read that kept every rule never loses value; without capacities, no read
    gains energy.

    Parameters
    ----------
    problem
        A valid problem.
    states
        Shape ``(S, n)``, bool, in the order of the items: see `solvers.qubo.alignment.align`.
    quadratic
        H to descend and to report, with proven penalties and coefficients in integers; that of the problem where
        None. Where there are capacities, H of the problem at bid prices is the better one.

    Returns
    -------
    decoded
        Row by row as the reads came.

    Raises
    ------
    SolutionError
        If the states or ``quadratic`` do not belong to the problem, or its penalties are too weak to mend one.

    References
    ----------
    The theorem of the penalties: `solvers.qubo.quadratic`.
    """
    proven = quadratic_of(problem) if quadratic is None else quadratic
    _refuse_strange(problem, states, proven)
    raw_feasible = keeps_rules(problem, states)
    chosen = _mended(problem, proven, states, raw_feasible)
    improve(problem, chosen)
    if not keeps_rules(problem, chosen).all():
        raise SolutionError("quadratic has local minima that break rules; H with the proven penalties is needed")
    return Decoded(
        chosen=chosen,
        value=values_of(problem, chosen),
        raw_feasible=raw_feasible,
        energy_raw=energies(proven, states),
        energy_final=energies(proven, chosen),
        flips_removed=(states & ~chosen).sum(axis=1),
        flips_added=(~states & chosen).sum(axis=1),
    )


def _mended(
    problem: PackingProblem, quadratic: Quadratic, states: NDArray[np.bool_], raw_feasible: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return a copy of the states in which groups and conflicts are kept."""
    chosen = np.array(states, np.bool_, order="C")
    if not len(problem.capacity):
        descend(quadratic, chosen)
        return chosen
    # H knows nothing of capacities: descending, a read within them might leave them and lose value on the way back.
    rest = chosen[~raw_feasible]
    descend(quadratic, rest)
    chosen[~raw_feasible] = rest
    return chosen


def _refuse_strange(problem: PackingProblem, states: NDArray[np.bool_], quadratic: Quadratic) -> None:
    if states.dtype != np.bool_ or states.ndim != 2 or states.shape[1] != problem.items:
        raise SolutionError(
            f"states is {states.dtype} of shape {states.shape}; bool of shape (reads, {problem.items}) is needed"
        )
    if quadratic.variables != problem.items:
        raise SolutionError(f"quadratic is of {quadratic.variables} variables; {problem.items} are needed")
    if (quadratic.linear % 1).any() or (quadratic.weight % 1).any():
        raise SolutionError("quadratic has fractions; H with the proven penalties, which is of integers, is needed")
