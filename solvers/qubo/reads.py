"""Reads that were drawn somewhere, with what is known of how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """
    Hold reads of a packing problem in the order of its items.

    Parameters
    ----------
    states
        Shape ``(S, n)``, bool, at least one row.
    sampler
        What drew them.
    seed
        Of the sampler; 0 where nobody said.
    is_reproducible
        Whether the same seed gives the same reads.
    seconds
        Time it took; 0 where nobody said.
    """

    states: NDArray[np.bool_]
    sampler: str
    seed: int = 0
    is_reproducible: bool = False
    seconds: float = 0.0
