"""Sampling of the posterior: Hamiltonian Monte Carlo, kernels, chains, diagnostics.

In: a `Problem` with derivatives, starting points. Out: draws, R-hat and effective sample sizes, and what
the findings told about each rate.
"""
