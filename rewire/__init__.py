"""The tool: questions asked of a calibrated ensemble, reports, and the command line.

The Python face is the model as PySB has it (`load_model`), the verbs of the command line (`simulate`,
`check`, `calibrate`, `validate`, `posterior`, `export`, `audit`; see `rewire.api`) and a few nouns. They are
found where they live when first asked for; importing `rewire` reads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from calibration.findings.claims.finding import Finding as Finding
    from calibration.storage.ensemble import Ensemble as Ensemble
    from calibration.storage.run_folder import Run as Run
    from models.cells.context import Context as Context
    from models.simulation.simulator import Trajectory as Trajectory
    from models.treatments.arm import Arm as Arm
    from rewire.api import audit as audit
    from rewire.api import calibrate as calibrate
    from rewire.api import check as check
    from rewire.api import export as export
    from rewire.api import load_model as load_model
    from rewire.api import posterior as posterior
    from rewire.api import simulate as simulate
    from rewire.api import validate as validate

_NOUNS = {
    "Arm": "models.treatments.arm",
    "Context": "models.cells.context",
    "Ensemble": "calibration.storage.ensemble",
    "Finding": "calibration.findings.claims.finding",
    "Run": "calibration.storage.run_folder",
    "Trajectory": "models.simulation.simulator",
}
_VERBS = ("load_model", "simulate", "check", "calibrate", "validate", "posterior")
_PACKAGES = ("audit", "export")
"""Verbs that are packages, too, and can be called (`rewire.verb`)."""

__all__ = [
    "Arm",
    "Context",
    "Ensemble",
    "Finding",
    "Run",
    "Trajectory",
    "__version__",
    "audit",
    "calibrate",
    "check",
    "export",
    "load_model",
    "posterior",
    "simulate",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name in _NOUNS:
        return getattr(import_module(_NOUNS[name]), name)
    if name in _VERBS:
        return getattr(import_module("rewire.api"), name)
    if name in _PACKAGES:
        return import_module(f"rewire.{name}")
    raise AttributeError(f"module 'rewire' has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
