# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
Ruin and recreate in compiled code: a plan is torn open and mended, tens of thousands of times a second.

The search follows SISR (Christiaens & Vanden Berghe 2020, https://doi.org/10.1287/trsc.2019.0914): strings of
neighbouring visits are taken out, these and some of the places left out are put in again greedily with occasional
blinks, and simulated annealing decides whether the result replaces the current plan. Earliest starts forward and latest
starts backward make each insertion test O(1) in time. Where travel depends on the time of day, arrivals and latest
departures are looked up, and `travel`, then the quickest of the day, refuses most insertions before that. Hard rules on
visits (windows, groups, upper counts, resources, precedence) hold in every plan; rules that need something to be there
(required groups, lower counts, reachable days) are bought with a penalty above any objective.

Everything lives in the arrays of `Trip` (constant), `Plan` (the current plan and what follows from it), `Best` and
`Pool`, so that a run may be cut into chunks anywhere without changing its result. Compiled once and kept on disk by
numba.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import compiled
from solvers.orienteering._arrivals import NO_ARRIVAL, arrive, latest_departure

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Columns of the tables in Trip.
NODE, GROUP, DAY, OPEN, CLOSE, STAY, VALUE = range(7)  # options
EARLIEST, LATEST, TABLE, START, END = range(5)  # days
LOWER, UPPER, PER_DAY, PENALTY, OFFERED = range(5)  # rules
BONUS, SAME_DAY, FEWEST = range(3)  # combos
PLACE, STAY_GROUP, STAY_VALUE = range(3)  # lodgings
CAPACITY, DAILY = range(2)  # capacities
TRAVEL_WEIGHT, WAIT_WEIGHT, VIOLATION = range(3)  # weights
HERE_FIRST, HERE_SECOND = 0, 1  # precedence roles
LEFT, RIGHT, UNION = range(3)  # sides of a combination
# What an accepted plan changed about the day-route pool.
POOL_DAY, POOL_LENGTH, POOL_IN, POOL_OUT, POOL_OBJECTIVE, POOL_HASH = range(6)

NO_ARC: Final = 2**31 - 1
BLINK: Final = 0.01
"""Share of feasible positions overlooked on purpose, from the SISR paper."""
USUAL_RUIN: Final = 10.0
"""Visits that a ruin by strings takes out on average where days are many; from the SISR paper."""
LONGEST_STRING: Final = 6.0
"""Visits in a string; 5 and 6 did better than 4, 10 and 15 on the public instances."""
CALLED: Final = 10.0
"""Groups drawn from all that an iteration tries beside those just taken out: trying all costs more than it brings."""
CALLED_NEAR: Final = 1.5
"""Groups drawn from the neighbours of each visit taken out, the nearest most often: they fit best where it was."""
CALLED_TOGETHER: Final = 6.0
"""Groups drawn from the sides of combinations, where there are any."""
BEST_FIRST: Final = 0.2
"""Share of iterations that put in the best of all groups tried, time and again, instead of one after the other."""
REQUIRED_FIRST: Final = 0.7
"""Share of iterations that put required groups in before all others."""
GREEDY: Final = 0.03
"""Share of iterations that take the most valuable option of a group however long it takes: time decides among
equals."""
THOROUGH: Final = 0.05
"""Share of iterations that try every group on every day."""


class Trip(NamedTuple):
    """
    Hold the constant arrays of a problem; see `_arrays.trip_arrays` for how they are made.

    Node N (one past the last) stands for anywhere: no travel to or from it. Sets are compressed rows (``x_start``,
    ``x``).
    """

    days: NDArray[np.int64]  # (D, 5)
    options: NDArray[np.int64]  # (O, 7); VALUE = score - price of yen and load
    travel: NDArray[np.int32]  # (M, N + 1, N + 1); the quickest of the day where there are arrival functions
    travel_back: NDArray[np.int32]  # the same, from column to row: legs to one place lie side by side
    arc_price: NDArray[np.int64]  # (N + 1, N + 1), objective units; (0, 0) when arcs cost nothing
    group_start: NDArray[np.int64]
    group_option: NDArray[np.int64]
    orders: NDArray[np.int64]  # (kinds, G): groups in several orders of insertion
    required: NDArray[np.int64]  # (G,) 0 or 1
    before_start: NDArray[np.int64]
    before: NDArray[np.int64]  # (X, 3): other group, role, same-day flag
    rule_start: NDArray[np.int64]  # per option
    rule: NDArray[np.int64]
    rules: NDArray[np.int64]  # (K, 4 + D); from OFFERED on, whether each day offers an option: 0 or 1
    capacities: NDArray[np.int64]  # (R, 2)
    option_use: NDArray[np.int64]  # (R, O)
    arc_use: NDArray[np.int64]  # (R, N + 1, N + 1); (0, 0, 0) when arcs use nothing
    night_start: NDArray[np.int64]
    night: NDArray[np.int64]  # lodgings of each night
    lodgings: NDArray[np.int64]  # (L, 3)
    lodging_use: NDArray[np.int64]  # (R, L)
    link_start: NDArray[np.int64]  # per group
    links: NDArray[np.int64]  # (X, 2): combination, sides (1 left, 2 right, 3 both)
    combos: NDArray[np.int64]  # (C, 3)
    side_start: NDArray[np.int64]  # per combination that has any group
    side: NDArray[np.int64]  # its groups, left and right
    near: NDArray[np.int64]  # (G, K) other groups, the nearest first
    weights: NDArray[np.int64]  # (3,)
    scale: NDArray[np.float64]  # (3,): start temperature, end temperature, worth of one tick
    point_start: NDArray[np.int64]  # (M * N * N + 1,) arrival functions; (0,) when travel is the same at any time
    points: NDArray[np.int64]  # (2, P): departures and arrivals of the breakpoints


class Plan(NamedTuple):
    """Hold the current plan and everything that follows from it; column D of per-day tables is the whole trip."""

    route: NDArray[np.int64]  # (D, W) options
    length: NDArray[np.int64]  # (D,)
    lodging: NDArray[np.int64]  # (D,): the night after each day; -1 where there is none
    old_route: NDArray[np.int64]
    old_length: NDArray[np.int64]
    old_lodging: NDArray[np.int64]
    stop: NDArray[np.int64]  # (D, W + 2) nodes from start to end
    leave: NDArray[np.int64]  # (D, W + 1) departure from each stop
    begin: NDArray[np.int64]  # (D, W) start of service
    leg: NDArray[np.int64]  # (D, W + 1) ticks from leaving each stop to the next, 0 where there is no way
    late: NDArray[np.int64]  # (D, W + 1) latest start of service at each visit, latest arrival at the end
    totals: NDArray[np.int64]  # (D, 4): value of visits, travel ticks, wait ticks, price of arcs
    broken: NDArray[np.int64]  # (D,) 1 when the day misses a window or its end
    used: NDArray[np.int64]  # (R, D + 1)
    visited: NDArray[np.int64]  # (G,) visits and nights
    visit_day: NDArray[np.int64]  # (G,) or -1
    rule_count: NDArray[np.int64]  # (K, D + 1)
    seen: NDArray[np.int64]  # (C, D + 1, 3) groups seen: left, right, union
    called: NDArray[np.int64]  # (G,) scratch: 1 for groups to try
    queue: NDArray[np.int64]  # (G,) scratch: the same in their order
    keys: NDArray[np.float64]  # (G,) scratch: how good the best place of each is
    torn: NDArray[np.int64]  # (G,) visits and nights before the ruin
    fresh: NDArray[np.int64]  # (D,) 1 when the ruin changed the day or the day is empty
    reach: NDArray[np.int64]  # (D, 2) scratch: nearest visit of each day and its distance


class Best(NamedTuple):
    """Hold the best plan found and the objectives, penalties included: best, current."""

    route: NDArray[np.int64]
    length: NDArray[np.int64]
    lodging: NDArray[np.int64]
    objective: NDArray[np.int64]


class Pool(NamedTuple):
    """Hold day-routes of accepted plans, each in the slot of its hash; the better plan's route stays."""

    route: NDArray[np.int32]  # (S, W)
    about: NDArray[np.int64]  # (S, 6)


@compiled
def _random(state: NDArray[np.uint64]) -> float:
    """Return the next float in [0, 1) of SplitMix64 (https://doi.org/10.1145/2660193.2660195)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return np.float64(mixed >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def _copy(source: NDArray[np.int64], target: NDArray[np.int64]) -> None:
    """Copy an array of one or two axes; a slice assignment would ask numba for memory."""
    if source.ndim == 1:
        for row in range(source.shape[0]):
            target[row] = source[row]
    else:
        for row in range(source.shape[0]):
            for column in range(source.shape[1]):
                target[row, column] = source[row, column]


@compiled
def _below(state: NDArray[np.uint64], count: int) -> int:
    return np.int64(_random(state) * count)


@compiled
def _reached(
    point_start: NDArray[np.int64],
    departure: NDArray[np.int64],
    arrival: NDArray[np.int64],
    nodes: int,
    table: int,
    here: int,
    there: int,
    time: int,
) -> int:
    """Return when one is there, leaving at ``time``: at once where one is there already, or either end is anywhere."""
    if here == there or max(here, there) == nodes:
        return time
    return arrive(point_start, departure, arrival, (table * nodes + here) * nodes + there, time)


@compiled
def _left(
    point_start: NDArray[np.int64],
    departure: NDArray[np.int64],
    arrival: NDArray[np.int64],
    nodes: int,
    table: int,
    here: int,
    there: int,
    limit: int,
) -> int:
    """Return when one leaves at the latest to be there by ``limit``."""
    if here == there or max(here, there) == nodes:
        return limit
    return latest_departure(point_start, departure, arrival, (table * nodes + here) * nodes + there, limit)


@compiled
def _retime(
    options: NDArray[np.int64],
    about: NDArray[np.int64],
    point_start: NDArray[np.int64],
    departure: NDArray[np.int64],
    arrival: NDArray[np.int64],
    nodes: int,
    route: NDArray[np.int64],
    stop: NDArray[np.int64],
    leave: NDArray[np.int64],
    begin: NDArray[np.int64],
    leg: NDArray[np.int64],
    late: NDArray[np.int64],
    totals: NDArray[np.int64],
    length: int,
) -> int:
    """Compute a day's times where travel depends on the time of day; return 1 when it misses a window or its end."""
    time, ticks, waits, broken, table = about[EARLIEST], 0, 0, 0, about[TABLE]
    for position in range(length + 1):
        reached = _reached(point_start, departure, arrival, nodes, table, stop[position], stop[position + 1], time)
        if reached == NO_ARRIVAL:
            broken, reached = 1, time
        leg[position] = reached - time
        if position > 0:
            ticks += reached - time
        time = reached
        if position < length:
            option = route[position]
            begin[position] = max(time, options[option, OPEN])
            if begin[position] > options[option, CLOSE]:
                broken = 1
            if position > 0:
                waits += begin[position] - time
            time = begin[position] + options[option, STAY]
            leave[position + 1] = time
    if time > about[LATEST]:
        broken = 1
    first = begin[0] if length > 0 else time
    left = _left(point_start, departure, arrival, nodes, table, stop[0], stop[1], first)
    # Earlier than the day only where there is no way.
    if left >= about[EARLIEST]:
        ticks += first - left
    limit = about[LATEST]
    for position in range(length - 1, -1, -1):
        option = route[position]
        limit = _left(point_start, departure, arrival, nodes, table, stop[position + 1], stop[position + 2], limit)
        limit = min(options[option, CLOSE], limit - options[option, STAY])
        late[position] = limit
    totals[1], totals[2] = ticks, waits
    return broken


@compiled
def _schedule(trip: Trip, plan: Plan, day: int) -> None:
    """Recompute times, totals and resources of one day."""
    options, length = trip.options, plan.length[day]
    travel = trip.travel[trip.days[day, TABLE]]
    start, end = trip.days[day, START], trip.days[day, END]
    if day > 0 and plan.lodging[day - 1] >= 0:
        start = trip.lodgings[plan.lodging[day - 1], PLACE]
    if plan.lodging[day] >= 0:
        end = trip.lodgings[plan.lodging[day], PLACE]
    time, here, broken = trip.days[day, EARLIEST], start, 0
    value, ticks, waits, price = 0, 0, 0, 0
    plan.stop[day, 0] = start
    plan.leave[day, 0] = time
    for position in range(length + 1):
        there = end
        if position < length:
            there = options[plan.route[day, position], NODE]
        leg = np.int64(travel[here, there])
        if leg >= NO_ARC:
            broken, leg = 1, 0
        plan.leg[day, position] = leg
        ticks += leg
        time += leg
        if trip.arc_price.size:
            price += trip.arc_price[here, there]
        plan.stop[day, position + 1] = there
        here = there
        if position < length:
            option = plan.route[day, position]
            begin = max(time, options[option, OPEN])
            if begin > options[option, CLOSE]:
                broken = 1
            if position > 0:
                waits += begin - time
            value += options[option, VALUE]
            plan.begin[day, position] = begin
            time = begin + options[option, STAY]
            plan.leave[day, position + 1] = time
    if time > trip.days[day, LATEST]:
        broken = 1
    late = trip.days[day, LATEST]
    plan.late[day, length] = late
    for position in range(length - 1, -1, -1):
        option = plan.route[day, position]
        late = min(options[option, CLOSE], late - plan.leg[day, position + 1] - options[option, STAY])
        plan.late[day, position] = late
    plan.totals[day, 0], plan.totals[day, 1], plan.totals[day, 2], plan.totals[day, 3] = value, ticks, waits, price
    if trip.point_start.size > 0:
        broken = _retime(
            options,
            trip.days[day],
            trip.point_start,
            trip.points[0],
            trip.points[1],
            trip.travel.shape[1] - 1,
            plan.route[day],
            plan.stop[day],
            plan.leave[day],
            plan.begin[day],
            plan.leg[day],
            plan.late[day],
            plan.totals[day],
            length,
        )
    plan.broken[day] = broken
    _use(trip, plan, day)


@compiled
def _use(trip: Trip, plan: Plan, day: int) -> None:
    """Recompute what a day uses of each resource."""
    whole = trip.days.shape[0]
    for resource in range(trip.capacities.shape[0]):
        used = 0
        if plan.lodging[day] >= 0:
            used += trip.lodging_use[resource, plan.lodging[day]]
        for position in range(plan.length[day]):
            used += trip.option_use[resource, plan.route[day, position]]
        if trip.arc_use.size:
            for position in range(plan.length[day] + 1):
                used += trip.arc_use[resource, plan.stop[day, position], plan.stop[day, position + 1]]
        plan.used[resource, whole] += used - plan.used[resource, day]
        plan.used[resource, day] = used


@compiled
def _count_group(trip: Trip, plan: Plan, day: int, group: int) -> None:
    """Enter a visit or a night of a group into the combinations."""
    whole = trip.days.shape[0]
    for link in range(trip.link_start[group], trip.link_start[group + 1]):
        combo, sides = trip.links[link, 0], trip.links[link, 1]
        column = whole
        if trip.combos[combo, SAME_DAY]:
            column = day
        elif plan.visited[group] > 0:
            continue  # a further night of a group already seen
        if sides & 1:
            plan.seen[combo, column, LEFT] += 1
        if sides & 2:
            plan.seen[combo, column, RIGHT] += 1
        plan.seen[combo, column, UNION] += 1
    plan.visited[group] += 1


@compiled
def _count_option(trip: Trip, plan: Plan, day: int, option: int) -> None:
    """Enter a visit into groups, rules and combinations."""
    whole = trip.days.shape[0]
    group = trip.options[option, GROUP]
    _count_group(trip, plan, day, group)
    plan.visit_day[group] = day
    for row in range(trip.rule_start[option], trip.rule_start[option + 1]):
        plan.rule_count[trip.rule[row], day] += 1
        plan.rule_count[trip.rule[row], whole] += 1


@compiled
def _drop(plan: Plan, day: int, position: int) -> None:
    for later in range(position, plan.length[day] - 1):
        plan.route[day, later] = plan.route[day, later + 1]
    plan.length[day] -= 1


@compiled
def _over(trip: Trip, plan: Plan, column: int, daily: int) -> bool:
    for resource in range(trip.capacities.shape[0]):
        if (
            trip.capacities[resource, DAILY] == daily
            and plan.used[resource, column] > trip.capacities[resource, CAPACITY]
        ):
            return True
    return False


@compiled
def _restore(trip: Trip, plan: Plan, state: NDArray[np.uint64]) -> None:
    """
    Recompute everything that follows from routes and lodgings.

    Taking a visit out may lengthen a day where travel times disobey the triangle inequality, and another lodging
    changes two days: visits are dropped by chance until windows and capacities hold again, or the day is empty.
    """
    whole = trip.days.shape[0]
    for day in range(whole):
        _schedule(trip, plan, day)
        while plan.length[day] > 0 and (plan.broken[day] or _over(trip, plan, day, 1)):
            _drop(plan, day, _below(state, plan.length[day]))
            _schedule(trip, plan, day)
    while _over(trip, plan, whole, 0):
        visits = plan.length.sum()
        if visits == 0:
            break
        chosen, day = _below(state, visits), 0
        while chosen >= plan.length[day]:
            chosen -= plan.length[day]
            day += 1
        _drop(plan, day, chosen)
        _schedule(trip, plan, day)
        while plan.length[day] > 0 and (plan.broken[day] or _over(trip, plan, day, 1)):
            _drop(plan, day, _below(state, plan.length[day]))
            _schedule(trip, plan, day)
    plan.visited[:] = 0
    plan.visit_day[:] = -1
    plan.rule_count[:] = 0
    plan.seen[:] = 0
    for day in range(whole):
        if plan.lodging[day] >= 0:
            _count_group(trip, plan, day, trip.lodgings[plan.lodging[day], STAY_GROUP])
        for position in range(plan.length[day]):
            _count_option(trip, plan, day, plan.route[day, position])


@compiled
def _objective(trip: Trip, plan: Plan) -> int:
    """Return the objective less one `VIOLATION` for everything that is missing."""
    whole = trip.days.shape[0]
    total, faults = 0, 0
    for day in range(whole):
        total += plan.totals[day, 0] - plan.totals[day, 3]
        total -= trip.weights[TRAVEL_WEIGHT] * plan.totals[day, 1] + trip.weights[WAIT_WEIGHT] * plan.totals[day, 2]
        faults += plan.broken[day]
        if plan.lodging[day] >= 0:
            total += trip.lodgings[plan.lodging[day], STAY_VALUE]
    for resource in range(trip.capacities.shape[0]):
        if trip.capacities[resource, DAILY]:
            for day in range(whole):
                faults += plan.used[resource, day] > trip.capacities[resource, CAPACITY]
        else:
            faults += plan.used[resource, whole] > trip.capacities[resource, CAPACITY]
    for combo in range(trip.combos.shape[0]):
        first, last = whole, whole + 1
        if trip.combos[combo, SAME_DAY]:
            first, last = 0, whole
        for column in range(first, last):
            if _earned(
                trip, combo, plan.seen[combo, column, 0], plan.seen[combo, column, 1], plan.seen[combo, column, 2]
            ):
                total += trip.combos[combo, BONUS]
    for rule in range(trip.rules.shape[0]):
        missing = 0
        if trip.rules[rule, PER_DAY]:
            for day in range(whole):
                if trip.rules[rule, OFFERED + day]:
                    missing += max(0, trip.rules[rule, LOWER] - plan.rule_count[rule, day])
        else:
            missing = max(0, trip.rules[rule, LOWER] - plan.rule_count[rule, whole])
        if trip.rules[rule, PENALTY] == 0:
            faults += missing
        else:
            total -= missing * trip.rules[rule, PENALTY]
    for group in range(trip.required.shape[0]):
        faults += trip.required[group] and plan.visited[group] == 0
    return total - faults * trip.weights[VIOLATION]


@compiled
def _earned(trip: Trip, combo: int, left: int, right: int, union: int) -> bool:
    return left > 0 and right > 0 and union >= trip.combos[combo, FEWEST]


@compiled
def _combination_gain(
    links: NDArray[np.int64],
    combos: NDArray[np.int64],
    seen: NDArray[np.int64],
    first: int,
    last: int,
    day: int,
    eagerness: float,
) -> float:
    """Return the bonuses that a visit earns, plus a share of those that it would bring one step closer."""
    gain = 0.0
    for link in range(first, last):
        combo, sides = links[link, 0], links[link, 1]
        column = day if combos[combo, SAME_DAY] else seen.shape[1] - 1
        left, right, union = seen[combo, column, LEFT], seen[combo, column, RIGHT], seen[combo, column, UNION]
        fewest = combos[combo, FEWEST]
        if left > 0 and right > 0 and union >= fewest:
            continue
        if left + (sides & 1) > 0 and right + (sides >> 1) > 0 and union + 1 >= fewest:
            gain += combos[combo, BONUS]
        else:
            gain += eagerness * combos[combo, BONUS]
    return gain


@compiled
def _rule_gain(
    members: NDArray[np.int64],
    rules: NDArray[np.int64],
    rule_count: NDArray[np.int64],
    first: int,
    last: int,
    day: int,
    violation: int,
) -> int:
    """Return the shortfalls that a visit mends; -1 when a limit forbids it."""
    gain = 0
    for row in range(first, last):
        rule = members[row]
        column = day if rules[rule, PER_DAY] else rule_count.shape[1] - 1
        count = rule_count[rule, column]
        if count >= rules[rule, UPPER]:
            return -1
        if count < rules[rule, LOWER]:
            gain += rules[rule, PENALTY] if rules[rule, PENALTY] > 0 else violation
    return gain


@compiled
def _fits(
    capacities: NDArray[np.int64], used: NDArray[np.int64], option_use: NDArray[np.int64], option: int, day: int
) -> bool:
    """Say whether resources leave room for a visit, arcs aside."""
    for resource in range(capacities.shape[0]):
        column = day if capacities[resource, DAILY] else used.shape[1] - 1
        if used[resource, column] + option_use[resource, option] > capacities[resource, CAPACITY]:
            return False
    return True


@compiled
def _arcs_fit(
    capacities: NDArray[np.int64],
    used: NDArray[np.int64],
    option_use: NDArray[np.int64],
    arc_use: NDArray[np.int64],
    option: int,
    day: int,
    here: int,
    node: int,
    there: int,
) -> bool:
    """Say whether resources leave room for a visit and the change of arcs."""
    for resource in range(capacities.shape[0]):
        column = day if capacities[resource, DAILY] else used.shape[1] - 1
        added = arc_use[resource, here, node] + arc_use[resource, node, there] - arc_use[resource, here, there]
        if used[resource, column] + option_use[resource, option] + added > capacities[resource, CAPACITY]:
            return False
    return True


@compiled
def _added_wait(
    options: NDArray[np.int64],
    route: NDArray[np.int64],
    begin: NDArray[np.int64],
    leave: NDArray[np.int64],
    leg: NDArray[np.int64],
    position: int,
    length: int,
    wait: int,
    arrival: int,
) -> int:
    """Return the change of a day's waiting ticks when the next visit is then reached at ``arrival``."""
    change = 0 if position == 0 else wait
    time = arrival
    for later in range(position, length):
        option = route[later]
        old_wait = begin[later] - leave[later] - leg[later] if later > 0 else 0
        if later > position:
            time += leg[later]
        new_begin = max(time, options[option, OPEN])
        change += new_begin - time - old_wait
        if new_begin == begin[later]:
            break
        time = new_begin + options[option, STAY]
    return change


@compiled
def _between(trip: Trip, plan: Plan, group: int, day: int) -> tuple[int, int]:
    """Return the first and last position that precedence leaves to a group on a day; first > last when none."""
    first, last = 0, plan.length[day]
    for row in range(trip.before_start[group], trip.before_start[group + 1]):
        other, role, same_day = trip.before[row, 0], trip.before[row, 1], trip.before[row, 2]
        other_day = plan.visit_day[other]
        if other_day < 0:
            continue
        if other_day != day:
            if same_day or (role == HERE_FIRST) == (other_day < day):
                return 1, 0
            continue
        position = 0
        while trip.options[plan.route[day, position], GROUP] != other:
            position += 1
        if role == HERE_FIRST:
            last = min(last, position)
        else:
            first = max(first, position + 1)
    return first, last


@compiled
def _best_place(
    trip: Trip, plan: Plan, state: NDArray[np.uint64], group: int, tick_worth: float, eagerness: float
) -> tuple[float, int, int, float]:
    """
    Return the key, option, position and gain of the best way to visit a group; option -1 where there is none.

    The key is the gain less the worth of the ticks it takes.
    """
    options = trip.options
    travel_weight, wait_weight = trip.weights[TRAVEL_WEIGHT], trip.weights[WAIT_WEIGHT]
    has_price, has_use = trip.arc_price.size > 0, trip.arc_use.size > 0
    capacities, used, option_use, arc_use = trip.capacities, plan.used, trip.option_use, trip.arc_use
    # Where arcs use something too, leaving one out may make room: then only each position can tell.
    has_capacity = capacities.shape[0] > 0 and not has_use
    # Arrays are taken out of the tuples once, for the functions that the inner loop calls.
    rule_start, members, rules, rule_count = trip.rule_start, trip.rule, trip.rules, plan.rule_count
    links, combos, seen = trip.links, trip.combos, plan.seen
    first_link, last_link = trip.link_start[group], trip.link_start[group + 1]
    violation, is_required = trip.weights[VIOLATION], trip.required[group]
    leave, late, stop, legs, length, broken = plan.leave, plan.late, plan.stop, plan.leg, plan.length, plan.broken
    begins, route, fresh, is_torn = plan.begin, plan.route, plan.fresh, plan.torn[group]
    has_order = trip.before_start[group + 1] > trip.before_start[group]
    group_option, days, travel, travel_back = trip.group_option, trip.days, trip.travel, trip.travel_back
    point_start, departures, arrivals = trip.point_start, trip.points[0], trip.points[1]
    nodes, is_timed = travel.shape[1] - 1, point_start.size > 0
    arc_price = trip.arc_price
    best_key, best_option, best_position, best_gain = -np.inf, -1, -1, 0.0
    for row in range(trip.group_start[group], trip.group_start[group + 1]):
        option = group_option[row]
        day, node = options[option, DAY], options[option, NODE]
        opens, closes, stay = options[option, OPEN], options[option, CLOSE], options[option, STAY]
        if not (fresh[day] or is_torn) or (has_capacity and not _fits(capacities, used, option_use, option, day)):
            continue
        first, last = 0, length[day]
        if has_order:
            first, last = _between(trip, plan, group, day)
        worth = np.float64(options[option, VALUE])
        if rule_start[option + 1] > rule_start[option]:
            mended = _rule_gain(members, rules, rule_count, rule_start[option], rule_start[option + 1], day, violation)
            if mended < 0:
                continue
            worth += mended
        if is_required:
            worth += violation
        if broken[day]:
            worth += violation
        near_key, near_position, near_gain = -np.inf, -1, 0.0
        onward_ticks = travel[days[day, TABLE], node]
        hither_ticks = travel_back[days[day, TABLE], node]
        for position in range(first, last + 1):
            depart = leave[day, position]
            if depart > closes:
                break
            limit = late[day, position] - stay
            if opens > limit:
                continue
            here, there = stop[day, position], stop[day, position + 1]
            arrival = depart + hither_ticks[here]
            begin = max(arrival, opens)
            if begin > closes or begin > limit:
                continue
            onward = np.int64(onward_ticks[there])
            if begin + onward > limit:
                continue
            if is_timed:
                table = days[day, TABLE]
                arrival = _reached(point_start, departures, arrivals, nodes, table, here, node, depart)
                begin = max(arrival, opens)
                if begin > closes or begin > limit:
                    continue
                onward = _reached(point_start, departures, arrivals, nodes, table, node, there, begin + stay)
                onward -= begin + stay
                if begin + onward > limit:
                    continue
            if _random(state) < BLINK:
                continue
            if has_use and not _arcs_fit(capacities, used, option_use, arc_use, option, day, here, node, there):
                continue
            direct = legs[day, position]
            gain = 0.0
            if travel_weight:
                added_travel = arrival - depart + onward - direct
                if is_timed and position == 0:
                    # One sets out later instead of waiting for the first departure, or for the first place to open.
                    table, moment = days[day, TABLE], begins[day, 0] if length[day] > 0 else depart + direct
                    old_left = _left(point_start, departures, arrivals, nodes, table, here, there, moment)
                    left = _left(point_start, departures, arrivals, nodes, table, here, node, begin)
                    added_travel = begin - left + onward - (moment - old_left if old_left >= depart else 0)
                gain -= travel_weight * added_travel
            if has_price:
                gain -= arc_price[here, node] + arc_price[node, there] - arc_price[here, there]
            key = gain - tick_worth * (begin + stay + onward - depart - direct)
            if wait_weight:
                added = _added_wait(
                    options,
                    route[day],
                    begins[day],
                    leave[day],
                    legs[day],
                    position,
                    length[day],
                    begin - arrival,
                    begin + stay + onward,
                )
                gain -= wait_weight * added
                key -= wait_weight * added
            if key > near_key:
                near_key, near_position, near_gain = key, position, gain
        if near_position < 0:
            continue
        # What does not depend on the position comes last: most options have none.
        if last_link > first_link:
            worth += _combination_gain(links, combos, seen, first_link, last_link, day, eagerness)
        if worth + near_key > best_key:
            best_key, best_option, best_position, best_gain = worth + near_key, option, near_position, worth + near_gain
    return best_key, best_option, best_position, best_gain


@compiled
def _put(trip: Trip, plan: Plan, option: int, position: int) -> None:
    """Enter a visit into its day."""
    day = trip.options[option, DAY]
    for later in range(plan.length[day], position, -1):
        plan.route[day, later] = plan.route[day, later - 1]
    plan.route[day, position] = option
    plan.length[day] += 1
    _schedule(trip, plan, day)
    _count_option(trip, plan, day, option)


@compiled
def _is_welcome(state: NDArray[np.uint64], gain: float, temperature: float) -> bool:
    """Say whether to take a gain; a loss is taken by chance."""
    return gain >= 0 or (temperature > 0 and _random(state) < np.exp(gain / temperature))


@compiled
def _insert_in_order(
    trip: Trip,
    plan: Plan,
    state: NDArray[np.uint64],
    waiting: int,
    tick_worth: float,
    eagerness: float,
    temperature: float,
) -> None:
    """Put each waiting group into its best place, one after the other, where that is worth it."""
    # What must be there mostly goes first, for later there may be no room; but not always, as it may then lie badly.
    by_need = _random(state) < REQUIRED_FIRST
    for turn in range(2):
        for place in range(waiting):
            group = plan.queue[place]
            is_due = turn == 1 - trip.required[group] if by_need else turn == 0
            if not is_due or plan.visited[group]:
                continue
            _, option, position, gain = _best_place(trip, plan, state, group, tick_worth, eagerness)
            if option >= 0 and _is_welcome(state, gain, temperature):
                _put(trip, plan, option, position)


@compiled
def _insert_best_first(
    trip: Trip,
    plan: Plan,
    state: NDArray[np.uint64],
    waiting: int,
    tick_worth: float,
    eagerness: float,
    temperature: float,
) -> None:
    """
    Put the best of all waiting groups into its place, time and again.

    Keys mostly fall as a day fills. So only the key of the group that leads is looked up anew, until one stays ahead.
    """
    for place in range(waiting):
        plan.keys[place] = _best_place(trip, plan, state, plan.queue[place], tick_worth, eagerness)[0]
    while True:
        first, leading, second = -1, -np.inf, -np.inf
        for place in range(waiting):
            if plan.keys[place] > leading:
                first, leading, second = place, plan.keys[place], leading
            elif plan.keys[place] > second:
                second = plan.keys[place]
        if first < 0:
            return
        key, option, position, gain = _best_place(trip, plan, state, plan.queue[first], tick_worth, eagerness)
        plan.keys[first] = key
        if key < second:
            continue
        plan.keys[first] = -np.inf
        if option >= 0 and _is_welcome(state, gain, temperature):
            _put(trip, plan, option, position)


@compiled
def _call(trip: Trip, plan: Plan, state: NDArray[np.uint64]) -> None:
    """Mark the groups to try: those just taken out or required, some near them, of combinations, and of all."""
    groups, reach, combos = plan.called.shape[0], trip.near.shape[1], trip.side_start.shape[0] - 1
    is_thorough = _random(state) < THOROUGH
    for group in range(groups):
        plan.called[group] = is_thorough or plan.torn[group] or trip.required[group]
    if is_thorough:
        for day in range(plan.fresh.shape[0]):
            plan.fresh[day] = 1
        return
    for group in range(groups if reach else 0):
        if plan.torn[group] and not plan.visited[group]:
            for _ in range(np.int64(CALLED_NEAR + _random(state))):
                drawn = _random(state)
                plan.called[trip.near[group, np.int64(reach * drawn * drawn)]] = 1
    for _ in range(np.int64(CALLED + _random(state))):
        plan.called[_below(state, groups)] = 1
    for _ in range(np.int64(CALLED_TOGETHER + _random(state)) if combos else 0):
        combo = _below(state, combos)
        members = trip.side_start[combo + 1] - trip.side_start[combo]
        plan.called[trip.side[trip.side_start[combo] + _below(state, members)]] = 1


@compiled
def _recreate(trip: Trip, plan: Plan, state: NDArray[np.uint64], temperature: float) -> None:
    """Try groups that are left out, in an order drawn by chance."""
    groups, kinds = trip.orders.shape[1], trip.orders.shape[0]
    if groups == 0:
        return
    tick_worth = trip.scale[2] * np.exp(3.0 * _random(state) - 2.0)
    if _random(state) < GREEDY:
        tick_worth *= 0.001
    eagerness = max(0.0, 1.5 * _random(state) - 0.75)
    _call(trip, plan, state)
    kind = _below(state, kinds + 2)
    waiting = 0
    for place in range(groups):
        group = trip.orders[kind, place] if kind < kinds else place
        if plan.called[group] and not plan.visited[group] and trip.group_start[group + 1] > trip.group_start[group]:
            plan.queue[waiting] = group
            waiting += 1
    if kind >= kinds:
        for place in range(waiting - 1, 0, -1):
            other = _below(state, place + 1)
            plan.queue[place], plan.queue[other] = plan.queue[other], plan.queue[place]
    if _random(state) < BEST_FIRST:
        _insert_best_first(trip, plan, state, waiting, tick_worth, eagerness, temperature)
    else:
        _insert_in_order(trip, plan, state, waiting, tick_worth, eagerness, temperature)


@compiled
def _take_out(plan: Plan, day: int, first: int, count: int) -> None:
    """Remove ``count`` visits of a day from position ``first`` on."""
    for position in range(first, plan.length[day] - count):
        plan.route[day, position] = plan.route[day, position + count]
    plan.length[day] -= count


@compiled
def _active_days(plan: Plan) -> int:
    active = 0
    for day in range(plan.length.shape[0]):
        active += plan.length[day] > 0
    return active


@compiled
def _ruin_strings(trip: Trip, plan: Plan, state: NDArray[np.uint64]) -> None:
    """Take strings of visits out of the days that pass near one place."""
    days = trip.days.shape[0]
    visits, active = plan.length.sum(), _active_days(plan)
    longest = min(LONGEST_STRING, visits / active)
    most_strings = 4.0 * USUAL_RUIN / (1.0 + longest) - 1.0
    strings = np.int64(most_strings * _random(state) + 1.0)
    seed = trip.options[_below(state, trip.options.shape[0]), NODE]
    for day in range(days):
        plan.reach[day, 0], plan.reach[day, 1] = -1, NO_ARC + 1
        travel = trip.travel[trip.days[day, TABLE]]
        for position in range(plan.length[day]):
            distance = np.int64(travel[seed, plan.stop[day, position + 1]])
            if distance < plan.reach[day, 1]:
                plan.reach[day, 0], plan.reach[day, 1] = position, distance
    for _ in range(min(strings, active)):
        day = 0
        for other in range(days):
            if plan.reach[other, 1] < plan.reach[day, 1]:
                day = other
        position = plan.reach[day, 0]
        if position < 0:
            return
        plan.reach[day, 1] = NO_ARC + 1
        plan.reach[day, 0] = -1
        count = np.int64(min(longest, np.float64(plan.length[day])) * _random(state) + 1.0)
        count = min(count, plan.length[day])
        lowest = max(0, position - count + 1)
        highest = min(position, plan.length[day] - count)
        first = lowest + _below(state, highest - lowest + 1)
        if count > 1 and count < plan.length[day] and _random(state) < 0.5:
            # A split string: keep one run of visits inside a longer string.
            keep = 1
            while count + keep < plan.length[day] and _random(state) < 0.5:
                keep += 1
            span = count + keep
            lowest = max(0, position - span + 1)
            highest = min(position, plan.length[day] - span)
            first = lowest + _below(state, highest - lowest + 1)
            head = 1 + _below(state, count - 1)
            _take_out(plan, day, first + head + keep, count - head)
            _take_out(plan, day, first, head)
        else:
            _take_out(plan, day, first, count)


@compiled
def _ruin_scattered(trip: Trip, plan: Plan, state: NDArray[np.uint64], by_worth: bool) -> None:
    """Take visits out here and there: any, or rather those worth little for their time."""
    days = trip.days.shape[0]
    share = min(1.0, (1.0 + 9.0 * _random(state)) / plan.length.sum())
    for day in range(days):
        for position in range(plan.length[day] - 1, -1, -1):
            chance = share
            if by_worth:
                option = plan.route[day, position]
                leg = plan.begin[day, position] + trip.options[option, STAY] - plan.leave[day, position]
                worth = trip.scale[2] * leg
                chance = share * 2.0 * worth / (worth + max(1.0, np.float64(trip.options[option, VALUE])))
            if _random(state) < chance:
                _drop(plan, day, position)


@compiled
def _change_lodging(trip: Trip, plan: Plan, state: NDArray[np.uint64]) -> None:
    """Move one night to another lodging; visits of its group and, by chance, the two days around it go."""
    nights = trip.night_start.shape[0] - 1
    night = _below(state, nights)
    offered = trip.night_start[night + 1] - trip.night_start[night]
    if offered < 2:
        return
    lodging = trip.night[trip.night_start[night] + _below(state, offered)]
    plan.lodging[night] = lodging
    day = plan.visit_day[trip.lodgings[lodging, STAY_GROUP]]
    if day >= 0:
        for position in range(plan.length[day]):
            if trip.options[plan.route[day, position], GROUP] == trip.lodgings[lodging, STAY_GROUP]:
                _drop(plan, day, position)
                break
    if _random(state) < 0.3:
        plan.length[night] = 0
    if _random(state) < 0.3:
        plan.length[night + 1] = 0


@compiled
def _ruin(trip: Trip, plan: Plan, state: NDArray[np.uint64]) -> None:
    if trip.lodgings.shape[0] > 0 and _random(state) < 0.15:
        _change_lodging(trip, plan, state)
    if plan.length.sum() == 0:
        return
    kind = _random(state)
    if kind < 0.7:
        _ruin_strings(trip, plan, state)
    elif kind < 0.84:
        _ruin_scattered(trip, plan, state, False)
    elif kind < 0.98:
        _ruin_scattered(trip, plan, state, True)
    else:
        plan.length[_below(state, trip.days.shape[0])] = 0


@compiled
def _remember(plan: Plan, pool: Pool, objective: int) -> None:
    """Keep the day-routes of an accepted plan."""
    days = plan.length.shape[0]
    for day in range(days):
        arriving = plan.lodging[day - 1] if day > 0 else np.int64(-1)
        mark = np.int64(1469598103934665603)
        mark = (mark ^ (day * 1000003 + arriving * 8191 + plan.lodging[day])) * np.int64(1099511628211)
        for position in range(plan.length[day]):
            mark = (mark ^ plan.route[day, position]) * np.int64(1099511628211)
        mark ^= mark >> 29
        slot = np.int64(np.uint64(mark) % np.uint64(pool.about.shape[0]))
        about = pool.about[slot]
        if about[POOL_DAY] >= 0:
            if about[POOL_OBJECTIVE] >= objective:
                continue
            if about[POOL_HASH] == mark:
                about[POOL_OBJECTIVE] = objective
                continue
        about[POOL_DAY], about[POOL_LENGTH], about[POOL_OBJECTIVE] = day, plan.length[day], objective
        about[POOL_IN], about[POOL_OUT], about[POOL_HASH] = arriving, plan.lodging[day], mark
        for position in range(plan.length[day]):
            pool.route[slot, position] = plan.route[day, position]


@compiled
def search(
    trip: Trip, plan: Plan, best: Best, pool: Pool, state: NDArray[np.uint64], first: int, last: int, total: int
) -> None:
    """
    Run iterations ``first .. last - 1`` of ``total``; the temperature falls with the iteration's share of the total.

    Iteration 0 completes the plan it is given. All results are left in ``plan``, ``best``, ``pool`` and ``state``.
    """
    _restore(trip, plan, state)
    cooling = np.log(trip.scale[1] / trip.scale[0])
    if first == 0:
        best.objective[1] = _objective(trip, plan)
    for iteration in range(first, last):
        temperature = trip.scale[0] * np.exp(cooling * iteration / total)
        _copy(plan.route, plan.old_route)
        _copy(plan.length, plan.old_length)
        _copy(plan.lodging, plan.old_lodging)
        _copy(plan.visited, plan.torn)
        if iteration > 0:
            _ruin(trip, plan, state)
            _restore(trip, plan, state)
        for day in range(plan.length.shape[0]):
            plan.fresh[day] = plan.length[day] != plan.old_length[day] or plan.length[day] == 0
            for night in range(max(0, day - 1), day + 1):
                if plan.lodging[night] != plan.old_lodging[night]:
                    plan.fresh[day] = 1
        _recreate(trip, plan, state, temperature)
        objective = _objective(trip, plan)
        # 1 - random is never 0, so that the logarithm exists.
        if objective >= best.objective[1] + temperature * np.log(1.0 - _random(state)):
            best.objective[1] = objective
            if objective > best.objective[0]:
                best.objective[0] = objective
                _copy(plan.route, best.route)
                _copy(plan.length, best.length)
                _copy(plan.lodging, best.lodging)
            _remember(plan, pool, objective)
        else:
            _copy(plan.old_route, plan.route)
            _copy(plan.old_length, plan.length)
            _copy(plan.old_lodging, plan.lodging)
            _restore(trip, plan, state)
