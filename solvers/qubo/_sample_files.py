"""Read samples that some machine drew: JSON of ours, of a dimod SampleSet, or CSV."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from solvers.qubo._sample_faults import Fault, SamplesError
from solvers.qubo.reads import Reads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SAMPLE_FORMAT = "meguri-samples/1"

Vartype = Literal["BINARY", "SPIN"]

_ACCEPTED: dict[Vartype, tuple[int, int]] = {"BINARY": (0, 1), "SPIN": (-1, 1)}
_MOST_VALUES = 200_000_000
"""Values of all reads together: 200 MB in memory, far above what annealers return."""
_NAMES_TOLD = 5
_UNNAMED = "file"
"""Goes for the sampler where a file does not name it."""

_NO_VARIABLES = frozenset({"", "energy", "num_occurrences", "num_oc.", "chain_break_fraction"})
"""Columns that tables of samples carry beside the variables; the blank one numbers the rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """
    Hold what a file of samples says.

    Parameters
    ----------
    reads
        In the order of the model's variables: a row that occurred k times stands k times.
    model
        Digest of the model they were drawn from; None where the file does not say.
    """

    reads: Reads
    model: str | None


@dataclass(slots=True)
class _Table:
    """Hold what a file says, before it is compared with the model."""

    labels: list[Any]
    rows: Any
    vartype: Any
    occurrences: Any = None
    about: dict[str, Any] = field(default_factory=dict)


def read_samples(content: str, labels: Sequence[str]) -> Samples:
    """
    Return the samples of a file: JSON of ours, JSON of a dimod ``SampleSet``, or CSV.

    Parameters
    ----------
    content
        The text of the file.
    labels
        Shape ``(n,)``: names of the model's variables in its order. A file may have them in any order, and may give
        their numbers 0 to n - 1 instead, as in a COO file.

    Raises
    ------
    SamplesError
        With every fault found: names, lengths of rows, values.
    """
    content = content.removeprefix("\ufeff")
    if not content.strip():
        raise SamplesError([Fault("empty")])
    table = _json_table(content) if content.lstrip()[0] in "{[" else _csv_table(content)
    faults: list[Fault] = []
    order = _order(table.labels, labels, faults)
    vartype = table.vartype
    if not isinstance(vartype, str) or vartype not in _ACCEPTED:
        faults.append(Fault("vartype", "vartype", {"value": _short(vartype)}))
        vartype = None
    values = _values(table, vartype, faults)
    times = _occurrences(table.occurrences, table.rows, faults)
    about = _about(table.about, faults)
    if faults:
        raise SamplesError(faults)
    model = about.pop("model", None)
    states = values[:, order] == 1
    if times is not None:
        _refuse_too_many(int(times.sum()) * len(labels))
        states = np.repeat(states, times, axis=0)
    return Samples(Reads(states, **{"sampler": _UNNAMED, **about}), model)


def _json_table(content: str) -> _Table:
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SamplesError([Fault("no_json", facts={"reason": error})]) from None
    if not isinstance(raw, dict):
        raise SamplesError([Fault("no_object")])
    if raw.get("type") == "SampleSet":
        return _sample_set_table(raw)
    if raw.get("format") != SAMPLE_FORMAT:
        accepted = f'"format": "{SAMPLE_FORMAT}", "type": "SampleSet" (dimod)'
        raise SamplesError([Fault("format", "format", {"value": _short(raw.get("format")), "accepted": accepted})])
    wrong = [name for name in ("variables", "samples") if not isinstance(raw.get(name), list)]
    if wrong:
        raise SamplesError(
            [Fault("field", name, {"value": _short(raw.get(name)), "accepted": "[…]"}) for name in wrong]
        )
    return _Table(raw["variables"], raw["samples"], raw.get("vartype"), raw.get("occurrences"), raw)


def _sample_set_table(raw: dict[str, Any]) -> _Table:
    from dimod import SampleSet

    restore: Any = SampleSet.from_serializable
    try:
        restored = restore(raw)
    except Exception as error:
        # dimod does not check what it reads: a damaged file ends in whatever error it happens to run into.
        reason = f"{type(error).__name__}: {error}"
        raise SamplesError([Fault("damaged", facts={"reason": reason})]) from None
    record = restored.record
    return _Table(list(restored.variables), record.sample, restored.vartype.name, record.num_occurrences)


def _csv_table(content: str) -> _Table:
    try:
        lines = [row for row in csv.reader(content.splitlines()) if row]
    except csv.Error as error:
        raise SamplesError([Fault("no_json", facts={"reason": error})]) from None
    head, rows = [name.strip() for name in lines[0]], lines[1:]
    kept = [place for place, name in enumerate(head) if name.lower() not in _NO_VARIABLES]
    times = head.index("num_occurrences") if "num_occurrences" in head else None
    is_even = all(len(row) == len(head) for row in rows)
    # Rows of another length stay whole, to be told as such.
    picked = [[_number(row[place]) for place in kept] for row in rows] if is_even else rows
    occurrences = [_number(row[times]) for row in rows] if is_even and times is not None else None
    labels = [head[place] for place in kept] if is_even else head
    has_spins = is_even and any(-1 in row for row in picked)
    return _Table(labels, picked, "SPIN" if has_spins else "BINARY", occurrences)


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _order(found: list[Any], labels: Sequence[str], faults: list[Fault]) -> list[int]:
    """Return the column of the file for each variable of the model."""
    names = [str(name) for name in found]
    numbers = {str(number) for number in range(len(labels))}
    if names and set(names) <= numbers:
        names = [labels[int(name)] for name in names]
    place = {name: column for column, name in enumerate(names)}
    wanted = set(labels)
    strays = {
        "missing": [name for name in labels if name not in place],
        "unknown": [name for name in place if name not in wanted],
        "twice": [name for name, times in Counter(names).items() if times > 1],
    }
    faults += [Fault(code, "variables", _told(those)) for code, those in strays.items() if those]
    return [place.get(name, 0) for name in labels]


def _told(names: Sequence[str]) -> dict[str, object]:
    more = ", …" if len(names) > _NAMES_TOLD else ""
    return {"count": len(names), "names": ", ".join(names[:_NAMES_TOLD]) + more}


def _values(table: _Table, vartype: Vartype | None, faults: list[Fault]) -> NDArray[Any]:
    """Return the values of the file, shape (rows, columns); no rows where they cannot be used."""
    nothing = np.zeros((0, len(table.labels)))
    if not len(table.rows):
        faults.append(Fault("empty", "samples"))
        return nothing
    no_rows = [place for place, row in enumerate(table.rows) if not isinstance(row, list | np.ndarray)]
    if no_rows:
        told = {"value": _short(table.rows[no_rows[0]]), "accepted": "[…]"}
        faults.append(Fault("field", f"samples[{no_rows[0]}]", told))
        return nothing
    lengths = [len(row) for row in table.rows]
    uneven = [place for place, length in enumerate(lengths) if length != len(table.labels)]
    if uneven:
        facts = {"count": len(uneven), "needed": len(table.labels), "value": lengths[uneven[0]]}
        faults.append(Fault("ragged", f"samples[{uneven[0]}]", facts))
        return nothing
    _refuse_too_many(len(lengths) * len(table.labels))
    if vartype is None:
        return nothing
    values = _array(table.rows)
    is_right = np.isin(values, _ACCEPTED[vartype]) if values.dtype != object else _is_one_of(values, vartype)
    if is_right.all():
        return values
    faults.append(_strange_value(values, ~is_right, vartype))
    return nothing


def _strange_value(values: NDArray[Any], is_strange: NDArray[np.bool_], vartype: Vartype) -> Fault:
    row, column = np.argwhere(is_strange)[0]
    told: dict[str, object] = {
        "count": int(is_strange.sum()),
        "value": _short(values[row, column]),
        "accepted": ", ".join(str(value) for value in _ACCEPTED[vartype]),
        "vartype": vartype,
    }
    return Fault("value", f"samples[{row}][{column}]", told)


def _array(rows: Any) -> NDArray[Any]:
    """Return rows of one length as an array of numbers, or of objects where some values are none."""
    try:
        values = np.asarray(rows)
    except ValueError:
        values = np.zeros(0, object)
    if values.ndim == 2 and values.dtype.kind in "biuf":
        return values
    values = np.empty((len(rows), len(rows[0])), object)
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            values[place, column] = value
    return values


def _is_one_of(values: NDArray[Any], vartype: Vartype) -> NDArray[np.bool_]:
    accepted = _ACCEPTED[vartype]
    flat = [isinstance(value, int | float) and value in accepted for value in values.ravel()]
    return np.array(flat, bool).reshape(values.shape)


def _occurrences(given: Any, rows: Any, faults: list[Fault]) -> NDArray[np.int64] | None:
    """Return how often each row occurred; None for once each."""
    if given is None:
        return None
    listed = given.tolist() if isinstance(given, np.ndarray) else given
    is_right = isinstance(listed, list) and len(listed) == len(rows)
    if is_right and all(type(times) is int and 1 <= times <= _MOST_VALUES for times in listed):
        return np.array(listed, np.int64)
    accepted = f"[1, 2, …] ({len(rows)})"
    faults.append(Fault("field", "occurrences", {"value": _short(given), "accepted": accepted}))
    return None


def _about(raw: dict[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Return what a file of ours tells of its samples beside them."""
    # Accepted values are told as JSON, which reads alike in every language.
    kinds: dict[str, tuple[Any, str]] = {
        "model": (str, '"…"'),
        "sampler": (str, '"…"'),
        "seed": (int, "0, 1, 2, …"),
        "is_reproducible": (bool, "true, false"),
        "seconds": (int | float, "0.5, 1, …"),
    }
    told = {name: raw[name] for name in kinds if raw.get(name) is not None}
    for name, value in told.items():
        kind, accepted = kinds[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            faults.append(Fault("field", name, {"value": _short(value), "accepted": accepted}))
    return told


def _short(value: Any) -> str:
    told = str(value)
    return told if len(told) <= 40 else told[:40] + "…"


def _refuse_too_many(values: int) -> None:
    if values > _MOST_VALUES:
        facts = {"value": f"{values:,}", "most": f"{_MOST_VALUES:,}"}
        raise SamplesError([Fault("too_many", "samples", facts)])
