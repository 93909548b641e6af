"""Checks that arrays describe a trip problem, all faults at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.orienteering._arrival_faults import content_faults, size_faults
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE, Sets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem

LARGEST_OBJECTIVE: Final = 2**50
"""Objective values stay below this, so that the solvers' internal penalties (at most 1,000 times more) fit into
int64."""

_OPTION_COLUMNS: Final = (
    "option_node",
    "option_group",
    "option_day",
    "option_open",
    "option_close",
    "option_duration",
    "option_score",
    "option_cost",
    "option_load",
)


def validate(problem: TripProblem) -> None:
    """
    Refuse arrays that do not describe a problem.

    Parameters
    ----------
    problem
        The problem to check.

    Raises
    ------
    ProblemError
        With one sentence per fault: no day or no option, sizes that disagree, indices out of range, negative amounts,
        reversed windows, non-zero diagonals, arrival functions that go back in time, required groups without any
        option, and numbers so large that sums could overflow.
    """
    faults = _sizes(problem)
    # Contents are looked at only where the shapes agree: indexing would fail otherwise.
    if not faults:
        faults = [*_days(problem), *_options(problem), *_travel(problem), *_rules(problem), *_lodgings(problem)]
    if not faults:
        faults = _magnitudes(problem)
    if faults:
        raise ProblemError(tuple(faults))


def _shape(name: str, array: NDArray[np.generic], expected: tuple[int, ...]) -> list[str]:
    if array.shape != expected:
        return [f"{name} has shape {array.shape}; {expected} is needed"]
    wanted = np.bool_ if name.endswith(("per_day", "same_day")) else np.integer
    if not np.issubdtype(array.dtype, wanted):
        return [f"{name} holds {array.dtype}; {'bool' if wanted is np.bool_ else 'integers'} are needed"]
    return []


def _sizes(problem: TripProblem) -> list[str]:
    days, options = problem.days, problem.options
    faults = [] if days else ["day_start is empty; at least one day is needed"]
    faults += [] if options else ["option_node is empty; at least one option is needed"]
    for name in ("day_start", "day_end", "day_earliest", "day_latest", "day_travel"):
        faults += _shape(name, getattr(problem, name), (days,))
    for name in _OPTION_COLUMNS:
        faults += _shape(name, getattr(problem, name), (options,))
    if problem.travel.ndim != 3:
        return [*faults, f"travel has {problem.travel.ndim} axes; 3 (table, from, to) are needed"]
    tables, nodes = problem.travel.shape[0], problem.nodes
    faults += _shape("travel", problem.travel, (tables, nodes, nodes))
    if problem.arrivals is not None and problem.travel.shape == (tables, nodes, nodes):
        faults += size_faults(problem.arrivals, tables, nodes)
    faults += _shape("arc_cost", problem.arc_cost, (nodes, nodes))
    faults += _shape("required", problem.required, (problem.required.size,))
    faults += _shape("precedence", problem.precedence, (len(problem.precedence), 3))
    return faults + _part_sizes(problem, nodes, options)


def _part_sizes(problem: TripProblem, nodes: int, options: int) -> list[str]:
    counts, resources, combinations, lodgings = (
        problem.counts,
        problem.resources,
        problem.combinations,
        problem.lodgings,
    )
    rules, kinds, candidates, pairs = (
        len(counts.options),
        resources.capacity.size,
        lodgings.night.size,
        combinations.bonus.size,
    )
    faults: list[str] = []
    for name in ("lower", "upper", "per_day", "shortfall_penalty"):
        faults += _shape(f"counts.{name}", getattr(counts, name), (rules,))
    faults += _shape("resources.capacity", resources.capacity, (kinds,))
    faults += _shape("resources.per_day", resources.per_day, (kinds,))
    faults += _shape("resources.option_use", resources.option_use, (kinds, options))
    faults += _shape("resources.arc_use", resources.arc_use, (kinds, nodes, nodes))
    faults += _shape("resources.lodging_use", resources.lodging_use, (kinds, candidates))
    for name in ("night", "node", "group", "score", "cost"):
        faults += _shape(f"lodgings.{name}", getattr(lodgings, name), (candidates,))
    for name in ("bonus", "same_day", "fewest"):
        faults += _shape(f"combinations.{name}", getattr(combinations, name), (pairs,))
    for name, sets, wanted in (
        ("counts.options", counts.options, rules),
        ("combinations.left", combinations.left, pairs),
        ("combinations.right", combinations.right, pairs),
    ):
        faults += _set_shape(name, sets, wanted)
    return faults


def _set_shape(name: str, sets: Sets, wanted: int) -> list[str]:
    start, member = sets.start, sets.member
    if start.ndim != 1 or start.size == 0 or start[0] != 0 or np.any(np.diff(start) < 0) or start[-1] != member.size:
        return [f"{name}.start is {start.tolist()}; it must rise from 0 to {member.size}, the number of members"]
    if len(sets) != wanted:
        return [f"{name} has {len(sets)} sets; {wanted} are needed"]
    return []


def _outside(name: str, array: NDArray[np.integer], low: int, high: int) -> list[str]:
    """Name the first entry that is not in ``low .. high``, and how many there are."""
    wrong = np.argwhere((array < low) | (array > high))
    if not len(wrong):
        return []
    first = tuple(int(axis) for axis in wrong[0])
    at = first[0] if len(first) == 1 else first
    accepted = f"{low} to {high}" if high >= low else "nothing (there are none to point to)"
    return [f"{name}[{at}] is {int(array[first])}; accepted is {accepted} ({len(wrong)} such entries)"]


def _days(problem: TripProblem) -> list[str]:
    last_tick, nodes = UNREACHABLE - 1, problem.nodes
    faults = _outside("day_start", problem.day_start, ANYWHERE, nodes - 1)
    faults += _outside("day_end", problem.day_end, ANYWHERE, nodes - 1)
    faults += _outside("day_travel", problem.day_travel, 0, problem.travel.shape[0] - 1)
    faults += _outside("day_earliest", problem.day_earliest, 0, last_tick)
    faults += _outside("day_latest", problem.day_latest, 0, last_tick)
    faults += [
        f"day_latest[{day}] is {problem.day_latest[day]}, before day_earliest[{day}] = {problem.day_earliest[day]}"
        for day in np.flatnonzero(problem.day_latest < problem.day_earliest)
    ]
    return faults


def _options(problem: TripProblem) -> list[str]:
    last_tick = UNREACHABLE - 1
    faults = _outside("option_node", problem.option_node, 0, problem.nodes - 1)
    faults += _outside("option_group", problem.option_group, 0, problem.groups - 1)
    faults += _outside("option_day", problem.option_day, 0, problem.days - 1)
    for name in ("option_open", "option_close", "option_duration"):
        faults += _outside(name, getattr(problem, name), 0, last_tick)
    for name in ("option_score", "option_cost", "option_load"):
        faults += _outside(name, getattr(problem, name), 0, LARGEST_OBJECTIVE)
    faults += [
        f"option_close[{option}] is {problem.option_close[option]}, before option_open[{option}] = "
        f"{problem.option_open[option]}"
        for option in np.flatnonzero(problem.option_close < problem.option_open)
    ]
    return faults


def _travel(problem: TripProblem) -> list[str]:
    faults = _outside("travel", problem.travel, 0, UNREACHABLE)
    faults += _outside("arc_cost", problem.arc_cost, 0, LARGEST_OBJECTIVE)
    faults += _outside("resources.arc_use", problem.resources.arc_use, 0, LARGEST_OBJECTIVE)
    tables = [(f"travel[{table}]", problem.travel[table]) for table in range(problem.travel.shape[0])]
    tables += [("arc_cost", problem.arc_cost)]
    tables += [(f"resources.arc_use[{kind}]", use) for kind, use in enumerate(problem.resources.arc_use)]
    for name, table in tables:
        nodes = np.flatnonzero(np.diagonal(table))
        if nodes.size:
            faults.append(f"{name}[{nodes[0]}, {nodes[0]}] is {table[nodes[0], nodes[0]]}; the diagonal must be zero")
    return faults if problem.arrivals is None else faults + content_faults(problem.arrivals, problem.travel)


def _rules(problem: TripProblem) -> list[str]:
    counts, resources, combinations = problem.counts, problem.resources, problem.combinations
    last_group = problem.groups - 1
    faults = _outside("counts.options.member", counts.options.member, 0, problem.options - 1)
    faults += _repeated("counts.options", counts.options)
    faults += _outside("counts.lower", counts.lower, 0, LARGEST_OBJECTIVE)
    faults += _outside("counts.upper", counts.upper, 0, LARGEST_OBJECTIVE)
    faults += _outside("counts.shortfall_penalty", counts.shortfall_penalty, 0, LARGEST_OBJECTIVE)
    faults += [
        f"counts.upper[{rule}] is {counts.upper[rule]}, below counts.lower[{rule}] = {counts.lower[rule]}"
        for rule in np.flatnonzero(counts.upper < counts.lower)
    ]
    faults += _outside("resources.capacity", resources.capacity, 0, LARGEST_OBJECTIVE)
    faults += _outside("resources.option_use", resources.option_use, 0, LARGEST_OBJECTIVE)
    faults += _outside("resources.lodging_use", resources.lodging_use, 0, LARGEST_OBJECTIVE)
    for side in ("left", "right"):
        sets: Sets = getattr(combinations, side)
        faults += _outside(f"combinations.{side}.member", sets.member, 0, last_group)
        faults += _repeated(f"combinations.{side}", sets)
    faults += _outside("combinations.bonus", combinations.bonus, 0, LARGEST_OBJECTIVE)
    faults += _outside("combinations.fewest", combinations.fewest, 1, LARGEST_OBJECTIVE)
    faults += _outside("precedence", problem.precedence[:, :2], 0, last_group)
    faults += _outside("precedence same-day flag", problem.precedence[:, 2], 0, 1)
    faults += [
        f"precedence[{pair}] puts group {problem.precedence[pair, 0]} before itself"
        for pair in np.flatnonzero(problem.precedence[:, 0] == problem.precedence[:, 1])
    ]
    faults += [
        f"weights.{name} is {getattr(problem.weights, name)}; accepted is 0 or more"
        for name in ("travel", "wait", "cost", "load")
        if getattr(problem.weights, name) < 0
    ]
    return faults + _required(problem)


def _repeated(name: str, sets: Sets) -> list[str]:
    return [
        f"{name}[{index}] names the same index twice"
        for index in range(len(sets))
        if len(np.unique(sets[index])) < len(sets[index])
    ]


def _required(problem: TripProblem) -> list[str]:
    faults = _outside("required", problem.required, 0, problem.groups - 1)
    offered = set(problem.option_group.tolist()) | set(problem.lodgings.group.tolist())
    faults += [
        f"required group {group} has no option and no lodging"
        for group in dict.fromkeys(problem.required.tolist())
        if 0 <= group < problem.groups and group not in offered
    ]
    return faults


def _lodgings(problem: TripProblem) -> list[str]:
    lodgings = problem.lodgings
    faults = _outside("lodgings.night", lodgings.night, 0, problem.days - 2)
    faults += _outside("lodgings.node", lodgings.node, 0, problem.nodes - 1)
    faults += _outside("lodgings.group", lodgings.group, 0, problem.groups - 1)
    faults += _outside("lodgings.score", lodgings.score, 0, LARGEST_OBJECTIVE)
    faults += _outside("lodgings.cost", lodgings.cost, 0, LARGEST_OBJECTIVE)
    return faults


def objective_bound(problem: TripProblem) -> int:
    """
    Return a number that no plan's objective exceeds in size.

    Parameters
    ----------
    problem
        A problem whose shapes agree.

    Returns
    -------
    bound
        Objective units, at least 1, in exact arithmetic.
    """
    weights, lodgings, combinations, counts = problem.weights, problem.lodgings, problem.combinations, problem.counts
    arcs = min(problem.options, problem.groups) + problem.days
    longest = _largest(problem.travel[problem.travel < UNREACHABLE])
    if problem.arrivals is not None:
        # Nobody leaves before 0, so that no travel is longer than the last arrival is late.
        longest = max(longest, _largest(problem.arrivals.arrival))
    rewards = _total(problem.option_score) + _total(lodgings.score)
    rewards += _total(combinations.bonus) * problem.days
    costs = weights.travel * arcs * longest
    costs += weights.wait * arcs * (_largest(problem.day_latest) + 1)
    costs += weights.cost * (_total(problem.option_cost) + _total(lodgings.cost) + arcs * _largest(problem.arc_cost))
    costs += weights.load * _total(problem.option_load)
    shortfalls = zip(counts.shortfall_penalty.tolist(), counts.lower.tolist(), strict=True)
    costs += problem.days * sum(int(penalty) * int(lower) for penalty, lower in shortfalls)
    return int(rewards + costs + 1)


def _total(array: NDArray[np.integer]) -> int:
    # Python integers: an int64 sum could wrap round before it is compared.
    return sum(int(value) for value in array.flat)


def _largest(array: NDArray[np.integer]) -> int:
    return int(array.max()) if array.size else 0


def _magnitudes(problem: TripProblem) -> list[str]:
    faults = []
    bound = objective_bound(problem)
    if bound >= LARGEST_OBJECTIVE:
        faults.append(f"the objective could reach {bound}; scores, weights and penalties must keep it below 2**50")
    for kind in range(problem.resources.capacity.size):
        resources = problem.resources
        arcs = min(problem.options, problem.groups) + problem.days
        use = _total(resources.option_use[kind]) + _total(resources.lodging_use[kind])
        use += arcs * _largest(resources.arc_use[kind])
        if use >= 2**62:
            faults.append(f"use of resource {kind} could reach {use}; it must stay below 2**62")
    return faults
