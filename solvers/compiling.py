"""How the inner loops are compiled, and how long compiled code is kept."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

Loop = TypeVar("Loop", bound="Callable[..., Any]")


def _kept(**options: Any) -> Callable[[Loop], Loop]:
    """
    Return a decorator that compiles a function with these options and keeps the code until its package changes.

    Numba by itself looks at the file of the function alone. It would go on using code into which a function of another
    file was compiled after that other one has changed, and it fails to load what was compiled for a named tuple that
    has another name or place by now. What is kept under another version than the present one it does not read.

    A package is one folder of ``solvers``: its loops call those of no other.
    """

    def compile_(function: Loop) -> Loop:
        # Nobody calls these loops from C; an entry for that would take a tenth of the time.
        everywhere: dict[str, Any] = {"nogil": True, "cache": True, "no_cfunc_wrapper": True}
        dispatcher: Loop = njit(**everywhere, **options)(function)
        _compile_once(dispatcher)
        # Without compiling (NUMBA_DISABLE_JIT) there is nothing to keep.
        index = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if index is not None:
            package = ".".join(function.__module__.split(".")[:2])
            index._version = f"{index._version} {_state_of(package)}"
        return dispatcher

    return compile_


def _compile_once(dispatcher: Any) -> None:
    """
    Let calls with constants share one version with all others of the same types.

    Numba compiles a function anew for each constant that is handed to it, and with it all that it calls: a third more
    to compile, for loops that gain nothing by it.
    """
    if not hasattr(dispatcher, "get_call_template"):  # NUMBA_DISABLE_JIT
        return
    of_types: Any = dispatcher.get_call_template
    unliteral: Any = types.unliteral

    def without_constants(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return of_types(tuple(map(unliteral, args)), {name: unliteral(kind) for name, kind in kws.items()})

    dispatcher.get_call_template = without_constants


def plain(array: NDArray[Any], dtype: Any = np.float64) -> NDArray[Any]:
    """Return a copy that is contiguous and can be written: of any other layout, loops would be compiled once more."""
    return np.array(array, dtype, order="C")


@cache
def _state_of(package: str) -> str:
    """Return what tells one state of a package's source, and of this file, from another."""
    return sha256(_digest(files(package)) + _digest(files("solvers") / "compiling.py")).hexdigest()


def _digest(entry: Traversable) -> bytes:
    if entry.is_file():
        return sha256(entry.read_bytes()).digest()
    parts = sorted(
        (part.name.encode(), _digest(part))
        for part in entry.iterdir()
        if part.name.endswith(".py") or (part.is_dir() and part.name != "__pycache__")
    )
    return sha256(b"".join(name + b"\0" + digest for name, digest in parts)).digest()


compiled: Final[Any] = _kept(_nrt=False)
"""
Compile a function that allocates nothing.

Without numba's run-time (``_nrt=False``) arrays are not reference-counted: handing named tuples of some sixty arrays
from function to function then costs nothing, and an iteration of the search a third of what it does otherwise. A
function that would allocate an array is refused when it is compiled, so the option cannot go wrong unseen.
"""

allocating: Final = _kept()
"""Compile a function that makes arrays, or calls one that does."""

inlined: Final = _kept(inline="always")
"""Compile a small function into each of its callers."""
