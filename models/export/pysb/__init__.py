"""The rules as one flat PySB module.

In: the content of a cell. Out: the text of the module; and from such a module, time courses by PySB's own
integrator.
"""
