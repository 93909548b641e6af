"""
How soon a plan is as good as that of a much longer run, in a warm process.

Run ``python -m benchmarks.latency [--requests 100] [--candidates 300] [--days 1 3] [--limits 0.01 …]
[--reference-seconds 10] [--seed 1] [--json FILE]``.

Protocol: random requests (`benchmarks.trip_requests`) in the bundled region, translated as `routing.plan_trip` does; of
several days with a choice of inns, lunch every day and a budget. The region has too few places for 300 candidates, so
that copies of its own, moved by up to two kilometres, are added until it has half as many more than the search takes.
Requests of which less than four fifths of the candidates are left (walkers reach few places), or whose longest run
finds no plan, are told and replaced.

Every limit in seconds is a run of its own from nothing: a run adapts its cooling to its limit, so that the state of a
long run after 50 ms tells nothing about a run of 50 ms. Times are by the clock, from the call of `solve` to its answer,
checking, recombination and judging included; reading, screening and street travel times come before. A run is *near*
when its objective is at least 99 % of that of the reference run. *To 1 %* is the time of the first run that is near and
after which all longer ones are too: it is as fine as the list of limits, and never better than what a caller would have
waited. *Within 50 ms* counts the requests whose longest run that answered within 50 ms is near; the target is met when
that is half of them. Gaps are to the best of all runs on a request, which may be above the reference run. One thread,
one run after the other; search and CP-SAT are loaded and one plan is made before.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.report import about_run, heading, markdown_table, write_figures
from benchmarks.run_options import DISTRIBUTIONS, command_text, positive_count, positive_seconds
from benchmarks.runs import warm_up
from benchmarks.timing import timed
from solvers.orienteering import TripProblem, solve

if TYPE_CHECKING:
    from regional_assets.model import Region

LIMITS: Final = (0.01, 0.02, 0.03, 0.04, 0.045, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.28, 0.3, 0.4, 0.5, 1.0, 2.0)
"""Some are a little below what is promised: a run answers a little after its limit."""

NEAR: Final = 0.01
"""Distance to the objective of the reference run, as a share of it, that counts as near."""

SPARE: Final = 1.5
"""Places of the region for each candidate of the search."""

LEAST_LEFT: Final = 0.8
"""Share of the candidates that must be left in the problem."""

TARGETS_S: Final = {1: 0.05, 3: 0.3}
"""Time in which half of the requests are to be near, by number of days."""

WITHIN_S: Final = (0.05, 0.3)


@dataclass(frozen=True, slots=True)
class Answer:
    """
    Hold one run.

    Parameters
    ----------
    limit
        In seconds.
    seconds, cpu_seconds
        By the clock and on the processor.
    objective
        None where no plan keeps the rules.
    """

    limit: float
    seconds: float
    cpu_seconds: float
    objective: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """
    Hold the runs on one request.

    Parameters
    ----------
    days, places, options
        Its size.
    answers
        In order of their limits, that of the reference run last.
    """

    days: int
    places: int
    options: int
    answers: tuple[Answer, ...]

    @property
    def best(self) -> int:
        """Return the best objective of all runs."""
        return max(answer.objective for answer in self.answers if answer.objective is not None)

    def gap(self, answer: Answer) -> float | None:
        """Return how far an answer is below the best of all runs, as a share of it; None without a plan."""
        if answer.objective is None:
            return None
        return (self.best - answer.objective) / max(1, abs(self.best))

    def is_near(self, answer: Answer) -> bool:
        """Return whether an answer is within 1 % of the reference run's, or better."""
        reference = self.answers[-1].objective
        if answer.objective is None or reference is None:
            return False
        return reference - answer.objective <= NEAR * abs(reference)

    def is_near_within(self, seconds: float) -> bool:
        """Return whether the longest run that answered within some time is near."""
        in_time = [answer for answer in self.answers if answer.seconds <= seconds]
        return bool(in_time) and self.is_near(in_time[-1])

    @property
    def seconds_to_near(self) -> float | None:
        """Return the time of the first answer that is near and after which all longer runs are; None if none is."""
        reached = None
        for answer in reversed(self.answers):
            if not self.is_near(answer):
                break
            reached = answer.seconds
        return reached


def requests(region: Region, options: argparse.Namespace, days: int) -> Iterator[TripProblem | None]:
    """Yield the problems of random requests without end; None for each that is left out as too small."""
    # Imported here: routing and its street networks are heavy, and the figures need none of them.
    from benchmarks.trip_requests import problem_of, random_long_request, random_request

    rng = np.random.default_rng((options.seed, days))
    while True:
        request = (
            random_request(region, rng, options.candidates)
            if days == 1
            else random_long_request(region, rng, options.candidates, days)
        )
        problem = problem_of(region, request)
        is_large = problem is not None and places_of(problem) >= LEAST_LEFT * options.candidates
        yield problem if is_large else None


def places_of(problem: TripProblem) -> int:
    """Return how many places have a way of visit."""
    return len(np.unique(problem.option_group))


def answer(problem: TripProblem, limit: float, seed: int) -> Answer:
    """Return the figures of one run from nothing."""
    run = timed(lambda: solve(problem, seconds=limit, seed=seed))
    objective = int(run.answer.objective) if run.answer.evaluation.feasible else None
    return Answer(limit, round(run.seconds, 5), round(run.cpu_seconds, 5), objective)


def measure(problem: TripProblem, limits: Sequence[float], seed: int) -> Request | None:
    """Return the runs on one problem; None where no run finds a plan, or the longest none."""
    answers = tuple(answer(problem, limit, seed) for limit in limits)
    if answers[-1].objective is None:
        return None
    return Request(problem.days, places_of(problem), problem.options, answers)


def quantile(values: Sequence[float | None], share: float) -> float | None:
    """Return the smallest value that at least so large a share does not exceed; None counts as larger than any."""
    ordered = sorted(float("inf") if value is None else value for value in values)
    value = ordered[max(0, ceil(share * len(ordered)) - 1)]
    return None if value == float("inf") else value


def summary(measured: Sequence[Request], left_out: int) -> dict[str, Any]:
    """Return the figures over all requests of one number of days."""
    days = measured[0].days
    times = [request.seconds_to_near for request in measured]
    target = TARGETS_S.get(days)
    within = {bound: fmean(request.is_near_within(bound) for request in measured) for bound in WITHIN_S}
    return {
        "days": days,
        "requests": len(measured),
        "left_out": left_out,
        "places": median(request.places for request in measured),
        "options": median(request.options for request in measured),
        "median_seconds": quantile(times, 0.5),
        "quantile_90_seconds": quantile(times, 0.9),
        "share_within": {f"{bound:g}": share for bound, share in within.items()},
        "target_seconds": target,
        "is_met": None if target is None else within[target] >= 0.5,
    }


def by_limit(measured: Sequence[Request]) -> list[dict[str, Any]]:
    """Return the figures of each limit over all requests of one number of days; gaps over those with a plan."""
    rows = []
    for position, limit in enumerate(run.limit for run in measured[0].answers):
        answers = [(request, request.answers[position]) for request in measured]
        gaps = [gap for request, run in answers if (gap := request.gap(run)) is not None]
        times = [run.seconds for _, run in answers]
        rows.append(
            {
                "limit": limit,
                "median_seconds": median(times),
                "quantile_90_seconds": quantile(times, 0.9),
                "near": fmean(request.is_near(run) for request, run in answers),
                "mean_gap_percent": 100 * fmean(gaps) if gaps else None,
                "worst_gap_percent": 100 * max(gaps) if gaps else None,
                "without_plan": sum(run.objective is None for _, run in answers),
                "cpu_share": fmean(run.cpu_seconds / max(run.seconds, 1e-9) for _, run in answers),
            }
        )
    return rows


def summary_table(summaries: Sequence[dict[str, Any]]) -> str:
    """Return one line per number of days."""
    titles = ["days", "requests", "left out", "places", "options", "median ms to 1 %", "90 % ms to 1 %"]
    titles += [f"within {bound * 1000:g} ms" for bound in WITHIN_S]
    rows = [
        [
            str(row["days"]),
            str(row["requests"]),
            str(row["left_out"]),
            f"{row['places']:g}",
            f"{row['options']:g}",
            _ms(row["median_seconds"]),
            _ms(row["quantile_90_seconds"]),
            *(f"{100 * share:.0f} %" for share in row["share_within"].values()),
            "-" if row["is_met"] is None else f"{_ms(row['target_seconds'])} ms {'met' if row['is_met'] else 'missed'}",
        ]
        for row in summaries
    ]
    return markdown_table([*titles, "target"], rows, left=0)


def limits_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return one line per limit."""
    titles = ["limit ms", "answered in ms", "90 %", "within 1 %", "mean gap %", "worst %", "without plan", "CPU %"]
    cells = [
        [
            _ms(row["limit"]),
            _ms(row["median_seconds"]),
            _ms(row["quantile_90_seconds"]),
            f"{100 * row['near']:.0f} %",
            "-" if row["mean_gap_percent"] is None else f"{row['mean_gap_percent']:.2f}",
            "-" if row["worst_gap_percent"] is None else f"{row['worst_gap_percent']:.2f}",
            str(row["without_plan"]),
            f"{100 * row['cpu_share']:.0f}",
        ]
        for row in rows
    ]
    return markdown_table(titles, cells, left=0)


def _ms(seconds: float | None) -> str:
    return "never" if seconds is None else f"{1000 * seconds:.0f}"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.latency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--requests", type=positive_count, default=100, help="of each number of days (default: 100)")
    parser.add_argument("--candidates", type=positive_count, default=300, help="places of a search (default: 300)")
    parser.add_argument("--days", type=positive_count, nargs="+", default=[1, 3], help="default: 1 3")
    parser.add_argument("--limits", type=positive_seconds, nargs="+", default=list(LIMITS), help="seconds of each run")
    parser.add_argument("--reference-seconds", type=positive_seconds, default=10.0, help="default: 10")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    options = parser.parse_args(arguments)
    options.limits = sorted({*options.limits, options.reference_seconds})
    if options.limits[-1] != options.reference_seconds:
        parser.error(
            f"--limits {options.limits[-1]:g} is longer than the reference run of {options.reference_seconds:g}"
        )
    return options


def run_days(region: Region, options: argparse.Namespace, days: int) -> tuple[list[Request], int]:
    """Return the measured requests of one number of days, and how many were left out on the way."""
    measured: list[Request] = []
    left_out = 0
    for problem in requests(region, options, days):
        if problem is not None and not measured:
            answer(problem, 0.3, options.seed)  # Not measured: whatever is loaded late is loaded here.
        request = None if problem is None else measure(problem, options.limits, options.seed + len(measured))
        if request is None:
            left_out += 1
            continue
        measured.append(request)
        print(f"{days} d, {len(measured)}: {_ms(request.seconds_to_near)} ms", file=sys.stderr)
        if len(measured) == options.requests:
            break
    return measured, left_out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    # Imported here: routing and its street networks are heavy, and `--help` needs none of them.
    from benchmarks.trip_requests import crowded_region
    from regional_assets.region import bundled_region_folder, load_region

    given = sys.argv[1:] if arguments is None else arguments
    options = parse(given)
    about = about_run(command_text("latency", given), DISTRIBUTIONS, seed=options.seed)
    region = crowded_region(load_region(bundled_region_folder()), ceil(SPARE * options.candidates), options.seed)
    warm_up_s = warm_up()
    figures: list[dict[str, Any]] = []
    tables: list[str] = []
    for days in options.days:
        measured, left_out = run_days(region, options, days)
        rows = by_limit(measured)
        figures.append({**summary(measured, left_out), "limits": rows, "runs": [asdict(each) for each in measured]})
        tables += [f"## {days} day{'s' * (days > 1)}, by limit", limits_table(rows)]
    note = f"At most {options.candidates} candidates, reference run {options.reference_seconds:g} s, one thread, "
    note += f"seed {options.seed}. Warm-up before: {warm_up_s:.1f} s. Times as a caller waits for `solve`."
    table = "\n\n".join([heading("Latency", about), note, summary_table(figures), *tables])
    print(table)
    if options.json:
        write_figures(options.json, {**about, "warm_up_seconds": round(warm_up_s, 2), "days": figures}, table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
