"""What a pass in one direction tells a pass in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._labels import Guard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._labels import Labels, PricedDay
    from solvers.orienteering.bounding._meters import Meters


def guard_forward(day: PricedDay, back: Labels, meters: Meters) -> Guard:
    """Return what a complete backward pass tells a forward one."""
    rest = _labels.tabulate_rest(day, back)
    return _guard(day, back, rest, rest[:0], meters, is_forward=False)


def guard_backward(day: PricedDay, ahead: Labels, meters: Meters) -> Guard:
    """Return what a complete forward pass tells a backward one."""
    return _guard(day, ahead, *_labels.tabulate_reach(day, ahead), meters, is_forward=True)


def _guard(
    day: PricedDay,
    labels: Labels,
    table: NDArray[np.int64],
    waiting: NDArray[np.int64],
    meters: Meters,
    *,
    is_forward: bool,
) -> Guard:
    alive = np.flatnonzero(~labels.dead)
    order = alive[np.lexsort((-labels.high[alive], labels.option[alive]))]
    options = labels.option[order]
    return Guard(
        start=np.searchsorted(options, np.arange(day.own.shape[0] + 1)).astype(np.int64),
        time=labels.time[order],
        high=labels.high[order],
        low=labels.low[order],
        memory=meters.less_own(labels.memory[order] & ~day.own[options], options, is_forward=is_forward),
        table=table,
        waiting=waiting,
        joins=True,
    )


def no_guard(day: PricedDay) -> Guard:
    """Return what prunes nothing."""
    options, words = day.own.shape
    none = np.zeros(0, np.int64)
    table = np.full((options, _labels.SLICES), _labels.BOUNDLESS, np.int64)
    return Guard(
        start=np.zeros(options + 1, np.int64),
        time=none,
        high=none,
        low=none,
        memory=np.zeros((0, words), np.uint64),
        table=table,
        waiting=table,
        joins=False,
    )
