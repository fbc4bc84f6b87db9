"""`rewire verify`: is a file still as the project wrote it?

In: a file of ours. Out: every difference from what the project writes.
"""
