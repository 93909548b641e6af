"""Small handmade instances in the public formats."""

from __future__ import annotations

from pathlib import Path

import pytest

# Four points on a line, one unit of score per letter; the depot closes at 100. All legs are whole numbers.
TOPTW = """1 1 4 1
0 0
0 0 0 0 0 0 0 0 100
1 10 0 5 7 1 1 1 0 50
2 20 0 5 8 1 1 1 0 50
3 0 30 5 20 1 1 1 60 65
4 0 90 5 50 1 1 1 0 90
"""

# Two tours, a budget of 10, at most one point of type 1. Points 2 and 3 are open to all parts of the day.
MCTOPMTW = """2 3 10 1 9 9 9 9 9 9 9 9 9
0 0 0 0 0 0 100
2 10 0 5 10 0 10 20 30 40 1 4 1 0 0 0 0 0 0 0 0 0
3 20 0 5 20 0 10 20 30 40 1 4 1 0 0 0 0 0 0 0 0 0
4 0 10 5 30 0 10 20 30 40 0 9 0 0 0 0 0 0 0 0 0 0
"""

# Starts on day 6: the second tour is on day 0. Point 1 opens on day 6 only, point 2 on day 0 only.
TTDP = """20 2 6 2 9 250
0 0 0 0 0 0 100
1 3 4 10 5 1 0 0 0 0 0 0 0 0 0 0 0 0 0 50 0
2 6 8 10 6 1 10 60 0 0 0 0 0 0 0 0 0 0 0 0
"""

# Two places between start and end, everything half an hour apart, two hours from 6:00; ten minutes at each place.
TDOPTW = """4
7200000
901;0;0;0;21600000;28800000
902;5;0;600000;21600000;28800000
903;7;0;600000;21600000;28800000
904;0;38;0;21600000;28800000
"""


@pytest.fixture
def toptw_folder(tmp_path: Path) -> Path:
    """Return a folder with one TOPTW instance and its reference scores."""
    folder = tmp_path / "toptw" / "instances"
    folder.mkdir(parents=True)
    (folder / "c101.txt").write_text(TOPTW, encoding="utf-8")
    rows = ["instance,tours,best_known,source,status,memory_value,long_run"]
    rows += ["c101,1,28,,optimal,,28", "c101,2,33,,lower bound,34,"]
    references = "\n".join(rows) + "\n"
    (folder.parent / "best_known.csv").write_text(references, encoding="utf-8")
    return folder


@pytest.fixture
def mctopmtw_folder(tmp_path: Path) -> Path:
    """Return a folder with one MC-TOP-MTW instance and its reference score."""
    folder = tmp_path / "mctopmtw" / "instances"
    folder.mkdir(parents=True)
    (folder / "MCTOPMTW-2-c101.txt").write_text(MCTOPMTW, encoding="utf-8")
    references = "instance,tours,best_known,source,status\nMCTOPMTW-2-c101,2,30,,lower bound\n"
    (folder.parent / "best_known.csv").write_text(references, encoding="utf-8")
    return folder


@pytest.fixture
def ttdp_folder(tmp_path: Path) -> Path:
    """Return a folder with one tourist trip instance."""
    folder = tmp_path / "ttdp" / "instances"
    folder.mkdir(parents=True)
    (folder / "t900.txt").write_text(TTDP, encoding="utf-8")
    return folder


@pytest.fixture
def tdoptw_folder(tmp_path: Path) -> Path:
    """Return a folder with one time-dependent instance: until 7:30 every way takes a quarter of an hour longer."""
    folder = tmp_path / "tdoptw" / "instances"
    folder.mkdir(parents=True)
    (folder / "4.1.1.TXT").write_text(TDOPTW, encoding="utf-8")
    pairs = [(here, there) for here in range(4) for there in range(4)]
    static = ["0" if here == there else "1800000" for here, there in pairs]
    lines = [";".join(static[row : row + 4]) + ";\n" for row in range(0, 16, 4)]
    (folder / "titt4.TXT").write_text("".join(lines), encoding="utf-8")
    slots = [["0"] * 56 if here == there else ["2700000"] * 6 + ["1800000"] * 50 for here, there in pairs]
    (folder / "tt4.TXT").write_text("".join(";".join(values) + ";" for values in slots), encoding="utf-8")
    references = "instance,tours,best_known,source,status\n4.1.1,1,12,,optimal\n"
    (folder.parent / "best_known_time_independent.csv").write_text(references, encoding="utf-8")
    return folder
