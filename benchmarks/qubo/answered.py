"""What the default sampler, repair and random starts made of real packing problems, one summary for all kinds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Any, Final

from benchmarks.report import markdown_table
from solvers.qubo.result import PackingResult, SamplingReport

SAMPLER: Final = "sa"
"""The default."""

LIMIT_S: Final = 2.0
"""For sampling, decoding and the control together."""

PROMISED: Final = 0.95
"""Share of problems whose proven optimum is to be reached within the limit."""


def summary(answers: Sequence[PackingResult]) -> dict[str, Any]:
    """
    Return shares over packing problems, each answered by a sampler whose report is at hand.

    ``reached`` counts answers equal to the proven optimum, ``reached_in_time`` those of them within `LIMIT_S`; both
    over all problems, those without a proof included. ``by_sampler`` counts optima that were reads as they came,
    ``by_repair`` optima that repair made; ``raw_optimal`` problems of which some read was the optimum as it came, used
    or not; ``random_optimal`` those of which repair of random starts found it.
    """
    reports = [_report(answer) for answer in answers]
    known = [(answer, report) for answer, report in zip(answers, reports, strict=True) if report.optimum is not None]
    reached = [(answer, report) for answer, report in known if report.value == report.optimum]
    seconds = [answer.seconds for answer in answers]
    return {
        "problems": len(answers),
        "variables": [min(report.variables for report in reports), max(report.variables for report in reports)],
        "proven": len(known),
        "reached": len(reached),
        "reached_in_time": sum(answer.seconds <= LIMIT_S for answer, _ in reached),
        "by_sampler": sum(not report.repaired for _, report in reached),
        "by_repair": sum(report.repaired for _, report in reached),
        "raw_optimal": sum(report.raw_value == report.optimum for _, report in known),
        "random_optimal": sum(report.random_value == report.optimum for _, report in known),
        "raw_feasible_rate": round(fmean(report.raw_feasible_rate for report in reports), 4),
        "median_seconds": round(median(seconds), 3),
        "max_seconds": round(max(seconds), 3),
    }


def _report(answer: PackingResult) -> SamplingReport:
    assert answer.report is not None
    return answer.report


def is_promise_kept(figures: dict[str, Any]) -> bool:
    """Tell whether enough optima were reached in time."""
    return bool(figures["reached_in_time"] >= PROMISED * figures["problems"])


def summary_table(figures: dict[str, Any]) -> str:
    """Return the summary, a line each."""
    few, many = figures["variables"]
    lines = [
        ("problems", f"{figures['problems']}"),
        ("variables", f"{few} to {many}"),
        ("optimum proven by the exact solver", f"{figures['proven']}"),
        ("proven optimum reached", f"{figures['reached']}"),
        (f"... within {LIMIT_S:g} s", f"{figures['reached_in_time']}"),
        ("... by a read as it came", f"{figures['by_sampler']}"),
        ("... by repair of a read", f"{figures['by_repair']}"),
        ("some read was the optimum as it came", f"{figures['raw_optimal']}"),
        ("random starts reach it after the same repair", f"{figures['random_optimal']}"),
        ("reads that kept every rule as they came, %", f"{100 * figures['raw_feasible_rate']:.0f}"),
        ("seconds, median", f"{figures['median_seconds']:.2f}"),
        ("seconds, most", f"{figures['max_seconds']:.2f}"),
    ]
    return markdown_table([f"sampler: {SAMPLER}", ""], [list(line) for line in lines])
