"""Evaluations on all cores, or on the workers of a dask scheduler.

In: a recipe from which each worker builds the problem for itself, and tasks. Out: outcomes in the order of
the tasks. `environment` records what the bits of a run depend on.
"""
