"""What went into a street network, and what stayed out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class FileReport:
    """
    Count what one input file holds, before files are joined.

    Parameters
    ----------
    name
        File name, or the name of the place asked for.
    streets
        OSM: ways with a ``highway`` tag. Edge layer: rows.
    usable
        Those of them that the mode may use.
    nodes, edges
        The street graph of the file alone. OSM: nodes and directed edges as OSMnx counts them when it is given every
        way with a ``highway`` tag, whoever may use it, one-way streets once (so two people who count the same file
        agree). Edge layer: distinct ends, and rows.
    """

    name: str
    streets: int
    usable: int
    nodes: int
    edges: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """
    Tell how a street network came about.

    Parameters
    ----------
    files
        One entry per input.
    refused
        Ways (or rows) left out, by reason: ``not in use``, ``closed to the mode``, ``private``, ``area``.
    shared_nodes, shared_ways
        OSM nodes and ways found in more than one file: where the files were joined.
    missing_nodes
        References to nodes that no file holds (a way cut off at the edge of an extract is cut there).
    nodes, edges
        Of the finished network; directed edges, parallel ones included.
    parallel_edges
        Directed edges that are not the fastest between their two ends. They are kept as streets to stand on and to
        draw, but no way leads through them.
    components
        Parts of the network between which no way leads both there and back.
    largest_nodes
        Nodes of the largest part.
    street_km
        Length of all streets, each counted once.
    assumed
        What was taken for granted; shown to the user as notes.
    """

    files: tuple[FileReport, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    shared_nodes: int = 0
    shared_ways: int = 0
    missing_nodes: int = 0
    nodes: int = 0
    edges: int = 0
    parallel_edges: int = 0
    components: int = 0
    largest_nodes: int = 0
    street_km: float = 0.0
    assumed: tuple[Text, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> BuildReport:
        """Return the report that `to_dict` wrote."""
        files = tuple(FileReport(**entry) for entry in values["files"])
        return cls(**{**values, "files": files, "assumed": tuple(Text(**entry) for entry in values["assumed"])})
