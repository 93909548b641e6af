"""The most recently used of many things that are costly to make."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


class Kept(Generic[Key, Thing]):
    """
    Keep the things used last, and make others anew.

    Parameters
    ----------
    most
        How many are kept, at least 1.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Key, Thing] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Thing]) -> Thing:
        """Return the thing of a key, made by ``make`` where it is not kept; what ``make`` raises is raised."""
        if key not in self._things:
            # Dropped first: the old and the new one need not fit into memory together.
            while len(self._things) >= self._most:
                self._things.popitem(last=False)
            self._things[key] = make()
        self._things.move_to_end(key)
        return self._things[key]
