"""Drawing reads from any sampler: the keywords it takes, its defaults, and errors in words of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from solvers.errors import SamplerError
from solvers.qubo.samplers._temperatures import scales_of, typical
from solvers.qubo.samplers._wording import said

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import dimod
    import numpy as np
    from numpy.typing import NDArray

    from solvers.qubo.samplers.registry import RegisteredSampler

_SEEDS: Final = 2**31
"""Seeds have to be below: dwave-samplers takes no larger ones."""

_GIVEN: Final = frozenset({"num_reads", "seed"})
"""Keywords that have a place of their own, and so are no settings."""


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
            raise SamplerError("setting", name, f"sampler {name} with {given}: {said(error)}") from error
        raise SamplerError("failed", name, f"sampler {name} failed: {said(error)}") from error
    if not isinstance(sampleset, dimod.SampleSet):
        raise SamplerError(
            "failed", name, f"sampler {name} returned {type(sampleset).__name__}; expected a dimod.SampleSet"
        )
    return sampleset
