"""Itineraries and prices: against every itinerary written out, and bounds that hold with oracles that err."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from solvers.errors import ProblemError
from solvers.revenue.itinerary_columns import Found, Itinerary, ItineraryProblem, Oracle, solve_itineraries


class Town:
    """Three places in a triangle, each pair joined by a bus; a trip visits one to three places in some order."""

    def __init__(self, seed: int, *, draws: bool) -> None:
        rng = np.random.default_rng(seed)
        self.legs = {pair: leg for leg, pair in enumerate(permutations(range(3), 2))}
        self.problem = ItineraryProblem(
            capacity=rng.integers(3, 20, 5).astype(float),
            arrivals=rng.integers(5, 30, 2).astype(float),
            stop_fare=rng.integers(2, 30, (2, 3)) * 100.0,
            stop_use=np.broadcast_to(np.eye(5)[:, :3], (2, 5, 3)).copy(),
            leg_fare=np.full((2, 6), 200.0),
            leg_use=np.zeros((2, 5, 6)),
        )
        self.problem.leg_use[:, 3, 0] = self.problem.leg_use[:, 4, 3] = 1
        self.satisfaction = rng.uniform(0.2, 1.5, (2, 3))
        self.draws = draws

    def every(self, segment: int) -> list[Itinerary]:
        """Return every itinerary that is nice enough for a segment."""
        ways = []
        for order in (order for size in (1, 2, 3) for order in permutations(range(3), size)):
            nice = float(self.satisfaction[segment, list(order)].sum()) - 0.3 * (len(order) - 1)
            legs = tuple(self.legs[pair] for pair in pairwise(order))
            if nice >= 0.8:
                ways.append(Itinerary(order, legs, nice if self.draws else np.inf))
        return ways

    def oracle(self, *, slack: float = 0.0) -> Oracle:
        """Return an oracle that knows the best itinerary, and a bound that is too high by ``slack``."""

        def ask(
            segment: int, stop_prize: NDArray[np.float64], leg_prize: NDArray[np.float64], aside: Sequence[Itinerary]
        ) -> Found:
            ways = [way for way in self.every(segment) if way not in aside]
            prizes = [stop_prize[list(way.stops)].sum() + leg_prize[list(way.legs)].sum() for way in ways]
            if not ways:
                return Found((), -np.inf)
            return Found((ways[int(np.argmax(prizes))],), float(max(prizes)) + slack)

        return ask

    def optimum(self) -> float:
        """Return the optimum of the programme over all itineraries written out."""
        problem = self.problem
        columns: list[tuple[float, NDArray[np.float64], int, float]] = []
        for segment in range(2):
            columns.append((0.0, np.zeros(5), segment, 0.0))
            for way in self.every(segment):
                stops, legs = list(way.stops), list(way.legs)
                fare = problem.stop_fare[segment, stops].sum() + problem.leg_fare[segment, legs].sum()
                use = problem.stop_use[segment][:, stops].sum(1) + problem.leg_use[segment][:, legs].sum(1)
                columns.append((fare, use, segment, way.attraction))
        rows, limits = [np.stack([use for _, use, _, _ in columns], 1)], [*problem.capacity]
        for index, (_, _, segment, attraction) in enumerate(columns):
            if 0 < attraction < np.inf:
                row = np.zeros(len(columns))
                row[index] = 1
                row[next(j for j, column in enumerate(columns) if column[2] == segment)] = -attraction
                rows.append(row[None])
                limits.append(0.0)
        balance = np.array([[segment == column[2] for column in columns] for segment in range(2)], float)
        answer = linprog(
            [-column[0] for column in columns], A_ub=np.vstack(rows), b_ub=limits, A_eq=balance, b_eq=problem.arrivals
        )
        return -float(answer.fun)


@pytest.mark.parametrize("draws", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_over_all_itineraries_is_found(seed: int, *, draws: bool) -> None:
    """With an exact oracle: revenue, bound and the programme over every itinerary are one number."""
    town = Town(seed, draws=draws)
    result = solve_itineraries(town.problem, town.oracle())
    assert result.status == "optimal"
    assert result.is_converged
    assert result.revenue == pytest.approx(town.optimum())
    assert result.bound == pytest.approx(town.optimum())


@pytest.mark.parametrize("draws", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_bounds_hold_when_the_oracle_is_unsure_or_time_is_short(seed: int, *, draws: bool) -> None:
    """A bound of the oracle that is too high makes a higher bound, never a wrong one; so does stopping early."""
    town = Town(seed, draws=draws)
    best = town.optimum()
    unsure = solve_itineraries(town.problem, town.oracle(slack=50.0))
    assert unsure.bound >= best - 1e-6
    assert unsure.bound <= best + 50 * town.problem.arrivals.sum() + 1e-6
    for rounds in (1, 2, 3):
        early = solve_itineraries(town.problem, town.oracle(), rounds=rounds)
        assert early.revenue is not None
        assert early.revenue <= best + 1e-6 <= early.bound + 2e-6


@pytest.mark.parametrize("seed", range(8))
def test_only_what_is_full_has_a_price_and_nothing_is_overfull(seed: int) -> None:
    """Complementary slackness of the capacities, recomputed from the itineraries."""
    town = Town(seed, draws=True)
    result = solve_itineraries(town.problem, town.oracle())
    use = np.zeros(5)
    for segment in range(2):
        for way, count in zip(result.itineraries[segment], result.visitors[segment], strict=True):
            use += count * town.problem.stop_use[segment][:, list(way.stops)].sum(1)
            use += count * town.problem.leg_use[segment][:, list(way.legs)].sum(1)
    assert (use <= town.problem.capacity + 1e-6).all()
    assert (np.abs(result.duals * (town.problem.capacity - use)) <= 1e-3).all()


def test_a_full_slot_is_worth_what_the_next_visitor_leaves() -> None:
    """One slot of 10 at 1,000 yen, 15 visitors, another place at 400: the eleventh seat would bring 600 more."""
    problem = ItineraryProblem(
        capacity=np.array([10.0]),
        arrivals=np.array([15.0]),
        stop_fare=np.array([[1000.0, 400.0]]),
        stop_use=np.array([[[1.0, 0.0]]]),
        leg_fare=np.zeros((1, 0)),
        leg_use=np.zeros((1, 1, 0)),
    )

    def oracle(
        segment: int, stop_prize: NDArray[np.float64], leg_prize: NDArray[np.float64], aside: Sequence[Itinerary]
    ) -> Found:
        best = int(np.argmax(stop_prize))
        return Found((Itinerary((best,)),), float(stop_prize[best]))

    result = solve_itineraries(problem, oracle)
    assert result.revenue == pytest.approx(10 * 1000 + 5 * 400)
    assert result.duals == pytest.approx([600.0])
    assert result.margins == pytest.approx([400.0])


def test_without_a_bound_of_the_oracle_nothing_is_claimed() -> None:
    """The plan is feasible, its bound unknown."""
    town = Town(1, draws=False)
    exact = town.oracle()
    result = solve_itineraries(town.problem, lambda *given: Found(exact(*given).itineraries))
    assert result.status == "feasible"
    assert result.gap is None


def test_faults_of_arrays_and_itineraries_are_named() -> None:
    """All faults of the arrays at once; an itinerary to nowhere is refused."""
    town = Town(0, draws=False)
    wrong = ItineraryProblem(
        capacity=np.array([-1.0]),
        arrivals=np.array([np.nan, 2.0]),
        stop_fare=town.problem.stop_fare,
        stop_use=town.problem.stop_use,
        leg_fare=town.problem.leg_fare,
        leg_use=town.problem.leg_use,
    )
    with pytest.raises(ProblemError, match="capacity holds -1") as caught:
        solve_itineraries(wrong, town.oracle())
    assert len(caught.value.problems) == 4
    with pytest.raises(ProblemError, match="stop 7"):
        solve_itineraries(town.problem, lambda *_: Found((Itinerary((7,)),)))
