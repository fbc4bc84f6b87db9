"""Model files of others: BNGL, .net, SBML and PySB modules.

In: a file, which is checked as text before anything is made of it; only a PySB module is executed, and that
is said. Out: a `models.kinetic_model.KineticModel`, or a `UserError` with the line.
"""
