"""Models of cells: assembled from the rules, adapted to cells and treatments, simulated, read and written.

In: the rules of `pathway`, TOML files on cells and drugs, third-party model files. Out: trajectories, and
files for other tools. `assemble` makes one `pysb.Model` of the rules, `network` expands it (and caches the
result), `parameters` is the vector of free parameters.
"""
