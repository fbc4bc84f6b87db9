"""Findings to parameters: what the literature says, how well a point agrees, and searches for points that do.

In: simulations of `models`, findings in TOML. Out: verdicts, ensembles, draws from the posterior, all in
run folders.
"""
