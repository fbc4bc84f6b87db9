"""`rewire validate`: predictions of findings that were not fitted, and how good they are.

In: an ensemble, or findings to leave out of refits. Out: predictions beside those of the prior, and Brier
scores.
"""
