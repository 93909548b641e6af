"""A small set of rules that a search could not keep together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.result import Conflict
from solvers.orienteering.ruin_and_recreate import Search

if TYPE_CHECKING:
    from collections.abc import Collection

    from solvers.orienteering.evaluation import Evaluation
    from solvers.orienteering.problem import TripProblem

_TRIES: Final = 800
"""Iterations to find a plan under fewer rules."""

_MOST_SUSPECTS: Final = 16
"""Rules beyond this number are named only where the best plan breaks them: every one more costs a search."""

# A rule that asks for something: ("group", group) or ("rule", row of counts).
_Suspect = tuple[str, int]


def shrink_conflict(problem: TripProblem, evaluation: Evaluation, *, seed: int = 0) -> tuple[Conflict, ...]:
    """
    Return few rules that no plan was found to keep together; none of it is proven.

    Deletion filter (Chinneck & Dravnieks 1991, https://doi.org/10.1287/ijoc.3.2.157) with the heuristic search as
    oracle: a required group or a hard lower count stays when leaving it out makes a plan appear.

    Parameters
    ----------
    problem
        A valid problem.
    evaluation
        The judge's word on the best plan found, which breaks something.
    seed
        Seed of the searches.

    Returns
    -------
    conflicts
        Required groups and counts, and every other rule that the best plan breaks.
    """
    others = tuple(
        Conflict("RESOURCE_OVER", fault.index, fault.day, proven=False)
        if fault.code == "RESOURCE_OVER"
        else Conflict("DAY_IMPOSSIBLE", -1, fault.day, proven=False)
        for fault in evaluation.violations
        if fault.code in {"RESOURCE_OVER", "UNREACHABLE", "LATE_AT_DAY_END"}
    )
    broken = _broken(evaluation)
    suspects = [*broken, *(suspect for suspect in _suspects(problem) if suspect not in broken)]
    if len(suspects) > _MOST_SUSPECTS:
        suspects = broken
    elif not others:
        suspects = _filter(problem, suspects, seed)
    return others + tuple(_conflict(suspect, evaluation) for suspect in suspects)


def _suspects(problem: TripProblem) -> list[_Suspect]:
    counts = problem.counts
    hard = np.flatnonzero((counts.lower > 0) & (counts.shortfall_penalty == 0)).tolist()
    groups = dict.fromkeys(problem.required.tolist())
    return [*(("group", group) for group in groups), *(("rule", rule) for rule in hard)]


def _broken(evaluation: Evaluation) -> list[_Suspect]:
    kinds = {"REQUIRED_MISSING": "group", "COUNT_BELOW": "rule"}
    broken = [(kinds[fault.code], fault.index) for fault in evaluation.violations if fault.code in kinds]
    return list(dict.fromkeys(broken))


def _filter(problem: TripProblem, suspects: list[_Suspect], seed: int) -> list[_Suspect]:
    kept = list(suspects)
    # Those the best plan breaks come first in the list, so they are let go last.
    for suspect in reversed(suspects):
        fewer = [other for other in kept if other != suspect]
        if fewer and not _can_keep(problem, fewer, seed):
            kept = fewer
    return kept


def _can_keep(problem: TripProblem, suspects: Collection[_Suspect], seed: int) -> bool:
    counts = problem.counts
    lower = np.array(
        [
            least if penalty or ("rule", rule) in suspects else 0
            for rule, (least, penalty) in enumerate(zip(counts.lower, counts.shortfall_penalty, strict=True))
        ],
        np.int64,
    )
    relaxed = replace(
        problem,
        required=np.array([index for kind, index in suspects if kind == "group"], np.int64),
        counts=replace(counts, lower=lower),
    )
    search = Search(relaxed, seed=seed)
    for done in range(100, _TRIES + 1, 100):
        search.run(done, total=_TRIES)
        if search.keeps_hard_rules:
            return True
    return False


def _conflict(suspect: _Suspect, evaluation: Evaluation) -> Conflict:
    kind, index = suspect
    if kind == "group":
        return Conflict("REQUIRED_MISSING", index, -1, proven=False)
    days = [fault.day for fault in evaluation.violations if (fault.code, fault.index) == ("COUNT_BELOW", index)]
    return Conflict("COUNT_BELOW", index, days[0] if days else -1, proven=False)
