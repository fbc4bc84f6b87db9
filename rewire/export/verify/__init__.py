"""Comparison of exported files with our own simulation, and `rewire verify`."""
