"""The rules as one flat PySB module.

In: the content of a cell. Out: the text of the module; and, of a module of ours, its time courses by PySB's
own integrator.
"""
