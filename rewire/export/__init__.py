"""`rewire export`: files for other tools, verified before they are written.

In: cells, a member, a treatment, a format. Out: a file, written only if other engines reproduce our own time
courses with it (or, with `--no-verify`, without this check).

`rewire.export(...)` is `rewire.api.export`.
"""

from rewire.verb import make_verb

make_verb(__name__)
