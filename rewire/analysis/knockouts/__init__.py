"""`rewire knockouts`: which findings need which mechanism.

In: mechanisms to take out, members. Out: findings that fail without one, before and after a refit.
"""
