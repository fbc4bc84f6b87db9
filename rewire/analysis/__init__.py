"""Questions, a folder each: they call `calibration`, and return records and tables.

In: options of a verb, with the project's files. Out: a result with its table, which `cli` prints.
"""
