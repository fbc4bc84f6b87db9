"""The language of findings: kinds of claims, their reader, and their score.

In: TOML files, and trajectories to score. Out: typed `Finding`s; for each a margin [log2], positive where
it holds, and a verdict. `kinds` is the closed list of what can be claimed.
"""
