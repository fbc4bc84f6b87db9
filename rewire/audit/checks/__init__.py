"""The sections of an audit, a file each.

In: an SBML model as `audit.model` and `audit.network` read it, and what engines make of it. Out: a section
with issues and a score.
"""
