"""Public door to the wording of validation errors, for rooms that validate models of their own."""

from __future__ import annotations

from regional_assets._validation import problems_from

__all__ = ["problems_from"]
