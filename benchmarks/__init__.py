"""Measurements: speed, memory and quality, each with a committed command."""
