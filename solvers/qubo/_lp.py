"""A packing problem as LP text, the plain form that mixed-integer solvers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solvers.qubo.problem import PackingProblem


def lp_lines(problem: PackingProblem, labels: Sequence[str]) -> Iterator[str]:
    """Yield the lines: minimise the negative objective under the rules, without any penalty."""
    yield "Minimize"
    yield " obj:"
    yield from (f" {-value:+d} {label}" for value, label in zip(problem.value.tolist(), labels, strict=True))
    if len(problem.pair):
        # The format halves what stands in the brackets.
        yield " + ["
        doubled = (-2 * problem.reward).tolist()
        pairs = problem.pair.tolist()
        yield from (
            f" {weight:+d} {labels[i]} * {labels[j]}" for (i, j), weight in zip(pairs, doubled, strict=True) if weight
        )
        yield " ] / 2"
    yield "Subject To"
    for group, members in enumerate(problem.members()):
        if len(members) > 1:
            yield f" group{group}:"
            yield from (f" + {labels[item]}" for item in members.tolist())
            yield " <= 1"
    for number, (i, j) in enumerate(problem.conflict.tolist()):
        yield f" conflict{number}: {labels[i]} + {labels[j]} <= 1"
    for number, (use, capacity) in enumerate(zip(problem.use, problem.capacity.tolist(), strict=True)):
        users = np.flatnonzero(use)
        if len(users):
            yield f" capacity{number}:"
            yield from (f" + {use[item]} {labels[item]}" for item in users.tolist())
            yield f" <= {capacity}"
    yield "Binary"
    yield from (f" {label}" for label in labels)
    yield "End"
