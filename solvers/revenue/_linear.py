"""One door to OR-Tools' and SciPy's linear solvers: a sparse matrix in, values and duals out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

LinearSolver = Literal["glop", "pdlp", "highs-ipm", "highs-simplex"]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """
    Hold ``max objective @ x`` with ``lower <= matrix @ x <= upper`` and ``low <= x <= high``.

    Parameters
    ----------
    is_integer
        Shape ``(n,)``, bool: where x is an integer.
    hint
        Shape ``(n,)``: a point to begin with; None where none is known.
    """

    objective: NDArray[np.float64]
    matrix: csr_matrix
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    is_integer: NDArray[np.bool_] | None = None
    hint: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """
    Hold what a solver found.

    Parameters
    ----------
    values
        None where it found no point.
    duals
        Of the rows, with the sign of a maximum: not negative for rows that bind from above; empty for integers.
    bound
        Of an integer program; infinite where none is known.
    """

    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    values: NDArray[np.float64] | None
    duals: NDArray[np.float64]
    objective: float
    bound: float


_NOTHING = np.zeros(0)


def solve_linear(program: Program, solver: LinearSolver, *, seconds: float | None = None) -> Outcome:
    """Solve a program without integers."""
    if solver in ("highs-ipm", "highs-simplex"):
        return _by_scipy(program, "highs-ipm" if solver == "highs-ipm" else "highs-ds", seconds)
    return _by_ortools(program, "GLOP" if solver == "glop" else "PDLP", seconds, "")


def solve_integer(program: Program, *, seconds: float | None = None, nodes: int = -1, gap: float = 1e-9) -> Outcome:
    """Solve a program with integers by SCIP within OR-Tools, to a relative gap; -1 nodes are no limit."""
    parameters = f"limits/gap = {gap}\nlimits/nodes = {nodes}\nparallel/maxnthreads = 1\n"
    return _by_ortools(program, "SCIP", seconds, parameters)


def _by_ortools(program: Program, name: str, seconds: float | None, parameters: str) -> Outcome:
    # The helper below `model_builder`: it takes arrays whole, and does not load pandas.
    from ortools.linear_solver.python import model_builder_helper as builder

    model = builder.ModelBuilderHelper()
    sides = (program.low, program.high, program.objective, program.lower, program.upper)
    model.fill_model_from_sparse_data(*sides, program.matrix)  # type: ignore[arg-type]
    if program.is_integer is not None:
        for index in np.flatnonzero(program.is_integer):
            model.set_var_integrality(int(index), True)
    if program.hint is not None:
        for place, number in enumerate(program.hint):
            model.add_hint(place, float(number))
    model.set_maximize(True)
    solver = builder.ModelSolverHelper(name)
    if seconds is not None:
        solver.set_time_limit_in_seconds(max(seconds, 1e-3))
    if parameters:
        solver.set_solver_specific_parameters(parameters)
    solver.solve(model)
    return _outcome(solver, builder, program)


def _outcome(solver: object, builder: object, program: Program) -> Outcome:
    known = builder.SolveStatus  # type: ignore[attr-defined]
    status = solver.status()  # type: ignore[attr-defined]
    is_whole = program.is_integer is not None
    if status == known.INFEASIBLE:
        return Outcome("infeasible", None, _NOTHING, -np.inf, -np.inf)
    if status not in (known.OPTIMAL, known.FEASIBLE):
        return Outcome("unknown", None, _NOTHING, -np.inf, np.inf)
    return Outcome(
        "optimal" if status == known.OPTIMAL else "feasible",
        np.array(solver.variable_values()),  # type: ignore[attr-defined]
        _NOTHING if is_whole else np.array(solver.dual_values()),  # type: ignore[attr-defined]
        float(solver.objective_value()),  # type: ignore[attr-defined]
        float(solver.best_objective_bound()) if is_whole else np.inf,  # type: ignore[attr-defined]
    )


def _by_scipy(program: Program, method: str, seconds: float | None) -> Outcome:
    """Solve by HiGHS; OR-Tools' own does not hand out its duals."""
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    equal = program.lower == program.upper
    above, below = ~equal & np.isfinite(program.upper), ~equal & np.isfinite(program.lower)
    answer = linprog(
        -program.objective,
        A_ub=vstack([program.matrix[above], -program.matrix[below]], format="csr"),
        b_ub=np.concatenate([program.upper[above], -program.lower[below]]),
        A_eq=program.matrix[equal],
        b_eq=program.upper[equal],
        bounds=np.column_stack([program.low, program.high]),
        method=method,
        options={} if seconds is None else {"time_limit": max(seconds, 1e-3)},
    )
    if answer.status == 2:
        return Outcome("infeasible", None, _NOTHING, -np.inf, -np.inf)
    if answer.status != 0 or answer.x is None:
        return Outcome("unknown", None, _NOTHING, -np.inf, np.inf)
    duals, sides = np.zeros(len(program.upper)), -np.asarray(answer.ineqlin.marginals)
    duals[above] += sides[: above.sum()]
    duals[below] -= sides[above.sum() :]
    duals[equal] = -np.asarray(answer.eqlin.marginals)
    return Outcome("optimal", np.asarray(answer.x), duals, -float(answer.fun), np.inf)
