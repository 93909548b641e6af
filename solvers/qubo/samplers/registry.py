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
from solvers.qubo.samplers._temperatures import scales_of, typical

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import dimod
    import numpy as np
    from numpy.typing import NDArray

ENTRY_POINTS: Final = "meguri.samplers"
"""Group of entry points in which other packages register samplers."""

_SEEDS: Final = 2**31
"""Seeds have to be below: dwave-samplers takes no larger ones."""

_GIVEN: Final = frozenset({"num_reads", "seed"})
"""Keywords that have a place of their own, and so are no settings."""


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
            "failed", point.name, f"sampler {point.name!r} of {_origin(point)} cannot be loaded: {_said(error)}"
        ) from error


def _accepted(name: str, sampler: Any, *, allow_remote: bool) -> RegisteredSampler:
    """Return a sampler that is not Meguri's own, if it may be used."""
    import dimod

    if not isinstance(sampler, dimod.Sampler):
        hint = "; call the class" if isinstance(sampler, type) and issubclass(sampler, dimod.Sampler) else ""
        raise SamplerError(
            "not_a_sampler", name, f"sampler is {sampler!r}; expected a name or an instance of dimod.Sampler{hint}"
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


def sample(
    registered: RegisteredSampler,
    bqm: dimod.BinaryQuadraticModel,
    *,
    reads: int,
    seed: int,
    settings: Mapping[str, Any] | None = None,
    scales: NDArray[np.float64] | None = None,
    groups: Sequence[Sequence[Hashable]] | None = None,
) -> dimod.SampleSet:
    """
    Draw reads from a sampler.

    Keywords go to the sampler only if it declares them. One that cannot be told how many reads to draw, such as the
    exact one, returns what it returns; of more than ``reads``, those of least energy are kept.

    Parameters
    ----------
    registered
        From `sampler_of`.
    bqm
        The model, of either vartype.
    reads
        At least 1.
    seed
        Of the sampler; of several reads that need a seed each, the first.
    settings
        Keywords of the sampler, over the defaults of this package.
    scales
        Shape ``(n,)``: how much each variable can gain, to find temperatures by: the bounds C of the conflicts of a
        packing problem. None takes the largest bias of each variable.
    groups
        Labels of which at most one shall be 1, for samplers that can be told so.

    Returns
    -------
    sampleset
        In the vartype the sampler chose; energies are those of ``bqm``.

    Raises
    ------
    SamplerError
        If the model is too large for the sampler, it has no such setting, or it fails.
    """
    settings = dict(settings or {})
    refuse_request(registered, variables=bqm.num_variables, settings=settings)
    if reads < 1:
        raise SamplerError("setting", registered.name, f"reads is {reads}; expected at least 1")
    scale = typical(scales_of(bqm) if scales is None else scales)
    keywords = {
        **registered.settings(scale, settings),
        "num_reads": reads,
        "seed": seed % _SEEDS,
        **({} if groups is None else {"groups": groups}),
        **settings,
    }
    accepted = registered.sampler.parameters
    keywords = {name: value for name, value in keywords.items() if name in accepted}
    sampleset = _drawn(registered, bqm, keywords, settings)
    return sampleset if "num_reads" in accepted or len(sampleset) <= reads else sampleset.truncate(reads)


def refuse_request(registered: RegisteredSampler, *, variables: int, settings: Mapping[str, Any] | None = None) -> None:
    """
    Refuse what a sampler cannot take, by the size of the model alone: before anybody builds it.

    Raises
    ------
    SamplerError
        If the model is too large for the sampler, or it has no such setting.
    """
    name = registered.name
    if registered.most_variables is not None and variables > registered.most_variables:
        raise SamplerError(
            "too_large",
            name,
            f"the model has {variables} variables; sampler {name} takes at most {registered.most_variables}",
            variables=variables,
            most=registered.most_variables,
        )
    accepted = sorted(set(registered.sampler.parameters) - _GIVEN)
    unknown = sorted(set(settings or ()) - set(accepted))
    if unknown:
        raise SamplerError(
            "setting",
            name,
            f"sampler {name} has no setting {', '.join(unknown)}; expected {', '.join(accepted) or 'none'}",
        )


def _drawn(
    registered: RegisteredSampler,
    bqm: dimod.BinaryQuadraticModel,
    keywords: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> dimod.SampleSet:
    """Return what the sampler returns, once it is there: remote ones return promises."""
    import dimod

    name = registered.name
    try:
        sampleset = registered.sampler.sample(bqm, **keywords)
        if isinstance(sampleset, dimod.SampleSet):
            sampleset.resolve()
    except Exception as error:
        if settings and isinstance(error, (TypeError, ValueError)):
            given = ", ".join(f"{key}={value!r}" for key, value in settings.items())
            raise SamplerError("setting", name, f"sampler {name} with {given}: {_said(error)}") from error
        raise SamplerError("failed", name, f"sampler {name} failed: {_said(error)}") from error
    if not isinstance(sampleset, dimod.SampleSet):
        raise SamplerError(
            "failed", name, f"sampler {name} returned {type(sampleset).__name__}; expected a dimod.SampleSet"
        )
    return sampleset


def _class_name(sampler: Any) -> str:
    return sampler.__name__ if isinstance(sampler, type) else type(sampler).__name__


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
