"""`rewire export bngl`, `net` and `pysb`.

In: an export request. Out: a BNGL file, a .net file, a PySB module.
"""
