"""What the registry accepts, what it refuses, and what it hands on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import dimod
import numpy as np
import pytest
from dwave.samplers import SimulatedAnnealingSampler, TabuSampler
from recording_sampler import Recording, refused

from solvers.qubo.samplers import registry
from solvers.qubo.samplers.drawing import sample
from solvers.qubo.samplers.registry import SamplerNameWarning, sampler_entries, sampler_names, sampler_of


class Cloud(Recording):
    """Hold a connection, as the samplers of clouds do."""

    def __init__(self) -> None:
        super().__init__("num_reads")
        self.client = object()


class Lazy(Recording):
    """Connect when looked at: looking must not."""

    @property
    def solver(self) -> Any:
        """Connect."""
        raise AssertionError("the sampler was made to connect")


class Wrapped(dimod.ComposedSampler):  # type: ignore[misc]
    """Wrap another sampler and say nothing of one's own."""

    def __init__(self, *children: dimod.Sampler) -> None:
        self._children = list(children)

    @property
    def children(self) -> list[dimod.Sampler]:
        """Return what is wrapped."""
        return self._children

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return those of the first."""
        return dict(self.child.parameters)

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **keywords: Any) -> dimod.SampleSet:
        """Ask the first."""
        return self.child.sample(bqm, **keywords)


def make_recording() -> Recording:
    """Stand for a factory of another package."""
    return Recording("depth")


def no_sampler() -> object:
    """Stand for a factory of something else."""
    return object()


def broken() -> Recording:
    """Stand for a factory whose own needs are not met."""
    raise RuntimeError("no licence")


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    """The error names the value and every name that would do."""
    error = refused(lambda: sampler_of("annealer"))
    assert error.fault == "unknown"
    assert "'annealer'" in str(error)
    assert all(name in str(error) for name in sampler_names())


@pytest.mark.parametrize("thing", [3, None, object(), Recording], ids=["number", "none", "object", "class"])
def test_what_is_no_sampler_isrefused(thing: Any) -> None:
    """Only names and instances of dimod.Sampler are taken."""
    error = refused(lambda: sampler_of(thing))
    assert error.fault == "not_a_sampler"
    assert ("call the class" in str(error)) is isinstance(thing, type)


def test_a_structured_sampler_is_refused_with_the_way_out() -> None:
    """Models of ours fit no hardware graph as they are."""
    structured = dimod.StructureComposite(dimod.ExactSolver(), ["a", "b"], [("a", "b")])
    error = refused(lambda: sampler_of(structured))
    assert error.fault == "structured"
    assert "EmbeddingComposite" in str(error)


def test_a_remote_sampler_needs_permission() -> None:
    """Without it nothing is sent, not even through a composite."""
    cloud = Cloud()
    for sampler in (cloud, Wrapped(cloud), Wrapped(Recording(), Wrapped(cloud))):
        error = refused(lambda sampler=sampler: sampler_of(sampler))  # type: ignore[misc]
        assert error.fault == "remote"
        assert "allow_remote=True" in str(error)
    assert cloud.calls == []
    assert sampler_of(Wrapped(cloud), allow_remote=True).is_remote


def test_a_composite_with_a_connection_of_its_own_is_remote() -> None:
    """It may send what its child could have done here."""
    composite = Wrapped(Recording())
    composite.client = object()  # type: ignore[attr-defined]
    assert refused(lambda: sampler_of(composite)).fault == "remote"


def test_a_composite_of_a_cloud_package_is_as_remote_as_its_child() -> None:
    """Embedding happens here; it is the sampler inside that sends."""
    embedding = type("Embedding", (Wrapped,), {"__module__": "dwave.system.composites.embedding"})
    assert not sampler_of(embedding(Recording())).is_remote
    assert refused(lambda: sampler_of(embedding(Cloud()))).fault == "remote"


def test_looking_for_a_connection_does_not_connect() -> None:
    """A property that would connect counts as a connection, and is not run."""
    assert refused(lambda: sampler_of(Lazy())).fault == "remote"


def test_a_sampler_may_say_where_it_runs() -> None:
    """Its own word counts more than how it looks, on it and on what it wraps."""
    local, remote = Cloud(), Recording()
    local.is_remote, remote.is_remote = False, True  # type: ignore[attr-defined]
    telling = type("Telling", (Recording,), {"is_remote": property(lambda _self: True)})
    assert refused(lambda: sampler_of(telling())).fault == "remote"
    assert not sampler_of(local).is_remote
    assert not sampler_of(Wrapped(local)).is_remote
    assert refused(lambda: sampler_of(remote)).fault == "remote"


@pytest.mark.parametrize("package", ["dwave.system.samplers", "dwave.cloud.solver", "hybrid.reference"])
def test_samplers_of_cloud_packages_are_remote(package: str) -> None:
    """The class tells, or one it derives from; a package whose name only begins alike does not."""
    of_cloud = type("Solver", (Recording,), {"__module__": package})
    mine = type("Mine", (of_cloud,), {"__module__": "mine"})
    assert refused(lambda: sampler_of(mine())).fault == "remote"
    alike = type("Solver", (Recording,), {"__module__": "hybrids.system"})
    assert not sampler_of(alike()).is_remote


def test_a_circle_of_composites_ends() -> None:
    """Composites that hold each other are looked at once each."""
    one = Wrapped(Recording())
    one.children.append(Wrapped(one))
    assert not sampler_of(one).is_remote


@pytest.mark.parametrize("name", ["openjij-sa", "openjij-sqa"])
def test_a_missing_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence tells what to install."""
    monkeypatch.setitem(sys.modules, "openjij", None)
    error = refused(lambda: sampler_of(name))
    assert error.fault == "missing_extra"
    assert "pip install 'meguri[openjij]'" in str(error)
    assert [entry.is_installed for entry in sampler_entries() if entry.name == name] == [False]


def test_classes_of_the_registry_are_known_when_handed_in() -> None:
    """They keep their class as name, and what is known of them."""
    annealing, tabu = sampler_of(SimulatedAnnealingSampler()), sampler_of(TabuSampler())
    assert (annealing.name, annealing.is_reproducible) == ("SimulatedAnnealingSampler", True)
    assert (tabu.name, tabu.is_reproducible) == ("TabuSampler", False)
    assert not sampler_of(Recording("seed")).is_reproducible


def test_an_annealer_of_openjij_handed_in_returns_different_reads() -> None:
    """It is wrapped as by name: one seed a read."""
    openjij = pytest.importorskip("openjij")
    registered = sampler_of(openjij.SASampler())
    free = dimod.BinaryQuadraticModel(dict.fromkeys(range(12), 0.0), {(0, 1): 1.0}, 0.0, "BINARY")
    sampleset = sample(registered, free, reads=6, seed=1)
    assert registered.name == "SASampler"
    assert len(np.unique(sampleset.record.sample, axis=0)) > 1


class TestEntryPoints:
    """Samplers that other packages register."""

    @pytest.fixture
    def register(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        """Return what makes this module's names look registered: ``register(name="Recording", ...)``."""

        def registered(**names: str) -> None:
            points = EntryPoints(
                EntryPoint(name.replace("_", "-"), f"{__name__}:{target}", registry.ENTRY_POINTS)
                for name, target in names.items()
            )
            monkeypatch.setattr(registry, "entry_points", lambda *, group: points.select(group=group))

        return registered

    def test_classes_and_factories_are_found_by_name(self, register: Callable[..., None]) -> None:
        """Both are called without arguments."""
        register(of_class="Recording", of_factory="make_recording")
        assert sampler_names()[-2:] == ("of-class", "of-factory")
        assert isinstance(sampler_of("of-class").sampler, Recording)
        assert sampler_of("of-factory").sampler.parameters == {"depth": []}

    def test_our_names_stay_ours(self, register: Callable[..., None]) -> None:
        """Who wanted it too is told."""
        register(sa="Recording")
        with pytest.warns(SamplerNameWarning, match="'sa' of .* is not used: the name is taken by meguri"):
            assert isinstance(sampler_of("sa").sampler, SimulatedAnnealingSampler)
        with pytest.warns(SamplerNameWarning):
            assert len(sampler_entries()) == len(set(sampler_names()))

    def test_what_is_registered_is_held_to_the_same_rules(self, register: Callable[..., None]) -> None:
        """Remote ones need permission, what is no sampler is refused, and so is what does not load."""
        register(cloud="Cloud", nothing="no_sampler", broken="broken", missing="nowhere")
        faults = {name: refused(lambda name=name: sampler_of(name)).fault for name in sampler_names()[-4:]}  # type: ignore[misc]
        assert faults == {"cloud": "remote", "nothing": "not_a_sampler", "broken": "failed", "missing": "failed"}
