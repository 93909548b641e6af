"""Promises of the house itself: who may import whom, what is installed, what the tool settings keep."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ROOMS = ("api", "pricing", "regional_assets", "routing", "solvers")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Refused by measurement or licence: conflicts with OR-Tools, copyleft, or downloads of their own.
REFUSED = frozenset(
    {"highspy", "linopy", "ommx", "pandana", "igraph", "python-igraph", "xlogit", "choice-learn", "choice_learn"}
    | {"biogeme", "pyraptor", "r5py", "simplekml"}
)


def sources(*folders: str) -> list[Path]:
    """Return the Python files of some folders of the checkout."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


@cache
def imported_modules(file: Path) -> tuple[str, ...]:
    """Return the full name of every module, or name in a module, that a file imports anywhere."""
    return tuple(_imports_of(ast.parse(file.read_text(encoding="utf-8"))))


def _imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def runtime_modules(file: Path) -> tuple[str, ...]:
    """Return what a file imports when it runs: all but the blocks for type checkers."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    return tuple(_imports_of(tree))


def declared(*groups: str) -> list[Requirement]:
    """Return the requirements that pyproject.toml names: run time, build backend, and some extras."""
    extras = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    return [Requirement(line) for line in [*lines, *(line for group in groups for line in extras[group])]]


def pinned() -> dict[str, str]:
    """Return the versions of constraints.txt by normal name."""
    lines = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line]
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_imports_go_only_where_the_house_allows() -> None:
    """The contracts of pyproject.toml hold."""
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    kept = re.search(r"Contracts: (\d+) kept, 0 broken", run.stdout)
    assert kept is not None
    assert int(kept[1]) == len(PROJECT["tool"]["importlinter"]["contracts"])


def test_a_forbidden_import_would_be_seen(tmp_path: Path) -> None:
    """The contracts are no formality: the same settings refuse a puzzle that reads the land."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("")
    (tmp_path / "solvers" / "__init__.py").write_text("import regional_assets\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache", "--no-logo"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "solvers" in run.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_reaches_into_another_rooms_private_modules(room: str) -> None:
    """What starts with an underscore is used in its own room only."""
    reached = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in sources(room)
        for name in imported_modules(file)
        if name.split(".")[0] in ROOMS and name.split(".")[0] != room and re.search(r"\._(?!_)", name)
    ]
    assert not reached


def test_every_package_is_typed() -> None:
    """Each room tells type checkers that its annotations count."""
    assert [room for room in ROOMS if not (ROOT / room / "py.typed").is_file()] == []


def test_the_wheel_names_exactly_the_five_rooms() -> None:
    """Discovery fails on several top-level packages, so they are named one by one."""
    assert sorted(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == list(ROOMS)


def test_tests_are_no_packages() -> None:
    """A lone tests/api/__init__.py would hide the real `api`."""
    assert [file for file in sources("tests") if file.name == "__init__.py"] == []


def test_ignored_folders_are_anchored() -> None:
    """A bare `data/` would make hatchling drop the bundled region from the wheel."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    never_data = {"__pycache__/", "*.py[co]", "*.nbi", "*.nbc"}
    assert [rule for rule in rules if not rule.startswith("/") and rule not in never_data] == []


def test_no_refused_dependency_is_named_or_imported() -> None:
    """Libraries that were measured and refused stay out."""
    named = {requirement.name.lower() for requirement in declared("dev")} | set(pinned())
    files = sources(*ROOMS, "benchmarks", "tests")
    imported = {name.split(".")[0] for file in files for name in imported_modules(file)}
    assert (named | imported) & REFUSED == set()


def test_every_imported_library_is_declared() -> None:
    """Nothing is imported that only happens to be installed because something else needs it."""
    owners = packages_distributions()
    for_users = set(PROJECT["project"]["optional-dependencies"]) - {"dev", "bench"}
    names = {canonicalize_name(requirement.name) for requirement in declared(*for_users)}
    undeclared = {
        f"{file.relative_to(ROOT)}: {module}"
        for file in sources(*ROOMS)
        for module in (name.split(".")[0] for name in runtime_modules(file))
        if module not in ROOMS
        and module not in sys.stdlib_module_names
        and not {canonicalize_name(owner) for owner in owners.get(module, [module])} & names
    }
    assert sorted(undeclared) == []


def test_everything_that_is_installed_is_pinned() -> None:
    """constraints.txt names each dependency, those of dependencies too, and lies within what pyproject.toml allows."""
    pins = pinned()
    open_requirements = declared(*PROJECT["project"]["optional-dependencies"])
    seen: set[str] = set()
    while open_requirements:
        requirement = open_requirements.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        assert name in pins, f"{name} is installed and not in constraints.txt"
        assert requirement.specifier.contains(pins[name], prereleases=True), f"{requirement}: pinned to {pins[name]}"
        if name not in seen:
            seen.add(name)
            open_requirements.extend(_needs(name, extras))
    assert len(seen) > len(PROJECT["project"]["dependencies"])


def _needs(name: str, extras: set[str]) -> Iterator[Requirement]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        # The build backend lives in its own environment where the install was isolated.
        return
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            requirement.marker = None
            yield requirement


def test_pinned_versions_name_no_host() -> None:
    """Pins hold on any package index: only comments and ``name==version``."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if line and not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]
    assert strange == []
    assert not any("://" in line for line in lines)


def test_the_changelog_opens_with_what_is_not_released() -> None:
    """New entries have their place on top."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_make_has_every_promised_target() -> None:
    """The short commands of the README exist, and `make help` lists them."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    run = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "serve", "lint", "bench"):
        assert re.search(rf"^{target}:", text, re.MULTILINE)
        assert f"make {target} " in run.stdout
