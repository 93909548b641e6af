"""How the inner loops are compiled, and how long compiled code is kept."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

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
        dispatcher: Loop = njit(nogil=True, cache=True, **options)(function)
        # Without compiling (NUMBA_DISABLE_JIT) there is nothing to keep.
        index = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if index is not None:
            package = ".".join(function.__module__.split(".")[:2])
            index._version = f"{index._version} {_state_of(package)}"
        return dispatcher

    return compile_


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
