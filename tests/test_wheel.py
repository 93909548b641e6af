"""The built wheel, installed elsewhere: the command runs, and the bundled region is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"api", "pricing", "regional_assets", "routing", "solvers"}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and a folder from which the checkout cannot be imported."""

    wheel: Path
    bin: Path
    elsewhere: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MEGURI"))}
        environment = {**kept, "MEGURI_HOME": str(self.elsewhere / "home"), "MEGURI_LANG": "en"}
        return subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it into a fresh environment, both without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    _call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT))
    (wheel,) = (folder / "dist").glob("*.whl")
    _call(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    bin_folder = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = str(bin_folder / Path(sys.executable).name)
    _call(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    # The dependencies are lent from this environment. A path that stands in a .pth file is searched last, and .pth
    # files inside it are not read: so an editable install of the checkout is not lent.
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(purelib) / "dependencies.pth").write_text("\n".join(sorted(lent)) + "\n")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Installed(wheel, bin_folder, elsewhere)


def _call(*command: str) -> None:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_wheel_holds_every_file_of_the_five_packages(installed: Installed) -> None:
    """Code, data and type markers are complete, and nothing else is installed at top level."""
    names = {name for name in zipfile.ZipFile(installed.wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == ROOMS
    in_checkout = {
        file.relative_to(ROOT).as_posix()
        for room in ROOMS
        for file in (ROOT / room).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert in_checkout - names == set()
    assert {f"{room}/py.typed" for room in ROOMS} <= names


def test_the_wheel_carries_its_licence(installed: Installed) -> None:
    """The licence travels with the code."""
    archive = zipfile.ZipFile(installed.wheel)
    (licence,) = (name for name in archive.namelist() if name.endswith("/licenses/LICENSE"))
    assert "Apache License" in archive.read(licence).decode()


def test_the_installed_packages_are_not_the_checkout(installed: Installed) -> None:
    """The tests of this file see the wheel."""
    run = installed.run("python", "-c", "import api, regional_assets; print(api.__file__, regional_assets.__file__)")
    assert run.returncode == 0, run.stderr
    assert str(ROOT) + os.sep not in run.stdout
    assert run.stdout.count("site-packages") == 2


def test_the_installed_command_explains_itself(installed: Installed) -> None:
    """`meguri --help` runs outside the checkout."""
    run = installed.run("meguri", "--help")
    assert run.returncode == 0, run.stderr
    assert "plan" in run.stdout


def test_the_installed_command_shows_the_bundled_region(installed: Installed) -> None:
    """The default region is inside the wheel."""
    run = installed.run("meguri", "region", "show", "echizen", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    shown = json.loads(run.stdout)
    assert shown["region"] == "echizen"
    assert len(shown["assets"]) >= 120
    assert str(ROOT) + os.sep not in shown["folder"]


def test_the_installed_service_makes_its_database(installed: Installed) -> None:
    """The migrations are inside the wheel, and are found there."""
    code = (
        "from api.storage import open_database, upgrade\n"
        "import sqlalchemy as sa\n"
        "engine = open_database('sqlite:///made/meguri.db')\n"
        "upgrade(engine)\n"
        "print(*sorted(sa.inspect(engine).get_table_names()))\n"
    )
    run = installed.run("python", "-c", code)
    assert run.returncode == 0, run.stderr
    assert {"alembic_version", "jobs", "keys", "regions"} <= set(run.stdout.split())
