from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import dimod
import numpy as np
import pytest
from dimod.serialization import coo

from solvers.qubo.formats import SamplesError, bqm_bytes, coo_text, lp_text, read_samples, samples_text, variable_names
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import Quadratic, energies, quadratic_of
from solvers.qubo.reads import Reads

PROBLEM = PackingProblem(
    value=np.array([3, -2, 4, 5]),
    group=np.array([0, 0, 1, 2]),
    pair=np.array([[0, 2], [1, 2]]),
    reward=np.array([-2, 6]),
    conflict=np.array([[2, 3]]),
    use=np.array([[1, 2, 0, 3]]),
    capacity=np.array([4]),
)
LABELS = variable_names(PROBLEM.items)
STATES = np.array([[False, True, True, False], [True, False, False, True]])
EVERY = (np.arange(16)[:, None] >> np.arange(4)) & 1 == 1


def ours(**changes: object) -> str:
    """Return a small sample file with some fields changed; ``None`` takes a field out."""
    plain = {"format": "meguri-samples/1", "vartype": "BINARY", "variables": ["x0", "x1"], "samples": [[0, 1], [1, 0]]}
    return json.dumps({name: value for name, value in {**plain, **changes}.items() if value is not None})


def test_bqm_bytes_restore_the_same_energies() -> None:
    """Dimod reads the bytes back, and every state has the energy it had before."""
    quadratic = quadratic_of(PROBLEM)
    restored = dimod.BinaryQuadraticModel.from_file(bqm_bytes(quadratic))
    assert list(restored.variables) == LABELS
    assert restored.energies((EVERY.astype(int), LABELS)).tolist() == energies(quadratic, EVERY).tolist()


def test_coordinate_text_is_read_by_dimod() -> None:
    """The text is of the form that dimod itself writes, and tells the same energies."""
    quadratic = quadratic_of(PROBLEM)
    text = coo_text(quadratic)
    assert text.startswith("# vartype=BINARY\n0 0 ")
    restored = coo.loads(text)
    assert restored.energies((EVERY.astype(int), range(4))).tolist() == energies(quadratic, EVERY).tolist()


def test_coordinate_text_names_every_variable_and_keeps_fractions() -> None:
    """A variable of no weight has its line, too, and no digit is lost."""
    quadratic = Quadratic(np.array([0.1, 0.0, -2.0]), np.array([0, 1]), np.array([2, 2]), np.array([7.0, 1 / 3]))
    assert coo_text(quadratic).splitlines() == [
        "# vartype=BINARY",
        *("0 0 0.1", "1 1 0.0", "2 2 -2.0"),
        *("0 2 7.0", f"1 2 {1 / 3!r}"),
    ]


def test_linear_programming_text_states_the_problem_itself() -> None:
    """Dimod's reader finds the negative objective and exactly the states that keep all rules."""
    model = dimod.lp.loads(lp_text(PROBLEM))
    assert sorted(model.variables) == LABELS
    plans = [dict(zip(LABELS, state, strict=True)) for state in EVERY.astype(int)]
    assert [model.check_feasible(plan) for plan in plans] == keeps_rules(PROBLEM, EVERY).tolist()
    assert [-model.objective.energy(plan) for plan in plans] == values_of(PROBLEM, EVERY).tolist()


def test_linear_programming_text_is_solved_by_highs(tmp_path: Path) -> None:
    """HiGHS reads the file itself (it takes no products of variables, so rewards are left out), and finds the best."""
    core = pytest.importorskip("scipy.optimize._highspy._core")
    problem = replace(PROBLEM, pair=np.zeros((0, 2), np.int64), reward=np.zeros(0, np.int64))
    file = tmp_path / "model.lp"
    file.write_text(lp_text(problem), encoding="utf-8")
    highs = core._Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(file))
    highs.run()
    bits = np.rint(highs.getSolution().col_value).astype(bool)
    assert keeps_rules(problem, bits[None]).tolist() == [True]
    assert -highs.getInfo().objective_function_value == values_of(problem, EVERY)[keeps_rules(problem, EVERY)].max()


def test_samples_of_ours_come_back_with_what_is_known_of_them() -> None:
    """States, sampler, seed and model survive a file of ours."""
    samples = read_samples(samples_text(Reads(STATES, "sa", 7, True, 0.5), "ab"), LABELS)
    reads = samples.reads
    assert reads.states.tolist() == STATES.tolist()
    assert (reads.sampler, reads.seed, reads.is_reproducible, reads.seconds) == ("sa", 7, True, 0.5)
    assert samples.model == "ab"


@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
@pytest.mark.parametrize("is_packed", [True, False])
def test_a_sample_set_of_dimod_is_read_in_any_order(vartype: str, is_packed: bool) -> None:
    """Order and kind of its variables do not matter; rows that occurred twice count twice."""
    order = [2, 0, 3, 1]
    rows = STATES[:, order] * 2 - 1 if vartype == "SPIN" else STATES[:, order].astype(int)
    labelled = (rows, [LABELS[item] for item in order])
    drawn = dimod.SampleSet.from_samples(labelled, vartype, energy=[0, 0], num_occurrences=[1, 2])
    samples = read_samples(json.dumps(drawn.to_serializable(pack_samples=is_packed)), LABELS)
    assert samples.reads.states.tolist() == STATES[[0, 1, 1]].tolist()


def test_a_table_of_samples_is_read_with_its_other_columns() -> None:
    """CSV as data frames write it: row numbers, energies and occurrences are no variables."""
    table = ",x1,x0,energy,num_occurrences\n0,-1,1,-2.5,2\n1,1,-1,0.0,1\n"
    assert read_samples("\ufeff" + table, LABELS[:2]).reads.states.tolist() == [
        [True, False],
        [True, False],
        [False, True],
    ]


def test_variables_may_go_by_their_numbers() -> None:
    """What was solved from coordinate text is read back by number."""
    assert read_samples("1,0\n0,1\n", LABELS[:2]).reads.states.tolist() == [[True, False]]
    assert read_samples(ours(variables=[1, 0]), LABELS[:2]).reads.states.tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("", ["empty"]),
        (" \n", ["empty"]),
        ("x0,x1\n", ["empty"]),
        ("{", ["no_json"]),
        ("[" * 100_000, ["no_json"]),
        ("[[0, 1]]", ["no_object"]),
        ('{"format": "other/1"}', ["format"]),
        ('{"type": "SampleSet"}', ["damaged"]),
        (ours(samples=None), ["field"]),
        (ours(samples=[]), ["empty"]),
        (ours(samples=[[0, 1], 5]), ["field"]),
        (ours(samples=[[0, 1], [1]]), ["ragged"]),
        ("x0,x1\n0,1\n1\n", ["ragged"]),
        (ours(samples=[[0, 1], [2, 0]]), ["value"]),
        (ours(samples=[[0, 1], [None, "1"]]), ["value"]),
        (ours(samples=[[[0], [1]], [[1], [0]]]), ["value"]),
        (ours(samples=[[0, 10**30], [1, 0]]), ["value"]),
        ("x0,x1\n0,nan\n", ["value"]),
        ("x0,x1\n0,-1\n", ["value"]),
        (ours(vartype="SPIN"), ["value"]),
        (ours(vartype="INTEGER"), ["vartype"]),
        (ours(vartype=None), ["vartype"]),
        (ours(vartype=["BINARY"]), ["vartype"]),
        (ours(variables=["x0", "y"]), ["missing", "unknown"]),
        (ours(variables=["x0", "x0"]), ["missing", "twice"]),
        (ours(variables=["x0", "x1", "x2"], samples=[[0, 1, 1]]), ["unknown"]),
        (ours(occurrences=[1, 0]), ["field"]),
        (ours(occurrences=[1, 10**8]), ["too_many"]),
        (
            ours(variables=["x1"], vartype="X", seed="k", samples=[[0], [1, 1]]),
            ["missing", "vartype", "ragged", "field"],
        ),
    ],
)
def test_samples_that_do_not_fit_are_refused(content: str, codes: list[str]) -> None:
    """Every fault of a file is named at once, in one line each."""
    with pytest.raises(SamplesError) as refusal:
        read_samples(content, LABELS[:2])
    assert [fault.code for fault in refusal.value.faults] == codes
    assert all("\n" not in fault.line() for fault in refusal.value.faults)


def test_a_fault_names_place_value_and_what_is_accepted() -> None:
    """The first wrong value is told with its row and column."""
    with pytest.raises(SamplesError, match=r"samples\[1\]\[0\]: values other than 0, 1 \(BINARY\): 1; .* '2'"):
        read_samples(ours(samples=[[0, 1], [2, 0]]), LABELS[:2])


def test_the_lowest_energy_of_the_text_alone_is_the_best_plan() -> None:
    """Trying every state, given nothing but the text, finds a sample that is worth the best value of all plans."""
    problem = random_problem(seed=5, items=14)
    states = read_samples(lowest_of(coo_text(quadratic_of(problem))), variable_names(problem.items)).reads.states
    every = (np.arange(2**problem.items)[:, None] >> np.arange(problem.items)) & 1 == 1
    best = values_of(problem, every)[keeps_rules(problem, every)].max()
    assert keeps_rules(problem, states).tolist() == [True]
    assert values_of(problem, states).tolist() == [best]


def random_problem(seed: int, items: int) -> PackingProblem:
    """Return a problem with rewards of both signs and conflicts."""
    drawn = np.random.default_rng(seed)
    group = np.arange(items) % 5
    pairs = np.array([(i, j) for i in range(items) for j in range(i + 1, items) if group[i] != group[j]])
    kind = drawn.integers(0, 3, len(pairs))
    rewarded = pairs[kind == 1]
    return PackingProblem(
        value=drawn.integers(-3, 20, items),
        group=group,
        pair=rewarded,
        reward=drawn.integers(-9, 10, len(rewarded)),
        conflict=pairs[kind == 2],
    )


def lowest_of(text: str) -> str:
    """Return the lowest state of coordinate text as CSV, by adding up its lines for every state."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    size = 1 + max(int(line[1]) for line in lines)
    states = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
    total = np.zeros(len(states))
    for i, j, weight in lines:
        total += float(weight) * states[:, int(i)] * states[:, int(j)]
    bits = states[total.argmin()]
    return ",".join(map(str, range(size))) + "\n" + ",".join(map(str, bits)) + "\n"
