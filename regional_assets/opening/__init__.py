"""Hours of a place for a date: windows, closed, or unknown."""
