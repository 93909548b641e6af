"""Compiled code that is kept from one run to the next is used again exactly as long as its package stays the same."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numba
import pytest

import solvers
from solvers import compiling

INNER = """
from typing import NamedTuple
from solvers.compiling import {decorator}

class Shape(NamedTuple):
    high: int
    wide: int

@{decorator}
def step(shape):
    return shape.high * shape.wide + 1
"""

OUTER = """
from solvers.compiling import {decorator}
from kernels.loops import _inner

step = _inner.step

@{decorator}
def total(shape):
    return step(shape) + 100
"""

Load = Callable[..., ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Return what writes the two modules and imports them as a new process would."""
    folder = tmp_path / "kernels" / "loops"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))

    def write_and_import(inner: str, outer: str = OUTER, decorator: str = "compiled") -> ModuleType:
        (folder / "_inner.py").write_text(inner.format(decorator=decorator), encoding="utf-8")
        (folder / "_outer.py").write_text(outer.format(decorator=decorator), encoding="utf-8")
        forget()
        return importlib.import_module("kernels.loops._outer")

    def forget() -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == "kernels"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        compiling._state_of.cache_clear()

    yield write_and_import
    forget()


def test_what_has_not_changed_is_loaded(load: Load) -> None:
    """The second run compiles nothing."""
    for hits in (0, 1):
        module = load(INNER)
        assert module.total(module._inner.Shape(2, 3)) == 107
        assert sum(module.total.stats.cache_hits.values()) == hits


@pytest.mark.parametrize("decorator", ["compiled", "allocating", "inlined"])
def test_a_change_in_another_file_is_seen(load: Load, decorator: str) -> None:
    """What was compiled into a function of a file that is still the same is not used any more."""
    module = load(INNER, decorator=decorator)
    assert module.total(module._inner.Shape(2, 3)) == 107
    module = load(INNER.replace("+ 1", "- 1"), decorator=decorator)
    assert module.total(module._inner.Shape(2, 3)) == 105


def test_a_renamed_tuple_does_not_stop_an_upgrade(load: Load) -> None:
    """What was compiled for a named tuple that is no longer there is not even read."""
    module = load(INNER)
    assert module.total(module._inner.Shape(2, 3)) == 107
    module = load(INNER.replace("Shape", "Form"))
    assert module.total(module._inner.Form(2, 3)) == 107


def test_a_change_of_how_loops_are_compiled_is_seen() -> None:
    """The state of a package takes in the file that compiles it, which lies beside it."""
    package = files("solvers.revenue")
    assert compiling._state_of("solvers.revenue") != compiling._digest(package).hex()
    assert Path(compiling.__file__).parent == Path(str(package)).parent


def test_all_loops_are_kept_this_way() -> None:
    """No module beside this one asks numba itself."""
    folder = Path(solvers.__file__).parent
    asking = [file.name for file in folder.rglob("*.py") if "from numba" in file.read_text(encoding="utf-8")]
    assert asking == ["compiling.py"]


def test_a_constant_compiles_nothing_anew(load: Load) -> None:
    """One version serves a call with a constant and one with a variable of the same type."""
    inner = "from solvers.compiling import {decorator}\n\n@{decorator}\ndef step(high):\n    return high + 1\n"
    outer = (
        "from solvers.compiling import {decorator}\nfrom kernels.loops._inner import step\n\n"
        "@{decorator}\ndef total(high):\n    return step(high) + step(3) + step(4)\n"
    )
    module = load(inner, outer)
    assert module.total(2) == 12
    assert len(module.step.signatures) == 1
