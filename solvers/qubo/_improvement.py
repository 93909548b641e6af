# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="no-any-return"
"""Steps between plans that keep every rule, and the way back into capacities: on the problem's own data, not on H."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.compiling import compiled, plain
from solvers.qubo._neighbours import Neighbours, neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


class Rules(NamedTuple):
    """Hold a packing problem, laid out for the loops: ``rewards`` and ``conflicts`` by item, ``use`` as ``(n, R)``."""

    value: NDArray[np.int64]
    group: NDArray[np.int64]
    rewards: Neighbours
    conflicts: Neighbours
    use: NDArray[np.int64]
    capacity: NDArray[np.int64]


class Plan(NamedTuple):
    """
    Hold the plan being changed.

    Parameters
    ----------
    chosen
        Shape ``(n,)``, bool.
    field
        Shape ``(n,)``, int64: what each item adds to the objective, given the others chosen.
    blocked
        Shape ``(n,)``, int64: chosen items in conflict with each.
    holder
        Shape ``(G,)``, int64: item chosen of each group, -1 for none.
    used
        Shape ``(R,)``, int64: of each capacity.
    """

    chosen: NDArray[np.bool_]
    field: NDArray[np.int64]
    blocked: NDArray[np.int64]
    holder: NDArray[np.int64]
    used: NDArray[np.int64]


def improve(problem: PackingProblem, states: NDArray[np.bool_]) -> None:
    """
    Bring states into their capacities and improve them, in place; what keeps every rule is never lowered in value.

    Where more is used than there is, the item goes, or gives way to another of its group, that costs least objective
    per unit of over-use. Then the best step is taken until none improves: an item for another of its group, one into
    an empty group, or one out. What is worth less than choosing nothing is begun anew from nothing.

    Parameters
    ----------
    problem
        A valid problem.
    states
        Shape ``(S, n)``, bool, contiguous: each keeps groups and conflicts.
    """
    items, capacities = problem.items, len(problem.capacity)
    ones = np.ones(len(problem.conflict), np.int64)
    rules = Rules(
        plain(problem.value, np.int64),
        plain(problem.group, np.int64),
        neighbours(items, problem.pair[:, 0], problem.pair[:, 1], problem.reward),
        neighbours(items, problem.conflict[:, 0], problem.conflict[:, 1], ones),
        plain(problem.use.T if capacities else np.zeros((items, 0)), np.int64),
        plain(problem.capacity, np.int64),
    )
    plan = Plan(
        np.zeros(items, np.bool_),
        np.empty(items, np.int64),
        np.empty(items, np.int64),
        np.empty(problem.groups, np.int64),
        np.empty(capacities, np.int64),
    )
    _improve_all(rules, plan, states)


@compiled
def _improve_all(rules: Rules, plan: Plan, states: NDArray[np.bool_]) -> None:
    for read in range(states.shape[0]):
        _clear(rules, plan)
        for item in range(states.shape[1]):
            if states[read, item]:
                _put_in(rules, plan, item)
        _ease(rules, plan)
        _climb(rules, plan)
        if _objective(rules, plan) < 0:
            _clear(rules, plan)
            _climb(rules, plan)
        for item in range(states.shape[1]):
            states[read, item] = plan.chosen[item]


@compiled
def _clear(rules: Rules, plan: Plan) -> None:
    for item in range(len(plan.chosen)):
        plan.chosen[item] = False
        plan.field[item] = rules.value[item]
        plan.blocked[item] = 0
    for group in range(len(plan.holder)):
        plan.holder[group] = -1
    for resource in range(len(plan.used)):
        plan.used[resource] = 0


@compiled
def _put_in(rules: Rules, plan: Plan, item: int) -> None:
    plan.holder[rules.group[item]] = item
    _flip(rules, plan, item, 1)


@compiled
def _take_out(rules: Rules, plan: Plan, item: int) -> None:
    plan.holder[rules.group[item]] = -1
    _flip(rules, plan, item, -1)


@compiled
def _flip(rules: Rules, plan: Plan, item: int, sign: int) -> None:
    plan.chosen[item] = sign > 0
    for place in range(rules.rewards.start[item], rules.rewards.start[item + 1]):
        plan.field[rules.rewards.other[place]] += sign * rules.rewards.weight[place]
    for place in range(rules.conflicts.start[item], rules.conflicts.start[item + 1]):
        plan.blocked[rules.conflicts.other[place]] += sign
    for resource in range(len(plan.used)):
        plan.used[resource] += sign * rules.use[item, resource]


@compiled
def _step(rules: Rules, plan: Plan, item: int) -> None:
    """Take the item out where it is chosen, else put it in, for the one of its group."""
    if plan.chosen[item]:
        _take_out(rules, plan, item)
        return
    if plan.holder[rules.group[item]] >= 0:
        _take_out(rules, plan, plan.holder[rules.group[item]])
    _put_in(rules, plan, item)


@compiled
def _gain(rules: Rules, plan: Plan, item: int) -> int:
    """Return what a step at the item adds to the objective."""
    if plan.chosen[item]:
        return -plan.field[item]
    held = plan.holder[rules.group[item]]
    return plan.field[item] - plan.field[held] if held >= 0 else plan.field[item]


@compiled
def _extra_use(rules: Rules, plan: Plan, item: int, resource: int) -> int:
    """Return what a step at the item adds to the use of a capacity."""
    if plan.chosen[item]:
        return -rules.use[item, resource]
    held = plan.holder[rules.group[item]]
    return rules.use[item, resource] - (rules.use[held, resource] if held >= 0 else 0)


@compiled
def _fits(rules: Rules, plan: Plan, item: int) -> bool:
    """Tell whether a step at the item over-uses no capacity, or none more than now."""
    for resource in range(len(plan.used)):
        extra = _extra_use(rules, plan, item, resource)
        if extra > 0 and plan.used[resource] + extra > rules.capacity[resource]:
            return False
    return True


@compiled
def _climb(rules: Rules, plan: Plan) -> None:
    while True:
        best, chosen = 0, -1
        for item in range(len(plan.chosen)):
            if plan.blocked[item] > 0 and not plan.chosen[item]:
                continue
            gain = _gain(rules, plan, item)
            if gain > best and _fits(rules, plan, item):
                best, chosen = gain, item
        if chosen < 0:
            return
        _step(rules, plan, chosen)


@compiled
def _ease(rules: Rules, plan: Plan) -> None:
    """Lower the use of the capacity over-used most, as a share of it, until none is: each step over-uses none more."""
    while True:
        worst, tight = 0.0, -1
        for resource in range(len(plan.used)):
            # A capacity of 0 counts as 1, so that use of it has a share.
            share = plan.used[resource] / max(1, rules.capacity[resource])
            if plan.used[resource] > rules.capacity[resource] and share > worst:
                worst, tight = share, resource
        if tight < 0:
            return
        over = plan.used[tight] - rules.capacity[tight]
        best, chosen = np.inf, -1
        for item in range(len(plan.chosen)):
            if plan.blocked[item] > 0 and not plan.chosen[item]:
                continue
            # Relief beyond what is over-used is worth nothing.
            relief = min(over, -_extra_use(rules, plan, item, tight))
            if relief > 0 and _fits(rules, plan, item):
                loss = -_gain(rules, plan, item) / relief
                if loss < best:
                    best, chosen = loss, item
        _step(rules, plan, chosen)


@compiled
def _objective(rules: Rules, plan: Plan) -> int:
    # Every pair is in the field of both.
    twice = 0
    for item in range(len(plan.chosen)):
        if plan.chosen[item]:
            twice += plan.field[item] + rules.value[item]
    return twice // 2
