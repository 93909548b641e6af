"""Passes of the labelling in turn forward and backward, each guarded by the one before and remembering more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._guards import guard_backward, guard_forward, no_guard

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._labels import Guard, Labels, PricedDay
    from solvers.orienteering.bounding._meters import Meters


@dataclass(frozen=True, slots=True)
class Chain:
    """
    Hold what a chain of passes gave.

    Parameters
    ----------
    limit
        No route of the day is worth more under the prices, unless it is worth less than the threshold; `BOUNDLESS` when
        not even the first pass ended.
    day, labels
        The last pass that ended; None when none did.
    is_forward
        Whether that pass was a forward one.
    is_complete
        Whether all passes ended, or one found nothing that reaches the threshold.
    """

    limit: int
    day: PricedDay | None
    labels: Labels | None
    is_forward: bool
    is_complete: bool


def run_chain(
    day: PricedDay,
    memories: Sequence[NDArray[np.uint64]],
    meters: Meters,
    threshold: int,
    room: int,
    stop: NDArray[np.int64],
) -> Chain:
    """
    Label a day with one ng-set after another, forward first.

    Each pass costs less than it saves the next: what cannot be completed to the threshold is not labelled again.

    Parameters
    ----------
    day
        The day under prices.
    memories
        ng-sets, each within the next.
    meters
        The upper counts that they hold.
    threshold, room, stop
        As in `label_day`.
    """
    chain = Chain(_labels.BOUNDLESS, None, None, False, False)
    guard: Guard | None = None
    is_forward = True
    for position, near in enumerate(memories):
        remembering = day._replace(near=near)
        labels = _labels.label_day(remembering, guard or no_guard(day), is_forward, threshold, room, stop)
        if not labels.complete:
            return chain
        last = position == len(memories) - 1 or labels.best < threshold
        chain = Chain(max(labels.best, threshold - 1), remembering, labels, is_forward, last)
        if last:
            break
        guard = (guard_backward if is_forward else guard_forward)(remembering, labels, meters)
        is_forward = not is_forward
    return chain
