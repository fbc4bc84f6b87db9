"""The posterior: draws of it, and `rewire posterior`, which reads them.

In: a satisfying ensemble to start from; or draws. Out: a file of draws; how probable each finding is, and
which narrowed which rate.
"""
