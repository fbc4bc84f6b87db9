"""What a run leaves behind: run folders, checkpoints, ensembles, journals.

In: states, members, draws. Out: files that are whole or not there, and the same states again when a run
resumes; nothing is unpickled.
"""
