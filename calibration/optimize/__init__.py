"""Optimisers: Gauss-Newton from many starts, CMA-ES, and which findings cannot hold together.

In: a `Problem`, a budget, a seed. Out: members (points with their margins) and a state from which the
search resumes to the same bits.
"""
