"""The benchmark of annealer models: its instances, what it measures, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from benchmarks.qubo import __main__ as qubo
from benchmarks.qubo.answered import is_promise_kept, summary, summary_table
from benchmarks.qubo.instances import SHAPES, Shape, make_instance
from benchmarks.qubo.plain_model import solve_plainly
from benchmarks.qubo.runs import CONTROL, EXACT, HALF, PLAIN, STRONG, fight
from benchmarks.qubo.section import Given
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.quadratic import density, quadratic_of
from solvers.qubo.result import PackingResult
from solvers.qubo.sampling import solve_by_sampling
from solvers.qubo.validation import validate

SMALL = (Shape("A", 24), Shape("B", 24), Shape("C", 25))
GIVEN = Given(is_quick=True, samplers=("steepest-descent",), reads=4, seconds=1.0, seed=1)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape.items < 2000], ids=lambda shape: shape.name)
def test_instances_are_packing_problems_of_their_size(shape: Shape) -> None:
    """The same seed makes the same instance, another one another."""
    one, again, other = make_instance(shape, 1), make_instance(shape, 1), make_instance(shape, 2)
    validate(one.problem)
    assert one.name == f"{shape.name}-1"
    assert one.problem.items == shape.items
    assert len(one.problem.pair)
    assert np.array_equal(one.problem.reward, again.problem.reward)
    assert not np.array_equal(one.problem.value, other.problem.value)


def test_day_routes_are_as_densely_coupled_as_real_ones() -> None:
    """Two to five days, in turn; half to nine tenths of all pairs."""
    problems = [make_instance(Shape("A", 500), seed).problem for seed in range(1, 5)]
    assert sorted(problem.groups for problem in problems) == [2, 3, 4, 5]
    assert all(0.5 < density(quadratic_of(problem)) < 0.9 for problem in problems)


def test_prices_earn_what_additive_demand_says() -> None:
    """Signed values and rewards, no conflicts, and today's prices as the choice of nothing."""
    problem = make_instance(Shape("C", 200), 1).problem
    assert problem.groups == 40
    assert not len(problem.conflict)
    assert problem.value.min() < 0 < problem.value.max()
    assert problem.reward.min() < 0 < problem.reward.max()


@pytest.mark.parametrize("shape", SMALL, ids=lambda shape: shape.model)
def test_all_runs_agree_with_enumeration(shape: Shape) -> None:
    """Solvers prove the optimum; reads never exceed it, and their figures fit together."""
    problem = make_instance(shape, 1).problem
    best = enumerate_packing(problem).value
    duel = fight("small", problem, samplers=("steepest-descent",), reads=8, seconds=30.0, seed=1)
    runs = {run.solver: run for run in duel.runs}
    assert list(runs) == [EXACT, STRONG, PLAIN, "steepest-descent", f"steepest-descent, {HALF}", CONTROL]
    assert (duel.best, duel.bound, duel.is_proven) == (best, best, True)
    assert all(runs[solver].value == runs[solver].bound == best for solver in (EXACT, STRONG, PLAIN))
    for run in duel.runs[3:]:
        assert run.mean_value <= run.value <= best
        assert run.reads == 8
        assert (run.raw_value is None) == (run.raw_feasible == 0)
        assert (run.seconds_to_near is None) == (run.value < 0.99 * best)


def test_the_plain_model_finds_optima_of_signed_rewards() -> None:
    """It is an opponent, so it must not be hampered by a wrong model."""
    for seed in range(1, 6):
        problem = make_instance(Shape("C", 20), seed).problem
        answer = solve_plainly(problem, seconds=30.0, seed=1)
        assert answer.chosen is not None
        assert answer.bound == enumerate_packing(problem).value


def answers() -> list[PackingResult]:
    """Return three answers: an optimum as it came, one by repair, and one with no proof that took too long."""
    answer = solve_by_sampling(make_instance(Shape("A", 12), 1).problem, sampler="exact", reads=1, proof_effort=10.0)
    assert answer.report is not None
    report = replace(answer.report, optimum=answer.value, value=answer.value, repaired=False, raw_value=answer.value)
    return [
        replace(answer, seconds=0.5, report=report),
        replace(answer, seconds=1.5, report=replace(report, repaired=True, raw_value=None)),
        replace(answer, seconds=2.5, report=replace(report, optimum=None)),
    ]


def test_optima_are_counted_by_who_found_them() -> None:
    """Those of repair are not the sampler's, and no proof is no optimum."""
    figures = summary(answers())
    counted = {name: figures[name] for name in ("problems", "proven", "reached", "by_sampler", "by_repair")}
    assert counted == {"problems": 3, "proven": 2, "reached": 2, "by_sampler": 1, "by_repair": 1}
    assert (figures["raw_optimal"], figures["median_seconds"], figures["max_seconds"]) == (1, 1.5, 2.5)
    assert not is_promise_kept(figures)
    assert is_promise_kept(summary(answers()[:2]))
    late = [replace(answer, seconds=2.5) for answer in answers()[:2]]
    assert not is_promise_kept(summary(late))
    assert "| ... by repair of a read " in summary_table(figures)


def test_the_command_prints_and_writes_its_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One small instance, its figures in the file and the table beside it."""
    monkeypatch.setitem(qubo.MADE_UP, "A-100", Shape("A", 24))
    file = tmp_path / "qubo.json"
    typed = ["--quick", "--only", "A-100", "--samplers", "steepest-descent", "--reads", "4", "--json", str(file)]
    assert qubo.main(typed) == 0
    printed = capsys.readouterr()
    assert "| steepest-descent, 4 reads " in printed.out
    assert "- kept: no plan is worth more than a bound" in printed.out
    assert "A-100 done" in printed.err
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["samplers"] == ["steepest-descent"]
    (duel,) = figures["parts"]["A-100"]["duels"]
    assert duel["best"] == duel["bound"]
    assert file.with_suffix(".md").read_text(encoding="utf-8").strip() == printed.out.strip()


def test_unknown_samplers_and_parts_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names those there are."""
    for typed, named in ((["--samplers", "magic"], "group-moves"), (["--only", "magic"], "building")):
        with pytest.raises(SystemExit) as ending:
            qubo.main(typed)
        assert ending.value.code == 2
        assert named in capsys.readouterr().err


@pytest.mark.parametrize("name", ["trips", "prices"])
def test_real_problems_are_answered(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One trip, one market: a summary that adds up."""
    part = import_module(f"benchmarks.qubo.{name}")
    monkeypatch.setattr(part, "QUICK_REQUESTS" if name == "trips" else "QUICK_MARKETS", 1)
    figures = part.run(GIVEN).figures
    assert figures["problems"] == figures["proven"] == 1
    assert figures["by_sampler"] + figures["by_repair"] == figures["reached"]


def test_every_part_has_what_is_called() -> None:
    """Each part that is not made up is a module with a function `run`."""
    for name in qubo.PARTS:
        assert name in qubo.MADE_UP or callable(import_module(f"benchmarks.qubo.{name}").run), name
    assert set(qubo.QUICK_PARTS) <= set(qubo.PARTS)
