"""
Revenue puzzles: which prices to post, and what capacity is worth.

One file per engine; `problem` and `result` hold what goes in and comes out. Imports are lazy: OR-Tools and numba are
loaded by the engine that needs them.
"""
