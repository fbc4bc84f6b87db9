"""`rewire cohort`: populations of virtual cells, and claims about shares of them.

In: members, and what varies from cell to cell. Out: shares and rank correlations, with the findings on
them.
"""
