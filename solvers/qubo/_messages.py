# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="no-any-return"
"""
Bounds on packing by messages: what pairs are worth is moved into single labels until the labels alone tell a bound.

For each two linked groups a message to every label is added to the label and taken from all its pairs with that group.
No choice changes its worth, so the best label of each group, plus the best pair of each two groups, is a bound whatever
the messages are. Passes forward and backward over the groups (sequential reweighted message passing) bring it near that
of the linear program with a variable for every pair, in a few readings of the table.

References
----------
Kolmogorov 2015, https://doi.org/10.1109/TPAMI.2014.2363465
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo._labels import Labels

MOST_ROUNDS: Final = 200
"""Forward and backward: 2,000 items take half a second."""

PATIENCE: Final = 10
"""Rounds within which the gap must shrink by `LEAST_FALL` of it."""

LEAST_FALL: Final = 0.01


class Messages(NamedTuple):
    """
    Hold messages under which no pair is worth more than nothing beyond them.

    Parameters
    ----------
    message
        Shape ``(G, N)``, int64: to each label from its pairs with each group.
    worth
        Shape ``(N,)``, int64: of each label, messages included.
    bound
        Sum of the best of each group, times the scale of the labels.
    """

    message: NDArray[np.int64]
    worth: NDArray[np.int64]
    bound: int

    def reach(self, labels: Labels) -> NDArray[np.int64]:
        """Return for each label a bound on all choices with it."""
        tops = np.maximum.reduceat(self.worth, labels.start[:-1])
        return self.bound + self.worth - np.repeat(tops, np.diff(labels.start))


def messages_of(labels: Labels, at_least: int) -> Messages:
    """
    Return messages passed until they hardly lower the bound, or it is below what is of interest.

    Parameters
    ----------
    labels
        The problem.
    at_least
        Choices worth less are of no interest; times the scale of the labels.
    """
    groups, many = len(labels.start) - 1, len(labels.item)
    message, worth = np.zeros((groups, many), np.int64), np.zeros(many, np.int64)
    bound = pass_once(labels, message, worth, True)
    before = bound
    for number in range(MOST_ROUNDS):
        if bound < at_least:
            break
        if number % PATIENCE == PATIENCE - 1:
            if before - bound < LEAST_FALL * (before - at_least):
                break
            before = bound
        pass_once(labels, message, worth, False)
        bound = pass_once(labels, message, worth, True)
    return Messages(message, worth, int(bound))


@compiled
def pass_once(labels: Labels, message: NDArray[np.int64], worth: NDArray[np.int64], forward: bool) -> int:
    """
    Pass messages once over all groups; return the bound, times the scale of the labels.

    Afterwards no pair is worth more than nothing beyond its messages.

    Parameters
    ----------
    labels
        The problem.
    message
        Shape ``(G, N)``, int64: to each label from its pairs with each group; changed.
    worth
        Shape ``(N,)``, int64: overwritten with the worth of each label, messages included.
    forward
        Whether groups come in their order, or last first.
    """
    groups = labels.start.size - 1
    bound = 0
    for step in range(groups):
        here = step if forward else groups - 1 - step
        bound += _pass_through(labels, message, worth, here, forward)
    return bound


@compiled
def _pass_through(
    labels: Labels, message: NDArray[np.int64], worth: NDArray[np.int64], here: int, forward: bool
) -> int:
    """Collect from the pairs with earlier groups, hand on to those with later ones; return the best that stays."""
    first, last = labels.start[here], labels.start[here + 1]
    earlier, later = 0, 0
    for label in range(first, last):
        worth[label] = labels.value[label]
    for other in range(labels.start.size - 1):
        if not labels.linked[here, other]:
            continue
        if (other < here) == forward:
            earlier += 1
            _collect(labels, message, here, other)
        else:
            later += 1
        for label in range(first, last):
            worth[label] += message[other, label]
    share = max(1, earlier, later)
    most = worth[first] - worth[first] // share * later
    for label in range(first, last):
        part = worth[label] // share
        for other in range(labels.start.size - 1):
            if labels.linked[here, other] and (other < here) != forward:
                message[other, label] -= part
        worth[label] -= part * later
        most = max(most, worth[label])
    return most


@compiled
def _collect(labels: Labels, message: NDArray[np.int64], here: int, other: int) -> None:
    """Move into each label of a group the best of its pairs with another group."""
    for label in range(labels.start[here], labels.start[here + 1]):
        first = labels.start[other]
        best = labels.table[label, first] - message[here, first]
        for partner in range(first + 1, labels.start[other + 1]):
            best = max(best, labels.table[label, partner] - message[here, partner])
        message[other, label] = best
