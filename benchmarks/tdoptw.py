"""
Scores and bounds on the public time-dependent instances: travel times that depend on the quarter of an hour.

Run ``python -m benchmarks.tdoptw [--instances DIR] [--best CSV] [--parts static by-departure] [--seconds 1] [--seed 1]
[--json FILE] [--only NAME …] [--iterations N] [--bound-seconds 10]``.

Protocol: two parts, each instance once, as `benchmarks.mctopmtw`. *static* uses the travel times that do not depend on
the departure, all that published results were found to agree with; the gap is to ``best_known``. *by-departure* uses
those of the quarter of an hour of the departure (files of 20 and 50 points have them): a departure takes the time of
its quarter of an hour, however near its end, and one may wait for a quicker one, so that leaving earlier never means
arriving later. No results are published for this reading: the gap is to our own bound, proven in further seconds. The
*optimum* of the instances with 20 points comes from a table of all sets of points, which shares nothing with the solver
(`benchmarks.instances.every_subset`). Every answer is replayed from the instance's files alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.instances import InstanceError
from benchmarks.instances.every_subset import MOST_POINTS, best_score
from benchmarks.instances.tdoptw import Travel, load_tdoptw
from benchmarks.report import about_run, heading, markdown_table, write_figures
from benchmarks.run_options import (
    DISTRIBUTIONS,
    add_bound_option,
    command_text,
    limit_of,
    load_references,
    options_parser,
    threads_text,
)
from benchmarks.run_tables import bounds_table, bounds_text, findings, summary, summary_table
from benchmarks.runs import Reference, Run, figures_of, instance_files, refused, run_ours, warm_up
from benchmarks.shared_data import shared_folder

PARTS: Final[tuple[Travel, ...]] = ("static", "by-departure")

_TITLES: Final = {"static": "Travel that does not depend on the departure", "by-departure": "Travel by departure"}


def contradictions(runs: Sequence[Run], optima: Mapping[str, int]) -> list[str]:
    """Return where a bound or a score cannot be right, as the optimum is known, in words."""
    told = []
    for run in runs:
        optimum = optima.get(run.instance)
        if optimum is None:
            continue
        if run.bound is not None and run.bound < optimum:
            told.append(f"Wrong bound: {run.instance}, {run.bound}, yet the optimum is {optimum}.")
        attained = max(run.score, run.proof_score or 0)
        if attained > optimum:
            told.append(f"Wrong score: {run.instance}, {attained}, yet the optimum is {optimum}.")
    return told


def departures_table(runs: Sequence[Run], optima: Mapping[str, int]) -> str:
    """Return one line per run: score, bound, optimum, and what proves that no plan is better."""
    titles = ["instance", "score", "bound", "gap to bound %", "by", "optimum", "proven optimal by", "s", "bound s"]
    rows = [
        [
            run.instance,
            str(run.score),
            "-" if run.bound is None else str(run.bound),
            "-" if run.proven_gap_percent is None else f"{run.proven_gap_percent:.2f}",
            run.bound_method or "-",
            str(optima.get(run.instance, "-")),
            " and ".join(_proofs(run, optima)) or "-",
            f"{run.seconds:.2f}",
            f"{run.bound_seconds:.2f}",
        ]
        for run in runs
    ]
    return markdown_table(titles, rows)


def _proofs(run: Run, optima: Mapping[str, int]) -> list[str]:
    return ["bound"] * (run.score == run.bound) + ["all sets"] * (run.score == optima.get(run.instance))


def optima_text(runs: Sequence[Run], optima: Mapping[str, int]) -> str:
    """Return in words how the search compares with the optima."""
    scores = {run.instance: run.score for run in runs}
    missed = [f"{name} {scores[name]} < {optimum}" for name, optimum in optima.items() if scores[name] < optimum]
    text = (
        f"Optimum known by all sets of points: {len(optima)}, of which the search reached {len(optima) - len(missed)}"
    )
    return text + (f"; missed: {', '.join(missed)}." if missed else ".")


@dataclass(frozen=True, slots=True)
class Part:
    """Hold the runs of one part, and the optima of some."""

    travel: Travel
    runs: list[Run]
    optima: dict[str, int]

    @property
    def wrong(self) -> list[str]:
        """Return contradictions between proofs and plans, in words."""
        return contradictions(self.runs, self.optima)

    def text(self, options: argparse.Namespace) -> str:
        """Return the section of the report."""
        parts = [f"## {_TITLES[self.travel]}", summary_table(self.runs), *findings(self.runs, limit_of(options))]
        parts += [bounds_text(self.runs)]
        if self.travel == "static":
            return "\n\n".join([*parts, bounds_table(self.runs)])
        parts += [optima_text(self.runs, self.optima)] if self.optima else []
        return "\n\n".join([*parts, *self.wrong, departures_table(self.runs, self.optima)])

    def figures(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        runs = [figures_of(run) for run in self.runs]
        return {"summary": summary(self.runs), "runs": runs, "optima": self.optima}


def measure(travel: Travel, options: argparse.Namespace, references: Mapping[tuple[str, int], Reference]) -> Part:
    """Return the runs of one part; instances without travel times by departure are left out of that part."""
    part = Part(travel, [], {})
    for file in options.files:
        if travel == "by-departure" and not _has_departures(file):
            continue
        instance = load_tdoptw(file, travel)
        reference = references.get((instance.name, 1)) if travel == "static" else None
        limit = limit_of(options)
        run = run_ours(instance, limit, options.seed, reference, options.threads, options.bound_seconds)
        part.runs.append(run)
        if travel == "by-departure" and instance.points <= MOST_POINTS:
            part.optima[run.instance] = best_score(instance) or 0
        print(f"{travel} {run.instance} {run.score} <= {run.bound}", file=sys.stderr)
    return part


def _has_departures(file: Path) -> bool:
    """Return whether travel times by departure lie beside an instance, whose name begins with its number of points."""
    return (file.parent / f"tt{file.stem.partition('.')[0]}.TXT").is_file()


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options, with the files that they name."""
    parser = options_parser("tdoptw", __doc__, shared_folder() / "benchmarks" / "tdoptw" / "instances")
    parser.add_argument(
        "--best", type=Path, metavar="CSV", help="reference scores (default: DIR/../best_known_time_independent.csv)"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    add_bound_option(parser, 10.0)
    options = parser.parse_args(arguments)
    try:
        files = instance_files(options.instances, options.only, ".TXT")
        options.references = load_references(
            options.best or options.instances.parent / "best_known_time_independent.csv"
        )
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    options.files = [file for file in files if not file.stem.startswith("t")]
    if not options.files:
        parser.error("--only names travel times (tt…, titt…), not instances")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables; 1 if an answer is refused or a proof refuted, 2 for broken files."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parse(given)
    limit = limit_of(options)
    about = about_run(command_text("tdoptw", given), DISTRIBUTIONS, limit=str(limit), seed=options.seed)
    warm_up_s = warm_up(bounds=options.bound_seconds > 0)
    warm_up_s += warm_up(by_departure=True) if "by-departure" in options.parts else 0.0
    try:
        parts = [measure(travel, options, options.references) for travel in options.parts]
    except InstanceError as error:
        print(f"tdoptw: {error}", file=sys.stderr)
        return 2
    told = f"Limit {limit}, {threads_text(options.threads)}, seed {options.seed}"
    told += f"; {options.bound_seconds:g} s more for each bound" if options.bound_seconds else ""
    opening = f"{told}. Warm-up before: {warm_up_s:.1f} s. Checked by the replay."
    table = "\n\n".join([heading("TDOPTW", about), opening, *(part.text(options) for part in parts)])
    print(table)
    if options.json:
        figures = {**about, "warm_up_seconds": round(warm_up_s, 2), "notes": [opening]}
        write_figures(options.json, {**figures, **{part.travel: part.figures() for part in parts}}, table)
    wrong = any(refused(part.runs) or part.wrong or any(run.is_refuted for run in part.runs) for part in parts)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
