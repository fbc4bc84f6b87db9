"""Tools of all packages, without science: errors, units, tables, files, locks, signals.

In: files and text that people write. Out: checked values, or a `UserError` that names all mistakes with
their places.
"""
