"""How the service behaves under load; run ``python -m benchmarks.service``."""
