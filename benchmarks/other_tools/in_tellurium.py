"""A COMBINE archive in tellurium; run by the Python that has tellurium.

python in_tellurium.py ARCHIVE.omex OUT [PICTURES]

OUT is JSON: each data generator of the archive's SED-ML and its values. PICTURES is a folder for the plots.
Tellurium reads the archive, the SED-ML and the models, and simulates; nothing of this project is used.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(archive: str, out: str, pictures: str = "") -> None:
    """Run the archive."""
    os.environ.setdefault("MPLBACKEND", "agg")
    import numpy as np
    import tellurium

    tellurium.setDefaultPlottingEngine("matplotlib")
    done = tellurium.executeCombineArchive(
        archive, createOutputs=bool(pictures), saveOutputs=bool(pictures), outputDir=pictures or None
    )
    found = {
        name: np.asarray(values, float).ravel().tolist()
        for result in done.values()
        for name, values in result["dataGenerators"].items()
    }
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
