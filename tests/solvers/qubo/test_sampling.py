from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import dimod
import numpy as np
import pytest
from packing_judge import energy_by_loops, keeps_rules_by_loops, value_by_loops

from solvers.errors import ProblemError, SamplerError, SolutionError, SolverError
from solvers.qubo import sampling
from solvers.qubo.alignment import align
from solvers.qubo.bid_prices import priced
from solvers.qubo.decoding import decode
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import quadratic_of, to_bqm
from solvers.qubo.random_starts import random_starts
from solvers.qubo.reads import Reads
from solvers.qubo.result import PackingResult, SamplingReport
from solvers.qubo.samplers.drawing import sample
from solvers.qubo.samplers.registry import sampler_names, sampler_of
from solvers.qubo.sampling import solve_by_sampling
from solvers.qubo.simple_bound import simple_bound

PackingMaker = Callable[..., PackingProblem]

# Two groups of two; items 0 and 2 are in conflict; 1 and 3 go well together. Best: 1 and 3, worth 25.
PROBLEM = PackingProblem(
    value=np.array([12, 10, 9, 8]),
    group=np.array([0, 0, 1, 1]),
    pair=np.array([[1, 3]]),
    reward=np.array([7]),
    conflict=np.array([[0, 2]]),
)
BEST = [False, True, False, True]
ONE_ITEM = [False, False, False, True]
BOTH_OF_A_GROUP = [True, True, False, False]
IN_CONFLICT = [True, False, True, False]

# No single step leads from item 0 to the better pair of items it is in conflict with.
STUCK = PackingProblem(np.array([10, 9, 9]), np.arange(3), conflict=np.array([[0, 1], [0, 2]]))


class PreparedSampler(dimod.Sampler):
    """Return prepared reads, whatever the model, and keep what was submitted."""

    parameters: dict[str, Any] = {"num_reads": [], "seed": []}  # noqa: RUF012
    properties: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, states: Any, *, vartype: str = "BINARY", order: list[int] | None = None) -> None:
        self.states = np.array(states, np.bool_)
        self.vartype = vartype
        self.order = order
        self.submitted: list[tuple[dimod.BinaryQuadraticModel, dict[str, Any]]] = []

    def sample(self, bqm: dimod.BinaryQuadraticModel, **settings: Any) -> dimod.SampleSet:
        """Return the reads in the vartype and order asked for."""
        self.submitted.append((bqm, settings))
        order = list(range(bqm.num_variables)) if self.order is None else self.order
        values = self.states[:, order].astype(np.int8)
        if self.vartype == "SPIN":
            values = 2 * values - 1
        return dimod.SampleSet.from_samples((values, order), self.vartype, energy=np.zeros(len(values)))


def report_of(result: PackingResult) -> SamplingReport:
    """Return the report, which every result of a sampler has."""
    assert result.report is not None
    return result.report


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("order", [None, [3, 1, 0, 2]])
def test_a_perfect_read_is_the_samplers_own(vartype: str, order: list[int] | None) -> None:
    """Labels may be shuffled and bits be spins: what repair does not touch comes from the sampler."""
    sampler = PreparedSampler([IN_CONFLICT, BEST, ONE_ITEM], vartype=vartype, order=order)
    result = solve_by_sampling(PROBLEM, sampler=sampler, penalty_scales=[1.0])
    report = report_of(result)

    assert (result.chosen.tolist(), result.value, result.status, result.bound) == (BEST, 25, "optimal", 25)
    assert (report.source, report.repaired, report.flips_removed, report.flips_added) == ("sampler", False, 0, 0)
    assert (report.energy_raw, report.energy_final) == (-25, -25)
    assert (report.reads, report.raw_feasible_rate, report.raw_value) == (3, pytest.approx(2 / 3), 25)
    assert (report.sampler, report.known_value) == ("PreparedSampler", None)


@pytest.mark.parametrize(
    ("read", "raw_feasible", "removed", "added"),
    [(IN_CONFLICT, False, 2, 2), (BOTH_OF_A_GROUP, False, 1, 1), (ONE_ITEM, True, 0, 1), ([True] * 4, False, 2, 0)],
    ids=["conflict", "two of a group", "improved", "all"],
)
def test_what_repair_changed_is_not_the_samplers_own(
    read: list[bool], raw_feasible: bool, removed: int, added: int
) -> None:
    """A read that broke a rule, or kept all but was improved, is told apart from one that was right as it came."""
    report = report_of(solve_by_sampling(PROBLEM, sampler=PreparedSampler([read] * 2)))

    assert (report.source, report.repaired) == ("repair", True)
    assert (report.flips_removed, report.flips_added) == (removed, added)
    assert report.raw_feasible_rate == float(raw_feasible)
    assert report.raw_value == (value_by_loops(PROBLEM, np.array(read)) if raw_feasible else None)
    assert report.energy_raw == energy_by_loops(PROBLEM, np.array(read))
    assert (report.energy_final, report.value) == (-25, 25)


def test_of_equal_answers_one_that_repair_left_alone_is_taken() -> None:
    """Repair takes no credit for what the sampler found as well."""
    report = report_of(solve_by_sampling(PROBLEM, sampler=PreparedSampler([ONE_ITEM, [True] * 4, BEST])))

    assert (report.source, report.repaired) == ("sampler", False)


def test_a_plan_known_before_is_never_given_up_for_less() -> None:
    """What the sampler and repair did not reach falls back to the plan in hand, and says so."""
    known = np.array([False, True, True])
    sampler = PreparedSampler([[True, False, False]])
    alone, result = solve_by_sampling(STUCK, sampler=sampler), solve_by_sampling(STUCK, sampler=sampler, known=known)
    report = report_of(result)

    assert (alone.value, report_of(alone).source) == (10, "sampler")
    assert (result.chosen.tolist(), result.value) == (known.tolist(), 18)
    assert (report.source, report.known_value, report.repaired) == ("fallback", 18, False)
    assert (report.energy_raw, report.energy_final, report.raw_value) == (-18, -18, 10)


def test_a_sampler_that_reaches_the_plan_known_before_gets_the_credit() -> None:
    """Fallback means that the sampler fell short, not that it came to the same."""
    report = report_of(solve_by_sampling(PROBLEM, sampler=PreparedSampler([BEST]), known=np.array(BEST)))

    assert (report.source, report.known_value) == ("sampler", 25)


def test_random_starts_are_repaired_as_the_reads_are(small_packing: PackingMaker) -> None:
    """The control has as many starts as there were reads, and the same decoding."""
    problem = small_packing("routes", 3)
    result = solve_by_sampling(problem, sampler=PreparedSampler(np.zeros((5, 10))), penalty_scales=[1.0], seed=8)
    control = decode(problem, random_starts(problem, 5, 8))

    assert report_of(result).random_value == control.value.max()


def test_random_starts_choose_one_item_or_none_of_each_group(small_packing: PackingMaker) -> None:
    """All choices of a group come up about equally often."""
    problem = small_packing("slots", 1, items=12)
    starts = random_starts(problem, 4_000, seed=2)
    size = np.bincount(problem.group)

    assert all((starts[:, problem.group == group].sum(axis=1) <= 1).all() for group in range(problem.groups))
    assert np.allclose(starts.mean(axis=0), 1 / (size[problem.group] + 1), atol=0.03)


def test_half_the_reads_are_taken_at_half_the_penalty() -> None:
    """Two models are submitted, with the same values, rewards and seed; the second with weaker penalties."""
    sampler = PreparedSampler([BEST])
    solve_by_sampling(PROBLEM, sampler=sampler, reads=7, seed=3)
    (proven, first), (half, second) = sampler.submitted

    assert (first, second) == ({"num_reads": 4, "seed": 3}, {"num_reads": 3, "seed": 3})
    assert (proven.linear[0], half.linear[0]) == (-12, -12)
    assert (proven.quadratic[1, 3], half.quadratic[1, 3]) == (-7, -7)
    assert (proven.quadratic[0, 2], half.quadratic[0, 2]) == (10, 5)


@pytest.mark.parametrize(("items", "reads"), [(600, 100), (601, 24)])
def test_large_models_are_read_less_often(items: int, reads: int) -> None:
    """A read takes longer the larger the model: the default number goes down above 600 items."""
    sampler = PreparedSampler(np.zeros((1, items)))
    solve_by_sampling(PackingProblem(np.ones(items, np.int64), np.arange(items) // 4), sampler=sampler)

    assert [settings["num_reads"] for _, settings in sampler.submitted] == [reads / 2, reads / 2]


def test_one_read_is_one_submission() -> None:
    """There is no half of one read."""
    sampler = PreparedSampler([BEST])
    solve_by_sampling(PROBLEM, sampler=sampler, reads=1)

    assert [settings["num_reads"] for _, settings in sampler.submitted] == [1]


def test_size_and_clique_of_the_model_are_reported() -> None:
    """What hardware has to hold: variables, couplings, and bits that are all coupled with each other."""
    report = report_of(solve_by_sampling(PROBLEM, sampler=PreparedSampler([BEST])))

    assert (report.variables, report.interactions, report.largest_clique) == (4, 4, 2)


def nothing_sent(match: str, error: type[Exception], problem: PackingProblem = PROBLEM, **options: Any) -> None:
    """Check that a call is refused in these words before anything is submitted."""
    sampler = PreparedSampler([BEST])
    with pytest.raises(error, match=match):
        solve_by_sampling(problem, **{"sampler": sampler, **options})
    assert sampler.submitted == []


def test_a_model_above_the_limit_is_refused_before_it_is_sent() -> None:
    """The message tells the size, the clique and the limit."""
    nothing_sent(
        "4 variables, with a clique of at least 2; at most 3 variables are accepted", ProblemError, most_variables=3
    )


def test_a_model_too_large_to_build_is_refused_at_once() -> None:
    """By default at most 5,000 items are taken, however sparse."""
    huge = PackingProblem(np.ones(200_000, np.int64), np.arange(200_000) // 2)

    nothing_sent("200000 variables, with a clique of at least 2; at most 5000", ProblemError, huge)


@pytest.mark.parametrize(
    ("sampler", "settings", "told"),
    [("exact", {}, "21 variables; sampler exact takes at most 20"), ("sa", {"sweeps": 5}, "sa has no setting sweeps")],
)
def test_what_a_sampler_cannot_take_is_refused_before_a_model_is_built(
    monkeypatch: pytest.MonkeyPatch, sampler: str, settings: dict[str, Any], told: str
) -> None:
    """A model of thousands of variables takes seconds and a gigabyte, which nobody should wait for in vain."""
    monkeypatch.setattr(sampling, "submission_of", None)
    problem = PackingProblem(np.ones(21, np.int64), np.arange(21))
    with pytest.raises(SamplerError, match=told):
        solve_by_sampling(problem, sampler=sampler, settings=settings)


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"problem": PackingProblem(np.zeros(0, np.int64), np.zeros(0, np.int64))}, ProblemError, "value is empty"),
        ({"reads": 0}, ProblemError, "reads is 0; at least 1 is needed"),
        ({"seed": -1}, ProblemError, "seed is -1; at least 0 is needed"),
        ({"penalty_scales": []}, ProblemError, "penalty_scales is empty"),
        ({"penalty_scales": [1.0, -0.5]}, ProblemError, "penalty_scale is -0.5"),
        ({"known": np.array([True])}, SolutionError, r"known is bool of shape \(1,\); .* \(4,\)"),
        ({"known": np.array(IN_CONFLICT)}, SolutionError, "known breaks a rule"),
        ({"sampler": "no-such"}, SolverError, "no-such"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    options: dict[str, Any], error: type[Exception], told: str
) -> None:
    """Empty problems, impossible options and plans of another problem are named."""
    nothing_sent(told, error, **options)


def test_reads_of_another_model_are_refused() -> None:
    """A sampler that renames variables is told which are missing."""
    with pytest.raises(SolutionError, match=r"1 missing \(2\)"):
        solve_by_sampling(PROBLEM, sampler=PreparedSampler([BEST], order=[0, 1, 3]))


def test_a_sampler_without_reads_is_told() -> None:
    """There is no answer to make up."""
    with pytest.raises(SolutionError, match="PreparedSampler returned no reads"):
        solve_by_sampling(PROBLEM, sampler=PreparedSampler(np.zeros((0, 4))))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_answers_keep_capacities(small_packing: PackingMaker, shape: str, seed: int) -> None:
    """The sampler sees bid prices, the answer keeps the capacities themselves, and the bound holds."""
    problem = small_packing(shape, seed, items=14, capacities=1 + seed % 2)
    sampler = PreparedSampler(np.random.default_rng(seed).random((6, 14)) < 0.4)
    result = solve_by_sampling(problem, sampler=sampler)
    best = enumerate_packing(problem).value

    assert keeps_rules_by_loops(problem, result.chosen)
    assert result.value == value_by_loops(problem, result.chosen) <= best
    assert result.bound is not None
    assert result.bound >= best
    assert result.status == ("optimal" if result.value == result.bound else "feasible")


def test_the_sampler_sees_values_at_bid_prices() -> None:
    """Where a capacity binds, what uses it is worth less to the sampler; where it does not, nothing changes."""
    tight = PackingProblem(np.array([10, 8]), np.array([0, 1]), use=np.array([[3, 1]]), capacity=np.array([3]))
    ample = PackingProblem(tight.value, tight.group, use=tight.use, capacity=np.array([4]))
    sampler = PreparedSampler([[False, True]])
    for problem in (tight, ample):
        solve_by_sampling(problem, sampler=sampler, penalty_scales=[1.0])
    at_prices, unchanged = (bqm.linear for bqm, _ in sampler.submitted)

    # At 10 / 3 a unit, the first is no longer worth it.
    assert (at_prices[0], at_prices[1]) == (0, -5)
    assert (unchanged[0], unchanged[1]) == (-10, -8)


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_the_simple_bound_holds(small_packing: PackingMaker, shape: str) -> None:
    """No plan is worth more, with or without capacities, and at prices the capacity paid for makes up for it."""
    for seed in range(20):
        problem = small_packing(shape, seed, capacities=seed % 3)
        best = enumerate_packing(problem).value
        prices = np.random.default_rng(seed).random(len(problem.capacity))

        assert simple_bound(problem) >= best
        assert simple_bound(priced(problem, prices)) + prices @ problem.capacity >= best


def test_progress_rises_from_nothing_to_all() -> None:
    """The share done is told at the start, on the way and at the end."""
    shares: list[float] = []
    solve_by_sampling(PROBLEM, sampler=PreparedSampler([BEST]), on_progress=shares.append)

    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(shares) > 4
    assert shares == sorted(shares)


@pytest.mark.parametrize(("sampler", "items"), [("sa", 16), ("exact", 10), ("group-moves", 16)])
def test_samplers_find_what_enumeration_finds(small_packing: PackingMaker, sampler: str, items: int) -> None:
    """On 60 small problems the best read is optimal as it came: it is not repair that makes it so."""
    found = 0
    for shape in ("routes", "slots", "levels"):
        for seed in range(20):
            problem = small_packing(shape, seed, items=items)
            report = report_of(solve_by_sampling(problem, sampler=sampler, reads=12, seed=seed))
            found += report.raw_value == enumerate_packing(problem).value and report.source == "sampler"

    # Seen: 60 of 60 with each.
    assert found >= 58


def test_with_capacities_nearly_all_small_problems_are_solved_to_the_optimum(small_packing: PackingMaker) -> None:
    """Bid prices and repair lose little against the capacities themselves."""
    found = 0
    for shape in ("routes", "slots", "levels"):
        for seed in range(10):
            problem = small_packing(shape, seed, items=16, capacities=1 + seed % 2)
            result = solve_by_sampling(problem, sampler="sa", reads=12, seed=seed)
            found += result.value == enumerate_packing(problem).value

    # Seen: 30 of 30.
    assert found >= 28


@pytest.mark.parametrize("sampler", ["sa", "group-moves"])
def test_the_same_seed_gives_the_same_answer(small_packing: PackingMaker, sampler: str) -> None:
    """All that is reported but the time is the same for samplers that are reproducible."""
    problem = small_packing("levels", 5, items=20, capacities=1)
    first, second = (solve_by_sampling(problem, sampler=sampler, reads=6, seed=4) for _ in range(2))

    assert first.chosen.tolist() == second.chosen.tolist()
    assert (first.value, first.bound, first.status) == (second.value, second.bound, second.status)
    assert replace(report_of(first), seconds=0.0) == replace(report_of(second), seconds=0.0)
    assert report_of(first).is_reproducible


def test_the_optimum_is_proven_where_asked_for() -> None:
    """The exact solver tells how far the sampler is from the best, and does not replace its answer."""
    result = solve_by_sampling(STUCK, sampler=PreparedSampler([[True, False, False]]), proof_effort=5.0)

    assert (result.value, result.bound, result.status, report_of(result).optimum) == (10, 18, "feasible", 18)


def test_reads_that_break_a_rule_the_problem_cannot_state_are_not_raw_feasible() -> None:
    """Who knows more rules tells of them: only reads that keep those, too, count as they came."""
    reads = Reads(np.array([BEST, [False] * PROBLEM.items, [True] * PROBLEM.items]), "elsewhere")
    asked = []

    def is_allowed(plans: np.ndarray) -> np.ndarray:
        asked.append(len(plans))
        return ~plans.any(axis=1)

    told = report_of(solve_by_sampling(PROBLEM, sampler=reads, is_allowed=is_allowed))
    untold = report_of(solve_by_sampling(PROBLEM, sampler=reads))

    assert asked == [2]
    assert (told.raw_feasible_rate, told.raw_value) == (1 / 3, 0)
    assert (untold.raw_feasible_rate, untold.raw_value) == (2 / 3, 25)


def test_an_answer_that_meets_the_bound_needs_no_exact_solver() -> None:
    """The simple bound alone proves some answers."""
    result = solve_by_sampling(PROBLEM, sampler=PreparedSampler([BEST]))

    assert (result.bound, result.status, report_of(result).optimum) == (25, "optimal", 25)


@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
@pytest.mark.parametrize("name", sampler_names())
def test_every_sampler_is_decoded_alike(small_packing: PackingMaker, name: str, vartype: str) -> None:
    """Under shuffled labels and as spins, energies are those of the reads as aligned, and answers keep the rules."""
    if name.startswith("openjij"):
        pytest.importorskip("openjij")
    problem = small_packing("routes", 2)
    labels = [f"route {item}" for item in range(problem.items)]
    plain = to_bqm(quadratic_of(problem), labels)
    shuffled = dimod.BinaryQuadraticModel("BINARY")
    for item in np.random.default_rng(1).permutation(problem.items):
        shuffled.add_linear(labels[item], 0.0)
    shuffled.update(plain)
    shuffled.change_vartype(vartype)
    reads = sample(sampler_of(name), shuffled, reads=4, seed=1)
    states = align(reads, labels)
    decoded = decode(problem, states)

    assert list(shuffled.variables) != labels
    assert decoded.energy_raw == pytest.approx(np.repeat(reads.record.energy, reads.record.num_occurrences))
    assert decoded.raw_feasible.tolist() == [keeps_rules_by_loops(problem, state) for state in states]
    assert all(keeps_rules_by_loops(problem, plan) for plan in decoded.chosen)
    assert decoded.value.max() <= enumerate_packing(problem).value
