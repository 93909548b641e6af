"""Public door of the checks of a request against a region."""

from routing._check import check_request, unknown_ids

__all__ = ["check_request", "unknown_ids"]
