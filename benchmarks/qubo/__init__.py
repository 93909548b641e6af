"""Benchmarks of the annealer models; run ``python -m benchmarks.qubo``."""
