"""Samplers by name, any sampler of dimod's kind, and our own annealer whose moves keep groups."""
