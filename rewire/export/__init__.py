"""The formats that `rewire export` writes, one file each, and what goes into them.

`rewire.export(...)` is `rewire.api.export`.
"""

from rewire.verb import make_verb

make_verb(__name__)
