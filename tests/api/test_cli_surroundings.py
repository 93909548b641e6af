"""The command line where its surroundings fail: closed pipes, full disks, files in the way, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from regional_assets.model import Region

FULL = Path("/dev/full")
SHELL = Path("/bin/sh")
needs_shell = pytest.mark.skipif(not SHELL.exists(), reason="needs a POSIX shell")


def in_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SHELL), "-c", command.replace("meguri", f"{sys.executable} -m api", 1)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


@needs_shell
@pytest.mark.parametrize("more", ["", "--json"])
def test_a_reader_that_leaves_is_no_failure(stored_region: Region, more: str) -> None:
    """`| head -1` ends quietly: nothing on standard error, exit code 0."""
    done = in_shell(f"{{ meguri region show testland {more}; echo $? >&2; }} | head -1")
    assert done.stderr.strip() == "0"
    assert len(done.stdout.splitlines()) == 1


@needs_shell
@pytest.mark.parametrize("more", ["", "--json"])
def test_closed_streams_are_no_failure(stored_region: Region, more: str) -> None:
    """Without standard output, or without standard error, a command still does its work."""
    assert in_shell(f"meguri region show testland {more} >&-").returncode == 0
    assert in_shell(f"meguri region show testland {more} 2>&-").returncode == 0
    assert in_shell(f"meguri region show atlantis {more} 2>&-").returncode == 2


@needs_shell
@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("more", ["", "--json"])
def test_a_full_disk_is_told_in_one_line(stored_region: Region, more: str) -> None:
    """Exit code 4 with the reason; never a traceback."""
    done = in_shell(f"meguri region show testland {more} >{FULL}")
    assert done.returncode == 4
    assert done.stderr == "error: file or connection failed (no space left)\n"
    japanese = in_shell(f"meguri region show testland {more} --lang ja >{FULL}")
    assert "空き容量" in japanese.stderr


@needs_shell
def test_output_for_files_has_no_colours_and_one_width(stored_region: Region) -> None:
    """What goes into a file does not hang on the terminal that it came from."""
    plain = in_shell("meguri region show testland").stdout
    assert "\x1b" not in plain
    assert in_shell("COLUMNS=40 FORCE_COLOR= NO_COLOR=1 LC_ALL=C meguri region show testland").stdout == plain


def test_a_file_in_the_way_of_the_output_is_found_before_planning(stored_region: Region, tmp_path: Path) -> None:
    """With `--json`, standard output holds the error alone, and no time is spent on a plan."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    words = ["plan", "--region", "testland", "--days", "2099-12-05", "--out", str(tmp_path / "file" / "out"), "--json"]
    done = subprocess.run([sys.executable, "-m", "api", *words], capture_output=True, check=False, env=os.environ)
    content = json.loads(done.stdout)
    assert done.returncode == content["exit_code"] == 4
    assert content["errors"][0]["where"] == str(tmp_path / "file")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_with_a_word_and_no_half_written_file(stored_region: Region, tmp_path: Path) -> None:
    """Exit code 130, one line, no folder for a plan that was never made."""
    words = ["plan", "--region", "testland", "--days", "2099-12-05", "--seconds", "60", "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from api.cli import main; print('ready', flush=True); main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "stopped\n"
    assert not (tmp_path / "out").exists()
