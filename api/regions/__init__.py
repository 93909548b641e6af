"""Regions of a server: kept in the database, handed to solvers as folders."""
