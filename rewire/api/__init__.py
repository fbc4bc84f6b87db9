"""The Python face: the model for PySB, and one function for each question that the command line answers.

Each reads what it is given, asks `rewire.analysis`, and gives back the answer; nothing is printed. Places are
paths or text. Doses and times are text with a unit, such as "300 nM" and "72 h"; competing hypotheses are
"NAME=CHOICE", as on the command line. `say` is called with each line that the command line would print while
it works. A mistake in a name, a file or a treatment is a `models.core.errors.UserError`, with all mistakes at
once.
"""

from rewire.api.cells import load_model, simulate
from rewire.api.files import audit, export
from rewire.api.fits import calibrate, check, posterior, validate

__all__ = ["audit", "calibrate", "check", "export", "load_model", "posterior", "simulate", "validate"]
