"""Treatments of cells, with their times.

In: an arm as text or TOML ("20 nM @ -30 min"), a cell, overrides. Out: an `Arm` in canonical form, and
from it the parameter values at steady state and after each change.
"""
