"""The sections of an audit, one file each.

In: an SBML model as `audit.model` and `audit.network` read it, and the engines' time courses. Out: a section
with issues and a score.
"""
