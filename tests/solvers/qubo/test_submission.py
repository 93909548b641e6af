from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from solvers.errors import ProblemError, SolutionError
from solvers.qubo.problem import PackingProblem
from solvers.qubo.reads import Reads
from solvers.qubo.samplers.registry import sampler_of
from solvers.qubo.sampling import solve_by_sampling
from solvers.qubo.submission import draw_reads, submission_of

PROBLEM = PackingProblem(
    value=np.array([9, 4, 7, 8]),
    group=np.array([0, 0, 1, 2]),
    pair=np.array([[1, 3]]),
    reward=np.array([6]),
    use=np.array([[3, 1, 2, 2]]),
    capacity=np.array([4]),
)


@pytest.mark.parametrize("sampler", ["sa", "random"])
def test_reads_drawn_elsewhere_are_decoded_as_if_drawn_here(sampler: str) -> None:
    """Drawing and decoding apart gives the plan, the value and the report of both together."""
    together = solve_by_sampling(PROBLEM, sampler=sampler, reads=10, seed=3)
    reads = draw_reads(submission_of(PROBLEM, seed=3), sampler_of(sampler), reads=10, seed=3)
    apart = solve_by_sampling(PROBLEM, sampler=reads, seed=3)
    assert apart.chosen.tolist() == together.chosen.tolist()
    assert apart.report is not None
    assert together.report is not None
    timeless = dataclasses.replace(together.report, seconds=apart.report.seconds)
    assert apart.report == timeless


def test_what_is_submitted_pays_for_capacities() -> None:
    """The submitted problem has none, and values lowered by what each item uses."""
    submission = submission_of(PROBLEM)
    assert len(submission.problem.capacity) == 0
    assert submission.prices.shape == (1,)
    assert (submission.problem.value <= PROBLEM.value).all()
    assert submission.quadratic.linear.tolist() == (-submission.problem.value).tolist()


@pytest.mark.parametrize(
    "states", [np.zeros((0, 4), np.bool_), np.zeros((2, 3), np.bool_), np.zeros(4, np.bool_), np.zeros((2, 4), np.int8)]
)
def test_reads_of_another_problem_are_refused(states: np.ndarray) -> None:
    """Shape and type of reads are checked before anything is made of them."""
    with pytest.raises(SolutionError, match=r"bool of shape \(S, 4\) is needed"):
        solve_by_sampling(PROBLEM, sampler=Reads(states, "elsewhere"))


def test_a_model_above_the_limit_is_not_built() -> None:
    """Size and clique are told with the limit."""
    with pytest.raises(ProblemError, match="4 variables, with a clique of at least 2; at most 3"):
        submission_of(PROBLEM, most_variables=3)
