"""COMBINE archives and the SED-ML in them.

In: SBML files and the time courses to be drawn of them. Out: an archive; and, of an archive, its tasks run
by libRoadRunner.
"""
