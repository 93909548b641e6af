"""Trips as packing problems over day-routes: worth what the judge says, and forbidden what the judge forbids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from trip_problems import FEATURES, ints, line_problem, mixed_problem

from solvers.errors import ProblemError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import Combinations, Lodgings, Resources, Sets, TripProblem, TripSolution, Weights
from solvers.orienteering.ruin_and_recreate import PooledRoute
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.trip_routes import RoutesModel, routes_model
from solvers.qubo.validation import validate


def nights_of(problem: TripProblem) -> tuple[int, ...]:
    """Return the first lodging of each night."""
    nights = problem.lodgings.night
    return tuple(int((*np.flatnonzero(nights == night), -1)[0]) for night in range(problem.days - 1))


def random_pool(problem: TripProblem, rng: np.random.Generator, count: int) -> list[PooledRoute]:
    """Draw day-routes of up to four visits, between any nights, many of them impossible."""

    def night(number: int) -> int:
        offered = np.flatnonzero(problem.lodgings.night == number)
        return int(rng.choice(offered)) if offered.size else -1

    routes = []
    for _ in range(count):
        day = int(rng.integers(problem.days))
        options = rng.permutation(np.flatnonzero(problem.option_day == day))[: rng.integers(0, 5)]
        routes.append(PooledRoute(day, tuple(options.tolist()), night(day - 1), night(day), 0))
    return routes


def empty_plan(problem: TripProblem) -> TripSolution:
    return TripSolution(((),) * problem.days, nights_of(problem))


def plans_of(problem: TripProblem, pool: list[PooledRoute]) -> Iterator[TripSolution]:
    """Yield every plan of the pool's routes and of days without visits whose nights agree."""
    stays = [(-1, *np.flatnonzero(problem.lodgings.night == night).tolist()) for night in range(problem.days - 1)]
    empty = [
        (day, before, after, ())
        for day in range(problem.days)
        for before in (stays[day - 1] if day else (-1,))
        for after in (stays[day] if day < problem.days - 1 else (-1,))
    ]
    routes = {*empty, *((each.day, each.lodging_before, each.lodging_after, each.options) for each in pool)}
    for plan in product(*([route for route in sorted(routes) if route[0] == day] for day in range(problem.days))):
        if all(first[2] == second[1] for first, second in pairwise(plan)):
            yield TripSolution(tuple(route[3] for route in plan), tuple(route[2] for route in plan[:-1]))


def best_objective(problem: TripProblem, pool: list[PooledRoute]) -> int | None:
    judged = [evaluate(problem, plan) for plan in plans_of(problem, pool)]
    return max((each.objective for each in judged if each.feasible), default=None)


def selections(model: RoutesModel, days: int) -> Iterator[np.ndarray]:
    """Yield every choice of one item a day, or none."""
    of_day = [[-1, *(item for item, route in enumerate(model.routes) if route.day == day)] for day in range(days)]
    for choice in product(*of_day):
        chosen = np.zeros(len(model.routes), np.bool_)
        chosen[[item for item in choice if item >= 0]] = True
        yield chosen


def is_whole(problem: TripProblem, model: RoutesModel, chosen: np.ndarray) -> bool:
    """Say whether each day that needs one has an item, and both agree on the night between them."""
    routes = [route for route, taken in zip(model.routes, chosen, strict=True) if taken]
    needs_all = problem.lodgings.night.size or problem.resources.arc_use.any()
    return (not needs_all or len(routes) == problem.days) and all(
        first.after == second.before for first, second in pairwise(routes)
    )


def test_up_to_two_days_the_packing_is_the_trip() -> None:
    """Of 500 random trips, what the judge allows is allowed and worth as much, and the best stays the best."""
    checked = found = 0
    for seed in range(500):
        rng = np.random.default_rng(seed)
        features = {feature for feature in FEATURES if rng.random() < 0.5}
        problem = mixed_problem(seed, days=int(rng.integers(1, 3)), options=int(rng.integers(2, 8)), features=features)
        pool = random_pool(problem, rng, 15)
        best = best_objective(problem, pool)
        try:
            model = routes_model(problem, pool, empty_plan(problem))
        except ProblemError:
            # Nothing but empty days is left, or not even those.
            assert best is None or best == evaluate(problem, empty_plan(problem)).objective
            continue
        validate(model.packing)
        assert model.is_exact
        for chosen in selections(model, problem.days):
            judged = evaluate(problem, model.solution_of(chosen))
            if judged.feasible and is_whole(problem, model, chosen):
                assert keeps_rules(model.packing, chosen[None])[0]
                assert values_of(model.packing, chosen[None])[0] + model.constant == judged.objective
                checked += 1
        answer = enumerate_packing(model.packing)
        judged = evaluate(problem, model.solution_of(answer.chosen))
        assert judged.feasible == (best is not None)
        if best is not None:
            assert judged.objective == answer.value + model.constant == best
            found += 1
    assert checked > 400
    assert found > 200


def test_longer_trips_are_exact_around_the_incumbent() -> None:
    """On three days, plans that keep one day of the incumbent are allowed, and worth, what the judge says."""
    checked = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        features = {feature for feature in FEATURES if rng.random() < 0.5}
        problem = mixed_problem(seed, days=3, options=int(rng.integers(3, 8)), features=features)
        pool = random_pool(problem, rng, 9)
        allowed = [plan for plan in plans_of(problem, pool) if evaluate(problem, plan).feasible]
        if not allowed:
            continue
        incumbent = allowed[0]
        model = routes_model(problem, pool, incumbent)
        validate(model.packing)
        assert not model.is_exact
        held = model.chosen_of(problem, incumbent)
        for plan in allowed:
            chosen = model.chosen_of(problem, plan)
            if chosen.sum() == 3 and (chosen & held).any():
                assert keeps_rules(model.packing, chosen[None])[0]
                assert model.solution_of(chosen) == TripSolution(plan.routes, plan.lodging)
                assert values_of(model.packing, chosen[None])[0] + model.constant == evaluate(problem, plan).objective
                checked += 1
    assert checked > 150


def place(day: int, *options: int, before: int = -1, after: int = -1) -> PooledRoute:
    """Return a day-route of the pool."""
    return PooledRoute(day, options, before, after, 0)


def chosen_routes(model: RoutesModel) -> list[tuple[int, ...]]:
    """Return the visits of each day in the best plan of the packing."""
    return list(model.solution_of(enumerate_packing(model.packing).chosen).routes)


def test_a_combination_is_a_reward_of_the_pair() -> None:
    """Two places of a combination on two days earn it once; two days that each earn it are not paid twice."""
    combination = Combinations(Sets.of([[0]]), Sets.of([[1]]), ints(50), np.array([False]), ints(2))
    problem = line_problem(2, days=2, combinations=combination)
    model = routes_model(problem, [place(0, 0), place(0, 1), place(1, 2), place(1, 3)], empty_plan(problem))
    rewards = {
        (model.routes[first].options, model.routes[second].options): reward
        for (first, second), reward in zip(model.packing.pair.tolist(), model.packing.reward.tolist(), strict=True)
    }
    assert rewards == {((0,), (3,)): 50, ((1,), (2,)): 50}
    either = Combinations(Sets.of([[0, 1]]), Sets.of([[0, 1]]), ints(50), np.array([False]), ints(1))
    again = routes_model(line_problem(2, days=2, combinations=either), [place(0, 0), place(1, 3)], empty_plan(problem))
    assert again.packing.value.tolist() == [60, 70]
    assert again.packing.reward.tolist() == [-50]


def test_what_three_days_use_up_together_is_a_capacity() -> None:
    """A budget that any two days keep and all three break is kept by the packing as a capacity."""
    resources = Resources(
        capacity=ints(25),
        per_day=np.array([False]),
        option_use=np.full((1, 9), 10),
        arc_use=np.zeros((1, 4, 4), np.int64),
        lodging_use=np.zeros((1, 0), np.int64),
    )
    problem = line_problem(3, days=3, resources=resources)
    pool = [place(0, 0), place(1, 4), place(2, 8)]
    model = routes_model(problem, pool, empty_plan(problem))
    assert model.packing.capacity.tolist() == [25]
    assert not keeps_rules(model.packing, model.chosen_of(problem, TripSolution(((0,), (4,), (8,))))[None])[0]
    assert chosen_routes(model) == [(), (4,), (8,)]
    assert routes_model(line_problem(3, days=2), pool[:2], TripSolution(((), ()))).packing.capacity.size == 0


def inns(problem: TripProblem) -> TripProblem:
    """Offer two inns on both nights, at places 1 and 2; each is one group on both."""
    lodgings = Lodgings(ints(0, 0, 1, 1), ints(1, 2, 1, 2), ints(3, 4, 3, 4), ints(5, 6, 5, 6), ints(0, 0, 0, 0))
    resources = replace(problem.resources, lodging_use=np.zeros((0, 4), np.int64))
    return replace(problem, groups=5, lodgings=lodgings, resources=resources)


def test_an_inn_may_be_slept_in_again() -> None:
    """Days agree on the night between them, and two nights in one inn are no conflict."""
    problem = inns(line_problem(3, days=3))
    pool = [place(0, 0, after=1), place(1, 4, before=1, after=3), place(2, 8, before=3), place(1, 4, before=0, after=3)]
    model = routes_model(problem, pool, empty_plan(problem))
    same, other = (TripSolution(((0,), (4,), (8,)), nights) for nights in ((1, 3), (0, 3)))
    assert keeps_rules(model.packing, model.chosen_of(problem, same)[None])[0]
    assert model.solution_of(model.chosen_of(problem, same)) == same
    wrong = model.chosen_of(problem, same) & ~model.chosen_of(problem, other) | model.chosen_of(problem, other)
    assert not keeps_rules(model.packing, wrong[None])[0]
    assert enumerate_packing(model.packing).value + model.constant == evaluate(problem, same).objective


def test_required_places_come_before_all_else() -> None:
    """The place that has to be seen is in the best plan, though others are worth more; out of reach it is missing."""
    problem = line_problem(3, days=2, required=ints(0))
    pool = [place(0, 2), place(0, 0), place(1, 4), place(1, 5)]
    assert chosen_routes(routes_model(problem, pool, empty_plan(problem))) == [(0,), (5,)]
    without = routes_model(problem, [pool[0], *pool[2:]], empty_plan(problem))
    judged = evaluate(problem, without.solution_of(enumerate_packing(without.packing).chosen))
    assert [fault.code for fault in judged.violations] == ["REQUIRED_MISSING"]


def test_of_one_choice_of_places_the_best_order_is_kept() -> None:
    """Routes with the same places become one item; those that break a rule by themselves, or add nothing, none."""
    scores = ints(30, 30, 30, 30, 10, 30, 30, 30)
    problem = line_problem(4, days=2, weights=Weights(travel=1), latest=200, option_score=scores)
    there, zigzag = place(0, 0, 1, 2), place(0, 2, 0, 1)
    late = place(0, *range(4), 0)
    worthless = place(1, 4)
    model = routes_model(problem, [zigzag, there, late, worthless], empty_plan(problem))
    assert [route.options for route in model.routes] == [(0, 1, 2)]


def test_a_large_pool_is_cut_to_the_best_and_to_some_of_everything() -> None:
    """Not more items than asked for, as many of each day; every place is somewhere; the incumbent's routes stay."""
    problem = line_problem(8, days=2, latest=1000)
    rng = np.random.default_rng(5)
    incumbent = TripSolution(((0,), (9,)))
    model = routes_model(problem, random_pool(problem, rng, 400), incumbent, most=40)
    assert np.bincount(model.packing.group).tolist() == [20, 20]
    assert model.chosen_of(problem, incumbent).sum() == 2
    assert {option for route in model.routes for option in route.options} == set(range(16))


def test_an_empty_pool_is_refused() -> None:
    """Without any visit to choose, or without a route for a day that needs one, there is nothing to submit."""
    problem = line_problem(2, days=2)
    with pytest.raises(ProblemError, match="no route with a visit"):
        routes_model(problem, [], empty_plan(problem))
    far = inns(line_problem(3, days=3, latest=1))
    with pytest.raises(ProblemError, match="no route of day 0 keeps the rules"):
        routes_model(far, [], empty_plan(far))


def test_two_thousand_items_are_stated_as_arrays() -> None:
    """A model of two thousand routes has all its pairs, each once and in order."""
    problem = mixed_problem(1, days=2, options=60, features={"combinations"})
    problem = replace(problem, day_latest=problem.day_latest + 10_000, option_close=problem.option_open + 10_000)
    model = routes_model(problem, random_pool(problem, np.random.default_rng(0), 4000), empty_plan(problem), most=2000)
    assert model.packing.items > 1900
    validate(model.packing)
    assert len(model.packing.pair) + len(model.packing.conflict) > 100_000
