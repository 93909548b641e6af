"""The benchmark of travel tables runs, skips what is not there, and writes down what it measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import travel_times


def test_benchmark_measures_a_small_city_and_skips_the_missing_layer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A city of 20 by 20 crossings, without the real town: figures in the table and in the file, the skip explained."""
    monkeypatch.setattr(travel_times, "CITY_SIDE", 20)
    monkeypatch.setattr(travel_times, "PLACE_COUNTS", (10,))
    figures_file = tmp_path / "new" / "figures.json"
    code = travel_times.main(["--edges", str(tmp_path / "none.zip"), "--json", str(figures_file)])
    figures = json.loads(figures_file.read_text(encoding="utf-8"))
    assert code == 0
    assert [row["places"] for row in figures["tables"]] == [10]
    assert figures["tables"][0]["ratio"] > 0
    assert figures["stores"][0]["size_mb"] > 0
    assert "MEGURI_SHARED" in figures["notes"][0]
    assert "made-up city" in capsys.readouterr().out
