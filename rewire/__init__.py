"""The tool: questions asked of a calibrated ensemble, reports, and the command line.

The Python face is a few nouns: Context, Arm, Trajectory, Finding, Ensemble, Run, and the verb
`simulate`. They are found where they live when first asked for; importing `rewire` reads nothing.
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
    from rewire.analysis.simulate.ensemble_band import simulate as simulate

_HOME = {
    "Arm": "models.treatments.arm",
    "Context": "models.cells.context",
    "Ensemble": "calibration.storage.ensemble",
    "Finding": "calibration.findings.claims.finding",
    "Run": "calibration.storage.run_folder",
    "Trajectory": "models.simulation.simulator",
    "simulate": "rewire.analysis.simulate.ensemble_band",
}
__all__ = ["Arm", "Context", "Ensemble", "Finding", "Run", "Trajectory", "__version__", "simulate"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'rewire' has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
