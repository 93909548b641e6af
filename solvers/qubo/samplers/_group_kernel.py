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

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Model(NamedTuple):
    """
    Hold a quadratic model, its items sorted by group; couplings inside a group are left out.

    Either ``dense``, shape (n, n), or rows ``row_start``, ``column``, ``weight`` hold the couplings, both ways; the
    others are empty. ``lowest[i]`` is the least coupling of item i, at most 0. Groups ``neighbour[k]`` for k
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

    ``chosen[g]`` is the item of group g, -1 for none; ``best`` the same of the best state met. ``energy`` and ``sum``
    have room for a number per item, ``found`` for two items; ``random`` is the state of the draws.
    """

    chosen: NDArray[np.int64]
    best: NDArray[np.int64]
    field: NDArray[np.float64]
    energy: NDArray[np.float64]
    sum: NDArray[np.float64]
    found: NDArray[np.int64]
    random: NDArray[np.uint64]


# Chances below exp(-_COLD) are not worth an exponential: all of them together never decide a draw.
_COLD: Final = 36.0


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
def _first_entry(model: Model, item: int, first: int) -> int:
    """Return the first entry of a sparse row at or after a column."""
    low, high = model.row_start[item], model.row_start[item + 1]
    while low < high:
        middle = (low + high) // 2
        if model.column[middle] < first:
            low = middle + 1
        else:
            high = middle
    return low


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
def _add_piece(model: Model, item: int, sign: float, first: int, last: int, energies: NDArray[np.float64]) -> None:
    """Add the couplings of an item, or of none (-1), to the energies of a range of items."""
    if item < 0:
        return
    if len(model.dense):
        for other in range(first, last):
            energies[other] += sign * model.dense[item, other]
        return
    for k in range(_first_entry(model, item, first), model.row_start[item + 1]):
        if model.column[k] >= last:
            return
        energies[model.column[k]] += sign * model.weight[k]


@compiled
def _drawn(model: Model, state: State, group: int, beta: float) -> int:
    """Draw what a group chooses, given all other groups, at an inverse temperature: an item, or none (-1)."""
    first, last = model.group_start[group], model.group_start[group + 1]
    least = 0.0
    for item in range(first, last):
        least = min(least, state.field[item])
    # Weights are relative to the best choice, so that none overflows; choosing none has energy 0.
    none = np.exp(beta * least) if -beta * least < _COLD else 0.0
    total = none
    for item in range(first, last):
        above = beta * (state.field[item] - least)
        if above < _COLD:
            total += np.exp(-above)
        state.sum[item] = total
    aim = _uniform(state.random) * total
    if aim < none:
        return -1
    for item in range(first, last):
        if aim < state.sum[item]:
            return item
    # Rounding made the aim the whole sum: stay.
    return state.chosen[group]


@compiled
def _descend(model: Model, state: State, tolerance: float) -> float:
    """Let each group in turn choose what is best, given the others, until none gains; return the energy gained."""
    groups, gained = len(state.chosen), 0.0
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
def _search_two(model: Model, state: State, one: int, two: int, limit: float) -> float:
    """
    Find the best choice of two groups, where it is below a limit; return it, or the limit.

    ``state.energy`` holds what their items cost without each other. What is found, items or none (-1), is left in
    ``state.found``.
    """
    first, last = model.group_start[two], model.group_start[two + 1]
    best, least = limit, 0.0
    if best > 0.0:
        best = 0.0
        state.found[0], state.found[1] = -1, -1
    for other in range(first, last):
        least = min(least, state.energy[other])
        if state.energy[other] < best:
            best = state.energy[other]
            state.found[0], state.found[1] = -1, other
    for item in range(model.group_start[one], model.group_start[one + 1]):
        alone = state.energy[item]
        if alone < best:
            best = alone
            state.found[0], state.found[1] = item, -1
        if alone + least + model.lowest[item] >= best:
            continue
        for other in range(first, last):
            state.sum[other] = state.energy[other]
        _add_piece(model, item, 1.0, first, last, state.sum)
        for other in range(first, last):
            if alone + state.sum[other] < best:
                best = alone + state.sum[other]
                state.found[0], state.found[1] = item, other
    return best


@compiled
def _set_beside(model: Model, state: State, group: int, item: int, sign: float) -> None:
    """Set ``state.energy`` of a group to its fields, with or without (-1.0) the couplings of an item, or none (-1)."""
    first, last = model.group_start[group], model.group_start[group + 1]
    for other in range(first, last):
        state.energy[other] = state.field[other]
    _add_piece(model, item, sign, first, last, state.energy)


@compiled
def _improve_two(model: Model, state: State, one: int, two: int, tolerance: float) -> float:
    """Let two groups choose what is best for both, given all others; return the energy gained."""
    was_one, was_two = state.chosen[one], state.chosen[two]
    _set_beside(model, state, one, was_two, -1.0)
    _set_beside(model, state, two, was_one, -1.0)
    limit = -tolerance
    if was_one >= 0:
        limit += state.energy[was_one]
    if was_two >= 0:
        limit += state.field[was_two]
    if _search_two(model, state, one, two, limit) >= limit:
        return 0.0
    # The first leaves before the second comes, so that neither is held against what it replaces.
    gained = _choose(model, state, one, -1)
    gained += _choose(model, state, two, state.found[1])
    return gained + _choose(model, state, one, state.found[0])


@compiled
def _improve_three(model: Model, state: State, one: int, two: int, three: int, tolerance: float) -> float:
    """Let three groups choose what is best for all of them, given all others; return the energy gained."""
    first, second, third = state.chosen[one], state.chosen[two], state.chosen[three]
    gained = _choose(model, state, one, -1) + _choose(model, state, two, -1) + _choose(model, state, three, -1)
    limit = -gained - tolerance
    # No choice of the first two costs less than this, whatever they gain from each other.
    least_one, least_two, lowest = 0.0, 0.0, 0.0
    for item in range(model.group_start[one], model.group_start[one + 1]):
        least_one = min(least_one, state.field[item])
        lowest = min(lowest, model.lowest[item])
    for item in range(model.group_start[two], model.group_start[two + 1]):
        least_two = min(least_two, state.field[item])
    least = least_one + least_two + lowest
    for place in range(model.group_start[three] - 1, model.group_start[three + 1]):
        item, alone, reward = -1, 0.0, 0.0
        if place >= model.group_start[three]:
            item, alone, reward = place, state.field[place], model.lowest[place]
        if alone + least + 2.0 * reward >= limit:
            continue
        _set_beside(model, state, one, item, 1.0)
        _set_beside(model, state, two, item, 1.0)
        room = limit - alone
        best = _search_two(model, state, one, two, room)
        # Compared with what it was given: adding and taking away the same number need not return to the limit.
        if best < room:
            limit = alone + best
            first, second, third = state.found[0], state.found[1], item
    gained += _choose(model, state, one, first) + _choose(model, state, two, second)
    return gained + _choose(model, state, three, third)


@compiled
def _descend_together(model: Model, state: State, tolerance: float, together: int) -> float:
    """
    Let every two coupled groups choose together, and every three where no two gain; return the energy gained.

    ``together`` is 3 for that, 2 for pairs only, 1 for nothing.
    """
    groups, gained = len(state.chosen), 0.0
    if together > 1:
        for one in range(groups):
            for k in range(model.neighbour_start[one], model.neighbour_start[one + 1]):
                gained += _improve_two(model, state, one, model.neighbour[k], tolerance)
    if together > 2 and gained > -tolerance:
        for one in range(groups):
            for two in range(one + 1, groups):
                for three in range(two + 1, groups):
                    gained += _improve_three(model, state, one, two, three, tolerance)
    return gained


@compiled
def _descend_fully(model: Model, state: State, tolerance: float, together: int) -> float:
    """Descend until no group, and no two or three together, can gain; return the energy gained."""
    gained, latest = 0.0, -1.0
    while latest < 0.0:
        gained += _descend(model, state, tolerance)
        latest = _descend_together(model, state, tolerance, together)
        # What is left of groups that only were emptied and filled again is rounding.
        latest = latest if latest < -tolerance else 0.0
        gained += latest
    return gained


@compiled
def _cool(model: Model, state: State, betas: NDArray[np.float64]) -> float:
    """Let every group draw its choice anew at each inverse temperature (a heat bath); return the energy gained."""
    gained = 0.0
    for beta in betas:
        for group in range(len(state.chosen)):
            gained += _choose(model, state, group, _drawn(model, state, group, beta))
    return gained


@compiled
def anneal(
    model: Model, state: State, betas: NDArray[np.float64], coolings: int, together: int, tolerance: float
) -> None:
    """
    Cool down, descend, heat up, and so on; ``state.best`` is the best that any cooling ended at, for each group.

    A read begins with nothing chosen: the first inverse temperatures are low enough to forget that.
    """
    for item in range(len(state.field)):
        state.field[item] = model.linear[item]
    for group in range(len(state.chosen)):
        state.chosen[group] = -1
        state.best[group] = -1
    energy, best = 0.0, 0.0
    for _ in range(coolings):
        energy += _cool(model, state, betas)
        energy += _descend_fully(model, state, tolerance, together)
        if energy < best:
            best = energy
            for group in range(len(state.chosen)):
                state.best[group] = state.chosen[group]
