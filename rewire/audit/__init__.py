"""A test report for any kinetic model: sections of checks, each with a score.

Files are never executed, except PySB modules, which are Python code; a warning is printed first.
"""
