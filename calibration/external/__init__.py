"""Third-party models as a problem to calibrate: free parameters, arms, BPSL constraints, .exp tables.

In: a model read by `models.readers`, and its findings in TOML or in PyBNF's files. Out: a `Problem` for the
same optimisers, and verdicts as PyBNF gives them.
"""
