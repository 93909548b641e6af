"""Itineraries and regions in forms that other programs read."""
