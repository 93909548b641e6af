"""Work on checks of regions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from api.jobs.stages import go_on
from api.regions.checking import CheckTask
from regional_assets.check import check_region

if TYPE_CHECKING:
    from api.jobs.work import Reporter, Workplace
    from regional_assets.model import Region


def run(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Look through a region for what is to be repaired.

    Parameters
    ----------
    payload
        An `api.regions.checking.CheckTask` as JSON.
    region
        With its folder: streets and timetables are looked at, too.

    Returns
    -------
    check
        An `api.regions.checking.RegionCheck` as JSON.
    """
    assert region is not None, "a check is of a region"

    report = check_region(
        region,
        today=CheckTask.model_validate_json(payload).today,
        progress=lambda done, of: go_on(reporter, "checking", done / of),
    )
    return json.dumps(report.as_json(), ensure_ascii=False).encode()
