"""Other solvers get the same instance and hand back tours that the replay accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.instances import replay
from benchmarks.instances.toptw import load_toptw
from benchmarks.peers import PEERS, with_or_tools_routing
from benchmarks.runs import Reference, run_peer


@pytest.mark.parametrize("name", list(PEERS))
@pytest.mark.parametrize(("tours", "best"), [(1, 28), (2, 35)])
def test_peer_solves_a_small_instance(toptw_folder: Path, name: str, tours: int, best: int) -> None:
    """Five points are no trouble for anyone: the score worked out by hand, in about the time allowed."""
    peer = PEERS[name]
    if not peer.is_installed:
        pytest.skip(f"{peer.distribution} is not installed: pip install -e '.[bench]'")
    instance = load_toptw(toptw_folder / "c101.txt", tours)
    run = peer.solve(instance, 0.2, 1)
    assert (replay(instance, run.tours).score, replay(instance, run.tours).errors) == (best, ())
    assert 0 < run.seconds < 5


def test_vroom_refuses_scores_it_cannot_hold(toptw_folder: Path) -> None:
    """Scaling scores down to priorities of at most 100 would be another problem."""
    if not PEERS["vroom"].is_installed:
        pytest.skip("pyvroom is not installed: pip install -e '.[bench]'")
    file = toptw_folder / "c101.txt"
    file.write_text(file.read_text(encoding="utf-8").replace("90 5 50", "90 5 101"), encoding="utf-8")
    with pytest.raises(ValueError, match="101 exceeds VROOM's highest priority of 100"):
        PEERS["vroom"].solve(load_toptw(file, 1), 0.1, 1)


def test_an_instance_that_a_peer_cannot_take_on_has_no_score(
    toptw_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason stands among the errors, and the other runs go on."""

    def refuse(*_: object) -> None:
        raise ValueError("score 101 exceeds everything")

    monkeypatch.setattr(with_or_tools_routing, "solve", refuse)
    run = run_peer("or-tools-routing", load_toptw(toptw_folder / "c101.txt", 1), 0.1, 1, Reference(28))
    assert (run.score, run.gap_percent, run.status) == (0, 100.0, "unsolved")
    assert run.errors == ("score 101 exceeds everything",)
