"""The doors: command line, exports, and later HTTP."""
