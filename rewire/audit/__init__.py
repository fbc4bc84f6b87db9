"""A test report for kinetic models, ours or anybody's: what all checks see, a module a section, the scores.

Nothing here executes what a file says, but PySB modules, which are Python code; that is said before.
`rewire.audit(...)` is `rewire.api.audit`.
"""

from rewire.verb import make_verb

make_verb(__name__)
