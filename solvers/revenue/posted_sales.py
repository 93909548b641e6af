"""What a posting sells when customers flow evenly: the measure of `posted_prices`, to try postings by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue._fluid import lay_out, new_flow, refresh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem


class PostedSales:
    """
    Work out what postings sell: products close the moment something they take is used up.

    Parameters
    ----------
    problem
        What may be sold, to whom; every period is a phase.
    """

    def __init__(self, problem: ChoiceProblem) -> None:
        self._market = lay_out(problem, np.arange(problem.periods), forbids=False)
        self._flow = new_flow(self._market)

    def of(self, posted: NDArray[np.int64]) -> NDArray[np.float64]:
        """
        Return the expected sales of each alternative over all periods, ``(A,)``.

        Parameters
        ----------
        posted
            Shape ``(T, P)``: an alternative of each product, `problem.CLOSED` where it is not on sale.
        """
        refresh(self._market, self._flow, posted)
        return self._flow.sold.copy()
