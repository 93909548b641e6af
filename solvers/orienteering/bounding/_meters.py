# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
Upper counts in the memory of labels: at most one lunch, at most two museums.

The visits that count are marked in a field of as many bits as may be taken: forward from the lowest bit upward,
backward from the highest downward. So fewer visits are a subset of more, as with groups; and two labels can be joined
exactly when their fields share no bit. A label that does not remember a field has forgotten its visits, which only
allows more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.compiling import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.problem import TripProblem

WIDEST: Final = 3
"""Upper counts beyond this are left to prices."""

_MOST_METERS: Final = 32
"""Counts kept in memory at most, the tightest first."""


@dataclass(frozen=True, slots=True)
class Meters:
    """
    Hold the fields of C upper counts in memories of W words, behind the bits of the groups.

    Parameters
    ----------
    words
        W.
    word, shift, width
        Shape ``(C,)``, int64: where each field lies.
    is_member
        Shape ``(C, K)``, bool: which options count.
    """

    words: int
    word: NDArray[np.int64]
    shift: NDArray[np.int64]
    width: NDArray[np.int64]
    is_member: NDArray[np.bool_]

    @property
    def full(self) -> NDArray[np.uint64]:
        """Return each field with all bits set, not shifted."""
        return (np.uint64(1) << self.width.astype(np.uint64)) - np.uint64(1)

    def by_option(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, in compressed rows, the fields that each option counts in: row starts ``(K + 1,)`` and indices."""
        start = np.concatenate(([0], np.cumsum(self.is_member.sum(axis=0)))).astype(np.int64)
        return start, np.ascontiguousarray(np.nonzero(self.is_member.T)[1], np.int64)

    def masks(self, remembered: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """Return bit sets ``(K, W)`` of the fields remembered at each option, shape ``(K, C)``."""
        masks = np.zeros((remembered.shape[0], self.words), np.uint64)
        for meter, full in enumerate(self.full):
            masks[remembered[:, meter], self.word[meter]] |= full << np.uint64(self.shift[meter])
        return masks

    def less_own(
        self, memory: NDArray[np.uint64], options: NDArray[np.int32], *, is_forward: bool
    ) -> NDArray[np.uint64]:
        """Return memories of labels at options without the visit of the option itself."""
        memory = memory.copy()
        for meter, full in enumerate(self.full):
            rows = np.flatnonzero(self.is_member[meter][options])
            word, shift = self.word[meter], np.uint64(self.shift[meter])
            field = (memory[rows, word] >> shift) & full
            fewer = field >> np.uint64(1) if is_forward else field & (field - np.uint64(1))
            memory[rows, word] = (memory[rows, word] & ~(full << shift)) | (fewer << shift)
        return memory


def meters_of(problem: TripProblem, kind: DayKind, *, none: bool = False) -> Meters:
    """
    Return the upper counts of a kind of day that memories can hold.

    Parameters
    ----------
    problem, kind
        The problem and the kind of day.
    none
        Whether to hold none.
    """
    counts, groups = problem.counts, int(kind.group.max(initial=-1)) + 1
    chosen: list[tuple[int, NDArray[np.bool_]]] = []
    for rule in [] if none else np.argsort(counts.upper, kind="stable").tolist():
        members = np.isin(kind.options, counts.options[rule])
        upper = int(counts.upper[rule])
        if upper <= WIDEST and len(chosen) < _MOST_METERS and np.unique(kind.group[members]).size > upper > 0:
            chosen.append((upper, members))
    words, used = max(1, -(-groups // 64)), groups
    word, shift = [], []
    for width, _ in chosen:
        if used % 64 + width > 64 or used == 64 * words:
            used = 64 * words
            words += 1
        word.append(used // 64)
        shift.append(used % 64)
        used += width
    return Meters(
        words,
        np.array(word, np.int64),
        np.array(shift, np.int64),
        np.array([width for width, _ in chosen], np.int64),
        np.array([members for _, members in chosen], np.bool_).reshape(len(chosen), kind.options.size),
    )


@inlined
def is_full(
    memory: NDArray[np.uint64],
    at: int,
    begin: int,
    end: int,
    meter: NDArray[np.int64],
    word: NDArray[np.int64],
    shift: NDArray[np.uint64],
    full: NDArray[np.uint64],
) -> bool:
    """Say whether a memory has no bit left in one of the fields ``meter[begin:end]``."""
    for entry in range(begin, end):
        field = meter[entry]
        if (memory[at, word[field]] >> shift[field]) & full[field] == full[field]:
            return True
    return False


@inlined
def count_visit(
    memory: NDArray[np.uint64],
    at: int,
    fresh: NDArray[np.uint64],
    row: int,
    begin: int,
    end: int,
    meter: NDArray[np.int64],
    word: NDArray[np.int64],
    shift: NDArray[np.uint64],
    full: NDArray[np.uint64],
    is_forward: bool,
) -> None:
    """Mark one more visit than memory ``at`` holds (none if negative) in the fields ``meter[begin:end]`` of a row."""
    for entry in range(begin, end):
        field = meter[entry]
        taken = np.uint64(0)
        if at >= 0:
            taken = (memory[at, word[field]] >> shift[field]) & full[field]
        if is_forward:
            taken |= taken + np.uint64(1)
        else:
            taken |= (taken >> np.uint64(1)) | (full[field] ^ (full[field] >> np.uint64(1)))
        fresh[row, word[field]] = (fresh[row, word[field]] & ~(full[field] << shift[field])) | (taken << shift[field])
