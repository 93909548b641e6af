"""Prices: what a place could charge, and why."""
