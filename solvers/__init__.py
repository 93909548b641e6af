"""The puzzles: arrays in, arrays out."""
