"""How errors of other packages are told."""

from __future__ import annotations


def said(error: Exception) -> str:
    """Return the type of an error and its message, where it has one."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
