"""Benchmarks of prices; run ``python -m benchmarks.pricing``."""
