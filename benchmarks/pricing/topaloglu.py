"""The 48 hub-and-spoke cases of Topaloglu (2009): bounds, and policies beside the five published ones."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

import numpy as np

from benchmarks.pricing.section import Given, Section
from benchmarks.report import markdown_table
from benchmarks.timing import timed
from solvers.revenue.deterministic import SampledResult, deterministic, randomised
from solvers.revenue.problem import RequestProblem
from solvers.revenue.request_simulation import SimulatedRevenue, from_duals, from_values, simulate
from solvers.revenue.request_values import request_values
from solvers.revenue.result import RevenueResult, ValueResult

TITLE: Final = "Dynamic bid prices on 48 networks"
PUBLISHED_POLICIES: Final = ("LR", "RFD", "RLP", "DFD", "DLP")
QUICK: Final = ("rm_200_4_1.0_4.0", "rm_200_4_1.6_8.0", "rm_200_5_1.2_4.0", "rm_200_8_1.0_4.0")

HORIZONS: Final = 1_000
SOLVES: Final = 5
"""How often the published policies computed their bid prices; our duals too, our values once."""

RESOLVED_HORIZONS: Final = 100
"""As published, for policies that solve anew in every horizon."""

SAMPLES: Final = 100
"""Of demand, for the randomised program."""

LEAST_SHARE: Final = 0.979
"""Mean revenue of the published relaxation's policy as a share of its bound."""

MOST_ABOVE: Final = 0.005
"""How far our relaxation's bound may lie above the published one, as a share."""


@dataclass(frozen=True, slots=True)
class Case:
    """Hold what was found for one case, beside what was published."""

    name: str
    published: dict[str, float]
    certain: RevenueResult
    known: SampledResult
    values: ValueResult
    live: SimulatedRevenue
    duals: SimulatedRevenue
    seconds: float

    @property
    def policies(self) -> dict[str, float]:
        """Return the published mean revenues."""
        return {name: self.published[f"rev_{name}"] for name in PUBLISHED_POLICIES}


def run(given: Given) -> Section:
    """Solve and simulate every case."""
    folder = None if given.shared is None else given.shared / "benchmarks" / "pricing" / "topaloglu"
    if folder is None or not folder.is_dir():
        return Section(TITLE, {}, "", {}, skipped="no folder benchmarks/pricing/topaloglu")
    published = read_published(folder / "published.csv")
    names = QUICK if given.is_quick else tuple(published)
    # A seed for each case: errors of the means are then independent, and their mean has an interval.
    cases = [_measure(name, folder, published[name], given.seed + place) for place, name in enumerate(names)]
    return Section(TITLE, _figures(cases), f"{_summary_table(cases)}\n\n{_case_table(cases)}", _promises(cases))


def read_published(file: Path) -> dict[str, dict[str, float]]:
    """Return the published figures of each case."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    return {row.pop("instance"): {name: float(number) for name, number in row.items()} for row in rows}


def read_case(file: Path) -> RequestProblem:
    """Return a case: itineraries between spokes use the leg to the hub and the one from it."""
    with gzip.open(file, "rt", encoding="utf-8") as text:
        plain = json.load(text)
    hub = plain["hub"]
    legs = {(leg["o"], leg["d"]): place for place, leg in enumerate(plain["legs"])}
    use = np.zeros((len(legs), len(plain["itineraries"])), np.int64)
    for product, trip in enumerate(plain["itineraries"]):
        origin, destination = trip["o"], trip["d"]
        is_direct = hub in (origin, destination)
        for leg in [(origin, destination)] if is_direct else [(origin, hub), (hub, destination)]:
            use[legs[leg], product] = 1
    return RequestProblem(
        fare=np.array([trip["fare"] for trip in plain["itineraries"]], np.float64),
        use=use,
        capacity=np.array([leg["cap"] for leg in plain["legs"]], np.int64),
        probability=np.array(plain["request_prob_t_j"], np.float64),
    )


def _measure(name: str, folder: Path, published: dict[str, float], seed: int) -> Case:
    problem = read_case(folder / f"{name}.json.gz")
    # Policies learn on other horizons than those that judge them.
    learning = seed + 1_000_000
    took = timed(lambda: request_values(problem, seed=learning))
    values = took.answer
    return Case(
        name=name,
        published=published,
        certain=deterministic(problem),
        known=randomised(problem, samples=SAMPLES, seed=learning),
        values=values,
        live=simulate(problem, from_values(values.values), horizons=HORIZONS, seed=seed),
        duals=simulate(problem, from_duals(problem), horizons=RESOLVED_HORIZONS, seed=seed, solves=SOLVES),
        seconds=took.seconds,
    )


def _promises(cases: list[Case]) -> dict[str, bool]:
    count = len(cases)
    return {
        f"deterministic bound within 1 of the published one on all {count}": all(
            abs(case.certain.bound - case.published["ub_DLP"]) <= 1 for case in cases
        ),
        f"relaxation's bound at most 0.5 % above the published one on all {count} (lower is better)": all(
            case.values.bound <= case.published["ub_LR"] * (1 + MOST_ABOVE) for case in cases
        ),
        f"live policy earns 97.9 % of our bound on the mean of {count}": fmean(map(_share, cases)) >= LEAST_SHARE,
        f"live policy earns 97.9 % of the published bound on the mean of {count}": fmean(map(_published_share, cases))
        >= LEAST_SHARE,
        "no simulated mean above a bound beyond its interval": all(
            case.live.interval[0] <= min(case.values.bound, case.certain.bound)
            and case.duals.interval[0] <= case.values.bound
            for case in cases
        ),
    }


def _share(case: Case) -> float:
    return case.live.mean / case.values.bound


def _half_width(cases: list[Case]) -> float:
    """Return half the 95 % interval of the mean share of our bound."""
    return float(np.sqrt(sum((case.live.half_width / case.values.bound) ** 2 for case in cases))) / len(cases)


def _published_share(case: Case) -> float:
    return case.live.mean / case.published["ub_LR"]


def _figures(cases: list[Case]) -> dict[str, object]:
    return {
        "cases": len(cases),
        "horizons": HORIZONS,
        "mean_share_of_our_bound": round(fmean(map(_share, cases)), 5),
        "half_width_of_mean_share": round(_half_width(cases), 5),
        "mean_share_of_published_bound": round(fmean(map(_published_share, cases)), 5),
        "bound_to_published": _span([case.values.bound / case.published["ub_LR"] for case in cases]),
        "mean_seconds": round(fmean(case.seconds for case in cases), 3),
        "each": [
            {
                "name": case.name,
                "deterministic_bound": round(case.certain.bound, 2),
                "randomised_bound": [round(end, 1) for end in case.known.interval],
                "relaxation_bound": round(case.values.bound, 2),
                "live_revenue": round(case.live.mean, 1),
                "live_interval": [round(end, 1) for end in case.live.interval],
                "duals_revenue": round(case.duals.mean, 1),
                "duals_interval": [round(end, 1) for end in case.duals.interval],
                "seconds": round(case.seconds, 3),
                "published": case.published,
            }
            for case in cases
        ],
    }


def _span(numbers: list[float]) -> dict[str, float]:
    return {"least": round(min(numbers), 5), "mean": round(fmean(numbers), 5), "most": round(max(numbers), 5)}


def _summary_table(cases: list[Case]) -> str:
    """Return one line per policy: ours first, then the published ones from best to worst."""
    ours = {
        f"live values, ours ({HORIZONS} horizons, solved once), ± {_percent(_half_width(cases))}": [
            case.live.mean for case in cases
        ],
        f"deterministic duals, ours ({RESOLVED_HORIZONS}, solved {SOLVES} times)": [case.duals.mean for case in cases],
    }
    published = {f"{name}, published": [case.policies[name] for case in cases] for name in PUBLISHED_POLICIES}
    rows = [
        [
            name,
            _percent(fmean(mean / case.values.bound for mean, case in zip(means, cases, strict=True))),
            _percent(fmean(mean / case.published["ub_LR"] for mean, case in zip(means, cases, strict=True))),
        ]
        for name, means in {**ours, **published}.items()
    ]
    titles = ["policy", "mean share of our relaxation's bound", "of the published one"]
    return markdown_table(titles, rows)


def _case_table(cases: list[Case]) -> str:
    titles = ["case", "DLP", "RLP ±", "LR bound", "published", "live ±", "of bound", *PUBLISHED_POLICIES, "s"]
    rows = [
        [
            case.name,
            f"{case.certain.bound:.0f}",
            f"{case.known.mean:.0f} ± {case.known.interval[1] - case.known.mean:.0f}",
            f"{case.values.bound:.0f}",
            f"{case.published['ub_LR']:.0f}",
            f"{case.live.mean:.0f} ± {case.live.half_width:.0f}",
            _percent(_share(case)),
            *(f"{mean:.0f}" for mean in case.policies.values()),
            f"{case.seconds:.1f}",
        ]
        for case in cases
    ]
    return markdown_table(titles, rows)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
