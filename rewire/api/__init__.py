"""The Python interface: the model for PySB, and one function for each verb of the command line.

In: cells, treatments, files and folders, as paths or text; doses and times with a unit, such as "300 nM" and
"72 h"; competing hypotheses as "NAME=CHOICE". Out: the answer as an object; nothing is printed, and `say` is
called with each progress line. A mistake in a name, a file or a treatment is a
`models.core.errors.UserError` that lists all mistakes.
"""

from rewire.api.cells import load_model, simulate
from rewire.api.fits import calibrate, check, posterior, validate
from rewire.api.interchange import audit, export

__all__ = ["audit", "calibrate", "check", "export", "load_model", "posterior", "simulate", "validate"]
