"""Samplers as a server lets its clients use them: by name, on the machine of the server, and nowhere else."""

from __future__ import annotations

from api.refusals import sampler_told
from api.texts import text
from regional_assets.errors import InputError, Problem


def sampler_problems(field: str, name: str) -> tuple[Problem, ...]:
    """Return what is wrong with a sampler that a client names in a field; one that sends models away is refused."""
    from solvers.errors import SamplerError
    from solvers.qubo.samplers.registry import sampler_of

    try:
        with sampler_told(field):
            try:
                sampler_of(name, allow_remote=False)
            except SamplerError as error:
                if error.fault == "remote":
                    # The usual words tell how to allow it, which a client cannot.
                    raise InputError([Problem(field, name, text("trip_request.remote_sampler", name=name))]) from error
                raise
    except InputError as error:
        return error.problems
    return ()
