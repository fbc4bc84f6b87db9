"""`rewire export`: what goes into a file for another tool, and the proof that it behaves as ours.

In: cells, a member, a treatment, a format. Out: a file that is put in place only after other engines gave
our own courses with it (or, with `--no-verify`, untried).

`rewire.export(...)` is `rewire.api.export`.
"""

from rewire.verb import make_verb

make_verb(__name__)
