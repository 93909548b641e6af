"""Levels, what they change, and which go together, as a packing problem in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.qubo.problem import PackingProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from solvers.qubo._level_rules import Groups


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Hold what two levels bring together: ``first`` < ``second`` and ``worth``, shape ``(K,)``, int64."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    worth: NDArray[np.int64]


class _Need(NamedTuple):
    """A level that goes only with some levels of another group, not with its base."""

    level: int
    group: int
    partners: NDArray[np.int64]


def pack_levels(
    value: NDArray[np.int64],
    group: NDArray[np.int64],
    pairs: Pairs,
    together: Mapping[Groups, NDArray[np.bool_]],
    *,
    prunes: bool,
) -> tuple[PackingProblem, NDArray[np.int64]]:
    """
    Return the packing problem, and which levels are its items.

    A level that needs another product to leave its base, too, is charged more than all products linked in this way
    could bring, and gets it back with each level that goes with it: no choice that breaks such a rule is best.

    Parameters
    ----------
    group
        Shape ``(n,)``, int64, never decreasing, none left out.
    pairs
        Of different groups, each pair once.
    together
        See `LevelRules`.
    prunes
        Whether to leave out levels that cannot pay, whatever else is chosen.
    """
    conflict, needs = _demands(group, together)
    pairs = _without(pairs, conflict, len(value))
    value, pairs = _charged(value, group, pairs, needs)
    kept = _paying(value, group, pairs) if prunes else np.arange(len(value))
    number = np.full(len(value), -1)
    number[kept] = np.arange(len(kept))
    pair = number[np.stack([pairs.first, pairs.second], axis=1)]
    is_kept = (pair >= 0).all(axis=1) & (pairs.worth != 0)
    conflict = number[conflict]
    packing = PackingProblem(
        value=value[kept],
        group=np.unique(group[kept], return_inverse=True)[1].ravel().astype(np.int64),
        pair=pair[is_kept],
        reward=pairs.worth[is_kept],
        conflict=conflict[(conflict >= 0).all(axis=1)],
    )
    return packing, kept


def _demands(
    group: NDArray[np.int64], together: Mapping[Groups, NDArray[np.bool_]]
) -> tuple[NDArray[np.int64], list[_Need]]:
    """Return levels that exclude each other, ``(E, 2)`` and sorted, and levels that need others."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    conflicts, needs = [np.zeros((0, 2), np.int64)], []
    for (one, other), may in together.items():
        conflicts.append(np.argwhere(~may[1:, 1:]) + starts[[one, other]])
        for near, far, goes in ((one, other, may), (other, one, may.T)):
            for level in np.flatnonzero(~goes[1:, 0]):
                partners = starts[far] + np.flatnonzero(goes[1 + level, 1:])
                needs.append(_Need(int(starts[near] + level), far, partners))
    found = np.concatenate(conflicts)
    return found[np.lexsort((found[:, 1], found[:, 0]))], needs


def _without(pairs: Pairs, conflict: NDArray[np.int64], levels: int) -> Pairs:
    kept = ~np.isin(pairs.first * levels + pairs.second, conflict[:, 0] * levels + conflict[:, 1])
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.worth[kept])


def _charged(
    value: NDArray[np.int64], group: NDArray[np.int64], pairs: Pairs, needs: Sequence[_Need]
) -> tuple[NDArray[np.int64], Pairs]:
    """Charge levels for what they need, and pay it back in pairs; pairs come back sorted."""
    charge = _charges(value, group, pairs, needs)
    value = value.copy()
    first, second, worth = [pairs.first], [pairs.second], [pairs.worth]
    for need in needs:
        back = charge[group[need.level]]
        value[need.level] -= back
        first.append(np.minimum(need.level, need.partners))
        second.append(np.maximum(need.level, need.partners))
        worth.append(np.full(len(need.partners), back))
    key = np.concatenate(first) * len(value) + np.concatenate(second)
    keys, which = np.unique(key, return_inverse=True)
    total = np.zeros(len(keys), np.int64)
    np.add.at(total, which, np.concatenate(worth))
    return value, Pairs(keys // max(1, len(value)), keys % max(1, len(value)), total)


def _charges(
    value: NDArray[np.int64], group: NDArray[np.int64], pairs: Pairs, needs: Sequence[_Need]
) -> NDArray[np.int64]:
    """
    Return for each group more than the groups that are linked with it by needs can bring.

    Whoever breaks a need gains by putting all of them back to the base: that breaks no rule, and loses less.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    groups = int(group[-1]) + 1 if len(group) else 0
    most = np.zeros(groups, np.int64)
    np.maximum.at(most, group, np.maximum(0, value) + _most_rewards(group, pairs, np.ones(len(value), np.bool_)))
    near = np.array([group[need.level] for need in needs], np.int64)
    far = np.array([need.group for need in needs], np.int64)
    links = coo_array((np.ones(len(needs)), (near, far)), shape=(groups, groups))
    _, part = connected_components(links, directed=False)
    total = np.zeros(groups, np.int64)
    np.add.at(total, part, most)
    return np.asarray(1 + total[part])


def _paying(value: NDArray[np.int64], group: NDArray[np.int64], pairs: Pairs) -> NDArray[np.int64]:
    """Return the levels that bring more than nothing beside some choice of others, in increasing order."""
    pays = np.ones(len(value), np.bool_)
    while True:
        still = pays & (value + _most_rewards(group, pairs, pays) > 0)
        if np.array_equal(still, pays):
            return np.flatnonzero(pays)
        pays = still


def _most_rewards(group: NDArray[np.int64], pairs: Pairs, counts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the most each level can be given by the others that count, one of each group, ``(n,)``."""
    groups = int(group[-1]) + 1 if len(group) else 0
    most = np.zeros(len(group) * groups, np.int64)
    is_in = counts[pairs.first] & counts[pairs.second] & (pairs.worth > 0)
    first, second, worth = pairs.first[is_in], pairs.second[is_in], pairs.worth[is_in]
    np.maximum.at(most, first * groups + group[second], worth)
    np.maximum.at(most, second * groups + group[first], worth)
    return np.asarray(most.reshape(len(group), groups).sum(axis=1))
