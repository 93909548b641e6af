# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
The inner loop of the group-move annealer, compiled.

Items lie group by group, so a group is a range and a row of couplings over it is contiguous. ``field[i]`` is what the
energy would gain by item i next to what the other groups have chosen; it is kept up to date by one row of couplings
for each item that leaves or comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Model(NamedTuple):
    """
    Hold a quadratic model, its items sorted by group; couplings inside a group are left out.

    Either ``dense``, shape (n, n), or rows ``row_start``, ``column``, ``weight`` hold the couplings, both ways; what
    is not used has length 0. ``lowest[i]`` is the least coupling of item i, at most 0. Groups ``neighbour[k]`` for k
    in ``neighbour_start[g]`` to ``neighbour_start[g + 1]`` are those after g with a coupling to it.
    """

    linear: NDArray[np.float64]
    group_start: NDArray[np.int64]
    dense: NDArray[np.float64]
    row_start: NDArray[np.int64]
    column: NDArray[np.int64]
    weight: NDArray[np.float64]
    lowest: NDArray[np.float64]
    neighbour_start: NDArray[np.int64]
    neighbour: NDArray[np.int64]


class State(NamedTuple):
    """
    Hold where one read stands.

    ``chosen[g]`` is the item of group g, -1 for none. ``scratch`` has room for a number per item, and ``random``
    holds the state of the draws, one word.
    """

    chosen: NDArray[np.int64]
    best: NDArray[np.int64]
    field: NDArray[np.float64]
    scratch: NDArray[np.float64]
    random: NDArray[np.uint64]


# Chances below exp(-_COLD) are not worth an exponential: all of them together never decide a draw.
_COLD = 36.0


@compiled
def _uniform(random: NDArray[np.uint64]) -> float:
    """Return the next draw of splitmix64, 0 to 1 without 1."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = random[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return np.float64(mixed >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def _add_row(model: Model, item: int, sign: float, field: NDArray[np.float64]) -> None:
    """Add the couplings of an item to all fields."""
    if len(model.dense):
        for other in range(len(field)):
            field[other] += sign * model.dense[item, other]
    else:
        for k in range(model.row_start[item], model.row_start[item + 1]):
            field[model.column[k]] += sign * model.weight[k]


@compiled
def _coupling(model: Model, item: int, other: int) -> float:
    """Return the coupling of two items, either of which may be none (-1)."""
    if item < 0 or other < 0:
        return 0.0
    if len(model.dense):
        return model.dense[item, other]
    low, high = model.row_start[item], model.row_start[item + 1]
    while low < high:
        middle = (low + high) // 2
        if model.column[middle] < other:
            low = middle + 1
        else:
            high = middle
    if low < model.row_start[item + 1] and model.column[low] == other:
        return model.weight[low]
    return 0.0


@compiled
def _choose(model: Model, state: State, group: int, item: int) -> float:
    """Let a group choose an item, or none (-1); return what the energy gains by it."""
    before = state.chosen[group]
    if before == item:
        return 0.0
    gained = 0.0
    if item >= 0:
        gained += state.field[item]
    if before >= 0:
        gained -= state.field[before]
        _add_row(model, before, -1.0, state.field)
    if item >= 0:
        _add_row(model, item, 1.0, state.field)
    state.chosen[group] = item
    return gained


@compiled
def _drawn(model: Model, state: State, group: int, beta: float) -> int:
    """Draw what a group chooses, given all other groups, at an inverse temperature: an item, or none (-1)."""
    first, last = model.group_start[group], model.group_start[group + 1]
    least = 0.0
    for item in range(first, last):
        least = min(least, state.field[item])
    total = np.exp(beta * least) if -beta * least < _COLD else 0.0
    none = total
    for item in range(first, last):
        above = beta * (state.field[item] - least)
        if above < _COLD:
            total += np.exp(-above)
        state.scratch[item] = total
    aim = _uniform(state.random) * total
    if aim < none:
        return -1
    for item in range(first, last):
        if aim < state.scratch[item]:
            return item
    # Only rounding can lead here: the aim was the total itself.
    return state.chosen[group]


@compiled
def _descend(model: Model, state: State, tolerance: float) -> float:
    """Let each group in turn choose what is best, given the others, until none gains; return the energy gained."""
    groups = len(state.chosen)
    gained = 0.0
    unmoved, group = 0, 0
    while unmoved < groups:
        best, item_of_best = 0.0, -1
        for item in range(model.group_start[group], model.group_start[group + 1]):
            if state.field[item] < best:
                best, item_of_best = state.field[item], item
        before = state.chosen[group]
        now = state.field[before] if before >= 0 else 0.0
        if best < now - tolerance:
            gained += _choose(model, state, group, item_of_best)
            unmoved = 0
        unmoved += 1
        group = group + 1 if group + 1 < groups else 0
    return gained


@compiled
def _best_pair(model: Model, state: State, one: int, two: int, tolerance: float) -> tuple[int, int]:
    """Return the best choice of two groups together, given all others; the present one where none is better."""
    chosen_one, chosen_two = state.chosen[one], state.chosen[two]
    first, last = model.group_start[two], model.group_start[two + 1]
    least = 0.0
    # What the items of the second group cost while the first has none.
    for other in range(first, last):
        alone = state.field[other] - _coupling(model, other, chosen_one)
        state.scratch[other] = alone
        least = min(least, alone)
    best = state.field[chosen_one] if chosen_one >= 0 else 0.0
    if chosen_two >= 0:
        best += state.scratch[chosen_two]
    best -= tolerance
    best_one, best_two = chosen_one, chosen_two
    if least < best:
        for other in range(first, last):
            if state.scratch[other] < best:
                best, best_one, best_two = state.scratch[other], -1, other
    if best > 0.0:
        best, best_one, best_two = 0.0, -1, -1
    for item in range(model.group_start[one], model.group_start[one + 1]):
        alone = state.field[item] - _coupling(model, item, chosen_two)
        if alone < best:
            best, best_one, best_two = alone, item, -1
        if alone + least + model.lowest[item] >= best:
            continue
        if len(model.dense):
            for other in range(first, last):
                together = alone + state.scratch[other] + model.dense[item, other]
                if together < best:
                    best, best_one, best_two = together, item, other
        else:
            for other in range(first, last):
                if alone + state.scratch[other] + model.lowest[item] < best:
                    together = alone + state.scratch[other] + _coupling(model, item, other)
                    if together < best:
                        best, best_one, best_two = together, item, other
    return best_one, best_two


@compiled
def _descend_by_pairs(model: Model, state: State, tolerance: float) -> float:
    """Let every two groups that are coupled choose anew together until no two gain; return the energy gained."""
    gained = 0.0
    improved = True
    while improved:
        improved = False
        for one in range(len(state.chosen)):
            for k in range(model.neighbour_start[one], model.neighbour_start[one + 1]):
                two = model.neighbour[k]
                item, other = _best_pair(model, state, one, two, tolerance)
                if item != state.chosen[one] or other != state.chosen[two]:
                    # The first leaves before the second comes, so that neither is held against what it replaces.
                    gained += _choose(model, state, one, -1)
                    gained += _choose(model, state, two, other)
                    gained += _choose(model, state, one, item)
                    improved = True
    return gained


@compiled
def _remember(state: State) -> None:
    """Keep the present choices as the best."""
    for group in range(len(state.chosen)):
        state.best[group] = state.chosen[group]


@compiled
def anneal(model: Model, state: State, betas: NDArray[np.float64], tolerance: float, *, with_pairs: bool) -> None:
    """
    Cool one read down, then descend; ``state.chosen`` holds what it starts from and what it ends at.

    At each inverse temperature every group draws its choice anew, given all others (a heat bath). What was best after
    any sweep then descends: group by group, and, if asked for, by two groups at a time.
    """
    groups = len(state.chosen)
    for item in range(len(state.field)):
        state.field[item] = model.linear[item]
    energy = 0.0
    for group in range(groups):
        item = state.chosen[group]
        state.chosen[group] = -1
        energy += _choose(model, state, group, item)
    best = energy
    _remember(state)
    for beta in betas:
        for group in range(groups):
            energy += _choose(model, state, group, _drawn(model, state, group, beta))
        if energy < best - tolerance:
            best = energy
            _remember(state)
    for group in range(groups):
        _choose(model, state, group, state.best[group])
    gained = -1.0
    while gained < 0.0:
        gained = _descend(model, state, tolerance)
        if with_pairs:
            gained = _descend_by_pairs(model, state, tolerance)
