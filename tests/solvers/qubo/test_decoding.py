from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dimod
import numpy as np
import pytest
from numpy.typing import NDArray
from packing_judge import energy_by_loops, keeps_rules_by_loops, value_by_loops

from solvers.errors import SolutionError
from solvers.qubo.alignment import align
from solvers.qubo.decoding import decode
from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import Quadratic, quadratic_of
from solvers.qubo.random_starts import random_starts
from solvers.qubo.validation import MOST_VALUE

LABELS = ["a", "b", "c"]
APART = PackingProblem(np.array([10, 10]), np.array([0, 1]), conflict=np.array([[0, 1]]))
STATES = np.array([[True, False, True], [False, False, True]])


def samples(
    states: NDArray[np.bool_], labels: list[Any], vartype: str = "BINARY", occurrences: list[int] | None = None
) -> dimod.SampleSet:
    """Return states as a sampler would."""
    values = states.astype(np.int8) * 2 - 1 if vartype == "SPIN" else states.astype(np.int8)
    counts = {} if occurrences is None else {"num_occurrences": occurrences}
    return dimod.SampleSet.from_samples((values, labels), vartype, energy=np.zeros(len(states)), **counts)


def tampered(problem: PackingProblem) -> NDArray[np.bool_]:
    """Return reads that are empty, full, random at several fillings, doubled in a group, or in conflict."""
    draw = np.random.default_rng(problem.items)
    size = problem.items
    doubled = np.zeros((problem.groups, size), np.bool_)
    for group in range(problem.groups):
        doubled[group, np.flatnonzero(problem.group == group)[:2]] = True
    clashing = np.zeros((len(problem.conflict), size), np.bool_)
    np.put_along_axis(clashing, problem.conflict, values=True, axis=1)
    fillings = [draw.random((6, size)) < filling for filling in (0.1, 0.3, 0.7)]
    mended = decode(problem, random_starts(problem, 6, seed=1)).chosen
    extra = mended | (draw.random(mended.shape) < 0.1)
    fewer = mended & (draw.random(mended.shape) < 0.5)
    plain = np.array([np.zeros(size), np.ones(size)]).astype(np.bool_)
    return np.concatenate([plain, doubled, clashing, *fillings, mended, extra, fewer])


SHAPES = [(shape, seed) for seed in range(4) for shape in ("routes", "slots", "levels")]


@pytest.fixture(params=SHAPES, ids=lambda made: f"{made[0]}-{made[1]}")
def problem(request: pytest.FixtureRequest, small_packing: Callable[..., PackingProblem]) -> PackingProblem:
    """Return one of twelve problems of no capacity, one or two."""
    shape, seed = request.param
    return small_packing(shape, seed, items=12, capacities=seed % 3)


@pytest.fixture(params=SHAPES, ids=lambda made: f"{made[0]}-{made[1]}")
def unlimited(request: pytest.FixtureRequest, small_packing: Callable[..., PackingProblem]) -> PackingProblem:
    """Return one of twelve problems without capacities."""
    shape, seed = request.param
    return small_packing(shape, 10 + seed, items=12)


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 0, 2]])
def test_reads_are_aligned_by_label_in_any_order_and_vartype(vartype: str, order: list[int]) -> None:
    """A sampler may sort its variables and turn bits into spins as it likes."""
    reads = samples(STATES[:, order], [LABELS[column] for column in order], vartype)

    assert align(reads, LABELS).tolist() == STATES.tolist()


def test_a_read_that_occurred_several_times_is_returned_as_often() -> None:
    """Shares of reads count every read, not every distinct one."""
    reads = align(samples(STATES, LABELS, occurrences=[2, 1]), LABELS)

    assert reads.tolist() == STATES[[0, 0, 1]].tolist()


@pytest.mark.parametrize(
    "reads",
    [
        [{"c": 1, "a": 1, "b": 0}, {"b": 0, "a": 0, "c": 1}],
        [{"c": 1, "a": 1, "b": -1}, {"b": -1, "a": -1, "c": 1}],
        ([[0, 1, 1], [0, 1, 0]], ["b", "c", "a"]),
        (np.array([[-1.0, 1.0, 1.0], [-1.0, 1.0, -1.0]]), ("b", "c", "a")),
    ],
    ids=["mappings", "mappings of spins", "array", "array of spins"],
)
def test_plain_reads_are_aligned_like_those_of_dimod(reads: Any) -> None:
    """Reads that come back from another machine need not be a SampleSet."""
    assert align(reads, LABELS).tolist() == STATES.tolist()


def test_all_ones_mean_the_same_in_bits_and_spins() -> None:
    """Without a vartype, a row of ones is a row of chosen items."""
    assert align([dict.fromkeys(LABELS, 1)], LABELS).all()


def test_no_reads_stay_no_reads() -> None:
    """An empty answer of a sampler is not an error of alignment."""
    assert align(samples(STATES[:0], LABELS), LABELS).shape == (0, 3)
    assert align([], LABELS).shape == (0, 3)


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        (samples(STATES[:, :2], ["a", "b"]), ["1 missing ('c')", "3 labels of the model"]),
        (samples(STATES, ["a", "b", "x"]), ["1 missing ('c')", "1 unknown ('x')"]),
        (([[1, 0, 1, 1]], ["a", "b", "c", "a"]), ["1 given twice ('a')"]),
        (([[1, 0]], ["a", "b", "c"]), ["shape (1, 2)", "each of the 3 labels"]),
        (([[1, 0, 1], [1]], ["a", "b", "c"]), ["rows of different lengths"]),
        ([{"a": 1, "b": 0, "c": 1}, {"a": 1, "z": 0}], ["2 missing ('b', 'c')", "1 unknown ('z')"]),
        ([{"a": 1, "b": 0, "c": 2}], ["values 2 of 1 variables ('c')", "0 and 1"]),
        ([{"a": 0, "b": -1, "c": 1}], ["values 0 of 1 variables ('a')", "-1 and 1"]),
        ([{"a": 1, "b": 0, "c": "yes"}], ["no numbers"]),
        ([{"a": 1, "b": 0, "c": float("nan")}], ["values nan of 1 variables ('c')"]),
        (
            dimod.SampleSet.from_samples(([[0, 1, 5]], LABELS), "INTEGER", energy=[0]),
            ["vartype INTEGER", "SPIN and BINARY"],
        ),
        ("101", ["str", "dimod.SampleSet"]),
    ],
)
def test_reads_of_another_model_are_refused_in_one_message(reads: Any, told: list[str]) -> None:
    """Labels and values that do not fit are named, with what would be accepted."""
    with pytest.raises(SolutionError) as error:
        align(reads, LABELS)

    assert all(part in str(error.value) for part in told)


def test_of_many_strange_labels_the_first_are_named_and_all_are_counted() -> None:
    """A message stays readable when nothing fits."""
    with pytest.raises(SolutionError, match=r"10 missing \(0, 1, 2, 3, 4, \.\.\.\), 3 unknown"):
        align(samples(STATES, LABELS), list(range(10)))


def test_bits_changed_into_strange_values_after_sampling_are_refused() -> None:
    """A sample set says what its values mean, but its array can be written."""
    reads = samples(STATES, LABELS)
    reads.record.sample[0, 1] = -1

    with pytest.raises(SolutionError, match=r"values -1 of 1 variables \('b'\); accepted are 0 and 1"):
        align(reads, LABELS)


def test_flags_say_exactly_what_happened_to_tampered_reads(problem: PackingProblem) -> None:
    """Feasibility, energies, values and flips are those of plain loops over the problem's own data."""
    states = tampered(problem)
    before = states.copy()
    decoded = decode(problem, states)

    assert np.array_equal(states, before)
    assert all(keeps_rules_by_loops(problem, plan) for plan in decoded.chosen)
    assert decoded.value.tolist() == [value_by_loops(problem, plan) for plan in decoded.chosen]
    assert decoded.raw_feasible.tolist() == [keeps_rules_by_loops(problem, state) for state in states]
    assert decoded.energy_raw.tolist() == [energy_by_loops(problem, state) for state in states]
    assert decoded.energy_final.tolist() == [energy_by_loops(problem, plan) for plan in decoded.chosen]
    gone, come = states & ~decoded.chosen, ~states & decoded.chosen
    assert decoded.flips_removed.tolist() == [int(row.sum()) for row in gone]
    assert decoded.flips_added.tolist() == [int(row.sum()) for row in come]


def test_a_read_that_kept_the_rules_never_loses_value(problem: PackingProblem) -> None:
    """Whatever repair does, it does not spoil what the sampler found."""
    states = tampered(problem)
    decoded = decode(problem, states)
    raw = np.array([value_by_loops(problem, state) for state in states])

    assert decoded.raw_feasible.sum() >= 6
    assert (decoded.value >= raw)[decoded.raw_feasible].all()
    assert (decoded.value >= 0).all()


def test_repair_never_raises_the_energy(unlimited: PackingProblem) -> None:
    """Without capacities, decoding only ever descends, from any of 64 states of random bits, too."""
    noise = np.random.default_rng(1).random((64, unlimited.items)) < 0.5
    decoded = decode(unlimited, np.concatenate([tampered(unlimited), noise]))

    assert (decoded.energy_final <= decoded.energy_raw).all()
    assert np.array_equal(decoded.energy_final, -decoded.value)


def test_no_replacement_improves_what_was_decoded(problem: PackingProblem) -> None:
    """Putting any item into its group, for the one there, or taking any out breaks a rule or gains nothing."""
    decoded = decode(problem, tampered(problem))
    for plan, value in zip(decoded.chosen, decoded.value.tolist(), strict=True):
        for item in range(problem.items):
            other = plan & (problem.group != problem.group[item])
            other[item] = not plan[item]
            assert not keeps_rules_by_loops(problem, other) or value_by_loops(problem, other) <= value


def test_what_was_decoded_stays_as_it_is(problem: PackingProblem) -> None:
    """Decoding again changes nothing: the source of such a read is the sampler."""
    plans = decode(problem, tampered(problem)).chosen
    again = decode(problem, plans)

    assert np.array_equal(again.chosen, plans)
    assert again.raw_feasible.all()
    assert not (again.flips_removed + again.flips_added).any()


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_decoding_does_not_depend_on_label_order_or_vartype(problem: PackingProblem, vartype: str) -> None:
    """The same reads, shuffled and as spins, are decoded to the same plans with the same flags."""
    states = tampered(problem)
    labels = [("item", item) for item in range(problem.items)]
    order = np.random.default_rng(problem.items).permutation(problem.items)
    reads = samples(states[:, order], [labels[column] for column in order], vartype)
    plain, shuffled = decode(problem, states), decode(problem, align(reads, labels))

    for name in ("chosen", "value", "raw_feasible", "energy_raw", "energy_final", "flips_removed", "flips_added"):
        assert np.array_equal(getattr(plain, name), getattr(shuffled, name))


def test_over_use_is_mended_where_a_unit_costs_least() -> None:
    """Of three items that use too much, the one with least value per unit goes; what then fits is put in."""
    problem = PackingProblem(
        value=np.array([30, 20, 9, 2]),
        group=np.arange(4),
        use=np.array([[5, 5, 5, 1]]),
        capacity=np.array([11]),
    )
    decoded = decode(problem, np.array([[True, True, True, False]]))

    assert decoded.chosen.tolist() == [[True, True, False, True]]
    assert (decoded.value[0], decoded.flips_removed[0], decoded.flips_added[0]) == (52, 1, 1)
    assert not decoded.raw_feasible[0]


def test_over_use_is_mended_by_a_smaller_item_of_the_group() -> None:
    """An item gives way to a smaller one of its group where that costs less than doing without."""
    problem = PackingProblem(
        value=np.array([30, 28, 10]),
        group=np.array([0, 0, 1]),
        use=np.array([[6, 4, 4]]),
        capacity=np.array([8]),
    )

    assert decode(problem, np.array([[True, False, True]])).chosen.tolist() == [[False, True, True]]


def test_a_plan_worth_less_than_nothing_is_begun_anew() -> None:
    """Two losses that only hold each other up are no answer where choosing nothing is better."""
    problem = PackingProblem(
        value=np.array([-5, -5, 0]), group=np.arange(3), pair=np.array([[0, 1]]), reward=np.array([8])
    )
    decoded = decode(problem, np.array([[True, True, False]]))

    assert (decoded.value[0], decoded.flips_removed[0]) == (0, 2)


def test_a_capacity_of_nothing_is_kept() -> None:
    """Where there is none of a resource, only items that use none of it stay."""
    problem = PackingProblem(
        value=np.array([30, 20]), group=np.array([0, 1]), use=np.array([[1, 0]]), capacity=np.array([0])
    )

    assert decode(problem, np.ones((1, 2), np.bool_)).chosen.tolist() == [[False, True]]


def test_energies_are_those_of_the_model_handed_in(problem: PackingProblem) -> None:
    """Where a sampler was given another H, such as that at bid prices, its energies are of that one."""
    dearer = PackingProblem(problem.value - 7, problem.group, problem.pair, problem.reward, problem.conflict)
    states = tampered(problem)
    decoded = decode(problem, states, quadratic=quadratic_of(dearer))

    assert decoded.energy_raw.tolist() == [energy_by_loops(dearer, state) for state in states]
    assert decoded.energy_final.tolist() == [energy_by_loops(dearer, plan) for plan in decoded.chosen]


def test_no_reads_are_decoded_to_none(problem: PackingProblem) -> None:
    """A sampler that returns nothing is not an error of decoding."""
    decoded = decode(problem, np.zeros((0, 12), np.bool_))

    assert (decoded.chosen.shape, len(decoded.value), len(decoded.energy_raw)) == ((0, 12), 0, 0)


@pytest.mark.parametrize("states", [np.zeros((2, 11), np.bool_), np.zeros(12, np.bool_), np.zeros((2, 12), np.int64)])
def test_states_of_another_problem_are_refused(
    states: NDArray[Any], small_packing: Callable[..., PackingProblem]
) -> None:
    """The message tells shape and type, and what is accepted."""
    with pytest.raises(SolutionError, match=r"bool of shape \(reads, 12\) is needed"):
        decode(small_packing("slots", 0, items=12), states)


@pytest.mark.parametrize(
    ("quadratic", "told"),
    [
        (quadratic_of(APART, penalty_scale=0.5), "fractions"),
        (quadratic_of(PackingProblem(np.array([10]), np.array([0]))), "of 1 variables; 2 are needed"),
        (quadratic_of(PackingProblem(APART.value, APART.group)), "local minima that break rules"),
    ],
)
def test_a_model_that_cannot_mend_reads_is_refused(quadratic: Quadratic, told: str) -> None:
    """An answer that breaks a rule is never handed back, whatever H was handed in."""
    with pytest.raises(SolutionError, match=told):
        decode(APART, np.ones((1, 2), np.bool_), quadratic=quadratic)


def test_penalties_that_add_up_beyond_floating_point_are_descended_exactly() -> None:
    """A thousand items that exclude each other, as dear as is allowed, leave the dearest."""
    dearest = MOST_VALUE // 1000 - 1000
    problem = PackingProblem(dearest - np.arange(999), np.zeros(999, np.int64))
    decoded = decode(problem, np.ones((1, 999), np.bool_))

    assert (decoded.value[0], decoded.chosen[0, 0], decoded.flips_removed[0]) == (dearest, True, 998)
