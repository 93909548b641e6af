"""What a check found: one thing to repair, how bad it is, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from regional_assets.text import Text

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first: cannot be used as it is; used with a doubt; good to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Describe one thing to repair.

    Parameters
    ----------
    severity
        ``error``: it cannot be used as it is; ``warning``: it is used with a doubt; ``note``: good to know.
    code
        Stable name of the kind of finding (``"no_position"``).
    where
        Asset id, rule id or file.
    message
        What is wrong and what would repair it.
    name
        Name of the asset, for people.
    """

    severity: Severity
    code: str
    where: str
    message: Text
    name: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "severity": self.severity,
            "code": self.code,
            "where": self.where,
            "name": None if self.name is None else {"ja": self.name.ja, "en": self.name.en},
            "message": {"ja": self.message.ja, "en": self.message.en},
        }
