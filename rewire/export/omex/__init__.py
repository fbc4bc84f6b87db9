"""`rewire export omex`: the seed papers' time courses as a COMBINE archive.

In: an export request. Out: an archive, opened again and run before it is put in place.
"""
