"""What can be wrong with a file of samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solvers.errors import SolutionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MESSAGES = {
    "empty": "no samples; at least one row is needed",
    "no_json": "no JSON, nor CSV with the names of the variables in its first line ({reason})",
    "no_object": "a JSON object is accepted, or CSV",
    "format": "'{value}' is no known form of samples; accepted: {accepted}",
    "field": "'{value}' cannot be used; accepted: {accepted}",
    "vartype": "'{value}' is no vartype of these models; accepted: BINARY, SPIN",
    "missing": "variables of the model that are missing: {count} ({names})",
    "unknown": "variables that are none of this model: {count} ({names})",
    "twice": "variables named more than once: {count} ({names})",
    "ragged": "rows of another length than the {needed} variables named: {count}; the first has {value}",
    "value": "values other than {accepted} ({vartype}): {count}; the first is '{value}'",
    "too_many": "{value} values; at most {most} are taken",
    "damaged": "this dimod SampleSet cannot be restored: {reason}",
}
"""English wording by code; ``{placeholders}`` are filled from the facts of the fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    Describe one thing that is wrong with a file of samples.

    Parameters
    ----------
    code
        Key of `MESSAGES`.
    where
        Field, or row and column counted from 0 (``samples[3][7]``); blank for the file as a whole.
    facts
        What the message tells: values, counts, names.
    """

    code: str
    where: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """Return the fault as one line of English."""
        message = MESSAGES[self.code].format_map(self.facts)
        return f"{self.where}: {message}" if self.where else message


class SamplesError(SolutionError):
    """
    Refuse samples that do not belong to a model.

    Parameters
    ----------
    faults
        All that were found.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.line() for fault in self.faults))
