"""Municipal open data: CSV files of both generations of the standard, and lists that follow none."""

from __future__ import annotations

from regional_assets.readers.municipal._read import read_municipal

__all__ = ["read_municipal"]
