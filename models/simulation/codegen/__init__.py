"""C of a network, compiled once for this machine and kept in the user's cache.

In: a network's formulas and stoichiometry. Out: a shared library with rates, derivatives (reverse mode),
Jacobian, sparse factors, and the batch integrator.
"""
