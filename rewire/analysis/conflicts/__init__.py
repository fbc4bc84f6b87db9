"""`rewire conflicts`: which findings could not be satisfied together?

In: findings that are in question. Out: small sets that no search satisfied together, and hypotheses under
which one did.
"""
