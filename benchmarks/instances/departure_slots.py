"""Travel times given by the slot of the day in which one leaves, and what waiting makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DepartureSlots:
    """
    Hold travel times between P points for each of S slots of the day.

    A departure in a slot takes the time of that slot, however near its end. Where the next slot is faster, one may wait
    for it, so that whoever leaves earlier never has to arrive later.

    Parameters
    ----------
    edges
        Shape ``(S + 1,)``, int64, ticks, increasing: a slot holds the departures from its edge to before the next.
    ticks
        Shape ``(P, P, S)``, int64: from row to column; zero diagonal.
    """

    edges: NDArray[np.int64]
    ticks: NDArray[np.int64]

    def arrival(self, here: int, there: int, ready: int) -> int | None:
        """Return the earliest arrival for one who is ready to leave, waiting included; None after the last slot."""
        if here == there:
            return ready
        leaves = [max(ready, int(edge)) for edge in self.edges[:-1]]
        arrivals = [
            leave + int(ticks)
            for leave, until, ticks in zip(leaves, self.edges[1:], self.ticks[here, there], strict=True)
            if leave < until
        ]
        return min(arrivals, default=None)
