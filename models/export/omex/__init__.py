"""COMBINE archives and the SED-ML in them.

In: SBML files and time courses to plot. Out: an archive; and from an archive, the time courses of its tasks,
run by libRoadRunner.
"""
