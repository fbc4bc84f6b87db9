"""BioNetGen files that PyBNF runs.

In: cells, treatments, and the times at which they are read. Out: one file per context, with each treatment as
an action.
"""
