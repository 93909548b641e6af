"""Samplers by name: what is wrong with one before it is asked for anything."""

from __future__ import annotations

from api.refusals import sampler_told
from regional_assets.errors import InputError, Problem


def sampler_problems(name: str, *, allow_remote: bool) -> list[Problem]:
    """Return what is wrong with a sampler before it is asked for anything, to be told with all other problems."""
    from solvers.qubo.samplers.registry import sampler_of

    try:
        with sampler_told("--sampler"):
            sampler_of(name, allow_remote=allow_remote)
    except InputError as error:
        return list(error.problems)
    return []
