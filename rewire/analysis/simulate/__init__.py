"""`rewire simulate`: time courses of one treatment over an ensemble, and those of the seed papers.

In: a context, a treatment, members. Out: bands of each observable, as tables and pictures.
"""
