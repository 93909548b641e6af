"""Public door to the wording of validation errors, for rooms that validate models of their own."""

from __future__ import annotations

from regional_assets._validation import FieldError, problems_from, problems_of

__all__ = ["FieldError", "problems_from", "problems_of"]
