"""The exact solver of packing problems, judged by enumeration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from solvers.errors import ProblemError, SolutionError
from solvers.qubo import _packing_model, _packing_proof, _tree_search, exact
from solvers.qubo._group_climbing import climb
from solvers.qubo._labels import labels_of
from solvers.qubo._messages import messages_of
from solvers.qubo._packing_model import solve_model
from solvers.qubo._tree_search import grow, plant
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.exact import solve_exactly
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem

Small = Callable[..., PackingProblem]
SHAPES = ("routes", "slots", "levels")


def check(problem: PackingProblem, chosen: np.ndarray, value: int) -> None:
    """Fail unless a plan keeps every rule and is worth what is said."""
    assert keeps_rules(problem, chosen[None])[0]
    assert values_of(problem, chosen[None])[0] == value


@pytest.mark.parametrize("capacities", [0, 1, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_answer_is_that_of_enumeration(small_packing: Small, shape: str, capacities: int) -> None:
    """Proven, kept and worth what is said, for each shape of model with rewards of both signs."""
    for seed in range(40):
        problem = small_packing(shape, seed, items=14, capacities=capacities)
        answer = solve_exactly(problem)
        best = enumerate_packing(problem).value
        assert (answer.value, answer.bound, answer.status) == (best, best, "optimal"), seed
        check(problem, answer.chosen, best)


@pytest.mark.parametrize("capacities", [0, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_branch_and_bound_finds_the_best_from_nothing(small_packing: Small, shape: str, capacities: int) -> None:
    """Without a climb before it, and with a clock and steps that interrupt it again and again."""
    for seed in range(20):
        problem = small_packing(shape, seed, items=14, capacities=capacities)
        best = enumerate_packing(problem).value
        labels = labels_of(problem)
        tree = plant(labels, messages_of(labels, 0), labels.start[:-1])
        bounds = [grow(labels, tree, effort=1e-7, until=None) for _ in range(3)]
        assert min(bounds) >= best * labels.scale
        assert grow(labels, tree, effort=None, until=None) == best * labels.scale, seed
        check(problem, labels.chosen(tree.best, problem.items), best)


@pytest.mark.parametrize("capacities", [0, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_model_of_cp_sat_finds_the_best(small_packing: Small, shape: str, capacities: int) -> None:
    """All items, no help from what comes before it."""
    for seed in range(10):
        problem = small_packing(shape, seed, items=12, capacities=capacities)
        best = enumerate_packing(problem).value
        nothing = np.zeros(problem.items, np.bool_)
        answer = solve_model(problem, np.arange(problem.items), nothing, effort=None, seconds=None, seed=0)
        assert answer.bound == best, seed
        assert answer.chosen is not None
        check(problem, answer.chosen, best)


@pytest.mark.parametrize("shape", SHAPES)
def test_messages_change_no_plan(small_packing: Small, shape: str) -> None:
    """With their messages, labels and pairs are worth what they were, no pair more than nothing; bounds are valid."""
    for seed in range(20):
        problem = small_packing(shape, seed, items=14)
        labels = labels_of(problem)
        found = messages_of(labels, 0)
        choice = labels.choice_of(enumerate_packing(problem).chosen)
        group = np.repeat(np.arange(problem.groups), np.diff(labels.start))
        beyond = labels.table - found.message[group][:, :] - found.message[group].T
        is_linked = labels.linked[group[:, None], group[None, :]]
        assert (beyond[is_linked] <= 0).all()
        pairs = np.triu(np.where(is_linked, beyond, 0)[np.ix_(choice, choice)], 1).sum()
        assert found.worth[choice].sum() + pairs == labels.worth_of(choice)
        assert (found.reach(labels)[choice] >= labels.worth_of(choice)).all()


def test_a_climb_keeps_every_rule_and_never_loses(small_packing: Small) -> None:
    """From the best plan it ends at the best plan; with rounds and kicks or none."""
    for seed in range(30):
        problem = small_packing(SHAPES[seed % 3], seed, items=14, capacities=seed % 3)
        labels = labels_of(problem)
        best = enumerate_packing(problem)
        for begin in (np.zeros(problem.items, np.bool_), best.chosen):
            for rounds, kicks in ((0, 50), (1, 0), (3, 50)):
                choice = climb(labels, labels.choice_of(begin), seed=seed, rounds=rounds, kicks=kicks)
                value = labels.worth_of(choice) // labels.scale
                check(problem, labels.chosen(choice, problem.items), value)
                assert int(values_of(problem, begin[None])[0]) <= value <= best.value


@pytest.fixture
def without_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the solver begin with the plan handed in, and with messages of one round."""
    monkeypatch.setattr("solvers.qubo._packing_proof.ROUNDS", 0)
    monkeypatch.setattr("solvers.qubo._messages.MOST_ROUNDS", 0)


@pytest.mark.usefixtures("without_start")
@pytest.mark.parametrize("effort", [0.0, 1e-7, 1e-4, 2e-2])
def test_bounds_are_valid_wherever_it_stops(small_packing: Small, effort: float) -> None:
    """A tiny effort ends branch and bound, CP-SAT or both in the middle; the same effort ends at the same answer."""
    for seed in range(15):
        problem = small_packing(SHAPES[seed % 3], seed, items=20, capacities=seed % 2)
        best = enumerate_packing(problem).value
        answer = solve_exactly(problem, effort=effort)
        assert answer.value <= best <= answer.bound
        assert (answer.status == "optimal") == (answer.value == answer.bound)
        check(problem, answer.chosen, answer.value)
        again = solve_exactly(problem, effort=effort)
        assert (again.value, again.bound, again.chosen.tolist()) == (answer.value, answer.bound, answer.chosen.tolist())


@pytest.mark.usefixtures("without_start")
def test_cp_sat_gets_what_branch_and_bound_leaves(small_packing: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no effort for the tree, items that a better plan could have are enough for the best one."""
    asked = []

    def spy(problem: PackingProblem, items: np.ndarray, *rest: object, **limits: object) -> object:
        asked.append(len(items))
        return solve_model(problem, items, *rest, **limits)

    monkeypatch.setattr(exact, "TREE_EFFORT", 0.0)
    monkeypatch.setattr(_packing_model, "solve_model", spy)
    for seed in range(15):
        problem = small_packing(SHAPES[seed % 3], seed, items=20, capacities=seed % 2)
        assert solve_exactly(problem).value == enumerate_packing(problem).value
    assert asked


@pytest.mark.usefixtures("without_start")
def test_cp_sat_out_of_time_proves_nothing(small_packing: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its first plan it tells a bound of 0, which would be a false proof."""
    monkeypatch.setattr(exact, "TREE_EFFORT", 0.0)
    monkeypatch.setattr(_packing_model.cp_model.CpSolver, "solve", lambda *_: _packing_model.cp_model.UNKNOWN)
    for seed in range(5):
        problem = small_packing("levels", seed, items=20)
        answer, best = solve_exactly(problem), enumerate_packing(problem).value
        assert answer.value <= best <= answer.bound
        assert answer.status == ("optimal" if answer.value == answer.bound else "feasible")


@pytest.mark.usefixtures("without_start")
def test_large_models_stay_with_branch_and_bound(small_packing: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """CP-SAT is not asked where it would only read the model."""
    monkeypatch.setattr(exact, "TREE_EFFORT", 1e-7)
    monkeypatch.setattr(exact, "MOST_PAIRS", 0)
    monkeypatch.setattr(_packing_model, "solve_model", None)
    monkeypatch.setattr(_tree_search, "STEPS_PER_LOOK", 20)
    for seed in range(6):
        problem = small_packing(SHAPES[seed % 3], seed, items=20)
        assert solve_exactly(problem, seconds=60).value == enumerate_packing(problem).value


@pytest.mark.usefixtures("without_start")
@pytest.mark.parametrize("limit", ["seconds", "effort"])
def test_cp_sat_is_not_asked_where_there_is_no_time_to_tell_it(
    small_packing: Small, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Stating the model would outlast the limit by itself: branch and bound goes on instead."""
    monkeypatch.setattr(exact, "TREE_EFFORT", 1e-7)
    monkeypatch.setattr(_packing_proof, "SECONDS_PER_PAIR", 60.0)
    monkeypatch.setattr(_packing_model, "solve_model", None)
    monkeypatch.setattr(_tree_search, "STEPS_PER_LOOK", 20)
    for seed in range(6):
        problem = small_packing(SHAPES[seed % 3], seed, items=20)
        assert solve_exactly(problem, **{limit: 60.0}).value == enumerate_packing(problem).value


@pytest.mark.usefixtures("without_start")
def test_a_hint_is_never_lost(small_packing: Small) -> None:
    """However little is allowed, the answer is worth at least the plan handed in."""
    for seed in range(10):
        problem = small_packing(SHAPES[seed % 3], seed, items=20, capacities=1)
        best = enumerate_packing(problem)
        answer = solve_exactly(problem, effort=0.0, hint=best.chosen)
        assert answer.value == best.value
        assert solve_exactly(problem, seconds=1e-9, hint=best.chosen).value == best.value


def test_a_negative_seed_is_refused(small_packing: Small) -> None:
    """The message tells what is accepted."""
    with pytest.raises(ProblemError, match="seed is -1; at least 0 is needed"):
        solve_exactly(small_packing("routes", 1), seed=-1)


def test_hints_that_are_no_plan_are_refused(small_packing: Small) -> None:
    """Each with what is wrong."""
    problem = replace(small_packing("routes", 1, items=9), capacity=np.zeros(0, np.int64))
    with pytest.raises(SolutionError, match=r"hint is bool of shape \(3,\)"):
        solve_exactly(problem, hint=np.zeros(3, np.bool_))
    with pytest.raises(SolutionError, match="hint breaks a rule"):
        solve_exactly(problem, hint=np.ones(9, np.bool_))


def test_problems_too_large_are_refused() -> None:
    """By the table of pairs, and by sums over groups that leave 64 bits; not with an answer that is wrong."""
    many = 4_000
    with pytest.raises(ProblemError, match="4000 items in 4000 groups"):
        solve_exactly(PackingProblem(np.ones(many, np.int64), np.arange(many)))
    with pytest.raises(ProblemError, match="for 1000 groups"):
        solve_exactly(PackingProblem(np.full(1_000, 2**42), np.arange(1_000)))


def test_values_near_the_limit_are_exact() -> None:
    """The scale gives way to values of 2^50."""
    large = 2**50
    problem = PackingProblem(
        np.array([large, large - 1, 5]), np.array([0, 1, 1]), np.array([[0, 2]]), np.array([1]), np.array([[0, 1]])
    )
    answer = solve_exactly(problem)
    assert (answer.value, answer.bound) == (large + 6, large + 6)


def test_nothing_worth_choosing_is_the_empty_plan() -> None:
    """Its value and bound are nothing."""
    answer = solve_exactly(PackingProblem(np.array([-3, -1]), np.array([0, 1])))
    assert (answer.value, answer.bound, answer.status, answer.chosen.any()) == (0, 0, "optimal", False)
