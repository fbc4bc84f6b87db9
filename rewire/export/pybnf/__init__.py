"""`rewire export pybnf`: the findings as a problem that PyBNF fits.

In: findings, cells. Out: a folder with BNGL, constraints and settings, and which findings it cannot say.
"""
