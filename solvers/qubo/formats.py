"""
Models and samples as text and bytes, for any other machine.

A model goes out as BQM (dimod's own bytes), as coordinate text (COO) or as LP text; what another machine sampled comes
back as JSON of ours, as the JSON of a dimod ``SampleSet``, or as CSV. Nothing here opens a file.

Our own sample files look like this; rows of -1 and 1 go with ``"vartype": "SPIN"``::

    {
      "format": "meguri-samples/1",
      "vartype": "BINARY",
      "variables": ["x0", "x1", "x2"],
      "samples": [[0, 1, 1], [1, 0, 0]]
    }

In CSV the first line names the variables, and each further line is a sample.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from solvers.qubo._coo import coo_lines
from solvers.qubo._lp import lp_lines
from solvers.qubo._sample_faults import Fault, SamplesError
from solvers.qubo._sample_files import SAMPLE_FORMAT, Samples, read_samples

if TYPE_CHECKING:
    from solvers.qubo.problem import PackingProblem
    from solvers.qubo.quadratic import Quadratic
    from solvers.qubo.reads import Reads

__all__ = [
    "SAMPLE_FORMAT",
    "Fault",
    "Samples",
    "SamplesError",
    "bqm_bytes",
    "coo_text",
    "lp_text",
    "read_samples",
    "samples_text",
    "variable_names",
]


def variable_names(items: int) -> list[str]:
    """Return the names ``x0``, ``x1``, ... that variables have in every file."""
    return [f"x{item}" for item in range(items)]


def bqm_bytes(quadratic: Quadratic) -> bytes:
    """Return the model in dimod's own form: ``dimod.BinaryQuadraticModel.from_file`` reads it."""
    from solvers.qubo.quadratic import to_bqm

    with to_bqm(quadratic, variable_names(quadratic.variables)).to_file() as file:
        return bytes(file.read())


def coo_text(quadratic: Quadratic) -> str:
    """
    Return the model as coordinate text.

    Returns
    -------
    text
        ``# vartype=BINARY``, then one line ``i j weight`` per coefficient with i <= j, counted from 0: ``i i weight``
        for the linear term of each variable, zero or not, and a line for each coupling, sorted. ``x_i`` of the other
        forms is ``i`` here. The energy is the sum of ``weight * x_i * x_j``. `dimod.serialization.coo` reads it, too.
    """
    return "# vartype=BINARY\n" + coo_lines(quadratic)


def lp_text(problem: PackingProblem) -> str:
    """
    Return the problem itself as LP text: binary variables, a quadratic objective to minimise, linear rules.

    No penalty stands in it: groups, conflicts and capacities are constraints. The objective is the value of the packing
    problem with its sign turned.
    """
    return "\n".join(lp_lines(problem, variable_names(problem.items))) + "\n"


def samples_text(reads: Reads, model: str | None = None) -> str:
    """
    Return reads as a file of ours.

    Parameters
    ----------
    model
        Digest of the model they were drawn from.
    """
    head = {
        "format": SAMPLE_FORMAT,
        "vartype": "BINARY",
        "model": model,
        "sampler": reads.sampler,
        "seed": reads.seed,
        "is_reproducible": reads.is_reproducible,
        "seconds": round(reads.seconds, 3),
        "variables": variable_names(reads.states.shape[1]),
    }
    # A row a line: such a file can be read, compared and cut by people.
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in reads.states.astype(int).tolist())
    return json.dumps(head, ensure_ascii=False)[:-1] + f', "samples": [\n{rows}\n]}}\n'
