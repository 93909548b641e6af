"""Samplers against classical solvers on made-up instances of one shape."""

from __future__ import annotations

from statistics import fmean
from typing import Any, Final

from benchmarks.qubo.instances import Shape, make_instance
from benchmarks.qubo.runs import Duel, Run, fight
from benchmarks.qubo.section import Given
from benchmarks.report import markdown_table
from benchmarks.sections import Section

INSTANCES: Final = 5
READS: Final = 100
READS_OF_LARGE: Final = 16
LARGE: Final = 600
"""Items above which a read takes seconds."""


def run_shape(shape: Shape, given: Given) -> Section:
    """Return the figures of the instances of one shape; one instance where a quick run is asked for."""
    reads = given.reads or (READS_OF_LARGE if given.is_quick or shape.items > LARGE else READS)
    seeds = range(given.seed, given.seed + (1 if given.is_quick else INSTANCES))
    duels = []
    for seed in seeds:
        instance = make_instance(shape, seed)
        duels.append(
            fight(
                instance.name,
                instance.problem,
                samplers=given.samplers,
                reads=reads,
                seconds=given.seconds,
                seed=seed,
            )
        )
    proven = sum(duel.is_proven for duel in duels)
    title = f"{shape.name}: {len(duels)} instance{'s' * (len(duels) > 1)}, {proven} solved to proven optimality"
    return Section(
        title,
        {"duels": [_figures(duel) for duel in duels]},
        duel_table(duels),
        {"no plan is worth more than a bound": all(duel.best <= duel.bound for duel in duels)},
    )


def _figures(duel: Duel) -> dict[str, Any]:
    return {
        "instance": duel.instance,
        "best": duel.best,
        "bound": duel.bound,
        "runs": [run.figures for run in duel.runs],
    }


def duel_table(duels: list[Duel]) -> str:
    """Return one line per solver: means over the instances."""
    titles = ["", "best gap %", "mean gap %", "best found", "proven", "raw feasible %", "repaired %", "s", "to 1 %, s"]
    by_solver = [[(duel, duel.runs[at]) for duel in duels] for at in range(len(duels[0].runs))]
    return markdown_table(titles, [_row(runs) for runs in by_solver])


def _row(runs: list[tuple[Duel, Run]]) -> list[str]:
    first = runs[0][1]
    near = [run.seconds_to_near for _, run in runs if run.seconds_to_near is not None]
    reached = "" if len(near) == len(runs) else f" ({len(near)} of {len(runs)})"
    is_sampler = first.reads is not None
    return [
        f"{first.solver}, {first.reads} reads" if is_sampler else first.solver,
        f"{fmean(duel.gap(run.value) for duel, run in runs):.2f}",
        f"{fmean(duel.gap(run.mean_value) for duel, run in runs):.2f}" if is_sampler else "",
        f"{sum(run.value == duel.best for duel, run in runs)} of {len(runs)}",
        "" if is_sampler else f"{sum(run.bound == run.value for _, run in runs)} of {len(runs)}",
        f"{100 * fmean(run.raw_feasible or 0.0 for _, run in runs):.0f}" if is_sampler else "",
        f"{100 * fmean(run.repaired or 0.0 for _, run in runs):.0f}" if is_sampler else "",
        f"{fmean(run.seconds for _, run in runs):.2f}",
        f"{fmean(near):.3f}{reached}" if near else "-",
    ]
