"""An independent program: the lowest state of coordinate text, found by HiGHS from the text alone."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array


def lowest_of(text: str) -> list[int]:
    """Return the bits of the lowest state, by a linearisation with one product variable a coupling."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    terms = {(int(i), int(j)): float(weight) for i, j, weight in lines}
    size = 1 + max(j for _, j in terms)
    pairs = [pair for pair in terms if pair[0] != pair[1]]
    cost = [terms.get((i, i), 0.0) for i in range(size)] + [terms[pair] for pair in pairs]
    # z = x_i x_j is at most each of them, and at least their sum less one.
    entries = [
        (3 * number + row, column, entry)
        for number, (i, j) in enumerate(pairs)
        for row, ends in enumerate(((i,), (j,), (i, j)))
        for column, entry in ((size + number, 1 if row < 2 else -1), *((end, -1 if row < 2 else 1) for end in ends))
    ]
    rows, columns, values = zip(*entries, strict=True)
    matrix = coo_array((values, (rows, columns)), shape=(3 * len(pairs), len(cost))).tocsr()
    solution = milp(
        np.array(cost),
        integrality=np.array([1] * size + [0] * len(pairs)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, np.tile([0.0, 0.0, 1.0], len(pairs))),
    )
    bits: list[int] = np.rint(solution.x[:size]).astype(int).tolist()
    return bits
