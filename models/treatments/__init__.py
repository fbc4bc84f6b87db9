"""What is done to cells and when.

In: an arm as text or TOML ("20 nM @ -30 min"), a cell, overrides. Out: an `Arm` in one canonical form, and
from it the parameter values that hold at rest and from each change on.
"""
