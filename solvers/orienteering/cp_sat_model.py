"""The whole problem as one CP-SAT model: slow and exact, to judge the fast search on small problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from ortools.sat.python import cp_model

from solvers.orienteering._linear_rules import LinearRules
from solvers.orienteering._pieces import Piece, left, pieces_of, reached
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE, TripSolution
from solvers.orienteering.recombine import set_deterministic
from solvers.stopping import watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.problem import TripProblem


_ARCS_A_QUESTION: Final = 500
"""Arcs stated between two questions whether to stop; that takes milliseconds."""


@dataclass(frozen=True, slots=True)
class ExactAnswer:
    """
    Hold what CP-SAT found.

    Parameters
    ----------
    status
        ``optimal`` and ``infeasible`` are proven; ``unsolved`` when time ran out before any plan was found.
    solution
        The best plan; None when there is none.
    bound
        Proven upper limit of the objective; None when infeasible.
    """

    status: Literal["optimal", "feasible", "infeasible", "unsolved"]
    solution: TripSolution | None
    bound: int | None


def solve_exactly(
    problem: TripProblem,
    *,
    effort: float | None = None,
    seed: int = 0,
    seconds: float | None = None,
    hint: TripSolution | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ExactAnswer:
    """
    Solve the problem by one circuit per day with times.

    Each day is a circuit through a depot, one node per lodging it may start from, one per option and one per lodging it
    may end at; skipped nodes loop to themselves. Where travel depends on the time of departure, one literal per arc and
    straight piece of its arrival function says when it is left.

    Parameters
    ----------
    problem
        A valid problem.
    effort
        Limit in CP-SAT's deterministic time; None: until proven.
    seed
        CP-SAT's seed.
    seconds
        Limit in seconds; runs it ends do not repeat exactly.
    hint
        A plan to begin with.
    should_stop
        Ends it early with the best plan so far, if there is any.

    Returns
    -------
    answer
        Best plan, status and bound.
    """
    model = cp_model.CpModel()
    nights = [model.new_bool_var("") for _ in range(problem.lodgings.night.size)]
    try:
        days = [_Day(model, problem, day, nights, should_stop) for day in range(problem.days)]
    except _EndedError:
        return ExactAnswer("unsolved", None, None)
    taken = {option: literal for day in days for option, literal in day.taken.items()}
    rules = LinearRules(model, problem, taken=taken, nights=nights)
    rules.add_nights()
    rules.add_groups()
    rules.add_precedence_between_days()
    _order_within_days(model, problem, days)
    shortfall = rules.add_counts()
    rules.add_capacities([[day.use(resource) for day in days] for resource in range(problem.resources.capacity.size)])
    model.maximize(sum(day.value() for day in days) + rules.night_value() + rules.add_combinations() - shortfall)
    for option, literal in taken.items() if hint is not None else ():
        model.add_hint(literal, hint is not None and any(option in route for route in hint.routes))
    solver = cp_model.CpSolver()
    set_deterministic(solver, effort=effort, seed=seed, seconds=seconds)
    with watched(should_stop, solver.stop_search):
        status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return ExactAnswer("infeasible", None, None)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return ExactAnswer("unsolved", None, None)
    return ExactAnswer(
        "optimal" if status == cp_model.OPTIMAL else "feasible",
        _read(solver, problem, days, nights),
        # The objective is integer; CP-SAT's bound is a float, exact below 2**53.
        int(np.floor(solver.best_objective_bound + 1e-6)),
    )


class _EndedError(Exception):
    """Leave a model half stated: nobody waits for it any more."""


def _read(
    solver: cp_model.CpSolver, problem: TripProblem, days: list[_Day], nights: list[cp_model.IntVar]
) -> TripSolution:
    lodging = [-1] * (problem.days - 1)
    for stay, literal in enumerate(nights):
        if solver.boolean_value(literal):
            lodging[int(problem.lodgings.night[stay])] = stay
    return TripSolution(tuple(day.route(solver) for day in days), tuple(lodging))


def _order_within_days(model: cp_model.CpModel, problem: TripProblem, days: list[_Day]) -> None:
    """Visit the earlier group of each pair first where both fall on one day."""
    for day in days:
        if not len(problem.precedence):
            return
        ranks = day.ranks()
        for before, after, _ in problem.precedence.tolist():
            for early in day.options_of(before):
                for late in day.options_of(after):
                    # Ranks, not times: visits without duration and travel may share a moment.
                    model.add(ranks[early] < ranks[late]).only_enforce_if(day.taken[early], day.taken[late])


class _Day:
    """
    Model one day: which options, in which order, when.

    Stating that for hundreds of options takes seconds; where somebody ends it, `_EndedError` is raised.
    """

    def __init__(
        self,
        model: cp_model.CpModel,
        problem: TripProblem,
        day: int,
        nights: list[cp_model.IntVar],
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._model, self._problem, self._day = model, problem, day
        self._should_stop = should_stop
        self._table = problem.travel[problem.day_travel[day]]
        self._options: list[int] = np.flatnonzero(problem.option_day == day).tolist()
        self.taken = {option: model.new_bool_var("") for option in self._options}
        self._arcs: dict[tuple[int, int], cp_model.IntVar] = {}
        self._starts = self._ends(day - 1, int(problem.day_start[day]), nights)
        self._finishes = self._ends(day, int(problem.day_end[day]), nights)
        self._nodes = self._number_nodes()
        self._pieces: dict[tuple[int, int], list[Piece]] = {}
        self._add_circuit()
        self._begin = {option: self._begin_of(option) for option in self._options}
        self._waits: list[cp_model.IntVar] = []
        self._journeys: list[cp_model.IntVar] = []
        self._add_times()

    def _ask(self) -> None:
        if self._should_stop is not None and self._should_stop():
            raise _EndedError

    def _ends(self, night: int, fallback: int, nights: list[cp_model.IntVar]) -> list[tuple[int, cp_model.IntVar]]:
        """Return the nodes that the day may start from (or end at), each with the literal that says it does."""
        lodgings = self._problem.lodgings
        stays = np.flatnonzero(lodgings.night == night).tolist()
        if not stays:
            return [(fallback, self._model.new_constant(1))]
        return [(int(lodgings.node[stay]), nights[stay]) for stay in stays]

    def _number_nodes(self) -> list[int]:
        """Return the place of each node of the circuit after the depot: starts, options, finishes."""
        places = [node for node, _ in self._starts]
        places += [int(self._problem.option_node[option]) for option in self._options]
        return places + [node for node, _ in self._finishes]

    def _leg(self, here: int, there: int) -> tuple[int, int] | None:
        """Return an arc between two circuit nodes as a pair of places; None to or from anywhere."""
        leg = self._nodes[here], self._nodes[there]
        return None if ANYWHERE in leg else leg

    def _ticks(self, here: int, there: int) -> int:
        leg = self._leg(here, there)
        return 0 if leg is None else int(self._table[leg])

    def _add_circuit(self) -> None:
        model, starts, options = self._model, len(self._starts), len(self._options)
        first_finish = starts + options
        circuit: list[tuple[int, int, Any]] = []
        for index, (_, literal) in enumerate(self._starts):
            circuit += [(0, index + 1, literal), (index + 1, index + 1, literal.negated())]
        for index, option in enumerate(self._options):
            circuit.append((starts + index + 1, starts + index + 1, self.taken[option].negated()))
        for index, (_, literal) in enumerate(self._finishes):
            node = first_finish + index + 1
            circuit += [(node, 0, literal), (node, node, literal.negated())]
        for here in range(first_finish):
            self._ask()
            for there in range(starts, len(self._nodes)):
                if here != there and self._has_way(here, there):
                    arc = model.new_bool_var("")
                    self._arcs[here, there] = arc
                    circuit.append((here + 1, there + 1, arc))
        model.add_circuit(circuit)

    def _has_way(self, here: int, there: int) -> bool:
        """Say whether an arc exists, and cut its arrival function into pieces where it has one."""
        problem, leg = self._problem, self._leg(here, there)
        if problem.arrivals is None or leg is None or leg[0] == leg[1]:
            return self._ticks(here, there) < UNREACHABLE
        pair = (int(problem.day_travel[self._day]) * problem.nodes + leg[0]) * problem.nodes + leg[1]
        first = int(problem.day_earliest[self._day])
        if here >= len(self._starts):
            option = self._options[here - len(self._starts)]
            first = int(problem.option_open[option] + problem.option_duration[option])
        pieces = pieces_of(problem.arrivals, pair, first, int(problem.day_latest[self._day]))
        if pieces:
            self._pieces[here, there] = pieces
        return bool(pieces)

    def _window(self, option: int) -> tuple[int, int]:
        problem = self._problem
        return int(problem.option_open[option]), int(min(problem.option_close[option], problem.day_latest[self._day]))

    def _begin_of(self, option: int) -> cp_model.IntVar:
        opens, closes = self._window(option)
        if closes < opens:
            self._model.add(self.taken[option] == 0)
            closes = opens
        return self._model.new_int_var(opens, closes, "")

    def _add_times(self) -> None:
        """Let every visit begin as soon as one is there and it is open."""
        problem, starts = self._problem, len(self._starts)
        first_finish = starts + len(self._options)
        # Where waiting has a price, or another departure another travel, it matters that nobody begins later.
        begins_at_once = problem.weights.wait or (problem.weights.travel and self._pieces)
        for number, ((here, there), arc) in enumerate(self._arcs.items()):
            if number % _ARCS_A_QUESTION == 0:
                self._ask()
            leave: Any = int(problem.day_earliest[self._day])
            if here >= starts:
                option = self._options[here - starts]
                leave = self._begin[option] + int(problem.option_duration[option])
            arrival = self._arrival(here, there, arc, leave)
            if there >= first_finish:
                self._model.add(arrival <= int(problem.day_latest[self._day])).only_enforce_if(arc)
                continue
            option = self._options[there - starts]
            self._model.add(self._begin[option] >= arrival).only_enforce_if(arc)
            if begins_at_once:
                self._begin_at_once(option, arc, arrival)
            if problem.weights.wait and here >= starts:
                wait = self._model.new_int_var(0, int(problem.day_latest[self._day]), "")
                self._model.add(wait >= self._begin[option] - arrival).only_enforce_if(arc)
                self._waits.append(wait)

    def _arrival(self, here: int, there: int, arc: cp_model.IntVar, leave: Any) -> Any:
        """Return when the end of an arc is reached by one who leaves its beginning at ``leave``."""
        pieces = self._pieces.get((here, there))
        if pieces is None:
            return leave + self._ticks(here, there)
        if here < len(self._starts):
            return reached(pieces, leave)
        model, latest = self._model, int(self._problem.day_latest[self._day])
        arrival = model.new_int_var(0, latest, "")
        chosen = [arc] if len(pieces) == 1 else [model.new_bool_var("") for _ in pieces]
        if len(pieces) > 1:
            model.add(sum(chosen) == arc)
        for piece, literal in zip(pieces, chosen, strict=True):
            model.add_linear_constraint(leave, piece.first, piece.last).only_enforce_if(literal)
            above = piece.run * (arrival - piece.arrival) - piece.rise * (leave - piece.departure)
            # Rounded up to a tick.
            model.add_linear_constraint(above, 0, piece.run - 1).only_enforce_if(literal)
        if self._problem.weights.travel:
            journey = model.new_int_var(0, latest, "")
            model.add(journey >= arrival - leave).only_enforce_if(arc)
            self._journeys.append(journey)
        return arrival

    def _begin_at_once(self, option: int, arc: cp_model.IntVar, arrival: Any) -> None:
        """Let a visit begin on arrival or when it opens, whichever is later."""
        begin, opens = self._begin[option], int(self._problem.option_open[option])
        early = self._model.new_bool_var("")
        self._model.add(begin == opens).only_enforce_if(arc, early)
        self._model.add(begin == arrival).only_enforce_if(arc, early.negated())

    def ranks(self) -> dict[int, cp_model.IntVar]:
        """Return the place of each option in the order of visit."""
        starts = len(self._starts)
        ranks = {option: self._model.new_int_var(0, len(self._options), "") for option in self._options}
        for (here, there), arc in self._arcs.items():
            if starts <= here and there < starts + len(self._options):
                early, late = self._options[here - starts], self._options[there - starts]
                self._model.add(ranks[late] >= ranks[early] + 1).only_enforce_if(arc)
        return ranks

    def options_of(self, group: int) -> list[int]:
        """Return this day's options of a group."""
        return [option for option in self._options if self._problem.option_group[option] == group]

    def value(self) -> Any:
        """Return the day's scores less the price of yen, load, travel and waiting."""
        problem, weights = self._problem, self._problem.weights
        worth = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
        value: Any = sum(int(worth[option]) * literal for option, literal in self.taken.items())
        for (here, there), arc in self._arcs.items():
            leg = self._leg(here, there)
            price = weights.travel * self._fixed_ticks(here, there)
            price += weights.cost * (int(problem.arc_cost[leg]) if leg is not None else 0)
            value -= price * arc
        return value - weights.wait * sum(self._waits) - weights.travel * sum(self._journeys)

    def _fixed_ticks(self, here: int, there: int) -> int:
        """Return the travel of an arc as far as it does not depend on the plan before it."""
        pieces = self._pieces.get((here, there))
        if pieces is None:
            return self._ticks(here, there)
        if here >= len(self._starts):
            return 0
        begin = reached(pieces, int(self._problem.day_earliest[self._day]))
        if there < len(self._starts) + len(self._options):
            begin = max(begin, self._window(self._options[there - len(self._starts)])[0])
        return begin - left(pieces, begin)

    def use(self, resource: int) -> Any:
        """Return what the day's visits and arcs use of a resource."""
        resources = self._problem.resources
        use: Any = sum(int(resources.option_use[resource, option]) * taken for option, taken in self.taken.items())
        for (here, there), arc in self._arcs.items():
            leg = self._leg(here, there)
            use += (int(resources.arc_use[resource][leg]) if leg is not None else 0) * arc
        return use

    def route(self, solver: cp_model.CpSolver) -> tuple[int, ...]:
        """Return the options in the order of visit."""
        starts = len(self._starts)
        onward = {here: there for (here, there), arc in self._arcs.items() if solver.boolean_value(arc)}
        here = next(index for index, (_, literal) in enumerate(self._starts) if solver.boolean_value(literal))
        route = []
        while (here := onward[here]) < starts + len(self._options):
            route.append(self._options[here - starts])
        return tuple(route)
