"""Reasons and problems in both languages, in one line."""

from __future__ import annotations

from pricing.proposal import Reason
from regional_assets.errors import Problem
from regional_assets.model import Name
from regional_assets.text import Text


def reason(code: str, ja: str, en: str) -> Reason:
    """Return a reason, an assumption or a remark: a code for programs, and words."""
    return Reason(code=code, text=Name(ja=ja, en=en))


def problem(where: str, value: object, ja: str, en: str) -> Problem:
    """Return something wrong with input: file, row and field, what stands there, and words."""
    return Problem(where, value, Text(ja=ja, en=en))
