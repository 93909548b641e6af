"""
Errors of the rooms below, told like every other input that cannot be used.

Rules that conflict, samplers that are not there, models that are too large: whoever asked can do something about them.
Commands and the service wrap what they call in these.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from solvers.errors import SamplerError


@contextmanager
def prices_told() -> Iterator[None]:
    """
    Tell rules that conflict, and records that cannot be learnt from, as problems of the input.

    Raises
    ------
    InputError
        In the place of a `pricing.errors.PricingError` that says in words what is wrong.
    """
    from pricing.errors import PricingError

    try:
        yield
    except PricingError as error:
        message = getattr(error, "message", None)
        if message is None:
            raise
        rules = ", ".join(getattr(error, "rules", ()))
        raise InputError([Problem("rules" if rules else "", rules or None, message)]) from error


@contextmanager
def sampler_told(where: str) -> Iterator[None]:
    """
    Tell a sampler that cannot be used, or not in this way, as a problem of the option or field that names it.

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
            raise InputError([_sampler_problem(error, where)]) from error
        except SolutionError as error:
            raise InputError([Problem(where, None, text("sampler.strange_reads", reason=error))]) from error


def _sampler_problem(error: SamplerError, where: str) -> Problem:
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
    return Problem(where, error.sampler, message)


@contextmanager
def model_told(where: str) -> Iterator[None]:
    """
    Tell a problem that cannot be made a model, or is too large for one, as a problem of the option or field ``where``.

    Raises
    ------
    InputError
        In the place of a `solvers.errors.ProblemError`.
    """
    from solvers.errors import ProblemError

    try:
        yield
    except ProblemError as error:
        problems = [Problem(where, None, text("qubo.unfit", reason=fault)) for fault in error.problems]
        raise InputError(problems) from error


@contextmanager
def nothing_to_choose_told(where: str) -> Iterator[None]:
    """
    Tell a trip that leaves nothing to choose as a problem of the option or field ``where``.

    Raises
    ------
    InputError
        In the place of a `routing.errors.NothingToChooseError`.
    """
    from routing.errors import NothingToChooseError

    try:
        yield
    except NothingToChooseError as error:
        raise InputError(Problem(where, None, message) for message in error.messages) from error


@contextmanager
def figures_told(where: str) -> Iterator[None]:
    """
    Tell figures that no formula bears (chances that vanish, sums beyond all numbers) as a problem of what holds them.

    Raises
    ------
    InputError
        In the place of an ``ArithmeticError``, or of one of linear algebra.
    """
    from numpy.linalg import LinAlgError

    try:
        yield
    except (ArithmeticError, LinAlgError) as error:
        raise InputError([Problem(where, None, text("price_job.unfit", reason=error))]) from error


@contextmanager
def under(field: str) -> Iterator[None]:
    """
    Name problems of a part of a request by their place in the whole.

    Raises
    ------
    InputError
        With ``field`` in front of every place.
    """
    try:
        yield
    except InputError as error:
        places = [replace(problem, where=f"{field}.{problem.where}".rstrip(".")) for problem in error.problems]
        raise InputError(places) from error


def problems_of(error: BaseException) -> tuple[Problem, ...] | None:
    """
    Return what is wrong with the input if that is what an error is about; None if it is a fault of the program.

    `solvers.errors.ProblemError` counts as a fault: only who makes a model of somebody's input can tell the two apart,
    with `model_told`.
    """
    trace = error.__traceback__
    try:
        with prices_told(), sampler_told("solver.sampler"), nothing_to_choose_told("days"):
            raise error
    except InputError as refusal:
        return refusal.problems
    except BaseException:
        return None
    finally:
        # Who logs it wants to see where it came from, not this detour.
        error.__traceback__ = trace
