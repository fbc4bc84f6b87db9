"""Engines on an audited model, each in a process of its own.

In: SBML text, tolerances. Out: time courses and steady states, or why there are none.
"""
