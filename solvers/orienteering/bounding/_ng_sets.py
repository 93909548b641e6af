"""Which visits a label remembers: the ng-sets, and how they grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.bounding._days import NO_ARC

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind


def ng_sets(kind: DayKind, size: int) -> NDArray[np.bool_]:
    """
    Return, for each option, the groups remembered there: those nearest in time, and all that no time lies between.

    Parameters
    ----------
    kind
        A kind of day with K options of G groups.
    size
        Groups remembered, the option's own included.

    Returns
    -------
    near
        Shape ``(K, G)``.
    """
    options = kind.options.size
    groups = int(kind.group.max(initial=-1)) + 1
    near = np.zeros((options, groups), np.bool_)
    near[np.arange(options), kind.group] = True
    there_and_back = np.minimum(kind.ticks, NO_ARC) + np.minimum(kind.ticks.T, NO_ARC)
    # Only what can be gone to and come back from can make a cycle, at least by way of others.
    distance = np.full((options, groups), 2 * NO_ARC, np.int64)
    for group in range(groups):
        distance[:, group] = there_and_back[:, kind.group == group].min(axis=1)
    order = np.argsort(distance, axis=1, kind="stable")[:, :size]
    rows = np.repeat(np.arange(options), order.shape[1])
    near[rows, order.ravel()] = True
    # Without this, a route could go round for ever where legs and stays take no time.
    for members in _timeless(kind):
        near[np.ix_(np.array(members), np.unique(kind.group[members]))] = True
    return near


def _timeless(kind: DayKind) -> list[list[int]]:
    """Return sets of options joined by arcs that take no time."""
    joined = kind.ticks == 0
    joined |= joined.T
    left, parts = set(np.flatnonzero(joined.any(axis=1)).tolist()), []
    while left:
        part, frontier = set(), [left.pop()]
        while frontier:
            here = frontier.pop()
            part.add(here)
            fresh = set(np.flatnonzero(joined[here]).tolist()) & left
            left -= fresh
            frontier += fresh
        parts.append(sorted(part))
    return parts


def as_masks(near: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return ng-sets as bit sets."""
    options, groups = near.shape
    words = max(1, -(-groups // 64))
    masks = np.zeros((options, words), np.uint64)
    for group in range(groups):
        masks[near[:, group], group // 64] |= np.uint64(1) << np.uint64(group % 64)
    return masks


def cycles(kind: DayKind, visits: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the first and last position of every shortest cycle of a route."""
    last: dict[int, int] = {}
    found = []
    for position, rank in enumerate(visits):
        group = int(kind.group[rank])
        if group in last:
            found.append((last[group], position))
        last[group] = position
    return found


def grow(near: NDArray[np.bool_], kind: DayKind, routes: Iterable[tuple[int, ...]], most: int) -> int:
    """Remember what keeps the cycles of routes from being made; return how many memories were added."""
    added = 0
    for visits in routes:
        for begin, end in cycles(kind, visits):
            between, group = list(visits[begin + 1 : end]), int(kind.group[visits[begin]])
            fresh = [rank for rank in between if not near[rank, group]]
            if all(near[rank].sum() < most for rank in fresh):
                near[fresh, group] = True
                added += len(fresh)
    return added


def is_allowed(near: NDArray[np.bool_], kind: DayKind, visits: tuple[int, ...]) -> bool:
    """Say whether the ng-sets let a route pass."""
    return not any(
        all(near[rank, kind.group[visits[begin]]] for rank in visits[begin + 1 : end])
        for begin, end in cycles(kind, visits)
    )
