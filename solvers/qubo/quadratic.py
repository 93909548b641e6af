"""
Packing problems as quadratic energies, with penalty weights that are proven to suffice.

Annealers look for the lowest energy ``H(x)`` of bits without any rules. Here::

    H(x) = - sum of values - sum of rewards + sum over pairs that exclude each other of P_ij x_i x_j

without slack bits, without squared equalities and without an offset. With ``S_i`` the best pair rewards item i could
earn, one item of each other group (0 where none is positive), and ``v+ = max(0, v)``:

- two items of one group: ``P_ij = epsilon + min(B_i, B_j)`` with ``B_i = v+_i + 2 S_i``,
- two items in conflict: ``P_ij = epsilon + min(C_i, C_j)`` with ``C_i = v+_i + S_i``.

**Every state that breaks a rule then has one item whose removal lowers H.** *Proof.* Where a group holds m >= 2 chosen
items, and no group more, remove the one of them, r, of least B. Every other group holds at most m, so this loses at
most ``v+_r + m S_r <= (m - 1) (v+_r + 2 S_r) = (m - 1) B_r``, as ``m <= 2 (m - 1)``, and saves at least ``(m - 1)
(epsilon + B_r)``. Where no group holds two but two chosen items are in conflict, remove the one of them, r, of less C.
Each other group rewards it with one item at most, so this loses at most ``C_r``. It saves at least ``epsilon + C_r``. ∎

The proof needs nothing of rewards but that no pair of one group or in conflict has one, which `validate` sees to; pairs
without a reward have no part in it. It holds for larger penalties as well, for smaller ones it does not.

So every local minimum keeps groups and conflicts, the lowest H is the best objective with its sign turned, and
descending by single flips repairs any state without ever raising H.

Weights are integers held as floating-point numbers. They may exceed 2**53 and be rounded there, but never below it, and
no item can lose as much: values and rewards together stay below 2**53.

Capacities are no part of H. An annealer sees a problem without them, at bid prices (`solvers.qubo.bid_prices`), and all
of this holds for that problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from solvers.errors import ProblemError
from solvers.qubo._largest_clique import largest_clique as largest_clique
from solvers.qubo.validation import validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dimod
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


EPSILON: Final = 1.0
"""What a broken rule costs more than it can ever gain; objectives are integers, so nothing smaller is needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    """
    Hold ``H(x) = linear @ x + sum(weight * x[row] * x[col])`` over n bits.

    Parameters
    ----------
    linear
        Shape ``(n,)``, float64.
    row, col
        Shape ``(M,)``, int64: row < col, each pair once, in ascending order.
    weight
        Shape ``(M,)``, float64, never 0.
    """

    linear: NDArray[np.float64]
    row: NDArray[np.int64]
    col: NDArray[np.int64]
    weight: NDArray[np.float64]

    @property
    def variables(self) -> int:
        """Return n."""
        return len(self.linear)

    @property
    def interactions(self) -> int:
        """Return M."""
        return len(self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class ProvenWeights:
    """
    Hold what the penalty weights are made of.

    Parameters
    ----------
    group
        Shape ``(n,)``, float64: B of each item; two of one group weigh ``epsilon + min(B_i, B_j)``.
    conflict
        Shape ``(n,)``, float64: C of each item; two in conflict weigh ``epsilon + min(C_i, C_j)``.
    epsilon
        What breaking a rule costs more than it can gain.
    """

    group: NDArray[np.float64]
    conflict: NDArray[np.float64]
    epsilon: float = EPSILON


def proven_weights(problem: PackingProblem) -> ProvenWeights:
    """
    Return what the penalty weights of a problem are made of.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    weights
        B, C and epsilon of the proof above.
    """
    value = np.maximum(problem.value, 0)
    reward = best_rewards(problem)
    return ProvenWeights((value + 2 * reward).astype(np.float64), (value + reward).astype(np.float64))


def best_rewards(problem: PackingProblem) -> NDArray[np.int64]:
    """
    Return the most that each item can earn by pair rewards: S of the proof above.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    best
        Shape ``(n,)``, int64: the largest reward with one item of each other group, where positive, added up.
    """
    best = np.zeros(problem.items, np.int64)
    earning = problem.reward > 0
    pairs, reward = problem.pair[earning], problem.reward[earning]
    if not len(reward):
        return best
    # Each pair is seen from both ends: an item, and the group of the other.
    item, other = pairs.T.ravel(), pairs[:, ::-1].T.ravel()
    key = item * problem.groups + problem.group[other]
    order = np.argsort(key)
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    largest = np.maximum.reduceat(np.concatenate([reward, reward])[order], starts)
    np.add.at(best, item[order[starts]], largest)
    return best


def quadratic_of(problem: PackingProblem, *, penalty_scale: float = 1.0) -> Quadratic:
    """
    Return H of a problem; its capacities are left out.

    Parameters
    ----------
    problem
        The problem.
    penalty_scale
        Factor on all penalty weights, above 0. From 1 on the proof holds; below 1 nothing is proven, but annealers move
        more freely.

    Returns
    -------
    quadratic
        H, of as many bits as there are items.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or the factor is not a finite number above 0.
    """
    validate(problem)
    if not 0 < penalty_scale < np.inf:
        raise ProblemError((f"penalty_scale is {penalty_scale}; a finite number above 0 is needed",))
    weights = proven_weights(problem)
    same, rewarded = _pairs_of_groups(problem.group), problem.reward != 0
    pairs = np.concatenate([problem.pair[rewarded], same, problem.conflict])
    weight = np.concatenate(
        [
            -problem.reward[rewarded].astype(np.float64),
            penalty_scale * (weights.epsilon + weights.group[same].min(axis=1)),
            penalty_scale * (weights.epsilon + weights.conflict[problem.conflict].min(axis=1)),
        ]
    )
    order = np.argsort(pairs[:, 0] * problem.items + pairs[:, 1])
    row, col = pairs[order].T.copy()
    # Negated while they are integers: there is no -0.0 among those.
    return Quadratic((-problem.value).astype(np.float64), row, col, weight[order])


def _pairs_of_groups(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all pairs i < j of items of one group, shape ``(M, 2)``."""
    order = np.argsort(group, kind="stable")
    place = np.arange(len(group))
    ends = np.cumsum(np.bincount(group))[group[order]]
    later = ends - place - 1
    first = np.repeat(place, later)
    # Counts 1, 2, ... anew for each first item.
    step = np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later) + 1
    return np.stack([order[first], order[first + step]], axis=1)


def energies(quadratic: Quadratic, states: NDArray[np.bool_]) -> NDArray[np.float64]:
    """
    Return H of each state.

    Parameters
    ----------
    quadratic
        H.
    states
        Shape ``(S, n)``, bool.

    Returns
    -------
    energies
        Shape ``(S,)``, float64; exact where all sums stay below 2**53.
    """
    size = quadratic.variables
    matrix = csr_array((quadratic.weight, (quadratic.row, quadratic.col)), shape=(size, size))
    bits = np.ascontiguousarray(states.T, dtype=np.float64)
    sums: NDArray[np.float64] = quadratic.linear @ bits + ((matrix @ bits) * bits).sum(axis=0)
    return sums


def density(quadratic: Quadratic) -> float:
    """Return the share of all pairs of bits that are coupled, 0 to 1."""
    pairs = quadratic.variables * (quadratic.variables - 1) // 2
    return quadratic.interactions / pairs if pairs else 0.0


def to_bqm(quadratic: Quadratic, labels: Sequence[Any] | None = None) -> dimod.BinaryQuadraticModel:
    """
    Return H as a model for annealers.

    Parameters
    ----------
    quadratic
        H.
    labels
        Names of the bits, in order; their numbers where left out.

    Returns
    -------
    bqm
        Binary, of float64, without an offset.
    """
    import dimod

    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        quadratic.linear,
        (quadratic.row, quadratic.col, quadratic.weight),
        0.0,
        dimod.BINARY,
        variable_order=range(quadratic.variables) if labels is None else labels,
    )


def to_cqm(problem: PackingProblem, labels: Sequence[Any] | None = None) -> dimod.ConstrainedQuadraticModel:
    """
    Return a problem as it is, with its rules as constraints instead of penalties.

    Parameters
    ----------
    problem
        The problem.
    labels
        Names of the bits, in order; their numbers where left out.

    Returns
    -------
    cqm
        Minimise the objective with its sign turned. Constraints, all of the form ``<=``: ``group_g`` for each group of
        two items or more, ``conflict_i_j`` for each pair, by item numbers, and ``capacity_r``.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem.
    """
    import dimod

    validate(problem)
    names = list(range(problem.items)) if labels is None else list(labels)
    rewarded = problem.reward != 0
    row, col = problem.pair[rewarded].T
    objective = Quadratic((-problem.value).astype(np.float64), row, col, -problem.reward[rewarded].astype(np.float64))
    cqm = dimod.ConstrainedQuadraticModel.from_bqm(to_bqm(objective, names))
    for number, members in enumerate(problem.members()):
        if len(members) > 1:
            cqm.add_constraint_from_iterable(((names[item], 1) for item in members), "<=", 1, label=f"group_{number}")
    for first, second in problem.conflict.tolist():
        both = (names[first], 1), (names[second], 1)
        cqm.add_constraint_from_iterable(both, "<=", 1, label=f"conflict_{first}_{second}")
    for number, (use, capacity) in enumerate(zip(problem.use, problem.capacity, strict=True)):
        terms = ((names[item], int(use[item])) for item in np.flatnonzero(use))
        cqm.add_constraint_from_iterable(terms, "<=", int(capacity), label=f"capacity_{number}")
    return cqm
