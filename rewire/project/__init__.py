"""What the project's files say, read once: model, cells, drugs, findings, members.

In: the project's folders, or the user's. Out: a `Project`, selections of findings, members of an ensemble.
Nothing is simulated.
"""
