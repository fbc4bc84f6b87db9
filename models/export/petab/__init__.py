"""PEtab folders, run from nothing but their files.

In: a PEtab folder. Out: the simulated value of every measurement, by libRoadRunner.
"""
