"""How the inner loops are compiled."""

from __future__ import annotations

from typing import Any, Final

from numba import njit

compiled: Final[Any] = njit(nogil=True, cache=True, _nrt=False)  # type: ignore[call-overload]
"""
Compile a function that allocates nothing.

Without numba's run-time (``_nrt=False``) arrays are not reference-counted: handing named tuples of some sixty arrays
from function to function then costs nothing, and an iteration of the search a third of what it does otherwise. A
function that would allocate an array is refused when it is compiled, so the option cannot go wrong unseen.
"""
