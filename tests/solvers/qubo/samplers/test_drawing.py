"""What samplers are handed, what is refused before, and what becomes of their errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dimod
import numpy as np
import pytest
from dwave.samplers import SimulatedAnnealingSampler
from recording_sampler import Recording, refused

from solvers.qubo.samplers.drawing import sample
from solvers.qubo.samplers.registry import sampler_of

TWO = dimod.BinaryQuadraticModel({"a": -3.0, "b": -2.0}, {("a", "b"): 4.0}, 0.0, "BINARY")


def test_the_exact_sampler_refuses_large_models() -> None:
    """Above 20 variables it would run out of memory; so would dimod's own, handed in."""
    large = dimod.BinaryQuadraticModel(dict.fromkeys(range(21), 1.0), {}, 0.0, "BINARY")
    for registered in (sampler_of("exact"), sampler_of(dimod.ExactSolver())):
        error = refused(lambda registered=registered: sample(registered, large, reads=1, seed=0))  # type: ignore[misc]
        assert error.fault == "too_large"
        assert "21" in str(error)
        assert "20" in str(error)


def test_the_exact_sampler_keeps_the_best_reads() -> None:
    """Of all states, as many as were asked for, the best first."""
    sampleset = sample(sampler_of("exact"), TWO, reads=2, seed=0)
    assert sampleset.record.energy.tolist() == [-3.0, -2.0]


def test_unknown_settings_are_refused_with_those_there_are() -> None:
    """All unknown ones at once; reads and seed are no settings."""
    recording = Recording("num_reads", "seed", "depth", "width")
    error = refused(
        lambda: sample(sampler_of(recording), TWO, reads=1, seed=0, settings={"deep": 1, "seed": 2, "depth": 3})
    )
    assert error.fault == "setting"
    assert "no setting deep, seed; expected depth, width" in str(error)
    assert recording.calls == []


def test_a_value_that_the_sampler_refuses_is_told() -> None:
    """The sampler's own words follow the setting."""
    error = refused(lambda: sample(sampler_of("sa"), TWO, reads=1, seed=0, settings={"num_sweeps": -5}))
    assert error.fault == "setting"
    assert "num_sweeps=-5" in str(error)


def test_no_reads_arerefused() -> None:
    """At least one read."""
    assert refused(lambda: sample(sampler_of("sa"), TWO, reads=0, seed=0)).fault == "setting"


def test_only_declared_keywords_are_handed_on() -> None:
    """A sampler gets what it declares: settings of the caller, reads and seed, and no more."""
    plain, full = Recording("depth"), Recording("num_reads", "seed", "groups")
    sample(sampler_of(plain), TWO, reads=4, seed=5, settings={"depth": 2}, groups=[["a", "b"]])
    sample(sampler_of(full), TWO, reads=4, seed=2**31 + 5, groups=[["a", "b"]])
    assert plain.calls == [{"depth": 2}]
    assert full.calls == [{"num_reads": 4, "seed": 5, "groups": [["a", "b"]]}]


@pytest.mark.parametrize("reply", [ValueError("no credit"), None], ids=["error", "nothing"])
def test_a_sampler_that_fails_is_told_by_name(reply: Exception | None) -> None:
    """Its error becomes one sentence of ours, and so does an answer that is none."""

    class Failing(Recording):
        def sample(self, bqm: dimod.BinaryQuadraticModel, **keywords: Any) -> Any:
            if reply is not None:
                raise reply

    error = refused(lambda: sample(sampler_of(Failing()), TWO, reads=1, seed=0))
    assert error.fault == "failed"
    assert "sampler Failing" in str(error)


def test_temperatures_follow_the_scales_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first inverse temperature is ln 2 over the median scale, the last ln 100 over a hundredth of it."""
    seen: list[Mapping[str, Any]] = []
    monkeypatch.setattr(
        SimulatedAnnealingSampler,
        "sample",
        lambda _self, bqm, **keywords: seen.append(keywords) or dimod.ExactSolver().sample(bqm),
    )
    for scales, scale in ((np.array([0.0, 100.0, 400.0, 900.0]), 400.0), (None, 4.0)):
        sample(sampler_of("sa"), TWO, reads=1, seed=0, scales=scales)
        expected = (np.log(2) / scale, np.log(100) / max(1.0, 0.01 * scale))
        assert seen[-1]["beta_range"] == pytest.approx(expected)
        assert seen[-1]["num_sweeps"] == 1000


def test_a_schedule_of_the_callers_own_replaces_ours() -> None:
    """Our range and sweeps would contradict it."""
    settings = {"beta_schedule": [0.1, 1.0, 5.0]}
    assert sample(sampler_of("sa"), TWO, reads=5, seed=0, settings=settings).first.energy == -3.0
