"""Readers of regional data: files in, assets out, nothing dropped silently."""
