"""Choosing and ordering visits: the team orienteering problem with time windows."""
