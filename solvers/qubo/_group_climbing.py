# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="no-any-return"
"""Climbing by the choice of one group at a time, with kicks: a good choice of labels to begin a proof with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo._labels import Labels


SLACK: Final = 0.5
"""Share of the most a label is worth by itself by which a climb may at first end below the best."""


class Position(NamedTuple):
    """
    Hold a choice, and what each label would be worth in it.

    Parameters
    ----------
    choice, best
        Shape ``(G,)``, int64: label of each group; the best choice so far.
    gain
        Shape ``(N,)``, int64: worth of each label beside what the other groups have chosen.
    left
        Shape ``(R,)``, int64: capacity left.
    """

    choice: NDArray[np.int64]
    best: NDArray[np.int64]
    gain: NDArray[np.int64]
    left: NDArray[np.int64]


def climb(labels: Labels, choice: NDArray[np.int64], *, seed: int, rounds: int, kicks: int) -> NDArray[np.int64]:
    """
    Return a choice at least as good as one in hand that keeps every rule.

    A climb gives each group its best label in turn until nothing changes. A kick then forces one label, drawn from all,
    and the next climb begins there; from far below the best of its round it returns there, from less and less far
    (record-to-record travel). Rounds after the first begin with labels drawn.

    Parameters
    ----------
    labels
        The problem.
    choice
        Shape ``(G,)``, int64: label of each group to begin with.
    seed
        Of the draws.
    rounds, kicks
        How many, and how many kicks in each; of no rounds the choice comes back as it is.

    Returns
    -------
    best
        Shape ``(G,)``, int64.
    """
    rng = np.random.default_rng(seed)
    fitting = np.flatnonzero((labels.use <= labels.capacity[:, None]).all(axis=0))
    slack = SLACK * float(labels.value.max())
    best, most = choice, labels.worth_of(choice)
    for number in range(rounds):
        left = labels.capacity - labels.use[:, choice].sum(axis=1)
        gain = labels.value + labels.table[choice].sum(axis=0)
        position = Position(choice.copy(), choice.copy(), gain, left)
        if number:
            _scramble(labels, position, rng.choice(fitting, len(choice)))
        _climb(labels, position, rng.choice(fitting, kicks), slack)
        worth = labels.worth_of(position.best)
        if worth > most:
            best, most = position.best, worth
    return best


@compiled
def _scramble(labels: Labels, position: Position, drawn: NDArray[np.int64]) -> None:
    for label in drawn:
        _force(labels, position, label)


@compiled
def _climb(labels: Labels, position: Position, drawn: NDArray[np.int64], slack: float) -> None:
    _ascend(labels, position, -1)
    _copy(position.choice, position.best)
    behind = 0
    for number in range(drawn.size):
        behind -= _force(labels, position, drawn[number])
        behind -= _ascend(labels, position, _group_of(labels, drawn[number]))
        behind -= _ascend(labels, position, -1)
        if behind <= 0:
            _copy(position.choice, position.best)
            behind = 0
        elif behind > slack * (1 - number / drawn.size):
            _go_back(labels, position)
            behind = 0


@compiled
def _force(labels: Labels, position: Position, label: int) -> int:
    """Choose a label, whatever it takes; return what that gains."""
    group = _group_of(labels, label)
    made = _make_room(labels, position, group, label)
    return made + _move(labels, position, group, label)


@compiled
def _copy(source: NDArray[np.int64], target: NDArray[np.int64]) -> None:
    for at in range(source.size):
        target[at] = source[at]


@compiled
def _go_back(labels: Labels, position: Position) -> None:
    """Return to the best choice."""
    for group in range(position.choice.size):
        if position.choice[group] != position.best[group]:
            _move(labels, position, group, position.best[group])


@compiled
def _group_of(labels: Labels, label: int) -> int:
    """Return the group of a label, by bisection."""
    low, high = 0, labels.start.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if labels.start[middle] <= label:
            low = middle
        else:
            high = middle
    return low


@compiled
def _move(labels: Labels, position: Position, group: int, label: int) -> int:
    """Give a group another label; return what that gains."""
    old = position.choice[group]
    position.choice[group] = label
    for resource in range(position.left.size):
        position.left[resource] += labels.use[resource, old] - labels.use[resource, label]
    for other in range(position.choice.size):
        if labels.linked[group, other]:
            for partner in range(labels.start[other], labels.start[other + 1]):
                position.gain[partner] += labels.table[label, partner] - labels.table[old, partner]
    return int(position.gain[label] - position.gain[old])


@compiled
def _ascend(labels: Labels, position: Position, locked: int) -> int:
    """Give each group but the locked one its best label, in turn, until nothing changes; return what that gains."""
    total = 0
    is_moving = True
    while is_moving:
        is_moving = False
        for group in range(position.choice.size):
            if group == locked:
                continue
            old = position.choice[group]
            best = old
            for label in range(labels.start[group], labels.start[group + 1]):
                if position.gain[label] > position.gain[best] and _fits(labels, position, old, label):
                    best = label
            if best != old:
                total += _move(labels, position, group, best)
                is_moving = True
    return total


@compiled
def _fits(labels: Labels, position: Position, old: int, label: int) -> bool:
    """Tell whether the capacities allow one label in the place of another."""
    for resource in range(position.left.size):
        if labels.use[resource, label] - labels.use[resource, old] > position.left[resource]:
            return False
    return True


@compiled
def _make_room(labels: Labels, position: Position, kicked: int, label: int) -> int:
    """Empty groups in conflict with a label, and others until the capacities allow it; return what that gains."""
    groups = position.choice.size
    total = 0
    for step in range(1, groups):
        other = (kicked + step) % groups
        clashes = labels.table[label, position.choice[other]] == labels.never
        if clashes or not _fits(labels, position, position.choice[kicked], label):
            total += _move(labels, position, other, labels.start[other])
    return total
