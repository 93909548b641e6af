"""Tables over many runs: gaps, times, optima, new bests."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Any, Final

from benchmarks.report import markdown_table
from benchmarks.runs import OURS, TOLERANCE, Limit, Run

_WORST_SHOWN: Final = 10


def solvers_of(runs: Sequence[Run]) -> list[str]:
    """Return the solvers in the order in which they first ran."""
    return list(dict.fromkeys(run.solver for run in runs))


def summary(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the figures of each solver over its runs; gaps only over runs with a reference."""
    return [_summary_of(solver, [run for run in runs if run.solver == solver]) for solver in solvers_of(runs)]


def _summary_of(solver: str, runs: Sequence[Run]) -> dict[str, Any]:
    compared = [run for run in runs if run.gap_percent is not None]
    proven = [run for run in runs if run.proven_gap_percent is not None]
    worst = max(compared, key=_gap, default=None)
    return {
        "solver": solver,
        "runs": len(runs),
        "mean_gap_percent": round(fmean(map(_gap, compared)), 4) if compared else None,
        "worst_gap_percent": _gap(worst) if worst else None,
        "worst": worst.name if worst else None,
        "compared": len(compared),
        "reached": sum(run.is_reached for run in compared),
        "new_bests": sum(run.is_new_best for run in compared),
        "refused": sum(bool(run.errors) for run in runs),
        "bounds": len(proven),
        "mean_proven_gap_percent": round(fmean(run.proven_gap_percent or 0.0 for run in proven), 4) if proven else None,
        "mean_seconds": round(fmean(run.seconds for run in runs), 4),
        "max_seconds": max(run.seconds for run in runs),
        "over_limit": sum(run.is_over_limit for run in runs),
        "mean_cpu_share": round(fmean(run.cpu_seconds / max(run.seconds, 1e-9) for run in runs), 3),
    }


def _gap(run: Run) -> float:
    assert run.gap_percent is not None
    return run.gap_percent


def summary_table(runs: Sequence[Run]) -> str:
    """Return one line per solver."""
    titles = ["solver", "runs", "mean gap %", "worst %", "worst", "reached", "new best", "mean s", "max s"]
    rows = [
        [
            figures["solver"],
            str(figures["runs"]),
            _text(figures["mean_gap_percent"]),
            _text(figures["worst_gap_percent"]),
            figures["worst"] or "",
            f"{figures['reached']} of {figures['compared']}",
            str(figures["new_bests"]),
            f"{figures['mean_seconds']:.2f}",
            f"{figures['max_seconds']:.2f}",
            str(figures["over_limit"]),
            f"{100 * figures['mean_cpu_share']:.0f}",
        ]
        for figures in summary(runs)
    ]
    return markdown_table([*titles, "over limit", "CPU %"], rows)


def gaps_by_tours_table(runs: Sequence[Run]) -> str:
    """Return the mean gap of each solver for each number of tours."""
    numbers = sorted({run.tours for run in runs})
    rows = [
        [
            solver,
            *(_mean_gap([run for run in runs if (run.solver, run.tours) == (solver, number)]) for number in numbers),
        ]
        for solver in solvers_of(runs)
    ]
    return markdown_table(["mean gap %", *(f"{number} tour{'s' * (number > 1)}" for number in numbers)], rows)


def _mean_gap(runs: Sequence[Run]) -> str:
    gaps = [run.gap_percent for run in runs if run.gap_percent is not None]
    return _text(fmean(gaps) if gaps else None)


def _text(number: float | None) -> str:
    return "-" if number is None else f"{number:.2f}"


def bounds_table(runs: Sequence[Run]) -> str:
    """Return every run of ours with its bound."""
    titles = ["instance", "tours", "score", "reference", "bound", "gap to bound %", "by", "status", "s", "bound s"]
    rows = [
        [
            run.instance,
            str(run.tours),
            str(run.score),
            "-" if run.reference is None else str(run.reference),
            "-" if run.bound is None else str(run.bound),
            _text(run.proven_gap_percent),
            run.bound_method or "-",
            run.status,
            f"{run.seconds:.2f}",
            f"{run.bound_seconds:.2f}",
        ]
        for run in runs
        if run.solver == OURS
    ]
    return markdown_table(titles, rows)


def bounds_text(runs: Sequence[Run]) -> str:
    """Return in words how many runs have a bound, how far they are below it, and what the proofs found beyond them."""
    gaps = {run.name: run.proven_gap_percent for run in runs if run.proven_gap_percent is not None}
    closed = sum(run.bound is not None and run.status == "optimal" for run in runs)
    text = f"Bounds: {len(gaps)} of {len(runs)} instances, {closed} proven optimal"
    if gaps:
        worst = max(gaps, key=lambda name: gaps[name])
        near = sum(gap <= 1 for gap in gaps.values())
        text += f", {near} within 1 %; gap mean {fmean(gaps.values()):.2f} %, median {median(gaps.values()):.2f} %"
        text += f", worst {gaps[worst]:.2f} % ({worst})"
    better = [f"{run.name} {run.proof_score} > {run.score}" for run in runs if (run.proof_score or 0) > run.score]
    return f"{text}." + (f" Better plans found by the proof: {', '.join(better)}." if better else "")


def findings(runs: Sequence[Run], limit: Limit) -> list[str]:
    """Return what stands out of our runs, in sentences: optima, new bests, largest gaps, broken rules and limits."""
    ours = [run for run in runs if run.solver == OURS]
    lines = [*_optima(ours), *_impossible(ours), *_largest_gaps(ours), *_new_bests(ours)]
    if slow := [f"{run.name} {run.seconds:.2f} s" for run in ours if run.is_over_limit]:
        lines.append(f"More than {TOLERANCE:g} times the limit of {limit}: {', '.join(slow)}.")
    lines += [f"Refused: {run.name}: {error}." for run in ours for error in run.errors]
    return lines


def _optima(ours: Sequence[Run]) -> list[str]:
    proven = [run for run in ours if run.is_proven_reference]
    if not proven:
        return []
    missed = [f"{run.name} {run.score} < {run.reference}" for run in proven if not run.is_reached]
    tail = f"; missed: {', '.join(missed)}" if missed else ""
    return [f"Proven optima reached: {len(proven) - len(missed)} of {len(proven)}{tail}."]


def _impossible(ours: Sequence[Run]) -> list[str]:
    return [
        f"Above a proven optimum, so our reading or the proof is wrong: {run.name} {run.score} > {run.reference}."
        for run in ours
        if run.is_proven_reference and run.is_new_best
    ] + [
        f"Above our own bound, so the bound or a reading is wrong: {run.name} {_attained(run)} > {run.bound}."
        for run in ours
        if run.is_refuted
    ]


def _attained(run: Run) -> int:
    return max(run.score, run.proof_score or 0, run.reference or 0)


def _largest_gaps(ours: Sequence[Run]) -> list[str]:
    behind = sorted((run for run in ours if (run.gap_percent or 0) > 0), key=_gap, reverse=True)[:_WORST_SHOWN]
    names = (f"{run.name} {_gap(run):.2f} % ({run.score} of {run.reference})" for run in behind)
    return [f"Largest gaps: {', '.join(names)}."] if behind else []


def _new_bests(ours: Sequence[Run]) -> list[str]:
    return [
        f"New best: {run.name} {run.score}, before {run.reference}, by {run.routes}."
        for run in ours
        if run.is_new_best and not run.is_proven_reference
    ]
