"""The common course of a benchmark that runs our solver alone on a folder of instances."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.instances import Instance, InstanceError
from benchmarks.report import about_run, heading, write_figures
from benchmarks.run_options import DISTRIBUTIONS, command_text, limit_of, threads_text
from benchmarks.run_tables import bounds_table, bounds_text, findings, gaps_by_tours_table, summary, summary_table
from benchmarks.runs import Reference, Run, figures_of, refused, run_ours, warm_up


@dataclass(frozen=True, slots=True)
class Benchmark:
    """
    Describe one benchmark.

    Parameters
    ----------
    module
        Name after ``benchmarks.``.
    title
        Head of its report.
    load
        Reads one instance; raises `InstanceError`.
    notes
        What a reader must know, in sentences.
    """

    module: str
    title: str
    load: Callable[[Path], Instance]
    notes: tuple[str, ...] = ()


def run_benchmark(
    benchmark: Benchmark,
    options: argparse.Namespace,
    given: Sequence[str],
    files: Sequence[Path],
    references: Mapping[tuple[str, int], Reference],
) -> int:
    """
    Solve every instance once, print the report, and write it where the options ask for that.

    Parameters
    ----------
    benchmark
        What is measured.
    options, given
        The options as parsed and as typed; `add_bound_option` is among them.
    files
        The instances.
    references
        Best known score by instance and number of tours.

    Returns
    -------
    status
        1 if an answer is refused by the replay or a bound refuted, 2 if a file does not keep its format, else 0.
    """
    limit = limit_of(options)
    about = about_run(command_text(benchmark.module, given), DISTRIBUTIONS, limit=str(limit), seed=options.seed)
    warm_up_s = warm_up(bounds=options.bound_seconds > 0)
    runs: list[Run] = []
    try:
        for file in files:
            instance = benchmark.load(file)
            reference = references.get((instance.name, instance.tours))
            run = run_ours(instance, limit, options.seed, reference, options.threads, options.bound_seconds)
            print(f"{run.name} {run.score}" + ("" if run.bound is None else f" <= {run.bound}"), file=sys.stderr)
            runs.append(run)
    except InstanceError as error:
        print(f"{benchmark.module}: {error}", file=sys.stderr)
        return 2
    told = f"Limit {limit}, {threads_text(options.threads)}, seed {options.seed}"
    told += f"; {options.bound_seconds:g} s more for each bound" if options.bound_seconds else ""
    opening = f"{told}. Warm-up before: {warm_up_s:.1f} s. Checked by the replay."
    notes = [opening, *benchmark.notes]
    parts = [heading(benchmark.title, about), *notes, summary_table(runs), gaps_by_tours_table(runs)]
    table = "\n\n".join([*parts, *findings(runs, limit), bounds_text(runs), bounds_table(runs)])
    print(table)
    if options.json:
        figures = {**about, "warm_up_seconds": round(warm_up_s, 2), "notes": notes, "summary": summary(runs)}
        write_figures(options.json, {**figures, "runs": [figures_of(run) for run in runs]}, table)
    return 1 if refused(runs) or any(run.is_refuted for run in runs) else 0
