"""`rewire export sbml` and `antimony`.

In: an export request. Out: SBML of one cell; or one SBML file with a table of parameter sets of all
contexts and members.
"""
