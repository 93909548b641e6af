"""A plan of a packing problem and a bound on all plans, brought together step by step."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.qubo._group_climbing import climb
from solvers.qubo._labels import labels_of
from solvers.qubo._messages import messages_of
from solvers.qubo._tree_search import STEPS_PER_EFFORT, grow, plant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem

ROUNDS: Final = 16
KICKS: Final = 250
"""Of the climb: 250 items take 20 ms, 2,000 some 150 ms."""

SECONDS_PER_PAIR: Final = 4e-5
"""It takes to state a pair to CP-SAT."""


class PackingProof:
    """
    Hold a plan and a bound that steps bring together; a step does nothing where they have met, or no time is left.

    Parameters
    ----------
    problem
        A valid problem.
    begin
        Shape ``(n,)``, bool: a plan that keeps every rule, for the climb to begin with.
    seed
        Of the climb and of CP-SAT.

    Attributes
    ----------
    bound
        Proven upper limit of the objective.

    Raises
    ------
    ProblemError
        If the problem is too large.
    """

    def __init__(self, problem: PackingProblem, begin: NDArray[np.bool_], seed: int) -> None:
        self._problem = problem
        self._seed = seed
        self._labels = labels_of(problem)
        best = climb(self._labels, self._labels.choice_of(begin), seed=seed, rounds=ROUNDS, kicks=KICKS)
        self._messages = messages_of(self._labels, self._labels.worth_of(best) + self._labels.scale)
        self._tree = plant(self._labels, self._messages, best)
        self.bound = self._messages.bound // self._labels.scale

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """Return the plan, shape ``(n,)``."""
        return self._labels.chosen(self._tree.best, self._problem.items)

    @property
    def value(self) -> int:
        """Return the objective of the plan."""
        return self._labels.worth_of(self._tree.best) // self._labels.scale

    @property
    def effort(self) -> float:
        """Return what branch and bound took, in about seconds on one core."""
        return float(self._tree.progress[2]) / STEPS_PER_EFFORT

    @property
    def items(self) -> NDArray[np.int64]:
        """Return the items, ascending, of the plan and of all plans that could be better."""
        is_open = self._messages.reach(self._labels) >= (self.value + 1) * self._labels.scale
        is_open[self._tree.best] = True
        return np.sort(self._labels.item[is_open & (self._labels.item >= 0)])

    @property
    def pairs(self) -> int:
        """Return how many rewards and conflicts there are among `items`."""
        is_open = np.zeros(self._problem.items, np.bool_)
        is_open[self.items] = True
        return sum(int(is_open[pairs].all(axis=1).sum()) for pairs in (self._problem.pair, self._problem.conflict))

    @property
    def seconds_to_state(self) -> float:
        """Return about how long it takes to state the model to CP-SAT, before any search."""
        return SECONDS_PER_PAIR * self.pairs

    def branch(self, effort: float | None, until: float | None) -> None:
        """
        Go on with branch and bound.

        Parameters
        ----------
        effort
            Limit in about seconds on one core, repeating exactly.
        until
            Limit on the clock of `perf_counter`.
        """
        if not self._is_over(effort, until):
            self.bound = min(
                self.bound, grow(self._labels, self._tree, effort=effort, until=until) // self._labels.scale
            )

    def ask_cp_sat(self, effort: float | None, until: float | None) -> None:
        """
        Give `items` to CP-SAT.

        Parameters
        ----------
        effort, until
            Limits, as of `branch`.
        """
        from solvers.qubo._packing_model import solve_model

        if self._is_over(effort, until):
            return
        answer = solve_model(
            self._problem,
            self.items,
            self.chosen,
            effort=None if effort is None else effort - self.seconds_to_state,
            seconds=None if until is None else until - perf_counter() - self.seconds_to_state,
            seed=self._seed,
        )
        if answer.chosen is not None:
            found = self._labels.choice_of(answer.chosen)
            if self._labels.worth_of(found) > self._labels.worth_of(self._tree.best):
                self._tree.best[:] = found
        if answer.bound is not None:
            # Plans of other items are no better than the one in hand.
            self.bound = min(self.bound, max(self.value, answer.bound))

    def _is_over(self, effort: float | None, until: float | None) -> bool:
        is_spent = effort is not None and effort <= 0
        return self.value == self.bound or is_spent or (until is not None and perf_counter() > until)
