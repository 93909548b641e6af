"""
Samplers by name, and any sampler of dimod's kind that is handed in.

Other packages register theirs as entry points of the group ``meguri.samplers``: a class derived from ``dimod.Sampler``,
or a function without arguments that returns one. It is called before anybody has allowed anything to leave this
machine, so it should not connect. A name of Meguri's own stays Meguri's.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from solvers.errors import SamplerError
from solvers.qubo.samplers._own import OWN, Kind, Settings, nothing
from solvers.qubo.samplers._remote import is_remote
from solvers.qubo.samplers._wording import said

if TYPE_CHECKING:
    import dimod

ENTRY_POINTS: Final = "meguri.samplers"
"""Group of entry points in which other packages register samplers."""


class SamplerNameWarning(UserWarning):
    """Tell that a package registers a sampler under a name that is taken, and is not used."""


@dataclass(frozen=True, slots=True)
class SamplerEntry:
    """
    Hold what is known of a sampler before it is loaded.

    Parameters
    ----------
    name
        To ask for it.
    origin
        ``meguri``, or the package that registered it.
    is_reproducible
        Whether the same seed gives the same reads; None where only the loaded sampler can tell.
    extra
        The extra of Meguri that brings it; None where none is needed.
    is_installed
        Whether what it needs is there.
    """

    name: str
    origin: str
    is_reproducible: bool | None
    extra: str | None
    is_installed: bool


@dataclass(frozen=True, slots=True, eq=False)
class RegisteredSampler:
    """
    Hold a sampler that may be used.

    Parameters
    ----------
    name
        Its name in the registry, or the class of one handed in.
    sampler
        Of dimod's kind.
    is_reproducible
        Whether the same seed gives the same reads.
    is_remote
        Whether it sends the model away.
    extra
        The extra of Meguri that brought it; None where none was needed.
    most_variables
        Largest model it takes; None where none is known.
    settings
        Keywords for a typical scale of energies, next to those the caller gives.
    """

    name: str
    sampler: dimod.Sampler
    is_reproducible: bool
    is_remote: bool
    extra: str | None = None
    most_variables: int | None = None
    settings: Settings = nothing


def sampler_names() -> tuple[str, ...]:
    """Return the names that `sampler_of` accepts: Meguri's own first, then those of other packages."""
    return tuple(entry.name for entry in sampler_entries())


def sampler_entries() -> tuple[SamplerEntry, ...]:
    """
    List the samplers that can be asked for by name, without loading any.

    Warns
    -----
    SamplerNameWarning
        If another package registers a name that is taken.
    """
    own = [
        SamplerEntry(name, "meguri", kind.is_reproducible, kind.extra, find_spec(kind.package) is not None)
        for name, kind in OWN.items()
    ]
    others = [SamplerEntry(point.name, _origin(point), None, None, True) for point in _registered_by_others()]
    return (*own, *others)


def _registered_by_others() -> list[EntryPoint]:
    """Return the entry points whose names are free, by name."""
    taken: dict[str, EntryPoint | None] = dict.fromkeys(OWN)
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, _origin(point))):
        if point.name in taken:
            winner = taken[point.name]
            warnings.warn(
                f"sampler {point.name!r} of {_origin(point)} is not used: "
                f"the name is taken by {_origin(winner) if winner else 'meguri'}",
                SamplerNameWarning,
                stacklevel=3,
            )
        else:
            taken[point.name] = point
    return [point for point in taken.values() if point is not None]


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def sampler_of(name_or_sampler: str | dimod.Sampler, *, allow_remote: bool = False) -> RegisteredSampler:
    """
    Return a sampler by its name, or one handed in, if it may be used; nothing is sent to it.

    Parameters
    ----------
    name_or_sampler
        One of `sampler_names`, or an instance of ``dimod.Sampler``, such as ``EmbeddingComposite(DWaveSampler())``.
    allow_remote
        Whether models may leave this machine. How a remote sampler is recognized, `is_remote` of this package tells:
        a sampler may say so itself by an attribute ``is_remote``.

    Raises
    ------
    SamplerError
        If no sampler has this name, its package is missing or fails to load, it is no sampler of dimod's kind, it
        takes only models on its own graph, or it is remote and that is not allowed.
    """
    if not isinstance(name_or_sampler, str):
        return _accepted(_class_name(name_or_sampler), name_or_sampler, allow_remote=allow_remote)
    others = _registered_by_others()
    if name_or_sampler in OWN:
        return _own(name_or_sampler)
    point = next((point for point in others if point.name == name_or_sampler), None)
    if point is None:
        raise SamplerError(
            "unknown",
            name_or_sampler,
            f"sampler is {name_or_sampler!r}; expected one of {', '.join(sampler_names())}, or an instance of "
            "dimod.Sampler",
        )
    return _accepted(point.name, _loaded(point), allow_remote=allow_remote)


def _own(name: str) -> RegisteredSampler:
    kind = OWN[name]
    try:
        sampler = kind.make()
    except ImportError as error:
        if kind.extra is None:
            raise
        raise SamplerError(
            "missing_extra",
            name,
            f"sampler {name!r} needs a package that is not installed: pip install 'meguri[{kind.extra}]'",
        ) from error
    return _of_kind(name, sampler, kind)


def _of_kind(name: str, sampler: dimod.Sampler, kind: Kind) -> RegisteredSampler:
    return RegisteredSampler(
        name=name,
        sampler=sampler,
        is_reproducible=kind.is_reproducible,
        is_remote=False,
        extra=kind.extra,
        most_variables=kind.most_variables,
        settings=kind.settings,
    )


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()()
    except Exception as error:
        raise SamplerError(
            "failed", point.name, f"sampler {point.name!r} of {_origin(point)} cannot be loaded: {said(error)}"
        ) from error


def _accepted(name: str, sampler: Any, *, allow_remote: bool) -> RegisteredSampler:
    """Return a sampler that is not Meguri's own, if it may be used."""
    import dimod

    if not isinstance(sampler, dimod.Sampler):
        hint = "; call the class" if isinstance(sampler, type) and issubclass(sampler, dimod.Sampler) else ""
        raise SamplerError(
            "not_a_sampler", name, f"sampler is of class {name}; expected a name or an instance of dimod.Sampler{hint}"
        )
    if isinstance(sampler, dimod.Structured):
        raise SamplerError(
            "structured",
            name,
            f"sampler {name} takes only models on its own graph; wrap it: EmbeddingComposite({name}(...)) of "
            "dwave.system",
        )
    remote = is_remote(sampler)
    if remote and not allow_remote:
        raise SamplerError(
            "remote", name, f"sampler {name} would send the model to another machine; allow it with allow_remote=True"
        )
    kind = _kind_of(sampler)
    if kind is None:
        told = getattr(sampler, "is_reproducible", False)
        return RegisteredSampler(name, sampler, is_reproducible=told is True, is_remote=remote)
    return _of_kind(name, kind.wrapped(sampler), kind)


def _kind_of(sampler: dimod.Sampler) -> Kind | None:
    """Return which of Meguri's own kinds a sampler handed in is; the same defaults and limits then hold for it."""
    cls = type(sampler)
    for kind in OWN.values():
        if (cls.__module__.partition(".")[0], cls.__name__) == (kind.package, kind.class_name):
            return kind
    return None


def _class_name(sampler: Any) -> str:
    return sampler.__name__ if isinstance(sampler, type) else type(sampler).__name__
