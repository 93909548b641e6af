"""The benchmark of prices runs the parts there are, tells what was kept, and fails where a promise is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.pricing import __main__ as pricing
from benchmarks.pricing.section import Given, Section


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Given]:
    """Put two small parts in the place of the real ones; return what they were given."""
    seen: list[Given] = []

    def kept(given: Given) -> Section:
        seen.append(given)
        return Section("Kept figures", {"bound": 21_081}, "| case | bound |\n|---|---:|\n| one | 21081 |", {"±1": True})

    def skipped(given: Given) -> Section:
        seen.append(given)
        return Section("Absent data", {}, "", {}, skipped="no data")

    for name, run in (("kept", kept), ("skipped", skipped)):
        module = ModuleType(f"benchmarks.pricing.{name}")
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(pricing, "existing_parts", lambda: ["kept", "skipped"])
    return seen


def test_all_parts_run_and_are_written(given: list[Given], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables on standard output, progress on standard error, figures in the file and the table beside it."""
    file = tmp_path / "pricing.json"
    assert pricing.main(["--quick", "--seed", "7", "--json", str(file)]) == 0
    printed = capsys.readouterr()
    assert [(each.is_quick, each.seed) for each in given] == [(True, 7), (True, 7)]
    assert "| one | 21081 |" in printed.out
    assert "- kept: ±1" in printed.out
    assert "Skipped: no data" in printed.out
    assert "kept done" in printed.err
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["sections"]["kept"]["figures"] == {"bound": 21_081}
    assert figures["sections"]["skipped"]["skipped"] == "no data"
    assert figures["command"].startswith("python -m benchmarks.pricing --quick")
    assert file.with_suffix(".md").read_text(encoding="utf-8").strip() == printed.out.strip()


def test_a_broken_promise_fails_the_run(
    given: list[Given], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One promise that was not kept is marked, and the command ends with 1."""
    broken = Section("Broken", {}, "| |\n|---|", {"fast": True, "right": False})
    monkeypatch.setattr(sys.modules["benchmarks.pricing.kept"], "run", lambda given: broken)
    assert pricing.main(["--only", "kept"]) == 1
    assert "- **broken**: right" in capsys.readouterr().out
    assert given == []


def test_an_unknown_part_is_refused(given: list[Given], capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the parts there are."""
    with pytest.raises(SystemExit) as ending:
        pricing.main(["--only", "nothing"])
    assert ending.value.code == 2
    assert "kept" in capsys.readouterr().err


def test_without_the_maintainers_folder_parts_are_told_so(
    given: list[Given], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part decides for itself what it can do without it."""
    monkeypatch.setenv("MEGURI_SHARED", str(tmp_path / "nothing"))
    assert pricing.main(["--only", "kept"]) == 0
    assert given[0].shared is None


def test_every_part_has_what_is_called() -> None:
    """Each existing part is a module with a function `run`."""
    from importlib import import_module

    for name in pricing.existing_parts():
        assert callable(import_module(f"benchmarks.pricing.{name}").run), name
