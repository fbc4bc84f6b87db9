"""`rewire export pybnf`: the findings as a fitting problem for PyBNF.

In: findings, cells. Out: a folder with BNGL, constraints and settings, and a list of findings that PyBNF
cannot express.
"""
