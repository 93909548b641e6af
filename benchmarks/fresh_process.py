"""Peak memory of a piece of work in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

# VmHWM, not getrusage: on Linux ru_maxrss starts from the peak of the process that called this one.
_CLOSING: Final = """
import json
from pathlib import Path
lines = Path("/proc/self/status").read_text().splitlines() if Path("/proc/self/status").is_file() else []
peaks = [int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")]
print(json.dumps({"result": result, "peak_mb": peaks[0] if peaks else None}))
"""


def run_fresh(code: str, *arguments: str) -> tuple[Any, float]:
    """
    Run some code in a fresh Python process, and return what it found and its largest resident set.

    Parameters
    ----------
    code
        Statements that leave a JSON value in ``result``; they read ``arguments`` from ``sys.argv[1:]``.
    arguments
        Passed on.

    Returns
    -------
    result, peak_mb
        NaN megabytes where the system cannot tell (anything but Linux).
    """
    command = [sys.executable, "-c", code + _CLOSING, *arguments]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["result"], float("nan") if told["peak_mb"] is None else float(told["peak_mb"])
