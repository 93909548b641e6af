"""
Share of one-day trips proven, and how the proven gap closes over time.

Run ``python -m benchmarks.proof [--families ttdp echizen toptw] [--candidates 100] [--requests 200] [--most N]
[--seconds 10] [--seed 1] [--json FILE]``.

Families: ``ttdp``, every tourist trip file with one tour and its first places; ``echizen``, random day trips in the
bundled region (`benchmarks.trip_requests`); ``toptw``, the public instances with one tour whose optimum others proved,
to hold our bounds against.

Protocol: the search has a tenth of the limit, the bound the rest, in one process, after a warm-up of both. The gap is
the distance from plan to bound in percent of the bound. It is told at a fifth, a half and the whole of the limit, from
the last report before; *closed* means 1 % or less at the end. A bound below a score known from elsewhere fails the run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from typing import Final

from benchmarks.instances import Instance, InstanceError, trip_problem
from benchmarks.instances.toptw import load_toptw
from benchmarks.instances.ttdp import load_ttdp
from benchmarks.report import about_run, heading, markdown_table, write_figures
from benchmarks.run_options import DISTRIBUTIONS, command_text, load_references, positive_count, positive_seconds
from benchmarks.runs import instance_files, warm_up
from benchmarks.shared_data import shared_folder
from benchmarks.timing import timed
from solvers.orienteering import SolveResult, TripProblem, evaluate, solve
from solvers.orienteering.bounding import BoundProgress, BoundResult, upper_bound
from solvers.orienteering.bounding import warm_up as warm_up_bound

CLOSED_PERCENT: Final = 1.0
SEARCH_SHARE: Final = 0.1
CHECKPOINTS: Final = (0.2, 0.5, 1.0)
"""Shares of the limit at which the gap is told."""

_PUBLISHED: Final = {"t101": 400}
"""Scores of published routes through the first 97 places; see `benchmarks.ttdp`."""


@dataclass(frozen=True, slots=True)
class Case:
    """
    Hold one problem.

    Parameters
    ----------
    family, name
        Which one.
    problem
        In arrays.
    known
        A score that somebody attained; None where none is known.
    """

    family: str
    name: str
    problem: TripProblem
    known: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """
    Hold what was proven of one problem.

    Parameters
    ----------
    family, name, options
        Which problem, and its size.
    objective, bound
        Of the best plan, and of every plan at most; the objective is None where no plan was found.
    gaps_percent
        At each of `CHECKPOINTS`; None where no bound was reported by then, or no plan found.
    is_optimal
        Whether the plan is proven best.
    method
        What gave the bound.
    seconds
        Search and bound together.
    known
        A score that somebody attained, if any.
    """

    family: str
    name: str
    options: int
    objective: int | None
    bound: int
    gaps_percent: tuple[float | None, ...]
    is_optimal: bool
    method: str
    seconds: float
    known: int | None

    @property
    def gap_percent(self) -> float | None:
        """Return the gap at the end."""
        return self.gaps_percent[-1]

    @property
    def is_closed(self) -> bool:
        """Return whether plan and bound are near enough."""
        return self.gap_percent is not None and self.gap_percent <= CLOSED_PERCENT

    @property
    def is_refuted(self) -> bool:
        """Return whether a better score is known than the bound allows."""
        return self.known is not None and self.known > self.bound


def gap_to_bound(objective: int, bound: int) -> float:
    """Return the distance from plan to bound, in percent of the bound."""
    return round(100 * (bound - objective) / max(1, abs(bound)), 4)


def prove(case: Case, seconds: float, seed: int) -> Proof:
    """Return what can be proven of one problem within a limit."""
    searched = timed(lambda: solve(case.problem, seed=seed, seconds=SEARCH_SHARE * seconds))
    told: list[tuple[float, float]] = []

    def note(progress: BoundProgress) -> None:
        if progress.objective is not None:
            told.append((searched.seconds + progress.seconds, gap_to_bound(progress.objective, progress.bound)))

    left = max(0.0, seconds - searched.seconds)
    plan = searched.answer.solution
    proven = timed(lambda: upper_bound(case.problem, incumbent=plan, seconds=left, on_progress=note))
    objective = _best_objective(case.problem, searched.answer, proven.answer)
    bound = int(proven.answer.bound)
    seconds_spent = searched.seconds + proven.seconds
    at_the_end = None if objective is None else gap_to_bound(objective, bound)
    if at_the_end is not None:
        told.append((seconds_spent, at_the_end))
    return Proof(
        family=case.family,
        name=case.name,
        options=case.problem.options,
        objective=objective,
        bound=bound,
        gaps_percent=(*(gap_at(share * seconds, told) for share in CHECKPOINTS[:-1]), at_the_end),
        is_optimal=proven.answer.optimal,
        method=proven.answer.method,
        seconds=round(seconds_spent, 4),
        known=case.known,
    )


def _best_objective(problem: TripProblem, searched: SolveResult, proven: BoundResult) -> int | None:
    """Return the objective of the best plan of either, as judged; None where neither keeps the rules."""
    plans = [searched.solution, *([] if proven.solution is None else [proven.solution])]
    judged = [evaluate(problem, plan) for plan in plans]
    return max((int(each.objective) for each in judged if each.feasible), default=None)


def gap_at(seconds: float, told: Sequence[tuple[float, float]]) -> float | None:
    """Return the last gap reported by then; None if there was none."""
    return next((gap for when, gap in reversed(told) if when <= seconds), None)


def first_places(instance: Instance, most: int) -> Instance:
    """Return the instance with no more than its first places; the depot is kept."""
    if instance.points <= most + 1:
        return instance
    return replace(
        instance,
        ids=instance.ids[: most + 1],
        travel=instance.travel[: most + 1, : most + 1],
        duration=instance.duration[: most + 1],
        score=instance.score[: most + 1],
        windows=instance.windows[instance.windows[:, 1] <= most],
        fee=instance.fee[: most + 1],
    )


def ttdp_cases(options: argparse.Namespace) -> Iterator[Case]:
    """Yield the tourist trip files with one tour and their first places."""
    for file in instance_files(shared_folder() / "benchmarks" / "ttdp_athens" / "instances", [], ".txt"):
        instance = first_places(load_ttdp(file, tours=1), options.candidates)
        known = _PUBLISHED.get(instance.name) if options.candidates >= 100 else None
        yield Case("ttdp", instance.name, trip_problem(instance), known)


def echizen_cases(options: argparse.Namespace) -> Iterator[Case]:
    """Yield random day trips in the bundled region."""
    # Imported here: routing and its street networks are heavy, and the other families need none of them.
    from benchmarks.trip_requests import random_problems
    from regional_assets.region import bundled_region_folder, load_region

    region = load_region(bundled_region_folder())
    problems = random_problems(region, options.requests, options.candidates, options.seed)
    for number, problem in enumerate(problems, start=1):
        yield Case("echizen", f"request-{number}", problem)


def toptw_cases(options: argparse.Namespace) -> Iterator[Case]:
    """Yield the TOPTW instances with one tour whose optimum is proven, and that are small enough."""
    home = shared_folder() / "benchmarks" / "toptw"
    references = load_references(home / "best_known.csv")
    for file in instance_files(home / "instances", [], ".txt"):
        reference = references.get((file.stem, 1))
        if reference is None or not reference.is_optimal:
            continue
        instance = load_toptw(file, 1)
        if instance.points <= options.candidates + 1:
            yield Case("toptw", instance.name, trip_problem(instance), reference.score)


FAMILIES: Final[dict[str, Callable[[argparse.Namespace], Iterator[Case]]]] = {
    "ttdp": ttdp_cases,
    "echizen": echizen_cases,
    "toptw": toptw_cases,
}


def table_text(proofs: Sequence[Proof], seconds: float) -> str:
    """Return one line per family."""
    titles = ["family", "problems", "closed", "%", "proven optimal", "without plan", "median s"]
    titles += [f"mean gap % at {share * seconds:g} s" for share in CHECKPOINTS]
    families = list(dict.fromkeys(proof.family for proof in proofs))
    rows = [_family_cells(family, [proof for proof in proofs if proof.family == family]) for family in families]
    return markdown_table([*titles, "worst %", "worst"], rows)


def _family_cells(family: str, proofs: Sequence[Proof]) -> list[str]:
    closed = sum(proof.is_closed for proof in proofs)
    worst = max(proofs, key=lambda proof: proof.gap_percent or 0.0)
    return [
        family,
        str(len(proofs)),
        str(closed),
        f"{100 * closed / len(proofs):.1f}",
        str(sum(proof.is_optimal for proof in proofs)),
        str(sum(proof.objective is None for proof in proofs)),
        f"{median(proof.seconds for proof in proofs):.2f}",
        *(_mean([proof.gaps_percent[position] for proof in proofs]) for position in range(len(CHECKPOINTS))),
        f"{worst.gap_percent or 0.0:.2f}",
        worst.name,
    ]


def _mean(gaps: Sequence[float | None]) -> str:
    """Return the mean, with the number of problems it stands for where some have no gap."""
    there = [gap for gap in gaps if gap is not None]
    if not there:
        return "-"
    return f"{fmean(there):.2f}" + (f" ({len(there)})" if len(there) < len(gaps) else "")


def findings(proofs: Sequence[Proof]) -> list[str]:
    """Return what stands out, in sentences: refuted bounds, and the problems that stay open."""
    lines = [
        f"Wrong bound: {proof.name}, {proof.bound}, yet {proof.known} is attained."
        for proof in proofs
        if proof.is_refuted
    ]
    still_open = [
        f"{proof.name} {proof.gap_percent:.1f} %"
        for proof in proofs
        if proof.gap_percent is not None and not proof.is_closed
    ]
    return [*lines, *([f"Not closed: {', '.join(still_open)}."] if still_open else [])]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.proof",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES), metavar="FAMILY")
    parser.add_argument("--candidates", type=positive_count, default=100, help="most places (default: 100)")
    parser.add_argument("--requests", type=positive_count, default=200, help="random requests (default: 200)")
    parser.add_argument("--most", type=positive_count, help="no more problems of each family than this")
    parser.add_argument("--seconds", type=positive_seconds, default=10.0, help="limit of each (default: 10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table; 1 if a bound is refuted, 2 if instances cannot be read."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parse(given)
    limit = f"{options.seconds:g} s"
    about = about_run(command_text("proof", given), DISTRIBUTIONS, limit=limit, seed=options.seed)
    warm_up_s = warm_up() + timed(warm_up_bound).seconds
    proofs: list[Proof] = []
    try:
        for family in options.families:
            for case in islice(FAMILIES[family](options), options.most):
                proofs.append(prove(case, options.seconds, options.seed))
                print(f"{family} {case.name} {proofs[-1].objective} <= {proofs[-1].bound}", file=sys.stderr)
    except (InstanceError, FileNotFoundError) as error:
        print(f"proof: {error}", file=sys.stderr)
        return 2
    setting = f"Limit {limit}, at most {options.candidates} places, seed {options.seed}"
    note = f"{setting}. Warm-up before: {warm_up_s:.1f} s."
    table = "\n\n".join([heading("Proofs", about), note, table_text(proofs, options.seconds), *findings(proofs)])
    print(table)
    if options.json:
        figures = {**about, "checkpoints": CHECKPOINTS, "proofs": [asdict(proof) for proof in proofs]}
        write_figures(options.json, figures, table)
    return 1 if any(proof.is_refuted for proof in proofs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
