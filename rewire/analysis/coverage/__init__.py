"""`rewire coverage`: what became of every statement of the seed papers.

In: the statements, and a check of the ensemble. Out: a table of statements, their findings, and the
verdicts.
"""
