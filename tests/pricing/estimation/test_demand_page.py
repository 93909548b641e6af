from __future__ import annotations

import re
from pathlib import Path

import pytest

from pricing.estimation.records import NEEDED, OPTIONAL

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "demand.md").read_text(encoding="utf-8")


def test_every_remark_has_its_meaning() -> None:
    """Each code that an estimation may carry stands in the table, and no other one does."""
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "pricing" / "estimation").glob("*.py"))
    codes = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', sources))
    section = PAGE.split("## Remarks")[1].split("\n## ")[0]
    assert codes == set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", section))


def test_every_column_has_its_meaning() -> None:
    """The table of columns is that of the reader."""
    section = PAGE.split("## Booking records")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (yes)? ?\|", section, re.MULTILINE)
    assert {name for name, needed in rows if needed} == set(NEEDED)
    assert {name for name, needed in rows if not needed} == set(OPTIONAL)


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The example prints an interval of prices."""
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(example, "demand.md", "exec"), {})
    low, high = (int(end.replace(",", "")) for end in re.findall(r"[\d,]+", capsys.readouterr().out))
    assert 500 <= low < high <= 5000
