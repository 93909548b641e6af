"""What a backward pass tells a forward one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.bounding import _labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._labels import Completions, Labels, PricedDay


def completions_of(day: PricedDay, back: Labels) -> Completions:
    """Return the labels of a complete backward pass by option, those of the highest value first, and their table."""
    return _by_option(day, back, _labels.tabulate_rest(day, back))


def approaches_of(day: PricedDay, ahead: Labels) -> Completions:
    """Return the labels of a complete forward pass likewise, without a table."""
    return _by_option(day, ahead, np.zeros((0, 0), np.int64))


def _by_option(day: PricedDay, back: Labels, rest: NDArray[np.int64]) -> Completions:
    alive = np.flatnonzero(~back.dead)
    order = alive[np.lexsort((-back.high[alive], back.option[alive]))]
    options = back.option[order]
    return _labels.Completions(
        start=np.searchsorted(options, np.arange(day.own.shape[0] + 1)).astype(np.int64),
        time=back.time[order],
        high=back.high[order],
        low=back.low[order],
        memory=np.ascontiguousarray(back.memory[order] & ~day.own[options]),
        rest=rest,
        joins=True,
    )


def no_completions(day: PricedDay) -> Completions:
    """Return what prunes nothing."""
    options, words = day.own.shape
    none = np.zeros(0, np.int64)
    return _labels.Completions(
        start=np.zeros(options + 1, np.int64),
        time=none,
        high=none,
        low=none,
        memory=np.zeros((0, words), np.uint64),
        rest=np.full((options, _labels.SLICES), _labels.BOUNDLESS, np.int64),
        joins=False,
    )
