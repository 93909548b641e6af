"""How builders tell how far they are."""

from __future__ import annotations

from collections.abc import Callable

from regional_assets.text import Text

# Called with what is being done and the share of the whole done so far, 0 to 1.
Progress = Callable[[Text, float], None]


def silent(stage: Text, share: float) -> None:
    """Tell nobody."""
