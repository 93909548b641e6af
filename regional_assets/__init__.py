"""
The land: places, hours, calendars, prices on the door; readers for open data; the bundled region.

Everything in ``__all__`` is loaded when it is first asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regional_assets.check import CheckReport as CheckReport
    from regional_assets.check import Fill as Fill
    from regional_assets.check import check_region as check_region
    from regional_assets.errors import InputError as InputError
    from regional_assets.errors import Problem as Problem
    from regional_assets.errors import RegionalAssetsError as RegionalAssetsError
    from regional_assets.errors import UnknownRegionError as UnknownRegionError
    from regional_assets.findings import Finding as Finding
    from regional_assets.frames import from_frame as from_frame
    from regional_assets.frames import read_assets as read_assets
    from regional_assets.frames import to_frame as to_frame
    from regional_assets.frames import write_assets as write_assets
    from regional_assets.merge import MergedPair as MergedPair
    from regional_assets.merge import MergeResult as MergeResult
    from regional_assets.merge import alike_pairs as alike_pairs
    from regional_assets.merge import merge_assets as merge_assets
    from regional_assets.model import Asset as Asset
    from regional_assets.model import Assumption as Assumption
    from regional_assets.model import CombinationRule as CombinationRule
    from regional_assets.model import DateRange as DateRange
    from regional_assets.model import Kind as Kind
    from regional_assets.model import Known as Known
    from regional_assets.model import Name as Name
    from regional_assets.model import Photo as Photo
    from regional_assets.model import Price as Price
    from regional_assets.model import Region as Region
    from regional_assets.model import Season as Season
    from regional_assets.model import Selector as Selector
    from regional_assets.model import Slot as Slot
    from regional_assets.model import Source as Source
    from regional_assets.model import StreetSource as StreetSource
    from regional_assets.model import VisitMinutes as VisitMinutes
    from regional_assets.region import bundled_region_folder as bundled_region_folder
    from regional_assets.region import find_region as find_region
    from regional_assets.region import load_region as load_region
    from regional_assets.region import read_assets_file as read_assets_file
    from regional_assets.region import region_folders as region_folders
    from regional_assets.region import save_region as save_region
    from regional_assets.region import write_assets_file as write_assets_file
    from regional_assets.report import ReadResult as ReadResult
    from regional_assets.text import Language as Language
    from regional_assets.text import Text as Text

_NAMES_BY_MODULE: dict[str, tuple[str, ...]] = {
    "check": (
        "CheckReport",
        "Fill",
        "check_region",
    ),
    "findings": ("Finding",),
    "errors": (
        "InputError",
        "Problem",
        "RegionalAssetsError",
        "UnknownRegionError",
    ),
    "frames": (
        "from_frame",
        "read_assets",
        "to_frame",
        "write_assets",
    ),
    "merge": (
        "MergedPair",
        "MergeResult",
        "alike_pairs",
        "merge_assets",
    ),
    "model": (
        "Asset",
        "Assumption",
        "CombinationRule",
        "DateRange",
        "Kind",
        "Known",
        "Name",
        "Photo",
        "Price",
        "Region",
        "Season",
        "Selector",
        "Slot",
        "Source",
        "StreetSource",
        "VisitMinutes",
    ),
    "region": (
        "bundled_region_folder",
        "find_region",
        "load_region",
        "read_assets_file",
        "region_folders",
        "save_region",
        "write_assets_file",
    ),
    "report": ("ReadResult",),
    "text": (
        "Language",
        "Text",
    ),
}
_MODULE_OF = {name: f"{__name__}.{module}" for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE_OF})
