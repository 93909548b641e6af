"""
Other solvers, each given the same TOPTW instances, one thread and the same limit in seconds.

An adapter is one file with one function from instance, seconds and seed to `PeerRun`; adding a peer is adding the file
and its line in `PEERS`. Building the peer's model is not timed, its solver call is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from benchmarks.instances.instance import Instance, Tours


@dataclass(frozen=True, slots=True)
class PeerRun:
    """
    Hold what a peer found.

    Parameters
    ----------
    tours
        Ids of the points of each tour, in order.
    seconds, cpu_seconds
        Of the solver call, by the clock and on the processor.
    """

    tours: Tours
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Peer:
    """
    Name a peer.

    Parameters
    ----------
    name
        As on the command line.
    distribution, module
        What is installed, and what is imported.
    adapter
        Module of this package that holds its ``solve``.
    stated_as
        How the problem is put to it, for the table's notes.
    """

    name: str
    distribution: str
    module: str
    adapter: str
    stated_as: str

    @property
    def is_installed(self) -> bool:
        """Return whether it can be imported here."""
        return find_spec(self.module) is not None

    @property
    def solve(self) -> Callable[[Instance, float, int], PeerRun]:
        """Return the adapter's function; loads the peer."""
        adapter = import_module(f"{__name__}.{self.adapter}")
        found: Callable[[Instance, float, int], PeerRun] = adapter.solve
        return found


PEERS: Final = {
    peer.name: peer
    for peer in (
        Peer(
            "pyvrp",
            "pyvrp",
            "pyvrp",
            "with_pyvrp",
            "optional clients, a prize of 1,000 ticks of distance per point of score (best of seven settings)",
        ),
        Peer(
            "vroom",
            "pyvroom",
            "vroom",
            "with_vroom",
            "the scores as priorities, whose sum VROOM maximises first; highest exploration level, which may end "
            "before the limit; no seed",
        ),
        Peer(
            "or-tools-routing",
            "ortools",
            "ortools",
            "with_or_tools_routing",
            "disjunctions at a penalty of 1,000 ticks of travel per point of score (best of four settings); "
            "parallel cheapest insertion, then guided local search; no seed",
        ),
    )
}
