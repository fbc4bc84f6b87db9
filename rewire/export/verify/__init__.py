"""`rewire verify`: is a file still as it was written?

In: a file of ours. Out: the difference to our own simulation, engine by engine.
"""
