"""`rewire export petab`: the findings as a parameter estimation problem, in both versions of PEtab.

In: findings, cells, members. Out: a folder of tables and SBML, with a list of findings that PEtab cannot
express.
"""
