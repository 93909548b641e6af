"""Families with Japanese letters."""

from __future__ import annotations

from typing import Final

JAPANESE_FAMILIES: Final = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "Yu Gothic",
    "Meiryo",
    "BIZ UDGothic",
    "IPAexGothic",
    "IPAGothic",
    "TakaoPGothic",
    "VL PGothic",
    "MS Gothic",
)
"""Those that systems bring along, the most complete first."""
