"""SBML Level 3 Version 2, and Antimony made from it.

In: the content of a cell, units, identifiers and evidence. Out: an SBML document that libSBML finds valid.
`cell_pair` puts a cell and its reference cell into one file; `reading` opens third-party SBML safely.
"""
