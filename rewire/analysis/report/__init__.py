"""`rewire report`: the page of an ensemble or a run.

In: an ensemble. Out: one HTML file.
"""
