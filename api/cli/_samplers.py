"""Samplers by name: what is wrong with one, told like every other input that cannot be used."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from solvers.errors import SamplerError


@contextmanager
def sampler_told(option: str = "--sampler") -> Iterator[None]:
    """
    Tell a sampler that cannot be used, or not in this way, as a problem of the option that names it.

    Raises
    ------
    InputError
        In the place of a `solvers.errors.SamplerError`, or of a `solvers.errors.SolutionError` about what it returned.
    """
    from solvers.errors import SamplerError, SolutionError

    # Names that two packages want are told where samplers are listed, once.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"sampler .* is not used: the name is taken", UserWarning)
        try:
            yield
        except SamplerError as error:
            raise InputError([_problem(error, option)]) from error
        except SolutionError as error:
            raise InputError([Problem(option, None, text("sampler.strange_reads", reason=error))]) from error


def _problem(error: SamplerError, option: str) -> Problem:
    from solvers.qubo.samplers.registry import sampler_entries

    entries = sampler_entries()
    message = text(
        f"sampler.{error.fault}",
        sampler=error.sampler,
        accepted=", ".join(entry.name for entry in entries),
        extra=next((entry.extra for entry in entries if entry.name == error.sampler), None),
        reason=error,
        **error.facts,
    )
    return Problem(option, error.sampler, message)


def sampler_problems(name: str, *, allow_remote: bool) -> list[Problem]:
    """Return what is wrong with a sampler before it is asked for anything, to be told with all other problems."""
    from solvers.qubo.samplers.registry import sampler_of

    try:
        with sampler_told():
            sampler_of(name, allow_remote=allow_remote)
    except InputError as error:
        return list(error.problems)
    return []
