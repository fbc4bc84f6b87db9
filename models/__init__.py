"""A model of cells: assembled from the biology, told of cells and treatments, simulated, read and written.

In: the rules of `pathway`, TOML files on cells and drugs, model files of others. Out: trajectories, and
files for other tools. `assemble` makes one `pysb.Model` of the rules, `network` expands it (and keeps the
result), `parameters` is the vector of what is free.
"""
