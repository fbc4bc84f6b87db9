"""PEtab folders, run from their files alone.

In: a PEtab folder. Out: the simulated value of every measurement, by libRoadRunner.
"""
