"""A second opinion on plans: the rules of the trip problem written out once more, as plainly as can be."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil

from solvers.orienteering.problem import UNREACHABLE, TripProblem, TripSolution


def judge(problem: TripProblem, solution: TripSolution) -> tuple[bool, int]:
    """Return whether a plan keeps every rule, and its objective."""
    p, w, lodgings = problem, problem.weights, problem.lodgings
    days = range(p.days)
    nights = list(solution.lodging) + [-1] * (p.days - len(solution.lodging))
    fine, objective = True, 0
    uses = [[0] * p.days for _ in p.resources.capacity]
    for day in days:
        here = int(lodgings.node[nights[day - 1]]) if day > 0 and nights[day - 1] >= 0 else int(p.day_start[day])
        home = int(lodgings.node[nights[day]]) if nights[day] >= 0 else int(p.day_end[day])
        now = int(p.day_earliest[day])
        for position, option in enumerate([*solution.routes[day], None]):
            there = home if option is None else int(p.option_node[option])
            if here != -1 and there != -1:
                ticks = _ticks(p, day, here, there, now)
                if ticks == UNREACHABLE:
                    fine, ticks = False, 0
                elif position == 0:
                    opens = now + ticks if option is None else max(now + ticks, int(p.option_open[option]))
                    # Everybody sets out as late as that moment allows; without timetables that saves nothing.
                    objective -= w.travel * (_shortest_until(p, day, here, there, now, opens) - ticks)
                now += ticks
                objective -= w.travel * ticks + w.cost * int(p.arc_cost[here][there])
                for resource, used in enumerate(uses):
                    used[day] += int(p.resources.arc_use[resource][here][there])
            here = there
            if option is None:
                fine = fine and now <= p.day_latest[day]
                continue
            if now < p.option_open[option]:
                objective -= w.wait * (int(p.option_open[option]) - now) if position > 0 else 0
                now = int(p.option_open[option])
            fine = fine and now <= p.option_close[option] and p.option_day[option] == day
            now += int(p.option_duration[option])
            objective += int(p.option_score[option])
            objective -= w.cost * int(p.option_cost[option]) + w.load * int(p.option_load[option])
            for resource, used in enumerate(uses):
                used[day] += int(p.resources.option_use[resource][option])
        if nights[day] >= 0:
            objective += int(lodgings.score[nights[day]]) - w.cost * int(lodgings.cost[nights[day]])
            fine = fine and lodgings.night[nights[day]] == day
            for resource, used in enumerate(uses):
                used[day] += int(p.resources.lodging_use[resource][nights[day]])
        elif day in lodgings.night:
            fine = False
    for resource, used in enumerate(uses):
        for amount in used if p.resources.per_day[resource] else [sum(used)]:
            fine = fine and amount <= p.resources.capacity[resource]
    visited = [int(p.option_group[option]) for route in solution.routes for option in route]
    slept = {int(lodgings.group[stay]) for stay in nights if stay >= 0}
    fine = fine and len(visited) == len(set(visited)) and not slept & set(visited)
    fine = fine and all(group in visited or group in slept for group in p.required)
    fine = fine and _in_order(problem, solution)
    kept, shortfall = _counted(problem, solution)
    return bool(fine and kept), objective - shortfall + _bonuses(problem, solution, nights)


def _ticks(problem: TripProblem, day: int, here: int, there: int, now: int) -> int:
    table = int(problem.day_travel[day])
    if problem.arrivals is None or here == there:
        return int(problem.travel[table][here][there])
    functions, pair = problem.arrivals, (table * problem.nodes + here) * problem.nodes + there
    points = range(functions.start[pair], functions.start[pair + 1])
    known = [(int(functions.departure[point]), int(functions.arrival[point])) for point in points]
    if not known or now > known[-1][0]:
        return UNREACHABLE
    if now <= known[0][0]:
        return known[0][1] - now
    for (early, first), (late, last) in pairwise(known):
        if early < now <= late:
            return first + ceil(Fraction((last - first) * (now - early), late - early)) - now
    raise AssertionError("breakpoints leave a gap")


def _shortest_until(problem: TripProblem, day: int, here: int, there: int, now: int, moment: int) -> int:
    """Return the ticks from the latest departure that is there by a moment, to that moment."""
    leaving = [time for time in range(now, moment + 1) if time + _ticks(problem, day, here, there, time) <= moment]
    return moment - max(leaving)


def _in_order(problem: TripProblem, solution: TripSolution) -> bool:
    order = [(int(problem.option_group[option]), day) for day, route in enumerate(solution.routes) for option in route]
    for first, second, same_day in problem.precedence.tolist():
        for at, (group, day) in enumerate(order):
            for later, (other, other_day) in enumerate(order):
                if group == first and other == second and (later < at or (same_day and day != other_day)):
                    return False
    return True


def _counted(problem: TripProblem, solution: TripSolution) -> tuple[bool, int]:
    rules, kept, shortfall = problem.counts, True, 0
    for rule in range(len(rules.lower)):
        members = rules.options[rule].tolist()
        if rules.per_day[rule]:
            counts = []
            for day, route in enumerate(solution.routes):
                count = len([option for option in route if option in members])
                is_offered = any(problem.option_day[option] == day for option in members)
                counts.append((count, int(rules.lower[rule]) if is_offered else 0))
        else:
            visits = [option for route in solution.routes for option in route if option in members]
            counts = [(len(visits), int(rules.lower[rule]))]
        for count, lower in counts:
            missing = lower - count if count < lower else 0
            kept = kept and count <= rules.upper[rule] and not (missing and rules.shortfall_penalty[rule] == 0)
            shortfall += missing * int(rules.shortfall_penalty[rule])
    return kept, shortfall


def _bonuses(problem: TripProblem, solution: TripSolution, nights: list[int]) -> int:
    seen_on = []
    for day, route in enumerate(solution.routes):
        seen = {int(problem.option_group[option]) for option in route}
        seen_on.append(seen | ({int(problem.lodgings.group[nights[day]])} if nights[day] >= 0 else set()))
    everything = {group for seen in seen_on for group in seen}
    total, pairs = 0, problem.combinations
    for index in range(len(pairs.bonus)):
        left, right = set(pairs.left[index].tolist()), set(pairs.right[index].tolist())
        for seen in seen_on if pairs.same_day[index] else [everything]:
            both = [group for group in seen if group in left or group in right]
            if seen & left and seen & right and len(both) >= pairs.fewest[index]:
                total += int(pairs.bonus[index])
    return total
