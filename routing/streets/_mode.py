"""Ways of getting about on streets, and how fast each is on the flat."""

from __future__ import annotations

from typing import Final, Literal, get_args

Mode = Literal["walk", "bicycle", "car"]

MODES: Final[tuple[Mode, ...]] = get_args(Mode)

# A strolling visitor, not a commuter: 75 m a minute. Estate agents in Japan count 80 m a minute (4.8 km/h,
# 不動産の表示に関する公正競争規約施行規則), which nobody keeps up for a day with a camera in hand.
WALK_KMH: Final = 4.5

# A city bicycle with stops at crossings; OSM's own planners and the Japanese rental trade both count 12 to 15.
BICYCLE_KMH: Final = 13.0

# Horizontal speed on stairs, up and down averaged, about 0.5 m/s: https://doi.org/10.1007/978-1-4419-9725-8_9
STEPS_KMH: Final = 1.8


def metres_per_second(speed_kmh: float) -> float:
    """Return a speed in metres per second."""
    return speed_kmh / 3.6
