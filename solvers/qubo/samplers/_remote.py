"""Whether a sampler would send the model somewhere else."""

from __future__ import annotations

from inspect import getattr_static
from typing import Any, Final

_REMOTE_PACKAGES: Final = ("dwave.system", "dwave.cloud", "hybrid", "braket")
"""Packages whose samplers submit to a cloud: D-Wave's own, its hybrid workflows, and Amazon's plug-in."""

_CONNECTIONS: Final = ("client", "solver")
"""Attributes in which the samplers of D-Wave's cloud, and plug-ins written after them, hold their connection."""


def is_remote(sampler: Any) -> bool:
    """
    Tell whether a sampler, or any sampler that it wraps, sends models away.

    A sampler that says so itself is believed: ``is_remote = True`` or ``False``. Any other is taken as remote if it
    holds a ``client`` or ``solver``, or if its class, or one that it derives from, comes from a package of cloud
    samplers. A composite, whatever package it is from, is as remote as what it wraps, or if it holds a connection.
    Connections are looked up without running code of the sampler, so that looking does not connect. When in doubt the
    answer is yes, which costs the caller no more than ``allow_remote=True``.
    """
    return _is_remote(sampler, seen=[])


def _is_remote(sampler: Any, *, seen: list[Any]) -> bool:
    if any(sampler is other for other in seen):
        return False
    seen.append(sampler)
    told = getattr(sampler, "is_remote", None)
    if isinstance(told, bool):
        return told
    if any(getattr_static(sampler, name, None) is not None for name in _CONNECTIONS):
        return True
    children = getattr(sampler, "children", None)
    if children:
        return any(_is_remote(child, seen=seen) for child in children)
    modules = [cls.__module__ for cls in type(sampler).__mro__]
    return any(
        module == package or module.startswith(f"{package}.") for module in modules for package in _REMOTE_PACKAGES
    )
