"""Compiling the annealer, decoding and the exact solver, before somebody waits for them."""

from __future__ import annotations

from functools import cache

import numpy as np

from solvers.qubo.problem import PackingProblem


@cache
def load_annealer() -> None:
    """Compile or load what samples, decodes and solves packing problems, once per process; then return at once."""
    # Imported here: all are heavy, and the door is light.
    from solvers.qubo.exact import solve_exactly
    from solvers.qubo.quadratic import quadratic_of, to_bqm
    from solvers.qubo.samplers.group_moves import GroupMoveSampler
    from solvers.qubo.sampling import solve_by_sampling

    problem = _small_problem()
    solve_by_sampling(problem, sampler="steepest-descent", reads=2)
    solve_exactly(problem)
    # Without groups given, those are found, which is compiled, too.
    GroupMoveSampler().sample(to_bqm(quadratic_of(problem)), num_sweeps=1, seed=0)


def _small_problem() -> PackingProblem:
    """Return three days of two routes with all there can be between them: the loops are the same for all problems."""
    return PackingProblem(
        value=np.array([5, 4, 3, 6, 2, 7]),
        group=np.array([0, 0, 1, 1, 2, 2]),
        pair=np.array([[0, 2], [1, 5]]),
        reward=np.array([3, -2]),
        conflict=np.array([[0, 3], [3, 5]]),
        use=np.ones((1, 6), np.int64),
        capacity=np.array([2]),
    )
