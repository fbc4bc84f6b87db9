"""`rewire export omex`: the seed papers' time courses as a COMBINE archive.

In: an export request. Out: an archive, which is opened and run before it is written.
"""
