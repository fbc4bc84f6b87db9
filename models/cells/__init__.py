"""Cells before any treatment: contexts (cell lines), media, genes, drugs and plausible ranges.

In: TOML files, of the project or of the user. Out: checked, frozen records; no number is computed here but
the activity that a dose leaves of a target.
"""
