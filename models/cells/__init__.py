"""Cells before any treatment: contexts (cell lines), media, genes, drugs and plausible ranges.

In: TOML files, of the project or of the user. Out: checked, frozen records. The only computed number is
the remaining activity of a target at a dose.
"""
