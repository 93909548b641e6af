"""How good a plan could be at most: bounds by column generation and labelling, and proofs where they meet the plan."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solvers.orienteering.bounding.bound import upper_bound, warm_up
    from solvers.orienteering.bounding.result import BoundProgress, BoundResult
    from solvers.orienteering.bounding.trivial import trivial_bound

_HOME_OF = {
    "BoundProgress": "result",
    "BoundResult": "result",
    "trivial_bound": "trivial",
    "upper_bound": "bound",
    "warm_up": "bound",
}

__all__ = ["BoundProgress", "BoundResult", "trivial_bound", "upper_bound", "warm_up"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: numba and OR-Tools are heavy."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
