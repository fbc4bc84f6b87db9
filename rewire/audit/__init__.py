"""`rewire audit`: a test report for any kinetic model.

In: SBML, or a file that is converted to SBML. Out: sections with scores and issues, with lines of the file.
Files are never executed, except PySB modules, which are Python code; a warning is printed first.
`rewire.audit(...)` is `rewire.api.audit`.
"""

from rewire.verb import make_verb

make_verb(__name__)
