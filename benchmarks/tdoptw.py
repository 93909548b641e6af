"""
Scores and bounds on the public time-dependent instances: travel times that depend on the quarter of an hour.

Run ``python -m benchmarks.tdoptw [--instances DIR] [--best CSV] [--parts static by-departure] [--seconds 1] [--seed 1]
[--json FILE] [--only NAME …] [--iterations N] [--bound-seconds 10] [--exact-seconds 30] [--exact-points 20]``.

Protocol: two parts, each instance once, as `benchmarks.mctopmtw`. *static* uses the travel times that do not depend on
the departure, all that published results were found to agree with; the gap is to ``best_known``. *by-departure* uses
those of the quarter of an hour of the departure (files of 20 and 50 points have them): a departure takes the time of
its quarter of an hour, however near its end, and one may wait for a quicker one, so that leaving earlier never means
arriving later. No results are published for this reading: the gap is to our own bound, proven in further seconds. Where
an instance has no more than ``--exact-points``, CP-SAT also gets the whole problem for ``--exact-seconds``, without any
plan to begin with; all it shares with search and bound are the arrival functions. Every answer is replayed from the
instance's files alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.instances import Instance, InstanceError, replay, tours_of, trip_problem
from benchmarks.instances.tdoptw import Travel, load_tdoptw
from benchmarks.report import about_run, heading, markdown_table, write_figures
from benchmarks.run_options import (
    DISTRIBUTIONS,
    add_bound_option,
    command_text,
    limit_of,
    load_references,
    options_parser,
    positive_count,
    seconds_or_none,
    threads_text,
)
from benchmarks.run_tables import bounds_table, bounds_text, findings, summary, summary_table
from benchmarks.runs import Reference, Run, figures_of, instance_files, refused, run_ours, warm_up
from benchmarks.shared_data import shared_folder
from benchmarks.timing import timed
from solvers.orienteering import solve

PARTS: Final[tuple[Travel, ...]] = ("static", "by-departure")

_TITLES: Final = {"static": "Travel that does not depend on the departure", "by-departure": "Travel by departure"}


@dataclass(frozen=True, slots=True)
class Exact:
    """
    Hold what CP-SAT says of an instance.

    Parameters
    ----------
    instance
        Its name.
    score
        Of its plan, as replayed; 0 where it breaks a rule.
    bound
        What it proves that no plan exceeds; None where it proves nothing.
    seconds
        By the clock.
    errors
        Rules that the plan breaks.
    """

    instance: str
    score: int
    bound: int | None
    seconds: float
    errors: tuple[str, ...]

    @property
    def is_optimal(self) -> bool:
        """Return whether its plan is proven best by it."""
        return self.bound is not None and self.score == self.bound and not self.errors


def solve_exactly(instance: Instance, seconds: float, seed: int) -> Exact:
    """Return what CP-SAT says of an instance within a limit."""
    problem = trip_problem(instance)
    run = timed(lambda: solve(problem, solver="cp-sat", seconds=seconds, seed=seed))
    judged = replay(instance, tours_of(instance, run.answer.solution))
    bound = None if run.answer.bound is None else int(run.answer.bound)
    score = 0 if judged.errors else judged.score
    return Exact(instance.name, score, bound, round(run.seconds, 4), judged.errors)


def contradictions(runs: Sequence[Run], exact: Mapping[str, Exact]) -> list[str]:
    """Return where CP-SAT and our search or bound cannot both be right, and where its plan breaks a rule, in words."""
    told = [f"CP-SAT's plan of {each.instance}: {error}." for each in exact.values() for error in each.errors]
    for run in runs:
        other = exact.get(run.instance)
        if other is None:
            continue
        if run.bound is not None and other.score > run.bound:
            told.append(f"Wrong bound: {run.instance}, {run.bound}, yet CP-SAT's plan has {other.score}.")
        if other.bound is not None and max(run.score, run.proof_score or 0) > other.bound:
            told.append(f"CP-SAT is wrong: {run.instance}, {other.bound} at most, yet a plan has {run.score}.")
    return told


def departures_table(runs: Sequence[Run], exact: Mapping[str, Exact]) -> str:
    """Return one line per run: score, both bounds, and who proves that no plan is better."""
    titles = ["instance", "score", "bound", "gap to bound %", "CP-SAT score", "CP-SAT bound", "proven optimal by"]
    rows = [_departures_cells(run, exact.get(run.instance)) for run in runs]
    return markdown_table([*titles, "s", "bound s", "CP-SAT s"], rows)


def _departures_cells(run: Run, other: Exact | None) -> list[str]:
    proofs = ["bound"] * (run.score == run.bound)
    proofs += ["CP-SAT"] * (other is not None and run.score == other.bound)
    return [
        run.instance,
        str(run.score),
        "-" if run.bound is None else str(run.bound),
        "-" if run.proven_gap_percent is None else f"{run.proven_gap_percent:.2f}",
        "-" if other is None else str(other.score),
        "-" if other is None or other.bound is None else str(other.bound),
        " and ".join(proofs) or "-",
        f"{run.seconds:.2f}",
        f"{run.bound_seconds:.2f}",
        "-" if other is None else f"{other.seconds:.2f}",
    ]


def exact_text(runs: Sequence[Run], exact: Mapping[str, Exact]) -> str:
    """Return in words how the search compares with proven optima of CP-SAT."""
    scores = {run.instance: run.score for run in runs}
    optima = {each.instance: each.score for each in exact.values() if each.is_optimal}
    missed = [f"{name} {scores[name]} < {score}" for name, score in optima.items() if scores[name] < score]
    text = f"CP-SAT was asked for {len(exact)} instances and proved {len(optima)} optima"
    return f"{text}; the search reached {len(optima) - len(missed)}" + (
        f", not {', '.join(missed)}." if missed else "."
    )


@dataclass(frozen=True, slots=True)
class Part:
    """Hold the runs of one part, and what CP-SAT says of some."""

    travel: Travel
    runs: list[Run]
    exact: dict[str, Exact]

    @property
    def wrong(self) -> list[str]:
        """Return contradictions between proofs and plans, in words."""
        return contradictions(self.runs, self.exact)

    def text(self, options: argparse.Namespace) -> str:
        """Return the section of the report."""
        parts = [f"## {_TITLES[self.travel]}", summary_table(self.runs), *findings(self.runs, limit_of(options))]
        parts += [bounds_text(self.runs)]
        if self.travel == "static":
            return "\n\n".join([*parts, bounds_table(self.runs)])
        parts += [exact_text(self.runs, self.exact)] if self.exact else []
        return "\n\n".join([*parts, *self.wrong, departures_table(self.runs, self.exact)])

    def figures(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        exact = [asdict(each) for each in self.exact.values()]
        return {"summary": summary(self.runs), "runs": [figures_of(run) for run in self.runs], "exact": exact}


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
        if travel == "by-departure" and options.exact_seconds and instance.points <= options.exact_points:
            part.exact[run.instance] = solve_exactly(instance, options.exact_seconds, options.seed)
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
    parser.add_argument(
        "--exact-seconds", type=seconds_or_none, default=30.0, help="for CP-SAT; 0: do not ask it (default: 30)"
    )
    parser.add_argument("--exact-points", type=positive_count, default=20, help="most points for CP-SAT (default: 20)")
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
