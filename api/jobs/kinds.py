"""The kinds of jobs, and the function that does each: ``module:function``, imported in the process that works."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.jobs.work import Work

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "trip": "api.jobs.trips:plan",
        "trip-explanation": "api.jobs.trips:explain",
        "trip-check": "api.jobs.trips:check",
        "price-plan": "api.jobs.prices:plan",
        "price-simulation": "api.jobs.prices:simulate",
        "price-backtest": "api.jobs.prices:backtest",
        "price-estimate": "api.jobs.prices:estimate",
        "price-test": "api.jobs.prices:plan_test",
        "pass-price": "api.jobs.prices:price_pass",
        "qubo-export": "api.jobs.qubo:export",
        "qubo-decode": "api.jobs.qubo:decode",
        "region-import": "api.jobs.imports:run",
        "region-check": "api.jobs.checks:run",
    }
)


def work_of(kind: str, kinds: Mapping[str, str] = KINDS) -> Work:
    """
    Return the function that does the jobs of a kind.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    module, _, function = kinds[kind].partition(":")
    work: Work = getattr(importlib.import_module(module), function)
    return work
