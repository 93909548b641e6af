"""The 15 published cases of parallel flights whose segments overlap: the choice-based program beside its relaxation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.pricing.section import Given, Section
from benchmarks.timing import timed
from solvers.revenue.choice_based import choice_based
from solvers.revenue.problem import ChoiceProblem
from solvers.revenue.sales_based import sales_based

if TYPE_CHECKING:
    from pathlib import Path

_TITLE = "Parallel flights: 15 cases with overlapping segments"

_EXACT = 1e-6
"""Relative difference to the published value, which has two decimals."""


class Case(NamedTuple):
    """Hold a published case, with the recomputed values of the choice-based and of the sales-based program."""

    name: str
    problem: ChoiceProblem
    choice_based: float
    sales_based: float


def load_cases(file: Path) -> list[Case]:
    """Return the cases of a file."""
    data = json.loads(file.read_text(encoding="utf-8"))
    arrivals = np.repeat(np.array(data["segment_arrival_prob"])[:, None], data["horizon_T"], axis=1)
    return [
        Case(
            f"alpha {case['alpha']}, nobody {'/'.join(map(str, case['v0']))}",
            ChoiceProblem(
                np.arange(len(data["fares"])),
                np.array(data["fares"], np.float64),
                np.array(data["incidence"], np.float64),
                np.array(case["capacity"], np.float64),
                arrivals,
                np.array(data["preference"], np.float64),
                np.array(case["v0"], np.float64),
            ),
            float(case["cdlp_recomputed"]),
            float(case["segment_relaxed_sblp_upper_bound"]),
        )
        for case in data["cases"]
    ]


def run(given: Given) -> Section:
    """Solve all cases."""
    file = None if given.shared is None else given.shared / "benchmarks/pricing/parallel_flights.json"
    if file is None or not file.is_file():
        return Section(_TITLE, {}, "", {}, skipped="the published cases are not at hand")
    rows = [_measure(case) for case in load_cases(file)]
    head = "| case | published | ours | bound | seconds | sales-based bound | above |\n|---|--:|--:|--:|--:|--:|--:|\n"
    table = head + "\n".join(
        f"| {row['case']} | {row['published']:,.2f} | {row['revenue']:,.2f} | {row['bound']:,.2f} |"
        f" {row['seconds']:.2f} | {row['sales_based_bound']:,.2f} | {row['sales_based_above']:.1%} |"
        for row in rows
    )
    met = {
        f"all {len(rows)} values equal to 1e-6": all(row["difference"] <= _EXACT for row in rows),
        "the sales-based program is never shown as revenue": all(row["sales_based_revenue"] is None for row in rows),
    }
    return Section(_TITLE, {"cases": rows}, table, met)


def _measure(case: Case) -> dict[str, Any]:
    problem, value = case.problem, case.choice_based
    solved = timed(lambda: choice_based(problem))
    relaxed = sales_based(problem)
    revenue = solved.answer.revenue or 0.0
    return {
        "case": case.name,
        "published": value,
        "revenue": revenue,
        "bound": solved.answer.bound,
        "difference": max(abs(revenue / value - 1), abs(solved.answer.bound / value - 1)),
        "seconds": solved.seconds,
        "cpu_seconds": solved.cpu_seconds,
        "sales_based_bound": relaxed.bound,
        "sales_based_above": relaxed.bound / value - 1,
        "sales_based_revenue": relaxed.revenue,
    }
