"""`rewire export petab`: the findings as a parameter estimation problem, in both versions of PEtab.

In: findings, cells, members. Out: a folder of tables and SBML, and which findings it cannot say.
"""
