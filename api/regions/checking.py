"""Checks of regions: what a worker is told, and what it answers."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel

from regional_assets.model import Kind
from regional_assets.text import Text

KIND = "region-check"


class CheckTask(BaseModel):
    """Tell a worker by which day events are over."""

    today: dt.date


class RegionFinding(BaseModel):
    """
    Describe one thing to repair.

    Parameters
    ----------
    severity
        ``error``: it cannot be used as it is; ``warning``: it is used with a doubt; ``note``: good to know.
    code
        Stable name of the kind of finding.
    where
        Id of an asset or rule, or a file.
    name
        Of the asset.
    message
        What is wrong and what would repair it.
    """

    severity: Literal["error", "warning", "note"]
    code: str
    where: str
    name: Text | None
    message: Text


class FieldFill(BaseModel):
    """Say how many assets have a field: ``known`` of ``of``, as a ``share``."""

    known: int
    of: int
    share: float


class RegionCheck(BaseModel):
    """
    Tell what to repair in a region.

    Parameters
    ----------
    region, assets, assets_by_kind
        What was looked through.
    fill
        How full each field is.
    severities, counts
        Findings by severity, and by code.
    findings
        Worst first; within a kind of finding, the most appealing assets first.
    """

    region: str
    assets: int
    assets_by_kind: dict[Kind, int]
    fill: dict[str, FieldFill]
    severities: dict[str, int]
    counts: dict[str, int]
    findings: list[RegionFinding]
