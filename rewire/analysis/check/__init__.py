"""`rewire check` and `rewire diff`: do the findings hold in the members of an ensemble?

In: an ensemble (or a run), a selection of findings. Out: margins and verdicts of all findings in all
members, and what changed since the last check.
"""
