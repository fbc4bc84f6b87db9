"""BNGL with actions, and the .net file of BioNetGen.

In: the content of a cell. Out: the text of a file that BNG2.pl runs.
"""
