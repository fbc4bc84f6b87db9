"""Models of others as a problem to calibrate: readers, free parameters, arms, findings and BPSL constraints.

Nothing here executes what a file says, except `code.py`, which runs PySB modules and says so.
"""
