"""Choices as arrays: who could take what, and what was taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """
    Hold observed choices among alternatives that vary from one choice to the next.

    The utility of alternative j in choice n is ``design[n, j] @ coefficients``. A generic coefficient has a column with
    the attribute of every alternative, an alternative-specific one a column that is 0 for the others; no purchase is an
    alternative of its own, usually with a row of zeros.

    Parameters
    ----------
    names
        One for each of the K coefficients.
    design
        Shape ``(N, J, K)``, float64, finite wherever an alternative is available.
    available
        Shape ``(N, J)``, bool.
    chosen
        Shape ``(N,)``, int64: the alternative taken, which is available.
    weights
        Shape ``(N,)``, float64, not negative: how often each row counts; all 1 if left out.
    person
        Shape ``(N,)``, int64: who chose, for errors that allow for repeated choices and for classes of people; every
        row is a person of its own if left out.

    Raises
    ------
    InputError
        If shapes disagree, a choice is not available, or a value is not finite.
    """

    names: tuple[str, ...]
    design: NDArray[np.float64]
    available: NDArray[np.bool_]
    chosen: NDArray[np.int64]
    weights: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    person: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if not len(self.weights):
            object.__setattr__(self, "weights", np.ones(len(self.chosen)))
        if not len(self.person):
            object.__setattr__(self, "person", np.arange(len(self.chosen)))
        _refuse(_shape_problems(self))
        _refuse(_value_problems(self))
        # Values of what was not on offer never count; zeros keep them out of sums.
        object.__setattr__(self, "design", np.where(self.available[:, :, None], self.design, 0.0))

    def __len__(self) -> int:
        return len(self.chosen)

    def column(self, name: str) -> int:
        """
        Return where a coefficient stands.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        if name not in self.names:
            known = ", ".join(self.names)
            message = Text(
                ja=f"係数「{name}」はありません。使えるもの: {known}", en=f"no coefficient {name!r}; there are: {known}"
            )
            raise InputError([Problem("name", name, message)])
        return self.names.index(name)

    def rows(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Choices:
        """Return some of the choices, in the order asked for."""
        return Choices(
            self.names,
            self.design[which],
            self.available[which],
            self.chosen[which],
            self.weights[which],
            self.person[which],
        )

    def with_column(self, name: str, values: NDArray[np.float64]) -> Choices:
        """Return the same choices with one more attribute of shape ``(N, J)``."""
        design = np.concatenate([self.design, values[:, :, None]], axis=2)
        return Choices((*self.names, name), design, self.available, self.chosen, self.weights, self.person)


def _shape_problems(choices: Choices) -> list[Problem]:
    rows, alternatives, columns = choices.design.shape if choices.design.ndim == 3 else (-1, -1, -1)
    wanted = {
        "design": (choices.design.ndim == 3, "(N, J, K)"),
        "names": (len(choices.names) == columns, f"({columns},)"),
        "available": (choices.available.shape == (rows, alternatives), f"({rows}, {alternatives})"),
        "chosen": (choices.chosen.shape == (rows,) and rows > 0, f"({rows},)"),
        "weights": (choices.weights.shape == (rows,), f"({rows},)"),
        "person": (choices.person.shape == (rows,), f"({rows},)"),
    }
    return [
        Problem(name, np.shape(getattr(choices, name)), Text(ja=f"形は {shape} です", en=f"its shape must be {shape}"))
        for name, (fits, shape) in wanted.items()
        if not fits
    ]


def _value_problems(choices: Choices) -> list[Problem]:
    problems: list[Problem] = []
    rows, alternatives = choices.available.shape
    inside = (choices.chosen >= 0) & (choices.chosen < alternatives)
    taken = np.zeros(rows, np.bool_)
    taken[inside] = choices.available[inside, choices.chosen[inside]]
    problems += _first_rows(
        "chosen", ~taken, choices.chosen, Text(ja="選べない選択肢です", en="takes an alternative that is not available")
    )
    broken = np.asarray((~np.isfinite(choices.design) & choices.available[:, :, None]).any(axis=(1, 2)), np.bool_)
    problems += _first_rows(
        "design", broken, broken, Text(ja="有限の数ではありません", en="holds a value that is not finite")
    )
    weightless = ~(np.isfinite(choices.weights) & (choices.weights >= 0))
    problems += _first_rows(
        "weights",
        weightless,
        choices.weights,
        Text(ja="0 以上の有限の数が必要です", en="must be finite and not negative"),
    )
    if len(set(choices.names)) < len(choices.names):
        repeated = sorted({name for name in choices.names if choices.names.count(name) > 1})
        problems.append(
            Problem(
                "names", repeated, Text(ja=f"名前の重複: {', '.join(repeated)}", en=f"repeated: {', '.join(repeated)}")
            )
        )
    return problems


def _first_rows(
    where: str, wrong: NDArray[np.bool_], values: NDArray[np.generic], message: Text, most: int = 20
) -> list[Problem]:
    rows = np.flatnonzero(wrong)
    problems = [Problem(f"{where}[{row}]", values[row].item(), message) for row in rows[:most]]
    if len(rows) > most:
        more = Text(ja=f"ほかに {len(rows) - most} 行", en=f"and {len(rows) - most} more rows")
        problems.append(Problem(where, len(rows), more))
    return problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InputError(problems)
