"""The planning desk in a real browser: see `benchmarks.desk.__main__`."""
