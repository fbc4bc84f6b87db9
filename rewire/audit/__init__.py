"""`rewire audit`: a test report for kinetic models, ours or anybody's.

In: SBML, or a file that becomes SBML. Out: sections with scores and issues, each with its place in the file.
Nothing here executes what a file says, but PySB modules, which are Python code; that is said before.
`rewire.audit(...)` is `rewire.api.audit`.
"""

from rewire.verb import make_verb

make_verb(__name__)
